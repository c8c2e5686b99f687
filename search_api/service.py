"""What is open and how fresh it is: the catalogue, the index, the labels.

The catalogue is opened read only. A task follows the index pointer and the catalogue twice a second,
so that a new generation, a commit and a suppression are seen within that time.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from catalog import reading, schema
from catalog.documents import DocumentView
from catalog.ids import is_id
from catalog.inbox import Inbox
from catalog.store import Catalog, last_seq
from catalog.terms import load_terms
from indexer.requests import BadCursorError, SearchAnswer, SearchError, SearchRequest
from indexer.search import Index
from search_api.answers import Answer, build_answer
from search_api.documents import RelationAnswer
from search_api.keys import Keys
from search_api.labels import Labels
from search_api.problems import ProblemError
from search_api.pushed import LONGEST_BODY
from search_api.relations import relations_of

FOLLOW_SECONDS = 0.5
"""How often the index pointer and the catalogue are looked at."""

logger = logging.getLogger("gongkai.serve")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What `/readyz` tells. `lag` is how many changes the index is behind the catalogue."""

    seq: int
    generation: str
    lag: int


class Service:
    """The open parts behind every handler. Opened by `open`, kept fresh by `follow`."""

    def __init__(self, data_dir: Path | str, *, push_bytes: int = LONGEST_BODY) -> None:
        self.data_dir = Path(data_dir)
        self.push_bytes = push_bytes
        self._catalog: Catalog | None = None
        self._index: Index | None = None
        self._labels: Labels | None = None
        self._labels_seq = -1
        self._keys: Keys | None = None
        self._inbox: Inbox | None = None

    def open(self) -> None:
        """Open the catalogue and the index.

        Raises `catalog.errors.CatalogError` or `indexer.errors.IndexingError` where one is missing.
        """
        if self._catalog is None:
            self._catalog = Catalog.open(self.data_dir, read_only=True)
        if self._index is None:
            self._index = Index.open(self.data_dir, self._catalog)
        if self._labels is None:
            self._read_labels()

    @property
    def keys(self) -> Keys:
        """The keys of those who may push; opened when the first is presented."""
        if self._keys is None:
            self._keys = Keys(self.data_dir)
        return self._keys

    @property
    def inbox(self) -> Inbox:
        """What was pushed; opened with the first of it."""
        if self._inbox is None:
            self._inbox = Inbox(self.data_dir)
        return self._inbox

    async def close(self) -> None:
        """Close what is open; afterwards nothing is ready."""
        catalog, self._catalog = self._catalog, None
        index, self._index = self._index, None
        self._labels = None
        for held in (self._keys, self._inbox):
            if held is not None:
                held.close()
        self._keys = self._inbox = None
        if index is not None:
            await index.close()
        if catalog is not None:
            catalog.close()

    async def refresh(self) -> None:
        """Follow the index to what was committed since; open what could not be opened before."""
        self.open()
        await self.index.refresh()
        # After the index: what it brings to light has its labels then.
        self._read_labels()

    async def follow(self) -> None:
        """Refresh for ever, twice a second; a failure is logged once and tried again."""
        failing = False
        while True:
            try:
                await self.refresh()
                failing = False
            except Exception:
                if not failing:
                    logger.exception("索引跟进失败，继续使用现有索引 data=%s", self.data_dir)
                failing = True
            await asyncio.sleep(FOLLOW_SECONDS)

    @property
    def catalog(self) -> Catalog:
        """The open catalogue. Raises `ProblemError` (503) if it is not open."""
        if self._catalog is None:
            raise ProblemError("not-ready", "目录库还没有打开，请稍后再试。")
        return self._catalog

    @property
    def index(self) -> Index:
        """The open index. Raises `ProblemError` (503) if it is not open."""
        if self._index is None:
            raise ProblemError("not-ready")
        return self._index

    @property
    def labels(self) -> Labels:
        """The labels as of the last refresh. Raises `ProblemError` (503) if the catalogue is not open."""
        if self._labels is None:
            raise ProblemError("not-ready", "目录库还没有打开，请稍后再试。")
        return self._labels

    def readiness(self) -> Readiness:
        """Tell how fresh the index is. Raises `ProblemError` (503) if something is not open."""
        index = self.index
        with self.catalog.read() as connection:
            lag = last_seq(connection) - index.seq
        return Readiness(index.seq, index.generation, lag)

    async def search(self, request: SearchRequest) -> Answer:
        """Answer a request. Raises `ProblemError` where the index cannot answer it as it stands."""
        started = time.perf_counter()
        found = await self._ask(request)
        ids = [hit.document_id for hit in found.hits]
        with self.catalog.read() as connection:
            documents = reading.load_documents(connection, ids)
        answer = build_answer(request, found, documents, self.labels, took_ms=0)
        answer["took_ms"] = round((time.perf_counter() - started) * 1000, 1)
        return answer

    def _read_labels(self) -> None:
        """Read the labels again if the catalogue has changed."""
        with self.catalog.read() as connection:
            seq = last_seq(connection)
            if self._labels is None or seq != self._labels_seq:
                subsites = connection.execute(select(schema.subsite.c.id, schema.subsite.c.name))
                self._labels = Labels(load_terms(connection), {row.id: row.name for row in subsites})
                self._labels_seq = seq

    async def _ask(self, request: SearchRequest) -> SearchAnswer:
        try:
            return await self.index.search(request)
        except BadCursorError as error:
            raise ProblemError("bad-cursor", parameter="cursor", value=request.cursor) from error
        except SearchError as error:
            raise ProblemError("bad-request") from error

    def relations(self, document: DocumentView) -> list[RelationAnswer]:
        """Return what a document says of others, and others of it, as far as they are known for sure."""
        with self.catalog.read() as connection:
            return relations_of(connection, document.id)

    def document(self, document_id: str) -> DocumentView | reading.Moved:
        """Return a document or where it went. Raises `ProblemError`: 404 if unknown, 410 if taken down."""
        with self.catalog.read() as connection:
            found = reading.find_document(connection, document_id) if is_id(document_id) else None
        if isinstance(found, reading.Gone):
            raise ProblemError("document-gone", found.reason, parameter="id", value=document_id)
        if found is None:
            raise ProblemError("document-not-found", parameter="id", value=document_id)
        return found
