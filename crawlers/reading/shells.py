"""Challenges and empty frames: the answer is not the page (domain.md 5.5). They are told, never solved.

加速乐 sends 521 or 512 with a cookie script, tax sites a C3VK cookie and a reload, 瑞数 a 412 with
scrambled `$_ts` scripts; firewalls and captchas say so in words. A frameset and a page that scripts
must fill hold no text either.
"""

from collections.abc import Iterator

from crawlers.reading.lines import Outline
from crawlers.reading.signs import shows
from crawlers.reading.tree import Element

_LEAST_TEXT = 20
_SHELL_TEXT = 120
_CHALLENGE_TEXT = 400
_SHELL_LINKS = 5
_CHALLENGE_CONTROLS = 2
_SCRIPT_LIMIT = 200_000


def is_shell(root: Element, page: Outline, controls: int) -> bool:
    """Tell whether a page is only a challenge or a frame; `controls` counts its fields to fill in."""
    seen = [line for line in page.lines if not line.is_link]
    length = sum(len(line.text) for line in seen)
    if sum(line.is_link for line in page.lines) > _SHELL_LINKS or controls > _CHALLENGE_CONTROLS:
        return False
    said = "\n".join(line.text for line in seen)
    scripts = "\n".join(_scripts(root))
    if length <= _CHALLENGE_TEXT and (shows(scripts, "cookie_scripts") or shows(said, "challenge_texts")):
        return True
    if controls or length > _SHELL_TEXT:
        return False
    if next(root.iter("frameset"), None) is not None:
        return True
    if any((e.get("http-equiv") or "").lower() == "refresh" for e in root.iter("meta")):
        return True
    # A page without text whose scripts are all it has is filled by them, whatever they do.
    is_empty = length < _LEAST_TEXT and next(root.iter("script"), None) is not None
    return is_empty or _redirects(scripts)


def _scripts(root: Element) -> Iterator[str]:
    left = _SCRIPT_LIMIT
    for script in root.iter("script"):
        text = "".join(script.itertext())[:left]
        left -= len(text)
        yield text


def _redirects(scripts: str) -> bool:
    return shows(scripts, "challenge_scripts")
