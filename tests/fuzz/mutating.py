"""Inputs changed at random, the same for the same source of chance."""

import io
import random
import zipfile

_TOKENS = (
    *("〔", "〕", "号", "年", "月", "日", "○", "〇", "O", "零", "二〇一", "-", "/", "：", "第"),
    *("\u3000", "\0", "\ufeff", "\U0002070e", "9" * 40, "十" * 30, "（" * 20),
    *("<td>", "</table>", "<table>", "<div ", "<!--", "]]>", "&#", "&nbsp;", "<script>", "&l9;"),
    *("索引号", "发布日期", "名称", "%PDF-", "PK\x03\x04", "obj", "endstream", "\\'c4", "{\\"),
)
# Most inputs are short, so that many are fed; one in forty grows to what a monstrous page is.
_LONGEST = 100_000
_MONSTROUS = 2_000_000
_MONSTERS = 0.025
_LONGEST_FACT = 20_000
# The time that zip files bear, lest the same case be another file tomorrow.
_TIME = (2013, 5, 4, 0, 0, 0)


def mutated_text(text: str, chance: random.Random, others: list[str]) -> str:
    """Change a text in one to eight places."""
    for _ in range(chance.randint(1, 8)):
        text = _changed(
            text, chance, chance.choice(_TOKENS), chance.choice(others), chr(chance.randrange(0xD800))
        )
    return text[:_LONGEST]


def mutated_bytes(body: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Change bytes in one to eight places; of a zip file also what its members hold."""
    if body.startswith(b"PK") and chance.random() < 0.6:
        return _mutated_member(body, chance, others)
    for _ in range(chance.randint(1, 8)):
        token = chance.choice(_TOKENS).encode(chance.choice(("utf-8", "gb18030", "utf-16-le")), "replace")
        body = _changed(body, chance, token, chance.choice(others), bytes([chance.randrange(256)]))
    return body[:_LONGEST]


def mutated_page(body: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Change a page; one in forty has a piece of it repeated until it is monstrous."""
    return _grown(mutated_bytes(body, chance, others), chance)


def _grown(data, chance):
    """Return text or bytes cut to their length, or with a piece repeated to two million."""
    if not data or chance.random() >= _MONSTERS:
        return data[:_LONGEST]
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 4, 40, 400))]
    return (data[:start] + piece * (_MONSTROUS // len(piece)) + data[start:])[:_MONSTROUS]


def _changed(data, chance, token, other, single):
    """Return text or bytes with one change."""
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    # Most changes are small: large ones leave nothing to read.
    if chance.random() < 0.7:
        last = min(last, first + chance.randint(0, 30))
    piece = data[first:last]
    kind = chance.randrange(7)
    if kind == 0:
        return data[:first] + data[last:]
    if kind == 1:
        return data[:first] + single * (last - first) + data[last:]
    if kind == 2:
        return data[:first] + token * chance.choice((1, 1, 1, 50)) + data[first:]
    if kind == 3:
        return data[:last] + piece * chance.choice((1, 3, 200)) + data[last:]
    if kind == 4:
        return data[:first]
    if kind == 5:
        start = chance.randint(0, len(other))
        return data[:first] + other[start : start + chance.randint(0, 3000)] + data[last:]
    return data[:first] + piece[::-1] + data[last:]


def _mutated_member(body: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    chosen = chance.choice(sorted(members))
    members[chosen] = mutated_bytes(members[chosen] + b" ", chance, others)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
