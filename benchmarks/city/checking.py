"""What a check of a trap is given, and what several of them ask."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from benchmarks.city.comparing import FACTS, stated
from benchmarks.city.running import Crawled, Found
from catalog.findings import FindingKind
from catalog.records import Field
from demo.city import Expected, Publication, Subsite
from demo.pages import page_count

_SPARE_REQUESTS = 40
"""Requests of a subsite that are neither list page, detail nor file: frames, robots.txt, trees, feeds."""


@dataclass(frozen=True)
class Evidence:
    """What a crawl found, with what is wrong of it (`comparing.wrong_facts`)."""

    crawled: Crawled
    wrong: dict[str, frozenset[str]]

    @cached_property
    def entries(self) -> dict[str, Publication]:
        """The city's publications by address."""
        return {entry.url(self.crawled.port): entry for entry in self.crawled.city.publications}

    @cached_property
    def subsites(self) -> dict[str, Subsite]:
        """The city's subsites by root URL."""
        return {subsite.root(self.crawled.port): subsite for subsite in self.crawled.city.subsites}

    def planted(self, url: str) -> Expected:
        """Return what was planted at an address."""
        return self.crawled.planted[url]

    def found(self, url: str) -> Found | None:
        """Return the one publication found at an address; None if there is none, or several."""
        found = self.crawled.found.get(url, [])
        return found[0] if len(found) == 1 else None

    def urls_of(self, root: str) -> list[str]:
        """Return the addresses of what was planted on a subsite."""
        return [entry.url(self.crawled.port) for entry in self.subsites[root].publications]

    def right(self, url: str, *facts: str) -> bool:
        """Tell whether a publication was found once with these facts (of `FACTS`; none: all) as planted."""
        return not self.wrong[url] & frozenset(facts or FACTS)

    def site_right(self, root: str, *facts: str) -> bool:
        """Tell the same of all publications of a subsite; nothing else was found, nothing failed."""
        found = {url for url in self.crawled.found if url.startswith(root)}
        clean = found <= self.crawled.planted.keys() and not self.crawled.failed.get(root)
        return clean and all(self.right(url, *facts) for url in self.urls_of(root))

    def is_reported(self, root: str, kind: FindingKind) -> bool:
        """Tell whether a subsite has an open finding of a kind."""
        return any(finding.kind is kind for finding in self.crawled.findings_of(root))

    def is_bounded(self, root: str) -> bool:
        """Tell whether a subsite was asked no more than its lists, details and files need."""
        subsite = self.subsites[root]
        # A list is read to its end and one page beyond, where the next one cannot be known to be missing.
        lists = sum(page_count(column) + 2 for column in subsite.columns.values())
        files = sum(len(entry.attachments) for entry in subsite.publications)
        needed = len(subsite.publications) + lists + files + _SPARE_REQUESTS
        return self.crawled.asked.of(root) <= needed

    def says(self, url: str, field: Field) -> list[str]:
        """Return what was stated of a fact of a publication; nothing if it was not found."""
        found = self.found(url)
        return [] if found is None else stated(found, field)


Check = Callable[[Evidence, str], bool]
"""Tells whether the trap at a place (an address of `demo.traps.places`) was handled as the table says."""


def whole_site(*facts: str) -> Check:
    """Return a check that a subsite came in whole, with these facts right (none named: all)."""
    return lambda evidence, root: evidence.site_right(root, *facts)


def publication(*facts: str) -> Check:
    """Return a check that a publication came in once, with these facts right (none named: all)."""
    return lambda evidence, url: evidence.right(url, *facts)


def every(*checks: Check) -> Check:
    """Return a check that passes where all of these do."""
    return lambda evidence, place: all(check(evidence, place) for check in checks)


def names(texts: Iterable[str], part: str) -> bool:
    """Tell whether one of the texts holds a part."""
    return any(part in text for text in texts)
