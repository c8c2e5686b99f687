"""The figures of one subsite read with one family: what its lists bring, and how its details read."""

from dataclasses import dataclass, fields

from benchmarks.bodies.scoring import bigram_score
from benchmarks.families.asking import ask, walk
from catalog.dates import iso_date
from catalog.records import Field
from crawlers.addresses import canonical
from crawlers.families.family import Family, ListItem, PageRequest
from crawlers.reading.page import read_page, stated
from demo.city import Publication, Subsite


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts that add up over subsites; `f1` is the sum over the details read."""

    planted: int = 0
    found: int = 0
    items: int = 0
    details: int = 0
    titles: int = 0
    dates: int = 0
    f1: float = 0.0
    requests: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def shares(self) -> dict[str, float]:
        """Return what is printed: shares from 0 to 1, the counts they are of, and requests made."""
        return {
            "planted": self.planted,
            "recall": _share(self.found, self.planted),
            "precision": _share(self.found, self.items),
            "titles": _share(self.titles, self.details),
            "dates": _share(self.dates, self.details),
            "body_f1": _share(self.f1, self.details),
            "requests": self.requests,
        }


def measure(subsite: Subsite, family: Family) -> Figures:
    """Walk the lists of a subsite with a family and read the details of everything planted there.

    Recall: planted publications that a list brought. Precision: how many of the links brought are planted.
    Titles and dates: what counts after list and page have spoken. Body: F1 over the bigrams of characters
    against the text that was planted; a page that shows nothing but a link to its file is left out of it.
    """
    walked = walk(subsite, family)
    planted = {canonical(publication.url()): publication for publication in subsite.publications}
    figures = Figures(
        planted=len(planted),
        found=len(planted.keys() & walked.items.keys()),
        items=len(walked.items),
        requests=walked.requests,
    )
    details = (_detail(publication, family, walked.items.get(url)) for url, publication in planted.items())
    return sum(details, figures)


def _detail(publication: Publication, family: Family, item: ListItem | None) -> Figures:
    answer = ask(publication.subsite, PageRequest(publication.url()))
    if answer is None or "pdf_only" in publication.traps:
        return Figures()
    reading = read_page(answer.body, url=publication.url(), hints=family.hints)
    said = stated(reading, item.witnesses if item else ())
    title, day = (said[name].raw if name in said else "" for name in (Field.TITLE, Field.PUBLISHED_ON))
    return Figures(
        details=1,
        titles=title == publication.document.title,
        dates=iso_date(day) == publication.published_on,
        f1=bigram_score(reading.text, publication.document.body).f1,
    )


def _share(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
