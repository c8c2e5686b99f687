"""Serves the city on loopback, crawls it into a temporary folder and reads what was found."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, select

from benchmarks.city.wrapping import Asked, Between
from catalog import schema
from catalog.documents import DocumentView, PublicationView
from catalog.findings import Finding, open_findings
from catalog.reading import BATCH, document_ids, load_documents
from catalog.relating import Claim, claims_by
from catalog.store import Catalog
from crawlers.crawl import crawl
from crawlers.frontier import Frontier
from crawlers.jobs import JobState
from crawlers.queue_tables import job
from crawlers.sites import Sites, read_sites
from crawlers.summary import CrawlSummary
from demo.city import City, Expected, expected
from demo.publishing import DEFAULT_SEED, generate
from demo.server import serving
from demo.sites_file import write_sites_file

_EVERYTHING = 10_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A publication found, and the document it belongs to."""

    publication: PublicationView
    document: DocumentView


@dataclass(frozen=True)
class Crawled:
    """What was planted, and what a crawl made of it.

    `found` holds all publications of an address; `columns` the names of a subsite's columns (by its root
    URL), `families` what it was recognised as, `failed` how many of its jobs failed; `claims` what documents
    (by id) say of others.
    """

    city: City
    port: int
    planted: dict[str, Expected]
    found: dict[str, list[Found]]
    documents: list[DocumentView]
    columns: dict[str, list[str]]
    families: dict[str, str]
    failed: dict[str, int]
    findings: list[Finding]
    subsites: dict[str, str]
    claims: dict[str, list[Claim]]
    summary: CrawlSummary
    asked: Asked

    def findings_of(self, root: str) -> list[Finding]:
        """Return the open findings of a subsite, by its root URL."""
        return [finding for finding in self.findings if finding.subsite_id == self.subsites.get(root)]


def crawl_city(publications: int, vary: int | None = None, seed: int = DEFAULT_SEED) -> Crawled:
    """Crawl a city of so many publications; with `vary` (a seed) each of its pages is varied at random.

    No subsite's family is told: it has to be recognised. ValueError for too few publications.
    """
    city, asked = generate(seed, publications), Asked()
    wrap = partial(Between, asked=asked, seed=vary)
    with TemporaryDirectory(prefix="gongkai-city-") as place, serving(city, wrap=wrap) as port:
        folder = Path(place)
        write_sites_file(folder / "sites.toml", city.subsites, port)
        told = read_sites(folder / "sites.toml")
        sites = replace(told, sites=tuple(replace(site, family=None) for site in told.sites))
        summary = asyncio.run(crawl(sites, folder / "data"))
        return _read(folder / "data", city, port, sites, summary, asked)


def _read(data: Path, city: City, port: int, sites: Sites, summary: CrawlSummary, asked: Asked) -> Crawled:
    columns: dict[str, list[str]] = defaultdict(list)
    with Catalog.open(data, read_only=True) as catalog, catalog.read() as connection:
        ids = document_ids(connection, limit=_EVERYTHING)
        documents = list(load_documents(connection, ids).values())
        rows = connection.execute(select(schema.subsite)).all()
        roots = {row.id: row.root_url for row in rows}
        for row in connection.execute(select(schema.site_column)):
            columns[roots[row.subsite_id]].append(row.name)
        return Crawled(
            city=city,
            port=port,
            planted={entry.url: entry for entry in expected(city, port)},
            found=_by_address(documents),
            documents=documents,
            columns=columns,
            families={row.root_url: row.family for row in rows},
            failed=_failed(data, sites),
            findings=list(open_findings(connection)),
            subsites={root: subsite_id for subsite_id, root in roots.items()},
            claims=_claims(connection, ids),
            summary=summary,
            asked=asked,
        )


def _claims(connection: Connection, ids: Sequence[str]) -> dict[str, list[Claim]]:
    claims: dict[str, list[Claim]] = {}
    for start in range(0, len(ids), BATCH):
        claims |= claims_by(connection, ids[start : start + BATCH])
    return claims


def _by_address(documents: Iterable[DocumentView]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for document in documents:
        for publication in document.publications:
            found[publication.url or publication.id].append(Found(publication, document))
    return found


def _failed(data: Path, sites: Sites) -> dict[str, int]:
    frontier = Frontier(data)
    try:
        with frontier.read() as connection:
            failed = connection.execute(select(job.c.site).where(job.c.state == JobState.FAILED)).scalars()
            met = list(failed)
    finally:
        frontier.close()
    return {site.url: met.count(site.url) for site in sites.sites}
