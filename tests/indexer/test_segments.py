"""What a segment is made of, against plain dictionaries, sets and lists, at sizes few indexes reach."""

from bisect import bisect_left
from collections import Counter
from itertools import count, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from made_postings import Files, frequencies, random_lists, sizes, write_lists
from made_up import FRAGMENTS, collections
from written import UnsyncedStorage, inverted

from catalog.folding import fold
from indexer.documents import analyse
from indexer.query import TermField
from indexer.requests import MISSING
from indexer.whoosh_engine.arrays import ArrayFile, ArrayWriter, DamagedFileError, digest_of
from indexer.whoosh_engine.columns import Codes, Columns, Lists
from indexer.whoosh_engine.merging import Source, merge
from indexer.whoosh_engine.postings import Postings
from indexer.whoosh_engine.segment import FIELDS, Segment
from indexer.whoosh_engine.terms import Terms, union
from indexer.whoosh_engine.texts import FEWEST, Texts, TextsWriter, join, parts, train

seeds = st.integers(0, 1 << 32)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory) -> Files:
    return Files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def storage(tmp_path_factory) -> UnsyncedStorage:
    return UnsyncedStorage(tmp_path_factory.mktemp("segments"))


names = count()

# Files of arrays

numbered = st.sampled_from(("?", "u1", "u2", "u4", "u8", "i4", "i8", "f8", "S1", "S26")).flatmap(
    lambda dtype: st.lists(arrays_of.arrays(dtype, st.integers(0, 70)), min_size=1, max_size=3)
)


@given(st.dictionaries(st.text(max_size=5), numbered, max_size=4), st.data())
def test_arrays_are_read_as_they_were_written_and_torn_files_are_known(storage, written, data):
    writer = ArrayWriter()
    for name, pieces in written.items():
        stream = writer.stream(name, pieces[0].dtype)
        for piece in pieces:
            stream.append(piece)
    stamp = writer.write(storage, f"{next(names)}.arrays", {"kind": "一种"})
    assert digest_of(storage, stamp.name) == stamp
    file = ArrayFile(storage, stamp)
    assert file.about == {"kind": "一种"}
    for name, pieces in written.items():
        assert name in file
        assert file[name].tobytes() == np.concatenate(pieces).tobytes()
        assert not file[name].flags.writeable
    with pytest.raises(DamagedFileError):
        file["no such array"]
    path = storage.folder / stamp.name
    path.write_bytes(path.read_bytes()[: data.draw(st.integers(0, stamp.bytes - 1))])
    with pytest.raises(DamagedFileError):
        ArrayFile(storage, stamp)


# Posting lists


@settings(max_examples=150)
@given(seeds, sizes)
def test_posting_lists_are_read_as_they_were_written(mapped, seed, size):
    chance = np.random.default_rng(seed)
    lists = random_lists(chance, size)
    writer = ArrayWriter()
    write_lists(writer, "f", size, lists, np.sort(chance.integers(0, len(lists) + 1, 2)).tolist())
    postings = Postings(mapped(writer), "f", size)
    assert postings.holding.tolist() == [len(each) for each in lists]
    for term, held in enumerate(lists):
        rows, counts = postings.read(term)
        assert (rows.tolist(), counts.tolist()) == (list(held), list(held.values()))
        every = frequencies(held, size)
        dense = postings.frequencies(term)
        assert dense is None or (dense == every).all()
        for wanted in (0, 1, 5, 300, 600, size):
            asked = np.sort(chance.choice(size, min(wanted, size), replace=False)).astype(np.intp)
            assert (postings.at(term, asked) == every[asked]).all()
    first, last = np.sort(chance.integers(0, len(lists) + 1, 2)).tolist()
    check_flat(postings, lists, first, last)


def check_flat(postings: Postings, lists: list[dict[int, int]], first: int, last: int) -> None:
    seen: dict[int, list[tuple[int, int]]] = {}
    for flat in postings.flat(first, last):
        for term in np.unique(flat.terms).tolist():
            place = flat.terms == term
            assert term not in seen
            seen[term] = list(zip(flat.rows[place].tolist(), flat.counts[place].tolist(), strict=True))
    assert seen == {term: list(lists[term].items()) for term in range(first, last)}


# Terms

LETTERS = ("a", "b", "z", "\x01", "é", "民", "政", "一", "\U00020000", "\U0010ffff")
beginnings = st.sampled_from(("", "", "abcdefgh", "abcdefg", "民政ab", "\U00020000\U00020000", "a民政\x01"))
terms = st.builds(lambda head, tail: head + tail, beginnings, st.text(LETTERS, max_size=10)).filter(
    lambda text: 1 <= len(text.encode()) <= 40
)
short_terms = st.text(LETTERS, min_size=1, max_size=2)
fields_of_terms = st.lists(terms, unique=True, max_size=40) | st.lists(short_terms, unique=True, max_size=40)


def encoded(texts: list[str]) -> list[bytes]:
    return sorted(text.encode() for text in texts)


@settings(max_examples=200)
@given(fields_of_terms, st.lists(terms, max_size=10), st.data())
def test_terms_are_found_where_a_sorted_list_has_them(mapped, texts, others, data):
    listed = encoded(texts)
    writer = ArrayWriter()
    Terms.of(listed).write(writer, "f")
    held = Terms.open(mapped(writer), "f")
    assert list(held) == [held[number] for number in range(len(held))] == listed
    assert held.short == all(len(term) <= 8 for term in listed)
    known = {term: number for number, term in enumerate(listed)}
    asked = [*listed, *encoded(others)]
    cut = [term[: data.draw(st.integers(0, len(term)))] for term in asked]
    for probe in (*asked, *cut, b"", b"\xff", b"a\xff", b"abcdefgh\xff\xff"):
        assert held.place(probe) == bisect_left(listed, probe)
        assert held.find(probe) == known.get(probe, -1)
        found = held.beginning(probe)
        assert [listed[number] for number in found] == [term for term in listed if term.startswith(probe)]


@settings(max_examples=100)
@given(st.lists(fields_of_terms, max_size=4))
def test_a_union_of_terms_holds_each_once_and_tells_where_it_went(fields):
    listed = [encoded(each) for each in fields]
    whole, numbers = union([Terms.of(each) for each in listed])
    assert list(whole) == sorted(set().union(*listed))
    assert [[whole[number] for number in own.tolist()] for own in numbers] == listed


# Columns

lists = st.lists(st.lists(st.integers(0, 70_000), max_size=4), max_size=12)
singles = st.lists(st.integers(0, 70_000).map(lambda number: [number]), max_size=12)


@given(lists | singles, st.data())
def test_lists_are_each_owners_own(mapped, owned, data):
    writer = ArrayWriter()
    lengths = np.array([len(each) for each in owned], dtype=np.int64)
    Lists.of(lengths, np.array([number for each in owned for number in each], dtype=np.int64)).write(
        writer, "l"
    )
    held = Lists.open(mapped(writer), "l")
    assert len(held) == len(owned)
    assert held.lengths().tolist() == lengths.tolist()
    places = data.draw(st.lists(st.sampled_from(range(len(owned))))) if owned else []
    owners = np.array(places, dtype=np.int64)
    values, counts = held.of_owners(owners)
    assert values.tolist() == [number for place in places for number in owned[place]]
    assert (counts.tolist() if counts is not None else [1] * len(places)) == [len(owned[p]) for p in places]
    for place, start, end in zip(places, *held.spans(owners), strict=True):
        assert held.values[start:end].tolist() == owned[place]


codes = st.frozensets(st.sampled_from(("A", "B", "C", "甲")), max_size=3)
wanted_codes = st.sets(st.sampled_from(("A", "B", "甲", "unknown", MISSING)), max_size=3)


@given(st.lists(codes, max_size=15), wanted_codes, st.data())
def test_codes_are_filtered_and_counted_as_sets_are(mapped, rows, wanted, data):
    made, writer = Codes.of(rows), ArrayWriter()
    made.write(writer, "c")
    held = Codes.open(mapped(writer), "c", made.labels)
    stated = [row or {MISSING} for row in rows]
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(rows)))))) if rows else []
    owners = np.array(places, dtype=np.int64)
    assert held.bearing(owners, wanted).tolist() == [bool(stated[place] & wanted) for place in places]
    counted = {label: number for label, number in zip(held.labels, held.tally(owners), strict=True) if number}
    assert counted == Counter(code for place in places for code in stated[place])
    documents = data.draw(st.lists(st.integers(0, 3), min_size=len(places), max_size=len(places)))
    pairs = held.pairs(owners, np.array(documents, dtype=np.int64)).tolist()
    named = [(pair // len(held.labels), held.labels[pair % len(held.labels)]) for pair in pairs]
    assert len(set(named)) == len(named)
    assert set(named) == {(of, code) for of, p in zip(documents, places, strict=True) for code in stated[p]}


def plain(columns: Columns) -> dict[str, Any]:
    """Return all that columns say, by document id."""
    spans = pairwise([0, *np.cumsum(columns.published.lengths()).tolist()])
    by_document = {**columns.codes, **{f"{name} of all": each for name, each in columns.union_codes.items()}}
    return {
        columns.name(row): (
            *(columns.issued[row], columns.in_force[row], columns.newest[row]),
            columns.publication_ids[start:end].tolist(),
            columns.published.values[start:end].tolist(),
            {name: bears(each, row) for name, each in by_document.items()},
            {name: [bears(c, p) for p in range(start, end)] for name, c in columns.publication_codes.items()},
        )
        for row, (start, end) in enumerate(spans)
    }


def bears(codes: Codes, owner: int) -> set[str]:
    return set(codes.named_sets()[codes.numbers[owner]])


def lists_of(segment: Segment, field: str) -> dict[bytes, tuple[list[int], list[int]]]:
    held = segment.fields[field]
    return {term: tuple(array.tolist() for array in held.read(term)) for term in held.terms}


@settings(max_examples=40)
@given(collections(), st.data())
def test_a_merge_leaves_what_inverting_the_kept_documents_would(storage, documents, data):
    analysed = [analyse(each) for each in documents]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(analysed)), max_size=2)))
    kept: list[Any] = []
    sources = []
    for start, end in pairwise([0, *cuts, len(analysed)]):
        part = analysed[start:end]
        live = data.draw(st.lists(st.booleans(), min_size=len(part), max_size=len(part)))
        sources.append(Source(inverted(storage, part), np.array(live, dtype=bool)))
        kept += [each for each, stays in zip(part, live, strict=True) if stays]
    merged = Segment(storage, merge(sources, storage, f"{next(names)}.segment"))
    anew = inverted(storage, kept)
    assert plain(merged.columns) == plain(anew.columns)
    ids = [each.document.id for each in kept]
    assert [merged.columns.name(row) for row in range(merged.size)] == ids
    assert [merged.columns.find(name) for name in (*ids, "no such")] == [*range(len(ids)), -1]
    assert sorted(ids) == [ids[row] for row in np.argsort(merged.columns.rank)]
    for field in FIELDS:
        assert lists_of(merged, field) == lists_of(anew, field)
    for field in TermField:
        assert merged.lengths[field].tolist() == [each.lengths[field] for each in kept]
    assert [merged.texts[row] for row in range(merged.size)] == [anew.texts[row] for row in range(anew.size)]


# Texts


@settings(max_examples=8)
@given(seeds, st.sampled_from((0, 3, FEWEST, FEWEST + 500)))
@example(1, FEWEST)
def test_texts_are_read_as_they_were_written_with_a_dictionary_and_without(mapped, seed, size):
    chance = np.random.default_rng(seed)
    folded = [text for text in map(fold, FRAGMENTS) if text]

    def some() -> list[str]:
        return ["".join(chance.choice(folded, chance.integers(1, 30))) for _ in range(chance.integers(0, 3))]

    documents = [(some(), some()) for _ in range(size)]
    joined = [join(*document) for document in documents]
    dictionary = train(joined, size)
    assert bool(dictionary) == (size >= FEWEST)
    writer = ArrayWriter()
    texts = TextsWriter(writer, dictionary)
    for each in joined:
        texts.append(each)
    texts.finish()
    held = Texts(mapped(writer))
    assert [parts(held[row]) for row in range(size)] == documents
    rows = np.sort(chance.choice(size, size // 2, replace=False)).astype(np.intp)
    for needle in ("民政", "公积金贷款", "乌有"):
        in_titles = [any(needle in title for title in documents[row][0]) for row in rows]
        anywhere = [any(needle in text for part in documents[row] for text in part) for row in rows]
        assert held.containing(needle, rows, titles_only=True).tolist() == in_titles
        assert held.containing(needle, rows).tolist() == anywhere
