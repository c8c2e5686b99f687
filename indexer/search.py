"""The index of a data folder, as the service and the commands search it."""

from pathlib import Path

from catalog.store import Catalog
from catalog.suppression import suppression_changes
from indexer.cursors import fingerprint
from indexer.engine import Engine, EngineRequest
from indexer.generations import Generations
from indexer.ordering import ordered_page
from indexer.requests import Hit, SearchAnswer, SearchRequest
from indexer.understanding import understand
from indexer.whoosh_engine import WhooshEngine


async def search(
    engine: Engine, request: SearchRequest, hidden: frozenset[str] = frozenset()
) -> SearchAnswer:
    """Answer a search on an engine: read the text, ask, order. `hidden` documents are not there.

    Raises `BadCursorError`.
    """
    understood = understand(request.q, scope=request.scope, match=request.match, dictionary=engine.dictionary)
    page = await ordered_page(
        engine,
        EngineRequest(
            understood.query,
            request.filters,
            offset=request.offset,
            limit=request.limit,
            facets=request.facets,
            hidden=hidden,
        ),
        sort=request.sort,
        asked=fingerprint(request),
        cursor=request.cursor,
    )
    return SearchAnswer(
        hits=tuple(Hit(hit.document_id, hit.score, hit.publications, hit.published_on) for hit in page.hits),
        total=page.answer.total,
        total_publications=page.answer.total_publications,
        facets=page.answer.facets,
        marks=understood.marks,
        interpretations=understood.interpretations,
        seq=engine.seq,
        next_cursor=page.next_cursor,
    )


class Index:
    """The live generation of a data folder, followed as it changes.

    `refresh` is cheap and meant to be called every second: it follows commits, new generations and
    suppressions. Until the index has read a suppression, its document is hidden whole.
    """

    def __init__(self, catalog: Catalog, generations: Generations) -> None:
        self._catalog = catalog
        self._generations = generations
        self._folder = generations.require_live()
        self._engine = WhooshEngine(self._folder)
        self._hidden: frozenset[str] = frozenset()
        understand("政府信息公开", dictionary=self._engine.dictionary)  # so that nobody waits for the words
        self._hide()

    @classmethod
    def open(cls, data_dir: Path, catalog: Catalog) -> "Index":
        """Open the index beside a catalogue; raises `IndexMissingError` or `IndexFormatError`."""
        return cls(catalog, Generations(data_dir))

    @property
    def seq(self) -> int:
        """The change of the catalogue up to which searches see everything."""
        return self._engine.seq

    @property
    def generation(self) -> str:
        """The name of the live generation."""
        return self._engine.generation

    @property
    def documents(self) -> int:
        """How many documents the live generation holds."""
        return self._engine.documents

    async def refresh(self) -> None:
        """Follow what other processes did."""
        live = self._generations.require_live()
        if live != self._folder:
            old, self._engine, self._folder = self._engine, WhooshEngine(live), live
            await old.close()
        else:
            await self._engine.refresh()
        self._hide()

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer a search; raises `BadCursorError`."""
        return await search(self._engine, request, self._hidden)

    async def close(self) -> None:
        """Let go of the files."""
        await self._engine.close()

    def _hide(self) -> None:
        with self._catalog.read() as connection:
            self._hidden = suppression_changes(connection, self._engine.seq)
