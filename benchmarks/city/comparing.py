"""What was planted beside what was found: publication by publication, then family by family."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields

from benchmarks.bodies.scoring import bigram_score
from benchmarks.city.running import Crawled, Found
from catalog import doc_numbers
from catalog.folding import fold
from catalog.records import TRUST, Field
from demo.city import Expected, Publication

BODY_FLOOR = 0.98
"""F1 over character bigrams from which a text counts as the one planted: no line of it lost, none added."""

FACTS = ("title", "dates", "publisher", "numbers", "columns", "body", "document")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a family that add up; the names of `FACTS` count publications that have them right."""

    sites: int = 0
    recognised: int = 0
    planted: int = 0
    once: int = 0
    missing: int = 0
    doubled: int = 0
    foreign: int = 0
    title: int = 0
    dates: int = 0
    publisher: int = 0
    numbers: int = 0
    columns: int = 0
    body: int = 0
    document: int = 0
    failures: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def all_right(self) -> bool:
        """Whether everything planted was found once and as it was planted, and nothing else."""
        facts = all(getattr(self, name) == self.planted for name in FACTS)
        clean = not (self.missing or self.doubled or self.foreign or self.failures)
        return facts and clean and self.recognised == self.sites


def wrong_facts(crawled: Crawled) -> dict[str, frozenset[str]]:
    """Return, for every planted address, the names of `FACTS` that are wrong (all where it is not found)."""
    ties = _ties(crawled)
    entries = {entry.url(crawled.port): entry for entry in crawled.city.publications}
    wrong: dict[str, frozenset[str]] = {}
    for url, planted in crawled.planted.items():
        found = crawled.found.get(url, [])
        if len(found) != 1:
            wrong[url] = frozenset(FACTS)
            continue
        right = {name for name, check in _CHECKS.items() if check(planted, entries[url], found[0])}
        if found[0].document.id in ties and ties[found[0].document.id] == planted.document:
            right.add("document")
        wrong[url] = frozenset(FACTS) - right
    return wrong


def by_family(crawled: Crawled, wrong: dict[str, frozenset[str]]) -> dict[str, Figures]:
    """Return the figures of each family, in the order of the city's subsites."""
    figures: dict[str, Figures] = {}
    for subsite in crawled.city.subsites:
        root = subsite.root(crawled.port)
        urls = [publication.url(crawled.port) for publication in subsite.publications]
        times = [len(crawled.found.get(url, ())) for url in urls]
        figures[subsite.family] = figures.get(subsite.family, Figures()) + Figures(
            sites=1,
            recognised=crawled.families.get(root) == subsite.family,
            planted=len(urls),
            once=times.count(1),
            missing=times.count(0),
            doubled=sum(count > 1 for count in times),
            foreign=sum(url.startswith(root) for url in crawled.found.keys() - crawled.planted.keys()),
            failures=crawled.failed.get(root, 0),
            **{name: sum(name not in wrong[url] for url in urls) for name in FACTS},
        )
    return figures


def stated(found: Found, field: Field) -> list[str]:
    """Return what was stated of a fact, the most trusted witness first."""
    said = sorted(found.publication.witnesses, key=lambda witness: TRUST[witness.provenance])
    return [witness.raw for witness in said if witness.field is field]


def file_text(found: Found) -> str:
    """Return the text of the file that stands for a page: it is called as the publication is."""
    files = found.publication.attachments
    return "\n".join(file.text or "" for file in files if file.name.startswith(found.publication.title))


def planted_number(planted: Expected) -> str | None:
    """Return the key of the 文号 that a publication bears."""
    return doc_numbers.key(planted.doc_number) if planted.doc_number else None


def _ties(crawled: Crawled) -> dict[str, str]:
    """Return the documents (by id) whose publications are exactly those of one planted document."""
    planted: dict[str, set[str]] = defaultdict(set)
    for url, entry in crawled.planted.items():
        planted[entry.document].add(url)
    keys = {frozenset(urls): key for key, urls in planted.items()}
    found = {
        document.id: frozenset(publication.url or "" for publication in document.publications)
        for document in crawled.documents
    }
    return {name: keys[urls] for name, urls in found.items() if urls in keys}


def _title(planted: Expected, _: Publication, found: Found) -> bool:
    return found.publication.title == planted.title


def _dates(planted: Expected, _: Publication, found: Found) -> bool:
    # A day that lies ahead is kept as stated and is nobody's date of publication.
    believable = None if planted.traps & {"future_date", "undated"} else planted.published_on
    stated_issue = planted.printed.get("issued_on")
    is_issued = not stated_issue or found.document.issued_on == planted.issued_on
    return found.publication.published_on == believable and is_issued


def _publisher(planted: Expected, _: Publication, found: Found) -> bool:
    return stated(found, Field.PUBLISHER)[:1] == [planted.publisher]


def _numbers(planted: Expected, _: Publication, found: Found) -> bool:
    said = {doc_numbers.key(raw) for raw in stated(found, Field.DOC_NUMBER)} - {None}
    number = planted_number(planted)
    return said == ({number} if number else set()) and found.publication.index_number == planted.index_number


def _columns(planted: Expected, _: Publication, found: Found) -> bool:
    return sorted(found.publication.column_names) == sorted(planted.columns)


def _body(planted: Expected, entry: Publication, found: Found) -> bool:
    text = file_text(found) if planted.pdf_only else found.publication.content.text
    # Some containers, and all files, open with the title; some end with the names of their files.
    said = fold(text).removeprefix(fold(planted.title))
    for name, _ in entry.attachments:
        said = said.replace(fold(f"附件：{name}"), "", 1)
    return bigram_score(said, fold(entry.document.body)).f1 >= BODY_FLOOR


_CHECKS: dict[str, Callable[[Expected, Publication, Found], bool]] = {
    "title": _title,
    "dates": _dates,
    "publisher": _publisher,
    "numbers": _numbers,
    "columns": _columns,
    "body": _body,
}
