"""Finding documents that say nearly the same, as suggestions to staff; nothing is merged here.

Two documents are suggested when their texts share at least four fifths of their pieces, hold the same
numbers, and differ in nothing but trifles (`catalog.differences`), and when nothing printed speaks
against it. Each run looks at what changed since the last one, against all there is: 136 bytes of memory
for each text, and the texts of two documents at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import BindParameter, Connection, bindparam, select

from catalog import schema, sketches
from catalog.differences import Difference, differences
from catalog.documents import DocumentView
from catalog.evidence import SAFE_TEXT_LENGTH, titles_agree
from catalog.folding import fold
from catalog.ids import mint
from catalog.reading import load_documents
from catalog.store import Catalog, last_seq, now
from catalog.stored_text import StoredText
from catalog.suppression import suppressed

LEAST = 0.8
"""Similarity from which two texts are looked at; measured: below it nothing was the same document."""

LONGEST = 200_000
"""Visible characters of a text that is sketched: a book is no print version of another."""

BUCKET = 20
"""Neighbours in a band with which a text is compared; more of them are the same document many times."""

BATCH = 200
NAME = "near_duplicates"
"""Under which the table `follower` keeps how far the log of changes was followed."""

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_publication, _capture, _text = schema.publication, schema.capture, schema.text
_sketch, _suggestion = schema.text_sketch, schema.suggestion
_SHOWN = (
    select(_publication.c.document_id, _text.c.hash, _sketch.c.sketch)
    .join(_capture, _capture.c.id == _publication.c.capture_id)
    .join(_text, _text.c.hash == _capture.c.text_hash)
    .outerjoin(_sketch, _sketch.c.text_hash == _text.c.hash)
    .where(_publication.c.withdrawn_at.is_(None), _text.c.characters.between(SAFE_TEXT_LENGTH, LONGEST))
    .where(_publication.c.id.not_in(suppressed()), _publication.c.document_id.not_in(suppressed()))
    .where(_publication.c.id.not_in(select(schema.staff_apart.c.publication_id)))
)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a run did: texts sketched, pairs looked at, suggestions made."""

    sketched: int
    pairs: int
    made: int


@dataclass(frozen=True, slots=True)
class _Likeness:
    reason: str
    similarity: float


def find(catalog: Catalog) -> Searched:
    """Suggest what is new since the last run. A run that is interrupted is simply made again."""
    with catalog.read() as connection:
        seq = last_seq(connection)
        since = _followed(connection)
        changed = _changed(connection, since)
    sketched = _sketch_texts(catalog, changed)
    with catalog.read() as connection:
        pairs = _pairs(connection, set(changed))
        known = set(
            connection.execute(select(_suggestion.c.first_document_id, _suggestion.c.second_document_id))
        )
        fresh = [pair for pair in sorted(pairs) if pair not in known]
        likenesses = list(_likenesses(connection, fresh))
        stale = _stale(connection, set(changed))
    with catalog.write() as tx:
        for suggestion_id in stale:
            tx.execute(_suggestion.delete().where(_suggestion.c.id == suggestion_id))
        made = [_row(pair, likeness) for pair, likeness in likenesses]
        if made:
            tx.execute(_suggestion.insert(), made)
        tx.execute(schema.follower.delete().where(schema.follower.c.name == NAME))
        tx.execute(schema.follower.insert().values(name=NAME, seq=seq))
    return Searched(sketched, len(fresh), len(made))


def _followed(connection: Connection) -> int:
    query = select(schema.follower.c.seq).where(schema.follower.c.name == NAME)
    return connection.execute(query).scalar() or 0


def _changed(connection: Connection, since: int) -> list[str]:
    change = schema.change
    rows = connection.execute(select(change.c.document_id).where(change.c.seq > since).distinct())
    return sorted(rows.scalars())


def _sketch_texts(catalog: Catalog, document_ids: Sequence[str]) -> int:
    """Sketch the texts of documents that have no sketch of today's kind; return how many."""
    done = 0
    for start in range(0, len(document_ids), BATCH):
        with catalog.read() as connection:
            of_these = _SHOWN.where(_publication.c.document_id.in_(_IDS))
            rows = connection.execute(of_these, {"ids": document_ids[start : start + BATCH]}).all()
            lacking = {row.hash for row in rows if row.sketch is None or not sketches.is_current(row.sketch)}
            made = [{"text_hash": name, "sketch": _sketched(connection, name)} for name in sorted(lacking)]
        if made:
            with catalog.write() as tx:
                tx.execute(_sketch.delete().where(_sketch.c.text_hash.in_(lacking)))
                tx.execute(_sketch.insert(), made)
        done += len(made)
    return done


def _sketched(connection: Connection, text_hash: str) -> bytes:
    blocks = connection.execute(select(_text.c.blocks).where(_text.c.hash == text_hash)).scalar_one()
    return sketches.sketch(fold(StoredText(blocks).text))


def _pairs(connection: Connection, changed: set[str]) -> set[tuple[str, str]]:
    """Return the pairs of documents with a text of each in one band, one of them changed."""
    if not changed:
        return set()
    owners: list[str] = []
    stored = bytearray()
    for row in connection.execution_options(yield_per=10_000).execute(_SHOWN):
        if row.sketch is not None and sketches.is_current(row.sketch):
            owners.append(row.document_id)
            stored += sketches.bands(row.sketch).tobytes()
    keys = np.frombuffer(bytes(stored), dtype="<u8").reshape(-1, sketches.BANDS)
    found: set[tuple[str, str]] = set()
    for band in keys.T:
        for bucket in _buckets(band):
            found.update(_within([owners[place] for place in bucket], changed))
    return found


def _buckets(band: np.ndarray) -> Iterator[list[int]]:
    """Give the places that share a key, for each key that several share."""
    order = np.argsort(band, kind="stable")
    edges = np.flatnonzero(np.diff(band[order])) + 1
    for run in np.split(order, edges):
        if len(run) > 1:
            yield run.tolist()


def _within(owners: Sequence[str], changed: set[str]) -> Iterator[tuple[str, str]]:
    distinct = sorted(set(owners))
    for place, one in enumerate(distinct):
        for other in distinct[place + 1 : place + 1 + BUCKET]:
            if one in changed or other in changed:
                yield one, other


def _stale(connection: Connection, changed: set[str]) -> list[str]:
    """Return the open suggestions about changed documents for which nothing speaks any longer."""
    rows = connection.execute(select(_suggestion).where(_suggestion.c.state == "open")).all()
    pairs = {(row.first_document_id, row.second_document_id): row.id for row in rows}
    touched = [pair for pair in pairs if changed.intersection(pair)]
    alike = {pair for pair, _ in _likenesses(connection, touched)}
    return [pairs[pair] for pair in touched if pair not in alike]


def _likenesses(
    connection: Connection, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], _Likeness]]:
    for pair in pairs:
        views = load_documents(connection, pair)
        if len(views) == 2:
            likeness = _likeness(views[pair[0]], views[pair[1]])
            if likeness is not None:
                yield pair, likeness


def _likeness(one: DocumentView, other: DocumentView) -> _Likeness | None:
    if _speaks_against(one, other):
        return None
    best: _Likeness | None = None
    for text in _texts(one):
        for another in _texts(other):
            likeness = _of_texts(text, another)
            if likeness is not None and (best is None or likeness.similarity > best.similarity):
                best = likeness
    return best


def _texts(view: DocumentView) -> list[str]:
    """Return the distinct folded texts of a document's pages that may be compared, a few of many."""
    contents = dict.fromkeys(publication.content for publication in view.publications[:BUCKET])
    folded = (fold(content.text) for content in contents)
    return [text for text in folded if SAFE_TEXT_LENGTH <= len(text) <= LONGEST]


def _speaks_against(one: DocumentView, other: DocumentView) -> bool:
    """Tell whether what is stated of the documents says that they are two."""
    numbers, others = set(one.doc_numbers), set(other.doc_numbers)
    if numbers and others and not numbers & others:
        return True
    if one.issued_on and other.issued_on and one.issued_on != other.issued_on:
        return True
    return not any(
        titles_agree(title, another) or sketches.numbers(title) == sketches.numbers(another)
        for title in map(fold, one.titles)
        for another in map(fold, other.titles)
    )


def _of_texts(one: str, other: str) -> _Likeness | None:
    if one == other:
        return _Likeness("正文完全相同，标题不同", 1.0)
    if sketches.numbers(one) != sketches.numbers(other):
        return None
    similarity = sketches.similarity(one, other)
    if similarity < LEAST:
        return None
    found = differences(one, other)
    if found is None or not all(difference.is_trivial for difference in found):
        return None
    return _Likeness(_reason(found), similarity)


def _reason(found: Sequence[Difference]) -> str:
    """Say in Chinese what the texts differ in, by its longest piece."""
    pieces = [piece for difference in found for piece in difference[:2]]
    longest = max(pieces, key=len, default="")
    if not any(character.isalnum() for character in longest):
        return f"正文只有标点不同（{len(found)} 处）"
    shown = longest if len(longest) <= 30 else f"{longest[:30]}…"
    return f"正文只在开头或结尾处多出“{shown}”等字样（共 {len(found)} 处不同），数字都相同"


def _row(pair: tuple[str, str], likeness: _Likeness) -> dict[str, object]:
    return {
        "id": mint(),
        "first_document_id": pair[0],
        "second_document_id": pair[1],
        "reason": likeness.reason,
        "similarity": likeness.similarity,
        "made_at": now(),
        "state": "open",
    }
