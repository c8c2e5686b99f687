"""Whoosh's queries on whole arrays find what Whoosh finds, and score as the plainest Python does."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import made_up
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, formats, query
from whoosh.filedb.filestore import RamStorage
from whoosh.searching import Searcher

from indexer.documents import AnalysedDocument, IndexDocument, IndexPublication, analyse
from indexer.query import TermField
from indexer.ranking import idf, ranking
from indexer.whoosh_engine.arrays import ArrayWriter
from indexer.whoosh_engine.inverting import Inverter
from indexer.whoosh_engine.manifest import Manifest, SegmentEntry, Statistics
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.postings import NO_ROWS
from indexer.whoosh_engine.segment import KEYS, Segment, key_term
from indexer.whoosh_engine.snapshot import DELETED, Leaf, Snapshot
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.whoosh_codec import ID, whoosh_reader
from indexer.whoosh_engine.whoosh_queries import UnsupportedQueryError, evaluate, search

FIELDS = ("words", "title_words", "bigrams", KEYS, ID)
Scores = dict[str, float]


class _Unsynced(Storage):
    def sync(self, file: BinaryIO) -> None:
        file.flush()


@dataclass
class Indexed:
    """Documents, those that are deleted, in segments; and the snapshot of them."""

    parts: list[list[AnalysedDocument]]
    deleted: frozenset[str]
    snapshot: Snapshot

    @property
    def live(self) -> list[AnalysedDocument]:
        return [each for part in self.parts for each in part if each.document.id not in self.deleted]

    def terms(self, field: str) -> list[str]:
        return sorted({term for part in self.parts for each in part for term in terms_of(each, field)})


def terms_of(analysed: AnalysedDocument, field: str) -> dict[str, int]:
    if field == ID:
        return {analysed.document.id: 1}
    if field == KEYS:
        return {key_term(key).decode(): 1 for key in analysed.document.keys}
    return dict(analysed.terms[TermField(field)])


def write(parts: Sequence[Sequence[AnalysedDocument]], deleted: Iterable[str], folder: Path) -> Snapshot:
    """Write each part as a segment, the base by merging two, and open them as one snapshot."""
    storage, names, entries = _Unsynced(folder), count(), []
    gone = set(deleted)
    for number, part in enumerate(parts):
        stamps = []
        for half in (part[::2], part[1::2]) if number == 0 else (part,):
            inverter = Inverter()
            for each in half:
                inverter.add(each)
            stamps.append(inverter.write(storage, f"{next(names)}.segment"))
        if number == 0:
            sources = [
                Source(each, np.ones(each.size, bool)) for each in (Segment(storage, s) for s in stamps)
            ]
            stamps = [merge(sources, storage, f"{next(names)}.segment")]
        segment = Segment(storage, stamps[0])
        rows = [row for row in range(segment.size) if segment.columns.name(row) in gone]
        deletions = None
        if rows:
            writer = ArrayWriter()
            writer.add(DELETED, np.array(rows, dtype=np.uint32))
            deletions = writer.write(storage, f"{next(names)}.deleted", {})
        entries.append(SegmentEntry(stamps[0], segment.size, deletions, len(rows)))
    return Snapshot(storage, Manifest(seq=1, statistics=statistics(parts[0]), segments=tuple(entries)))


def statistics(base: Sequence[AnalysedDocument]) -> Statistics:
    averages = {
        field.value: sum(each.lengths[field] for each in base) / len(base) if base else 0.0
        for field in TermField
    }
    return Statistics(len(base), averages)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root, names = tmp_path_factory.mktemp("segments"), count()

    def make() -> Iterator[Path]:
        while True:
            folder = root / str(next(names))
            folder.mkdir()
            yield folder

    return make()


@st.composite
def collections(draw: st.DrawFn, folders: Iterator[Path], copies: int = 1) -> Indexed:
    """Some documents, so often, in up to three segments; some of them deleted."""
    drawn = [analyse(each) for each in draw(made_up.collections(most=10))]
    every = [
        replace(each, document=replace(each.document, id=f"{each.document.id}-{copy}"))
        for copy in range(copies)
        for each in drawn
    ]
    cuts = sorted(draw(st.lists(st.integers(0, len(every)), max_size=2)))
    parts = [every[start:end] for start, end in zip([0, *cuts], [*cuts, len(every)], strict=True)]
    parts.sort(key=len, reverse=True)
    ids = [each.document.id for each in every]
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    deleted = frozenset(chance.sample(ids, chance.randrange(len(ids) // 2 + 1)))
    return Indexed(parts, deleted, write(parts, deleted, next(folders)))


class Asking:
    """Makes queries at random, of terms that documents hold and some that none does."""

    def __init__(self, indexed: Indexed, seed: int, fields: Sequence[str] = FIELDS) -> None:
        self.chance = random.Random(seed)
        self._fields = fields
        self._terms = {field: [*indexed.terms(field), "云", "乌有", "~"] for field in fields}

    def term(self) -> tuple[str, str]:
        field = self.chance.choice(self._fields)
        return field, self.chance.choice(self._terms[field])

    def boost(self) -> float:
        return self.chance.choice((1.0, 1.0, 0.7, 2.5))

    def leaf(self) -> query.Query:
        chance, (field, text) = self.chance, self.term()
        match chance.randrange(8):
            case 0:
                constant = chance.random() < 0.7
                return query.Prefix(field, text[: chance.randrange(3)], self.boost(), constant or not text)
            case 1:
                start, end = chance.choice((text, None)), chance.choice((*self._terms[field][::3], None))
                flags = chance.random() < 0.5, chance.random() < 0.5
                return query.TermRange(field, start, end, *flags, self.boost(), chance.random() < 0.7)
            case 2:
                return query.Every(chance.choice((None, *self._fields)), self.boost())
            case _:
                return query.Term(field, text, self.boost())

    def clauses(self, depth: int) -> list[query.Query]:
        return [self.whole(depth - 1) for _ in range(self.chance.randint(1, 4))]

    def whole(self, depth: int = 3) -> query.Query:
        """Return a query as Whoosh itself answers well.

        Its NOT on its own may find deleted documents, and its ANDNOT forgets to exclude the first
        document if the excluded ones begin before it; NOT inside AND, beside something else, is right.
        """
        chance = self.chance
        if depth <= 0 or chance.random() < 0.2:
            return self.leaf()
        match chance.randrange(5):
            case 0:
                return query.Or(self.clauses(depth), self.boost())
            case 1:
                return query.AndMaybe(self.whole(depth - 1), self.whole(depth - 1))
            case 2:
                return query.ConstantScoreQuery(self.whole(depth - 1), 1.5)
            case 3:
                return query.And([*self.clauses(depth), query.Not(self.whole(depth - 1))], self.boost())
            case _:
                return query.And(self.clauses(depth), self.boost())

    def any(self, depth: int = 3) -> query.Query:
        """Return any query that is evaluated on arrays."""
        chance = self.chance
        if depth <= 0:
            return self.leaf()
        several = [self.any(depth - 1) for _ in range(chance.randint(0, 3))]
        match chance.randrange(8):
            case 0:
                return query.Not(self.any(depth - 1))
            case 1:
                field = chance.choice(("words", "title_words"))
                words = chance.choices(self._terms[field], k=chance.randint(0, 3))
                return query.Phrase(field, words, boost=self.boost())
            case 2:
                return query.NullQuery
            case 3:
                return query.Or(several, self.boost())
            case 4:
                return query.And(several, self.boost())
            case 5:
                return query.AndNot(self.any(depth - 1), self.any(depth - 1))
            case _:
                return self.whole(depth)


class Plain:
    """The same queries, document by document."""

    def __init__(self, indexed: Indexed) -> None:
        self._live = indexed.live
        self._base = indexed.parts[0]
        self._statistics = indexed.snapshot.manifest.statistics

    def scores(self, asked: Any, boost: float = 1.0) -> Scores:
        boost *= getattr(asked, "boost", 1.0)
        found: Scores = getattr(self, "_" + type(asked).__name__.strip("_").lower())(asked, boost)
        return found

    def _where(self, holds: Callable[[AnalysedDocument], bool], score: float) -> Scores:
        return {each.document.id: score for each in self._live if holds(each)}

    def _term(self, asked: query.Term, boost: float) -> Scores:
        return self._one(asked.fieldname, asked.text, boost)

    def _one(self, field: str, text: str, boost: float) -> Scores:
        holding = [each for each in self._live if text in terms_of(each, field)]
        if field in (KEYS, ID):
            return {each.document.id: boost for each in holding}
        numbers, average = ranking(), self._statistics.averages[field] or 1.0
        in_base = sum(text in terms_of(each, field) for each in self._base)
        weight = boost * idf(self._statistics.documents, in_base) * (numbers.k1 + 1)
        scores = {}
        for each in holding:
            counted = terms_of(each, field)[text]
            length = each.lengths[TermField(field)]
            norm = numbers.k1 * (1 - numbers.b + numbers.b * length / average)
            scores[each.document.id] = weight * counted / (counted + norm)
        return scores

    def _some(self, asked: Any, boost: float, wanted: Callable[[str], bool]) -> Scores:
        terms = {term for each in self._live for term in terms_of(each, asked.fieldname) if wanted(term)}
        if not asked.constantscore:
            return self._sum([self._one(asked.fieldname, term, boost) for term in sorted(terms)])
        return self._where(lambda each: not terms.isdisjoint(terms_of(each, asked.fieldname)), boost)

    def _sum(self, parts: list[Scores]) -> Scores:
        total: Scores = {}
        for part in parts:
            for name, score in part.items():
                total[name] = total.get(name, 0.0) + score
        return total

    def _prefix(self, asked: query.Prefix, boost: float) -> Scores:
        return self._some(asked, boost, lambda term: term.startswith(asked.text))

    def _termrange(self, asked: query.TermRange, boost: float) -> Scores:
        def within(term: str) -> bool:
            above = asked.start is None or term > asked.start or (term == asked.start and not asked.startexcl)
            below = asked.end is None or term < asked.end or (term == asked.end and not asked.endexcl)
            return above and below

        return self._some(asked, boost, within)

    def _every(self, asked: query.Every, boost: float) -> Scores:
        return self._where(
            lambda each: asked.fieldname is None or bool(terms_of(each, asked.fieldname)), boost
        )

    def _nullquery(self, _asked: object, _boost: float) -> Scores:
        return {}

    def _not(self, asked: query.Not, _boost: float) -> Scores:
        gone = self.scores(asked.query)
        return self._where(lambda each: each.document.id not in gone, 0.0)

    def _and(self, asked: query.And, boost: float) -> Scores:
        parts = [self.scores(each, boost) for each in asked.subqueries]
        names = set.intersection(*map(set, parts)) if parts else set()
        return {name: score for name, score in self._sum(parts).items() if name in names}

    def _or(self, asked: query.Or, boost: float) -> Scores:
        return self._sum([self.scores(each, boost) for each in asked.subqueries])

    def _andnot(self, asked: query.AndNot, boost: float) -> Scores:
        gone = self.scores(asked.b)
        return {name: score for name, score in self.scores(asked.a, boost).items() if name not in gone}

    def _andmaybe(self, asked: query.AndMaybe, boost: float) -> Scores:
        sure, more = self.scores(asked.a, boost), self.scores(asked.b, boost)
        return {name: score + more.get(name, 0.0) for name, score in sure.items()}

    def _constantscorequery(self, asked: query.ConstantScoreQuery, boost: float) -> Scores:
        return dict.fromkeys(self.scores(asked.child), boost * asked.score)

    def _phrase(self, asked: query.Phrase, boost: float) -> Scores:
        text = "".join(asked.words)

        def holds(each: AnalysedDocument) -> bool:
            texts = each.folded_titles + (each.folded_texts if asked.fieldname == "words" else ())
            return bool(text) and any(text in folded for folded in texts)

        words = self._sum([self._one(asked.fieldname, word, boost) for word in asked.words])
        return {name: words.get(name, 0.0) for name in self._where(holds, 0.0)}


def found(snapshot: Snapshot, asked: Any) -> Scores:
    scores: Scores = {}
    for leaf, (rows, values) in zip(snapshot.leaves, evaluate(snapshot, asked), strict=True):
        assert values.dtype == np.float64
        assert (np.diff(rows) > 0).all()
        names = map(leaf.segment.columns.name, rows.tolist())
        scores.update(zip(names, values.tolist(), strict=True))
    return scores


def check_plain(indexed: Indexed, seed: int, queries: int) -> None:
    asking, plain = Asking(indexed, seed), Plain(indexed)
    for _ in range(queries):
        asked = asking.any()
        expected = plain.scores(asked)
        assert found(indexed.snapshot, asked) == expected, asked
        limit = asking.chance.randrange(6)
        total, hits, rows = search(indexed.snapshot, asked, limit)
        assert total == len(expected) == sum(map(len, rows)), asked
        assert hits == sorted(expected.items(), key=lambda hit: (-hit[1], hit[0]))[:limit], asked


def found_by_whoosh(searcher: Searcher, asked: query.Query) -> set[str]:
    names = [searcher.stored_fields(number)[ID] for number in searcher.docs_for_query(asked)]
    assert len(set(names)) == len(names)
    return set(names)


class TermsField(fields.FieldType):
    """A field of stock Whoosh that takes terms with their counts."""

    def __init__(self) -> None:
        self.format, self.analyzer = formats.Existence(), None
        self.scorable = self.stored = False
        self.vector = self.column_type = None

    def index(self, value: dict[str, int], **_options: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        return ((term.encode(), value[term], float(value[term]), b"") for term in sorted(value))


def stock_index(indexed: Indexed) -> Searcher:
    """Return the same documents in an index of Whoosh's own."""
    schema = fields.Schema(**{name: TermsField() for name in FIELDS if name != ID}, id=fields.ID(stored=True))
    index = RamStorage().create_index(schema)
    for part in indexed.parts:
        with index.writer() as writer:
            for each in part:
                writer.add_document(
                    **{name: terms_of(each, name) for name in FIELDS[:-1]}, id=each.document.id
                )
            writer.merge = False
    with index.writer() as writer:
        for name in indexed.deleted:
            writer.delete_by_term(ID, name)
        writer.merge = False
    return index.searcher()


def check_whoosh(indexed: Indexed, seed: int, queries: int) -> None:
    asking = Asking(indexed, seed)
    ours = Searcher(whoosh_reader(indexed.snapshot))
    with stock_index(indexed) as stock:
        for _ in range(queries):
            asked = asking.whole()
            expected = found_by_whoosh(stock, asked)
            assert found_by_whoosh(ours, asked) == expected, asked
            assert set(found(indexed.snapshot, asked)) == expected, asked
            assert len(ours.search(asked, limit=None)) == len(expected), asked


@settings(max_examples=90, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_scores_are_those_of_plain_python_to_the_last_bit(folders, data, seed):
    check_plain(data.draw(collections(folders)), seed, 40)


@settings(max_examples=12, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_common_and_dense_lists_score_alike(folders, data, seed):
    check_plain(data.draw(collections(folders, copies=30)), seed, 15)


@settings(max_examples=12, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_stock_whoosh_whoosh_on_our_segments_and_arrays_find_the_same(folders, data, seed):
    check_whoosh(data.draw(collections(folders)), seed, 60)


@pytest.mark.long
@settings(max_examples=600, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 32), copies=st.sampled_from((1, 1, 7, 30)))
def test_scores_are_those_of_plain_python_at_length(folders, data, seed, copies):
    check_plain(data.draw(collections(folders, copies)), seed, 60)


@pytest.mark.long
@settings(max_examples=500, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1 << 32))
def test_stock_whoosh_and_arrays_find_the_same_at_length(folders, data, seed):
    check_whoosh(data.draw(collections(folders)), seed, 80)


@pytest.mark.parametrize(
    "asked",
    [
        query.Wildcard("words", "民*局"),
        query.Or([query.Term("words", "民政"), query.FuzzyTerm("words", "民政")]),
        query.Or([query.Term("words", "民政"), query.Term("words", "局")], scale=0.9),
        query.Phrase("words", ["民政", "局"], slop=3),
        query.Phrase("bigrams", ["民政", "政局"]),
        query.Term("nowhere", "民政"),
    ],
)
def test_what_is_not_evaluated_is_refused(tmp_path, asked):
    snapshot = write([[]], (), tmp_path)
    with pytest.raises(UnsupportedQueryError):
        evaluate(snapshot, asked)


def test_beyond_a_block_of_rows_everything_is_found_as_in_the_small(tmp_path):
    """Seventy copies of a thousand documents stand in two blocks; each copy finds what the one finds."""
    chance = random.Random(5)
    documents = [
        IndexDocument(
            id=f"{number:04}",
            titles=(f"关于{chance.choice(made_up.FRAGMENTS[:9])}的通知",),
            texts=("".join(chance.choices(made_up.FRAGMENTS[:20], k=chance.randint(1, 12))),),
            keys=frozenset(),
            publications=(IndexPublication(f"{number}"),),
        )
        for number in range(1000)
    ]
    base = [analyse(each) for each in documents]
    small = write([base], (), tmp_path)
    [leaf] = small.leaves
    storage = _Unsynced(tmp_path)
    stamp = merge([Source(leaf.segment, np.ones(leaf.size, bool))] * 70, storage, "large")
    # Both are scored by the statistics of the small one, which is the base.
    large = Leaf(Segment(storage, stamp), NO_ROWS, small.manifest.statistics, None)
    both = Snapshot(storage, small.manifest)
    both.leaves.append(large)
    asking = Asking(Indexed([base], frozenset(), small), 11, FIELDS[:-1])  # ids are no more distinct
    for _ in range(150):
        asked = asking.whole()
        (rows, scores), (many, their_scores) = evaluate(both, asked)
        assert (many == np.concatenate([rows + copy * leaf.size for copy in range(70)])).all(), asked
        assert (their_scores == np.tile(scores, 70)).all(), asked
