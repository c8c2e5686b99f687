"""Gambling, forged papers and pornography on an authority's host (issue 4, truth about pages).

A hacked page names its brand in title, keywords and description; so do an authority's warnings and a
court's judgments, and lottery offices write of stakes by trade. So a sign does not count beside a
word of acting against it, nor a lottery's word beside the lottery's own name; a brand that is
spliced into the title twice counts all the same. Inside a page that is otherwise the authority's own,
links that no reader can see are reported and the document is kept (ADR 0027).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from catalog.folding import fold
from crawlers.reading.lines import Outline
from crawlers.reading.signs import pattern, shows, spam_groups
from crawlers.reading.tree import Element, is_hidden

_LEAST_SAID = 2
_LEAST_SEEN = 8
_LEAST_DISTINCT = 4
# What is said of a page is short; a longer description says nothing more.
_SAID_LIMIT = 2000
_SEEN_LIMIT = 100_000
_LEAST_LINKS = 2
_MOST_LINKS = 3000
_OFF_SCREEN = re.compile(
    r"(?:left|top|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}|font-size\s*:\s*[01](?:px|pt|em|%)?\s*(?:;|$)"
    r"|(?:^|;)\s*(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0\d*)?\s*(?:;|$)",
    re.IGNORECASE,
)


def is_hacked(self_description: Sequence[str], page: Outline) -> bool:
    """Tell whether strangers placed this page: `self_description` is its title, keywords and description."""
    title = self_description[0] if self_description else ""
    if shows(title, "defaced"):
        return True
    return _promotes(self_description, title) or _is_filled_with_spam(title, page)


def hidden_spam_links(root: Element) -> int:
    """Return how many links with signs of spam stand where no reader sees them."""
    count = 0
    for number, link in enumerate(root.iter("a")):
        if number >= _MOST_LINKS:
            break
        said = fold(" ".join([*link.itertext(), link.get("title") or ""])[:200])
        if any(spam.search(said) for spam, _ in spam_groups()) and _is_out_of_sight(link):
            count += 1
    return count if count >= _LEAST_LINKS else 0


def _promotes(self_description: Sequence[str], title: str) -> bool:
    in_title = Counter(_found([title[:_SAID_LIMIT]], title))
    said = in_title.total() + sum(1 for _ in _found(self_description[1:], title))
    # The same brand twice in one title is spliced in, whatever else the title says.
    doubled = max(Counter(_all([title[:_SAID_LIMIT]])).values(), default=0) >= _LEAST_SAID
    if not title:
        return said > _LEAST_SAID
    return doubled or (said >= _LEAST_SAID and bool(in_title))


def _is_filled_with_spam(title: str, page: Outline) -> bool:
    """Tell whether the visible text is made of offers: many signs of several kinds, no word against them."""
    seen: list[str] = []
    length = 0
    for line in page.lines:
        seen.append(line.text)
        length += len(line.text)
        if length > _SEEN_LIMIT:
            break
    context = title + "\n" + "\n".join(seen)
    found = list(_found(seen, context))
    return len(found) >= _LEAST_SEEN and len(set(found)) >= _LEAST_DISTINCT


def _found(texts: Sequence[str], context: str) -> Iterator[str]:
    """Yield the signs in the texts, but not those that the context makes lawful."""
    folded = fold(context)
    for spam, unless in spam_groups():
        if not any(pattern(f"{key}_folded").search(folded) for key in unless):
            for text in texts:
                yield from (match.group() for match in spam.finditer(fold(text)))


def _all(texts: Sequence[str]) -> Iterator[str]:
    for spam, _ in spam_groups():
        for text in texts:
            yield from (match.group() for match in spam.finditer(fold(text)))


def _is_out_of_sight(element: Element) -> bool:
    holders = [element, *element.iterancestors()]
    return any(
        isinstance(e.tag, str) and (is_hidden(e) or _OFF_SCREEN.search(e.get("style") or "")) for e in holders
    )
