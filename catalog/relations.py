"""Relations: what a document says of others, with the sentence that says it.

A document cites others, repeals or amends them, forwards one, or interprets one. What is read here
is only what the text says; which documents are meant is found by `catalog.relating`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from catalog.doc_numbers import normalised
from catalog.folding import fold
from catalog.records import Relation, RelationKind
from catalog.references import Reference, find_references

MOST = 200
"""Relations kept of one publication; a list of all rules in force names hundreds."""
LONGEST_TEXT = 400_000
LONGEST_EVIDENCE = 300
_GAP = 40
"""Characters that may stand between what is repealed and the word that repeals it: 自本办法施行之日起同时."""
_LIST_LINES = 300


_CHANGES = frozenset({RelationKind.REPEALS, RelationKind.AMENDS})
_RANK = {kind: rank for rank, kind in enumerate(RelationKind)}


def find_relations(title: str, text: str, own_numbers: Iterable[str] = ()) -> tuple[Relation, ...]:
    """Return what a document says of others, each once under its strongest kind, in the order of the text.

    `own_numbers` are the keys of its own numbers, which it may print without speaking of another.
    """
    own = _Own(fold(title), frozenset(own_numbers))
    found: dict[tuple[str | None, str | None], Relation] = {}
    # Neither a draft nor a page that explains another document does what it speaks of.
    only_tells = any(_pattern(key).search(title) for key in ("drafts", "interpreting"))
    for relation in _completed([*_of_title(title), *_of_text(text[:LONGEST_TEXT])]):
        if own.is_meant_by(relation):
            continue
        sure = relation.explicit and not (only_tells and relation.kind in _CHANGES)
        key = (relation.target_number, None if relation.target_number else relation.target_title)
        known = found.get(key)
        if known is None or _RANK[relation.kind] < _RANK[known.kind]:
            found[key] = replace(relation, explicit=sure)
    return tuple(found.values())[:MOST]


@dataclass(frozen=True, slots=True)
class _Own:
    title: str
    numbers: frozenset[str]

    def is_meant_by(self, relation: Relation) -> bool:
        """Tell whether a relation is to the document itself, or to what it issues."""
        if relation.target_number is not None:
            return relation.target_number in self.numbers
        if relation.kind is not RelationKind.CITES or relation.target_title is None:
            return False
        return relation.target_title in self.title or self.title in relation.target_title


def _of_title(title: str) -> Iterator[Relation]:
    """Yield what the title says: 关于废止《甲》的决定, 关于转发《甲》的通知, 《甲》政策解读."""
    said = normalised(title)
    references = find_references(said)
    kind = RelationKind.INTERPRETS if _interprets(said, references) else None
    for reference, judged in _judged(said, references):
        yield _relation(kind or judged, reference, title)
    if not references and (found := _UNQUOTED.search(said)):
        yield Relation(RelationKind.FORWARDS, None, fold(found["title"]), _evidence(title), explicit=False)


# 转发市政府办公室关于做好某事的意见的通知: the title of what is forwarded begins with its 关于.
_UNQUOTED = re.compile(r"(?:转发|批转)[^关]{0,40}(?P<title>关于.{4,120}?)的通知$")


def _interprets(title: str, references: Sequence[Reference]) -> bool:
    if not references:
        return False
    after = title[references[-1].end :]
    before = title[: references[0].start]
    return bool(_pattern("interpreting").search(after) or _pattern("interpreting").search(before[-8:]))


def _of_text(text: str) -> Iterator[Relation]:
    """Yield what the sentences say, and the lists that a repealing sentence leads in."""
    lead, left = "", 0
    for line in text.split("\n"):
        if left and lead:
            left -= 1
            references = find_references(normalised(line)) if len(line) <= LONGEST_EVIDENCE else []
            if references and not _pattern("repealed_before").search(line):
                listed, others = _listed(normalised(line), references)
                yield _relation(RelationKind.REPEALS, listed, f"{lead} {line.strip()}")
                for reference in others:
                    yield _relation(RelationKind.CITES, reference, line)
                continue
        for sentence in _SENTENCE.findall(line):
            if not _NAMES_SOMETHING.search(sentence):
                continue
            said = normalised(sentence)
            for reference, kind in _judged(said, find_references(said)):
                yield _relation(kind, reference, sentence)
        if _leads_list(line):
            lead, left = line.strip()[-LONGEST_EVIDENCE:], _LIST_LINES


_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
# Most sentences name no other document; to look for numbers in all of them took five times as long.
_NAMES_SOMETHING = re.compile(r"《|号|[A-Za-zＡ-Ｚ]{2}")


# 关于印发《甲办法》的通知(泓政〔2008〕5号): the number is that of the notice, which holds the title.
_NOTICE_OF = re.compile(r"的(?:通知|决定|意见|公告|通告|函|批复)\s*\(?")


def _listed(line: str, references: Sequence[Reference]) -> tuple[Reference, Sequence[Reference]]:
    """Return the document that a line of a list names, and what else it names."""
    first, *others = references
    if first.number is not None or not others or others[0].title is not None:
        return first, others
    if not _NOTICE_OF.fullmatch(line[first.end : others[0].start]):
        return first, others
    return replace(first, number=others[0].number, end=others[0].end), others[1:]


def _leads_list(line: str) -> bool:
    """Tell whether the lines behind this one are what it repeals: 决定废止下列文件：."""
    said = normalised(line).rstrip()
    if not (said.endswith(":") or len(said) <= 40) or find_references(said):
        return False
    if any(map(_sets_conditions, said.split(","))):
        return False
    if not _pattern("repealed_after").search(said) or not _pattern("list_leads").search(said):
        return False
    return not _is_denied(said, _first(_pattern("repealed_after"), said))


def _sets_conditions(clause: str) -> bool:
    """Tell whether a clause leads in conditions (有下列情形之一的); 根据清理工作要求 before it does not."""
    leads = _pattern("list_leads").search(clause) or _pattern("repealed_after").search(clause)
    return leads is not None and _pattern("list_conditions").search(clause) is not None


def _judged(said: str, references: Sequence[Reference]) -> Iterator[tuple[Reference, RelationKind]]:
    """Yield each reference of a sentence with what the sentence does to it."""
    kinds = dict.fromkeys(range(len(references)), RelationKind.CITES)
    for number, reference in enumerate(references):
        if _stands_before(said, reference.start, "repealed_before"):
            kinds[number] = RelationKind.REPEALS
        elif _stands_before(said, reference.start, "amended_before"):
            kinds[number] = RelationKind.AMENDS
        elif _stands_before(said, reference.start, "forwarded_before"):
            kinds[number] = RelationKind.FORWARDS
        elif _pattern("amended_clause").match(said[reference.end :].lstrip(")")):
            kinds[number] = RelationKind.AMENDS
        elif number and kinds[number - 1] is not RelationKind.CITES and _are_joined(said, references, number):
            kinds[number] = kinds[number - 1]
    for key, kind in _AFTER:
        for number in _before_words(said, references, key):
            if kind is RelationKind.REPEALS or kinds[number] is RelationKind.CITES:
                kinds[number] = kind
    for number, kind in kinds.items():
        yield references[number], kind


_AFTER = (
    ("repealed_after", RelationKind.REPEALS),
    ("amended_after", RelationKind.AMENDS),
    ("forwarded_after", RelationKind.FORWARDS),
)
_NEEDED = {"amended_after": "对", "forwarded_after": "将"}
_FOREIGN = re.compile("根据|按照|依照|依据|规定|印发|制定|执行《|适用|的决定|的通知|要求")


def _before_words(said: str, references: Sequence[Reference], key: str) -> Iterator[int]:
    """Yield the references of which a word behind them speaks."""
    for word in _pattern(key).finditer(said):
        if _is_denied(said, word.start()):
            continue
        last = max((n for n, each in enumerate(references) if each.end <= word.start()), default=None)
        if last is None:
            continue
        gap = said[references[last].end : word.start()]
        if len(gap) > _GAP or _FOREIGN.search(gap):
            continue
        first = last
        while first and _are_joined(said, references, first):
            first -= 1
        needed = _NEEDED.get(key)
        if needed is None or needed in said[max(0, references[first].start - 4) : references[first].start]:
            yield from range(first, last + 1)


def _are_joined(said: str, references: Sequence[Reference], number: int) -> bool:
    between = said[references[number - 1].end : references[number].start]
    return len(between) <= 12 and _joining().fullmatch(between) is not None


def _stands_before(said: str, place: int, key: str) -> bool:
    before = said[max(0, place - 8) : place].rstrip(" (")
    found = next((word for word in _words(key) if before.endswith(word)), None)
    return found is not None and not _is_denied(said, place - len(found))


def _is_denied(said: str, place: int) -> bool:
    before = said[max(0, place - 6) : place]
    return before.endswith(_words("not_repealed"))


def _relation(kind: RelationKind, reference: Reference, evidence: str) -> Relation:
    explicit = reference.number is not None and kind is not RelationKind.CITES
    return Relation(kind, reference.key, reference.folded_title, _evidence(evidence), explicit)


def _evidence(sentence: str) -> str:
    said = " ".join(sentence.split())
    return said if len(said) <= LONGEST_EVIDENCE else said[:LONGEST_EVIDENCE] + "…"


def _completed(relations: Sequence[Relation]) -> Iterator[Relation]:
    """Give what is named by its title alone the number that stands with that title elsewhere in the text."""
    numbers: dict[str, str | None] = {}
    for relation in relations:
        if relation.target_title and relation.target_number:
            same = numbers.setdefault(relation.target_title, relation.target_number) == relation.target_number
            numbers[relation.target_title] = relation.target_number if same else None
    for relation in relations:
        number = numbers.get(relation.target_title or "")
        if relation.target_number is None and number:
            explicit = relation.kind is not RelationKind.CITES
            yield replace(relation, target_number=number, explicit=explicit)
        else:
            yield relation


def _first(pattern: re.Pattern[str], said: str) -> int:
    found = pattern.search(said)
    return 0 if found is None else found.start()


@cache
def _data() -> Mapping[str, tuple[str, ...]]:
    raw = resources.files("catalog").joinpath("data/relation_words.json").read_text("utf-8")
    entries = json.loads(raw).items()
    return {name: tuple(entry["words"]) for name, entry in entries if not name.startswith("_")}


def _words(key: str) -> tuple[str, ...]:
    return _data()[key]


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(_words(key)))


@cache
def _joining() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(_words('joining'))}|\\s)*")
