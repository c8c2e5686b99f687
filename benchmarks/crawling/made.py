"""A made-up city of as many subsites as wanted: what the demo city publishes, dealt out anew."""

from collections import defaultdict
from collections.abc import Iterator

from demo.city import City, Column, Publication, Subsite
from demo.publishing import DEFAULT_SEED, generate

HOME_AND_LISTS = 4
"""About so many pages of a subsite are no details: home pages with their frames, and lists."""

_SPARE = 1.15  # publications with files or planted faults are left out
_LEAST = 2_000


def make_city(subsites: int, pages: int) -> City:
    """Return a city of that many subsites with about that many pages in all.

    Each has one of the demo's CMS families (as often as the demo city uses it) and one column or two. Nothing
    is planted, nothing has a file: what is measured is fetching, reading and recording pages.
    """
    each = max(pages // subsites - HOME_AND_LISTS, 1)
    whole = generate(publications=max(round(subsites * each * _SPARE), _LEAST))
    dealt = list(_dealt(whole, each, subsites))
    if len(dealt) < subsites:
        raise ValueError(f"only {len(dealt)} of {subsites} subsites could be filled")
    return City(DEFAULT_SEED, whole.documents, dealt)


def _dealt(whole: City, each: int, most: int) -> Iterator[Subsite]:
    pools: dict[str, list[Publication]] = defaultdict(list)
    for publication in whole.publications:
        if not (publication.attachments or publication.traps or publication.document.traps):
            pools[publication.subsite.family].append(publication)
    place = 0
    for pool in pools.values():
        pool.sort(key=lambda publication: (publication.columns[0].content_class, publication.article))
        for start in range(0, len(pool) - each + 1, each):
            if place == most:
                return
            yield _subsite(place, pool[start : start + each])
            place += 1


def _subsite(place: int, publications: list[Publication]) -> Subsite:
    model = publications[0].subsite
    subsite = Subsite(
        place=place,
        key=f"unit{place}",
        body=model.body,
        name=f"{model.body.name}第{place + 1}单位信息公开网",
        family=model.family,
        per_page=model.per_page,
        beyond_end=model.beyond_end,
        traps=frozenset(),
        layout=model.layout,
        groups=model.groups,
    )
    for publication in sorted(publications, key=lambda one: (one.published_on, one.article), reverse=True):
        column = _column(subsite, publication.columns[0].content_class)
        publication.subsite, publication.columns = subsite, (column,)
        column.publications.append(publication)
        subsite.publications.append(publication)
    return subsite


def _column(subsite: Subsite, content_class: str) -> Column:
    key = (subsite.body.key, content_class)
    if key not in subsite.columns:
        number = 1000 * (subsite.place + 1) + len(subsite.columns) + 1
        subsite.columns[key] = Column(subsite, subsite.body, content_class, number)
    return subsite.columns[key]
