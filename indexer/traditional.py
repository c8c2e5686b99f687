"""Traditional script in queries. The query is converted, never the index.

Only a query that holds a character which simplified text does not have is converted; then it is
searched as typed, by character (t2s) and by phrase (tw2sp): each of the two is wrong at times.
"""

from functools import cache

from opencc import OpenCC


def simplified(text: str) -> tuple[str, ...]:
    """Return the simplified forms of a traditional text, without doubles; () if it is not traditional."""
    if not any(map(_is_traditional, text)):
        return ()
    forms = (_converter(name).convert(text) for name in ("t2s", "tw2sp"))
    return tuple(dict.fromkeys(form for form in forms if form != text))


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


@cache
def _is_traditional(char: str) -> bool:
    """Tell whether simplified text does not have the character: it converts, and GB 2312 lacks it."""
    if char.isascii() or _converter("t2s").convert(char) == char:
        return False
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
