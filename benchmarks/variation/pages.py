"""A page as another site would have it: the same facts and text in other markup.

`vary(html, seed)` renames classes and ids consistently, rebuilds the metadata table as a list of
terms, a list, lines or rows over rows, respaces and brackets its labels, moves it behind the text, adds
furniture, shuffles attributes, writes tags in capitals and changes (or belies) the charset. Links,
scripts and texts stay, so a crawl of varied answers finds what it would find of the plain ones. What is
no HTML page (XML, JSON, files) comes back untouched.
"""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import html

from benchmarks.variation.blocks import built, pairs_of, respaced
from crawlers.reading.data_files import read_data
from crawlers.reading.decoding import decode
from crawlers.reading.tree import is_hidden

Element = Any

# The reader knows hidden parts by these names, as a style sheet would; renamed, they would be seen.
_KEPT_NAMES = frozenset(read_data("tree.json")["hidden_classes"])
_LOOKS_LIKE_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|title|div|table)\b", re.IGNORECASE)
_RAW_PARTS = re.compile(r"(<(script|style|textarea|pre)\b.*?</\2>|<!--.*?-->)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_META_CHARSET = re.compile(r"<meta[^<>]*charset[^<>]*>", re.IGNORECASE)
_BODIES = ("zoom", "ucap-content", "trs_editor", "article-content", "wzcon", "con_main", "vsb_content")

FURNITURE = (
    "<div>【<a href='javascript:print()'>打印本页</a>】【<a href='javascript:close()'>关闭窗口</a>】</div>",
    "<div>字号：[ <a href='#'>大</a> <a href='#'>中</a> <a href='#'>小</a> ]</div>",
    "<div><span>分享到：</span><a href='#'>微信</a> <a href='#'>微博</a></div>",
    "<p>浏览次数：<span>1024</span></p>",
    "<p>上一篇：<a href='#'>没有了</a></p>",
    "<div>扫一扫在手机打开当前页</div>",
)

OLD_BLOCK = (
    "<div style='display:none'><p>索引号：000/1999-9</p><p>文号：旧〔1999〕9号</p>"
    "<p>发布日期：1999-09-09</p></div>"
)


def vary(page: bytes, seed: int) -> bytes:
    """Return the page varied by this seed; the same seed gives the same page."""
    if not _LOOKS_LIKE_PAGE.search(page[:2000]):
        return page
    chance = random.Random(seed)
    root = html.document_fromstring(decode(page).encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    steps: list[Callable[[Element, random.Random], None]] = [
        _rebuild_block,
        _furnish,
        _rename,
        _shuffle_attributes,
    ]
    for step in steps:
        step(root, chance)
    text = html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")
    if chance.random() < 0.3:
        text = _in_capitals(text)
    return _encoded(text, chance)


def _rename(root: Element, chance: random.Random) -> None:
    """Give classes and ids (sometimes only one of them) other names, the same for the same."""
    kinds = chance.choice([("class", "id"), ("class",), ("id",), ()])
    salt = chance.randrange(10**6)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in kinds:
            if value := element.get(name):
                element.set(name, " ".join(_renamed(word, name, salt) for word in value.split()))
        target = element.get("href") or ""
        if "id" in kinds and target.startswith("#") and len(target) > 1:
            element.set("href", "#" + _renamed(target[1:], "id", salt))


def _renamed(word: str, kind: str, salt: int) -> str:
    if kind == "class" and word.lower() in _KEPT_NAMES:
        return word
    return f"{kind[0]}{random.Random(f'{salt} {kind} {word}').randrange(10**7)}"


def _rebuild_block(root: Element, chance: random.Random) -> None:
    """Rebuild the visible metadata block in another form, with other spacing, before or behind the text."""
    found = next(((e, p) for e in root.iter("table", "dl", "ul", "div") if (p := pairs_of(e))), None)
    if found is None or _is_hidden(found[0]):
        return
    old, pairs = found
    chance.shuffle(pairs)
    block = built(chance, [(respaced(chance, label), value) for label, value in pairs])
    old.addprevious(block)
    old.drop_tree()
    body = _body(root)
    if body is not None and chance.random() < 0.3 and block not in set(body.iter()):
        body.addnext(block)


def _is_hidden(element: Element) -> bool:
    return any(is_hidden(e) for e in [element, *element.iterancestors()])


def _body(root: Element) -> Element | None:
    for element in root.iter("div", "td"):
        names = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
        if not {*names}.isdisjoint(_BODIES):
            return element
    return None


def _furnish(root: Element, chance: random.Random) -> None:
    """Put furniture around the text, and sometimes a hidden copy of an old block before it."""
    body = _body(root)
    if body is None:
        return
    for piece in chance.sample(FURNITURE, chance.randrange(len(FURNITURE))):
        where = chance.choice([body.addnext, body.addprevious])
        tail, body.tail = body.tail, None
        where(html.fragment_fromstring(piece))
        body.tail = tail
    if chance.random() < 0.3:
        body.addprevious(html.fragment_fromstring(OLD_BLOCK))


def _shuffle_attributes(root: Element, chance: random.Random) -> None:
    for element in root.iter():
        if isinstance(element.tag, str) and len(element.attrib) > 1:
            pairs = list(element.attrib.items())
            chance.shuffle(pairs)
            element.attrib.clear()
            for name, value in pairs:
                element.set(name, value)


def _in_capitals(text: str) -> str:
    return "".join(_capitals(part) for part in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text's parts, and whether they are raw (scripts, styles, comments)."""
    place = 0
    for found in _RAW_PARTS.finditer(text):
        yield text[place : found.start()], False
        yield found.group(), True
        place = found.end()
    yield text[place:], False


def _capitals(part: tuple[str, bool]) -> str:
    text, is_raw = part
    return text if is_raw else _TAG.sub(lambda tag: f"<{tag[1]}{tag[2].upper()}", text)


def _encoded(text: str, chance: random.Random) -> bytes:
    codec, claimed = chance.choice(
        [
            ("utf-8", "utf-8"),
            ("gb18030", "gb2312"),
            ("gb18030", "utf-8"),
            ("utf-8", "gbk"),
            ("gb18030", "gbk"),
        ]
    )
    claim = f'<meta http-equiv="Content-Type" content="text/html; charset={claimed}">'
    text = _META_CHARSET.sub("", text)
    text = re.sub(r"(<head[^<>]*>)", lambda head: head.group() + claim, text, count=1, flags=re.IGNORECASE)
    return text.encode(codec, "replace")
