"""How lists of unknown make turn their pages (domain.md 5.2).

Tried in this order, since what a page says outright is surer than what its address lets us guess: the link
named 下一页, a link or an entry named by the next number, the call that writes the pager, and the page
counted on in the address while the number of pages allows it. The stop rule ends what is guessed wrongly.
"""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

from crawlers.addresses import canonical, host_of, resolve
from crawlers.families.family import PageRequest, WebPage
from crawlers.families.markup import text_of
from crawlers.families.turning import turned
from crawlers.reading.tree import Element

_NEXT = re.compile(
    r"^(?:下一?[页頁]|后一?页|下[页頁]?\s*[>»›]+|next(?:\s*page)?|[>›»]|下一[页頁]\s*[>»›]*)$", re.IGNORECASE
)
_LAST = re.compile(r"^(?:尾[页頁]|末[页頁]|最后一?[页頁]|last|>>|»)$", re.IGNORECASE)
# javascript:goPage(2)   toPage('2')   turn(this, 2)
_CALL = re.compile(r"(\w{1,50})\s*\(\s*(?:this\s*,\s*)?['\"]?(\d{1,6})['\"]?\s*\)")
# location.href='index_2.html'   window.open("list.jsp?page=2")
_QUOTED_ADDRESS = re.compile(r"""(?:location(?:\.href)?\s*=\s*|open\s*\(\s*)["']([^"'\n]{1,500})["']""")
# createPageHTML(12, 0, "index", "html");   createPage(12, 0, "index", "shtml")
_WRITTEN_PAGER = re.compile(
    r"""createPage(?:HTML)?\s*\(\s*['"]?(\d{1,6})['"]?\s*,\s*['"]?(\d{1,6})['"]?\s*,\s*["']([\w-]{1,50})["']\s*,\s*["'](\w{1,10})["']"""
)
# var countPage = 12   totalPage: 12   "pageCount":"12"   共12页   1/12页
_COUNTS = re.compile(
    r"""(?:\b(?:countPage|totalPages?|pageCount|page_count|pagecount|maxPage|allPage)\b["']?\s*[:=]\s*["']?|共\s*|\d\s*/\s*)(\d{1,6})(?:\s*[页頁]|["';,\s}])"""
)
# <div class="pager" count="386" rows="15">
_ITEMS = re.compile(r"""\bcount=["'](\d{1,7})["']\s+rows=["'](\d{1,4})["']""")
# index_2.html   column-index-2.shtml   index_pc_2.html   list_2.htm
_NUMBERED = re.compile(r"^(.*?[A-Za-z][_-])(\d{1,5})(\.s?html?)$")
_PLAIN_NUMBER = re.compile(r"^(.*/)(\d{1,5})(\.s?html?)$")
_ARGUMENTS = re.compile(
    r"(?<![^?&])((?:page(?:no|num|number|index|_no)?|curr?page|current_?page|pn|p)=)(\d{1,6})(?=&|$)",
    re.IGNORECASE,
)
_TEXT = 12
_MOST_LINKS = 20_000


def next_page(page: WebPage, number: int) -> PageRequest | None:
    """Return the request for the page after `number`; None if the page offers none."""
    entries = list(islice(_entries(page), _MOST_LINKS))
    by_name = (_asked(page, entry) for said, entry in entries if _NEXT.match(said))
    by_number = (_asked(page, entry) for said, entry in entries if _is_page(said, number + 1))
    guesses = (_written(page), _counted_on(page, entries, number))
    found = (*islice(by_name, 8), *islice(by_number, 8), *guesses)
    return next((request for request in found if request is not None and _leads_on(page, request)), None)


def has_more(page: WebPage) -> bool:
    """Tell whether a first page says that others follow, however they are had."""
    return page_count(page) > 1 or any(_NEXT.match(said) for said, _ in islice(_entries(page), _MOST_LINKS))


def _entries(page: WebPage) -> Iterator[tuple[str, Element]]:
    """Yield (text, element) of all that may turn pages: links, buttons, entries of a choice."""
    for element in page.tree.iter("a", "button", "input", "option", "span", "li", "td"):
        if element.tag in ("span", "li", "td") and not element.get("onclick"):
            continue
        said = element.get("value") if element.tag in ("input", "button") else text_of(element)
        said = said or text_of(element) or element.get("title") or ""
        if element.get("rel") == "next":
            said = "下一页"
        if len(said) <= _TEXT:
            yield said.strip(), element


def _is_page(said: str, number: int) -> bool:
    return said in (str(number), f"[{number}]", f"第{number}页")


def _asked(page: WebPage, entry: Element) -> PageRequest | None:
    """Return what a click on an element asks for: an address, or what its script does."""
    if entry.tag == "option":
        written = entry.get("value") or ""
        return _request(page, written) if re.search(r"[./?]", written) else None
    href = (entry.get("href") or "").strip()
    scripts = f"{href} {entry.get('onclick') or ''}"[:2000]
    if href and not href.lower().startswith(("javascript", "#")):
        return _request(page, href)
    if quoted := _QUOTED_ADDRESS.search(scripts):
        return _request(page, quoted.group(1))
    return next(
        (request for name, n in _CALL.findall(scripts) if (request := turned(page, name, int(n)))), None
    )


def _request(page: WebPage, reference: str) -> PageRequest | None:
    url = resolve(page.url, reference, charset=page.charset)
    return None if url is None else PageRequest(url)


def _leads_on(page: WebPage, request: PageRequest) -> bool:
    same = canonical(request.url) == canonical(page.url) and request.form is None
    return not same and host_of(request.url) == host_of(page.url)


def _written(page: WebPage) -> PageRequest | None:
    """Return the next page of a pager that createPageHTML(pages, current, name, extension) writes."""
    found = _WRITTEN_PAGER.search(page.text)
    if found is None:
        return None
    pages, current, name, extension = found.groups()
    following = int(current) + 1
    return _request(page, f"{name}_{following}.{extension}") if following < int(pages) else None


def _counted_on(page: WebPage, entries: list[tuple[str, Element]], number: int) -> PageRequest | None:
    """Return the page's address with its number counted on, as far as the number of pages allows.

    The first page often bears no number: the link to the last one shows how the others are written.
    """
    if number >= page_count(page):
        return None
    last = (_asked(page, entry) for said, entry in entries if _LAST.match(said))
    for known in (page.url, *(request.url for request in islice(last, 4) if request is not None)):
        if counted := _with_number(known, number + 1):
            return PageRequest(counted)
    return None


def page_count(page: WebPage) -> int:
    """Return the number of pages a list states; 0 if it states none."""
    items = _ITEMS.search(page.text)
    if items and int(items.group(2)):
        return -(-int(items.group(1)) // int(items.group(2)))
    return max((int(count) for count in _COUNTS.findall(page.text)), default=0)


def _with_number(url: str, number: int) -> str | None:
    parts = urlsplit(url)
    if _ARGUMENTS.search(parts.query):
        return urlunsplit(parts._replace(query=_ARGUMENTS.sub(rf"\g<1>{number}", parts.query, count=1)))
    found = _NUMBERED.match(parts.path) or _PLAIN_NUMBER.match(parts.path)
    return found and urlunsplit(parts._replace(path=f"{found.group(1)}{number}{found.group(3)}"))
