"""Pages that a script turns: what `goPage(2)` and its like would ask for, read from the script itself."""

import re
from urllib.parse import urlencode, urlsplit, urlunsplit

from crawlers.addresses import resolve
from crawlers.families.family import PageRequest, WebPage
from crawlers.reading.tree import Element

# function goPage(n){ … }
_FUNCTION = re.compile(r"function\s+(\w{1,50})\s*\(\s*(\w{1,50})\s*[,)][^{]{0,100}\{(.{0,2000})", re.DOTALL)
# location.href = "index.xp?doAction=sxxlist&curPage=" + n + "&unitid=12";
_GOES_TO = re.compile(r"location(?:\.href)?\s*=\s*([^;\n]{1,1000})")
_PIECE = re.compile(r"""(["'])(.*?)\1|(\w+)""")
# document.pageForm.curPage.value = n    document.getElementById("curPage").value = n
_SETS = re.compile(r"""(?:getElementById\s*\(\s*["'](\w+)["']\s*\)|\.(\w+))\.value\s*=\s*(\w+)""")


def turned(page: WebPage, function: str, number: int) -> PageRequest | None:
    """Return what a function of the page's script asks for when it is called with a page number.

    That is an address it goes to, or a form it fills in and submits; None where it does neither.
    """
    for name, argument, script in _FUNCTION.findall(page.text):
        if name == function:
            return _by_address(page, script, argument, number) or _by_form(page, script, argument, number)
    return None


def _by_address(page: WebPage, script: str, argument: str, number: int) -> PageRequest | None:
    """Put together the address that the script goes to."""
    found = _GOES_TO.search(script)
    if found is None:
        return None
    pieces = []
    for quoted, literal, word in _PIECE.findall(found.group(1)):
        if quoted:
            pieces.append(literal)
        elif word == argument:
            pieces.append(str(number))
    url = resolve(page.url, "".join(pieces), charset=page.charset)
    return None if url is None or url == page.url else PageRequest(url)


def _by_form(page: WebPage, script: str, argument: str, number: int) -> PageRequest | None:
    """Fill in and submit the form as the script does."""
    field = next(
        (by_id or by_name for by_id, by_name, value in _SETS.findall(script) if value == argument), None
    )
    if field is None:
        return None
    for form in page.tree.iter("form"):
        fields = {entry.get("name"): entry for entry in form.iter("input") if entry.get("name")}
        named = next((name for name, entry in fields.items() if field in (name, entry.get("id"))), None)
        if named is not None:
            values = {name: entry.get("value") or "" for name, entry in fields.items()}
            return _submitted(page, form, values | {named: str(number)})
    return None


def _submitted(page: WebPage, form: Element, values: dict[str, str]) -> PageRequest | None:
    action = resolve(page.url, form.get("action") or page.url, charset=page.charset)
    if action is None:
        return None
    body = urlencode(values, encoding=page.charset, errors="replace")
    if (form.get("method") or "get").strip().lower() == "post":
        return PageRequest(action, body)
    return PageRequest(urlunsplit(urlsplit(action)._replace(query=body)))
