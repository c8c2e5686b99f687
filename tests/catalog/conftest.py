"""What the tests of the catalogue share: an empty one, and a short way to record a page."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from catalog import recording
from catalog.engines import postgresql_url
from catalog.recording import Recorded
from catalog.records import AttachmentRecord, Field, PageRecord, Provenance, Witness, paragraphs
from catalog.store import Catalog, name_store
from tests.support import postgresql as postgresql_support

WHEN = datetime(2012, 10, 15, 9, 30)

Record = Callable[..., Recorded]


@pytest.fixture(scope="session")
def postgresql(worker_id: str) -> Iterator[str]:
    """The URL of this test process's own PostgreSQL database."""
    with postgresql_support.database(f"gongkai_catalog_{worker_id}") as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def catalog(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Catalog]:
    """An empty catalogue, in each kind of store."""
    if request.param == "postgresql":
        url = postgresql_support.emptied(request.getfixturevalue("postgresql"))
        name_store(tmp_path, postgresql_url(url))
    with Catalog.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def record(catalog: Catalog) -> Record:
    """Record a page of a made-up site: `record(url, title, body, doc_number=…, columns=[…])`."""

    def call(
        url: str,
        title: str,
        body: str = "",
        *,
        columns: tuple[str, ...] = (),
        attachments: tuple[AttachmentRecord, ...] = (),
        provenance: Provenance = Provenance.PRINTED,
        **facts: str,
    ) -> Recorded:
        witnesses = [Witness(Field.TITLE, title, provenance)]
        witnesses += [Witness(Field(name), raw, provenance) for name, raw in facts.items()]
        with catalog.write() as connection:
            subsite = recording.ensure_subsite(
                connection, root_url="http://a.example/", name="云岭市教育局", organization="云岭市教育局"
            )
            column_ids = tuple(
                recording.ensure_column(connection, subsite, path=name, name=name) for name in columns
            )
            return recording.record(
                connection,
                PageRecord(
                    alias=url,
                    subsite_id=subsite,
                    captured_at=WHEN,
                    url=url,
                    column_ids=column_ids,
                    blocks=paragraphs(body),
                    witnesses=tuple(witnesses),
                    attachments=attachments,
                ),
            )

    return call
