"""Whoosh searches our segments through its own interfaces."""

import random
from collections.abc import Iterator
from datetime import date

import pytest
from whoosh import query, scoring
from whoosh.filedb.filestore import RamStorage
from whoosh.reading import EmptyReader, TermInfo, TermNotFound
from whoosh.searching import Searcher
from whoosh.writing import SegmentWriter
from whoosh_stock import stock_index
from written import Indexed, write

from indexer.documents import AnalysedDocument, IndexDocument, IndexPublication, analyse
from indexer.query import Key, KeyKind, TermField
from indexer.whoosh_engine.manifest import Manifest
from indexer.whoosh_engine.segment import KEYS, key_term
from indexer.whoosh_engine.snapshot import Snapshot
from indexer.whoosh_engine.storage import Storage
from indexer.whoosh_engine.whoosh_codec import ArrayCodec, BuiltInBulkError, whoosh_reader
from indexer.whoosh_engine.whoosh_schema import ISSUED, PUBLISHED, whoosh_schema

PIECES = (
    "民政局",
    "云岭市",
    "公积金",
    "贷款",
    "通知",
    "民政",
    "最低生活保障",
    "PM2.5",
    "局",
    "的",
    "，",
    "政府信息公开",
)
GONE = frozenset({"004", "017", "018", "029", "059"})


def made() -> list[AnalysedDocument]:
    chance = random.Random(3)
    return [
        analyse(
            IndexDocument(
                id=f"{number:03}",
                titles=("".join(chance.choices(PIECES, k=2)),),
                texts=("".join(chance.choices(PIECES, k=chance.randint(0, 30))),),
                keys=frozenset({Key(KeyKind.TITLE, f"{number}")}),
                publications=(
                    IndexPublication("a", date(2011, 1, 1)),
                    IndexPublication("b", date(2012, 1, 1 + number % 28)),
                ),
                issued_on=date(2010, 1, 1 + number % 27) if number % 5 else None,
            )
        )
        for number in range(60)
    ]


DOCUMENTS = made()
PARTS = (DOCUMENTS[:40], DOCUMENTS[40:45], DOCUMENTS[45:])


@pytest.fixture(scope="module", params=(1, 3), ids=("one segment", "three segments"))
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write((DOCUMENTS,) if request.param == 1 else PARTS, GONE, tmp_path_factory.mktemp("index"))


@pytest.fixture
def searcher(snapshot: Snapshot) -> Iterator[Searcher]:
    with Searcher(whoosh_reader(snapshot)) as opened:
        yield opened


@pytest.fixture(scope="module")
def stock(snapshot: Snapshot) -> Iterator[Searcher]:
    with stock_index(Indexed([DOCUMENTS], GONE, snapshot)) as opened:
        yield opened


def ids(searcher: Searcher, asked: query.Query) -> list[str]:
    return sorted(searcher.stored_fields(number)["id"] for number in searcher.docs_for_query(asked))


QUERIES = [
    query.Term("words", "民政", boost=2.0),
    query.Term("words", "没有"),
    query.And(
        [query.Term("words", "公积金"), query.Term("words", "贷款"), query.Not(query.Term("words", "局"))]
    ),
    query.Or([query.Term("words", "公积金"), query.Term("title_words", "贷款"), query.Term("words", "局")]),
    query.AndMaybe(query.Term("words", "局"), query.Term("title_words", "局")),
    query.DisjunctionMax([query.Term("words", "局"), query.Term("title_words", "通知")]),
    query.Require(query.Term("words", "局"), query.Term("words", "通知")),
    query.Otherwise(query.Term("words", "没有"), query.Term("words", "通知")),
    query.ConstantScoreQuery(query.Term("words", "局"), 3.0),
    query.Prefix("words", "民"),
    query.Wildcard("words", "*政*"),
    query.Regex("words", "公积金|贷款"),
    query.TermRange("words", "公", "贷", startexcl=True),
    query.Term("id", "021"),
    query.Term("id", "017"),
    query.Every("title_words"),
    query.Every(),
]


@pytest.mark.parametrize("asked", QUERIES, ids=repr)
def test_a_searcher_finds_what_stock_whoosh_finds(searcher, stock, asked):
    assert ids(searcher, asked) == ids(stock, asked)
    assert len(searcher.search(asked, limit=None)) == len(ids(stock, asked))


@pytest.mark.parametrize("asked", QUERIES, ids=repr)
def test_the_best_scores_are_the_same_however_few_are_asked_for(searcher, asked):
    if isinstance(asked, query.DisjunctionMax):
        return  # Whoosh gives up its parts too early: it takes their best for their sum
    every = [(hit["id"], hit.score) for hit in searcher.search(asked, limit=None)]
    for limit in (1, 5):
        quick = [(hit["id"], hit.score) for hit in searcher.search(asked, limit=limit)]
        assert [score for _, score in quick] == [score for _, score in every[:limit]]
        assert set(quick) <= set(every)


def test_bm25_of_whoosh_is_reckoned_with_our_exact_lengths(searcher):
    asked = query.Term("words", "民政")
    lengths = [each.lengths[TermField.WORDS] for each in DOCUMENTS]
    weights = {each.document.id: each.terms[TermField.WORDS]["民政"] for each in DOCUMENTS}
    idf = scoring.BM25F().idf(searcher, "words", "民政")
    expected = {
        each.document.id: scoring.bm25(
            idf, weights[each.document.id], each.lengths[TermField.WORDS], sum(lengths) / 60, 0.75, 1.2
        )
        for each in DOCUMENTS
        if weights[each.document.id] and each.document.id not in GONE
    }
    assert {hit["id"]: hit.score for hit in searcher.search(asked, limit=None)} == pytest.approx(
        expected, rel=1e-12
    )


def test_statistics_of_a_term_are_those_of_the_documents(searcher):
    reader = searcher.reader()
    holding = [(number, each) for number, each in enumerate(DOCUMENTS) if "局" in each.terms[TermField.WORDS]]
    counts = [each.terms[TermField.WORDS]["局"] for _, each in holding]
    lengths = [each.lengths[TermField.WORDS] for _, each in holding]
    info: TermInfo = reader.term_info("words", "局")
    assert (info.weight(), info.doc_frequency(), info.max_weight()) == (sum(counts), len(counts), max(counts))
    assert (info.min_length(), info.max_length()) == (min(lengths), max(lengths))
    assert (info.min_id(), info.max_id()) == (holding[0][0], holding[-1][0])
    assert reader.doc_frequency("words", "局") == len(counts)
    assert reader.frequency("words", "局") == sum(counts)
    assert (reader.doc_frequency("words", "没有"), reader.frequency("words", "没有")) == (0, 0)
    with pytest.raises(TermNotFound):
        reader.term_info("words", "没有")


def test_documents_are_counted_as_they_are(searcher):
    reader = searcher.reader()
    assert (reader.doc_count_all(), reader.doc_count()) == (60, 60 - len(GONE))
    assert {searcher.stored_fields(number)["id"] for number in reader.all_doc_ids()} == {
        each.document.id for each in DOCUMENTS
    } - GONE
    for field in TermField:
        lengths = [each.lengths[field] for each in DOCUMENTS]
        assert [reader.doc_field_length(number, field.value) for number in range(60)] == lengths
        assert reader.field_length(field.value) == sum(lengths)
        assert reader.min_field_length(field.value) == min(lengths)
        assert reader.max_field_length(field.value) == max(lengths)


def test_terms_are_all_there_and_in_order(searcher):
    reader = searcher.reader()
    words = sorted({term for each in DOCUMENTS for term in each.terms[TermField.WORDS]})
    assert list(reader.field_terms("words")) == words
    assert list(reader.lexicon("id")) == [each.document.id.encode() for each in DOCUMENTS]
    terms = list(reader.all_terms())
    assert terms == sorted(set(terms))
    assert {name for name, _ in terms} == set(reader.indexed_field_names()) == {*TermField, KEYS, "id"}
    assert ("words", "局") in reader
    assert ("words", "没有") not in reader
    assert [term for term, _ in reader.iter_prefix("words", "民")] == [
        word.encode() for word in words if word.startswith("民")
    ]


def test_a_cursor_goes_from_term_to_term(snapshot):
    words = sorted({term for each in PARTS[0] for term in each.terms[TermField.WORDS]})
    reader = whoosh_reader(snapshot)
    leaf, _ = reader.leaf_readers()[0]
    cursor = leaf.cursor("words")
    assert cursor.first() == cursor.text() == words[0]
    assert cursor.find("民政") == "民政"
    assert cursor.next() == words[words.index("民政") + 1]
    assert cursor.term_info().doc_frequency() > 0
    assert cursor.find("\U0010ffff") is None
    assert not cursor.is_valid()
    assert cursor.term_info() is None


def test_terms_nearly_alike_are_found(searcher):
    words = {each.document.id: set(each.terms[TermField.WORDS]) for each in DOCUMENTS}
    near = {"民政局", "民政"}
    expected = sorted(name for name, held in words.items() if held & near and name not in GONE)
    assert ids(searcher, query.FuzzyTerm("words", "民政府", maxdist=1, prefixlength=2)) == expected


def test_exact_keys_and_ids_are_terms(searcher):
    key = key_term(Key(KeyKind.TITLE, "21")).decode()
    assert ids(searcher, query.Term(KEYS, key)) == ["021"]
    assert searcher.document(id="021") == {"id": "021"}
    assert searcher.document(id="017") is None


def test_columns_sort_results(searcher):
    by_id = [hit["id"] for hit in searcher.search(query.Every(), sortedby="id", limit=None)]
    assert by_id == sorted(by_id)
    for name, reverse in ((ISSUED, False), (PUBLISHED, True)):
        column = searcher.reader().column_reader(name)
        found = searcher.search(query.Every(), sortedby=name, reverse=reverse, limit=None)
        days = [column[hit.docnum] for hit in found]
        assert days == sorted(days, reverse=reverse)
    documents = {each.document.id: each.document for each in DOCUMENTS}
    published = searcher.reader().column_reader(PUBLISHED)
    for hit in found:
        newest = max(each.published_on for each in documents[hit["id"]].publications)
        assert published[hit.docnum] == newest.toordinal()


def test_columns_of_numbers_are_reversed_and_those_of_ids_are_not(snapshot):
    leaf, _ = whoosh_reader(snapshot).leaf_readers()[0]
    column = leaf.column_reader(PUBLISHED, reverse=True, translate=False)
    assert column.sort_key(0) == -column[0]
    with pytest.raises(NotImplementedError):
        leaf.column_reader("id", reverse=True)


def test_an_empty_snapshot_is_searched_and_nothing_is_found(tmp_path):
    reader = whoosh_reader(Snapshot(Storage(tmp_path), Manifest(seq=0)))
    assert isinstance(reader, EmptyReader)
    assert len(Searcher(reader).search(query.Term("words", "民政"))) == 0


def test_writing_through_whoosh_is_refused(snapshot):
    with pytest.raises(BuiltInBulkError):
        SegmentWriter(RamStorage().create_index(whoosh_schema()), codec=ArrayCodec())
    for refused in ("per_document_writer", "field_writer", "new_segment"):
        with pytest.raises(BuiltInBulkError, match="built in bulk"):
            getattr(ArrayCodec(), refused)(None, None)
    segment = whoosh_reader(snapshot).leaf_readers()[0][0].segment()
    with pytest.raises(BuiltInBulkError):
        segment.delete_document(0)
