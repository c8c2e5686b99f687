"""Lists that a script of the page loads: the request it would send, where the page itself states it.

What is understood is jQuery's manner (also of those who imitate it): an address as a literal behind `url:`,
or as the first argument of get, post, getJSON, load or ajax, and `data: {name: "value", …}` behind it. A
variable passed as the page's number is filled in; other variables are left out.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.addresses import host_of, resolve
from crawlers.families.family import PageRequest, WebPage

# url: "/site/label/8888"   $.getJSON("./list.json"   $("#list").load('/rows.jsp?page=1'
_ADDRESS = re.compile(
    r"""(?:\burl\s{0,9}:\s{0,9}|\b(?P<call>get|post|getJSON|load|ajax|fetch)\s{0,9}\(\s{0,9})["'](?P<url>[^"'\s<>]{2,500})["']"""
)
# data: {labelName: "publicInfoList", pageIndex: pageIndex, type: 4}
_DATA = re.compile(r"^.{0,300}?(?:\bdata\s{0,9}:\s{0,9}|^\s{0,9},\s{0,9})\{([^{}]{0,3000})\}", re.DOTALL)
_PAIR = re.compile(
    r"""["']?\b([A-Za-z_]\w{0,40})["']?\s{0,9}:\s{0,9}(?:"([^"\n]{0,200})"|'([^'\n]{0,200})'|([\w.]{1,60}))"""
)
_POSTS = re.compile(r"""\b(?:type|method)\s{0,9}:\s{0,9}["']post["']""", re.IGNORECASE)
_PAGE = re.compile(r"^_?(?:page(?:no|num|number|index|_no)?|curr?page|current_?page|pn|p)$", re.IGNORECASE)
# Counters and the like, files, and whatever might change something over there.
_NO_LIST = re.compile(
    r"visit|count|hits?\b|click|login|share|weather|upload|save|insert|update|delete|submit|vote|comment|captcha"
    r"|\.(?:js|css|png|gif|jpe?g|swf)\b",
    re.IGNORECASE,
)
_AROUND = 600
_BEHIND = 4000
_MOST = 50
_LOADED = "loaded"


def loaded(page: WebPage) -> dict[str, str]:
    """Return what is to be remembered of the list that a page loads by script; {} where it loads none."""
    found = next(_candidates(page), None)
    return {} if found is None else {_LOADED: json.dumps(found)}


def load_request(memo: dict[str, str], number: int) -> PageRequest | None:
    """Return the request for a page of a loaded list; None if nothing is loaded, or only the one page."""
    if _LOADED not in memo:
        return None
    url, arguments, argument, posts = json.loads(memo[_LOADED])
    if argument is None and number > 1:
        return None
    asked = arguments | ({argument: str(number)} if argument else {})
    if posts:
        return PageRequest(url, urlencode(asked))
    return PageRequest(urlunsplit(urlsplit(url)._replace(query=urlencode(asked))))


def _candidates(page: WebPage) -> Iterator[tuple[str, dict[str, str], str | None, bool]]:
    """Yield (address, arguments, the page number's argument, whether it is posted) of what may be a list."""
    for found in islice(_ADDRESS.finditer(page.text), _MOST):
        url = resolve(page.url, found["url"], charset=page.charset)
        if url is None or host_of(url) != host_of(page.url) or _NO_LIST.search(found["url"]):
            continue
        behind = page.text[found.end() : found.end() + _BEHIND]
        around = page.text[max(found.start() - _AROUND, 0) : found.start()] + behind[:_AROUND]
        written = _DATA.match(behind)
        parts = urlsplit(url)
        arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
        argument = next((name for name in arguments if _PAGE.match(name)), None)
        for name, double, single, word in _PAIR.findall(written.group(1) if written else ""):
            if _PAGE.match(name):
                argument = name
            elif not word or word.isdigit() or word in ("true", "false"):
                arguments[name] = double or single or word
        if argument or ".json" in parts.path:
            posts = found["call"] == "post" or _POSTS.search(around) is not None
            yield urlunsplit(parts._replace(query="")), arguments, argument, posts
