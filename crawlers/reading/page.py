"""One saved or fetched page into facts, text and links."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.dates import iso_date
from catalog.doc_numbers import parse
from catalog.folding import fold
from catalog.records import TRUST, Block, Field, PageKind, Provenance, Witness, flat_text
from crawlers.reading.blocks import to_blocks
from crawlers.reading.body import Body, all_lines, find_body, trimmed
from crawlers.reading.decoding import decode
from crawlers.reading.fingerprint import NO_FINGERPRINT, Fingerprint, fingerprint
from crawlers.reading.hidden import hidden_witnesses
from crawlers.reading.labels import label_table
from crawlers.reading.lines import Outline, outline
from crawlers.reading.links import Link, find_links, page_base
from crawlers.reading.meta import meta_values, meta_witnesses
from crawlers.reading.page_kind import Evidence, count_controls, page_kind
from crawlers.reading.pictures import text_pictures
from crawlers.reading.plain import is_too_large
from crawlers.reading.spam import hidden_spam_links
from crawlers.reading.statements import Statement, decided, find_groups
from crawlers.reading.titles import title_witnesses
from crawlers.reading.tree import Element
from crawlers.reading.tree import parse as parse_tree

# Statements inside the body are the page's only while little text stands before them.
_BODY_OPENING = 160
_NUMBER_LINES = 6
_NUMBER_LINE_LIMIT = 40
_SIGNATURE_LINES = 8
_SIGNATURE_LIMIT = 40
_STRONG_GROUP = 3
_CITED = re.compile(r"(?:根据|按照|依照|依据|参照|关于|转发|印发|原|附件|见)|.*的")
_SENTENCE_ENDS = ("。", "；", "，", ",", ";", "：", ":")


@dataclass(frozen=True, slots=True)
class ReadingHints:
    """What a CMS family or a site knows of its pages.

    `body` are selectors of its body container (`#id`, `.class`, `tag.class`), tried before all others;
    `body_end` is part of a comment behind which the body ends; `labels` its own labels and what they
    state; `publisher` the organisation of the site (provenance `site`), for pages that print none.
    """

    body: tuple[str, ...] = ()
    body_end: str | None = None
    labels: Mapping[str, Field] = field(default_factory=dict)
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page says: its kind, title, text, all witnesses of its facts, its files and links.

    `is_too_large` tells that of its latter part only the text was read (ADR 0032).
    `fingerprint` knows the same page again (`same_page`); `hidden_spam` counts links to gambling and the
    like that no reader sees: the page stays what it is, and staff are told (ADR 0027).
    """

    page_kind: PageKind
    title: str | None
    blocks: tuple[Block, ...]
    witnesses: tuple[Witness, ...]
    attachments: tuple[Link, ...]
    links: tuple[Link, ...]
    fingerprint: Fingerprint = NO_FINGERPRINT
    hidden_spam: int = 0
    is_too_large: bool = False

    @property
    def text(self) -> str:
        """The body as plain text."""
        return flat_text(self.blocks)


def read_page(
    body: bytes,
    *,
    url: str | None = None,
    declared_charset: str | None = None,
    hints: ReadingHints | None = None,
) -> PageReading:
    """Read a page as it was captured. Never raises, whatever the bytes are.

    `url` is the page's address (relative links need it), `declared_charset` the HTTP header's.
    """
    hints = hints or ReadingHints()
    said = decode(body, declared_charset)
    root = parse_tree(said)
    page = outline(root)
    meta = meta_values(root)
    text = find_body(root, page, hints.body, hints.body_end)
    table = label_table().with_quirks(hints.labels)
    opening = _opening_end(page, text.lines)
    numbers = frozenset() if text.element is None or text.is_guess else frozenset(text.lines)
    found = find_groups(page, table)
    groups = [kept for group in found if (kept := _outside_text(numbers, opening, group))]
    statements = decided(groups, posted_on=meta.get("pubdate"), signed_on=_signed_on(page, text))
    lines: Sequence[int] = _text_lines(root, page, text, opening, groups)
    dated = next((s.lines[0] for s in statements if s.meaning is Field.PUBLISHED_ON), None)
    titles = title_witnesses(root, page, meta, lines, dated)
    printed = [Witness(_field(s), s.value, Provenance.PRINTED) for s in statements]
    named = next((w.raw for w in [*_of(printed, Field.TITLE), *titles]), "")
    printed += _number_under_title(page, lines, named)
    witnesses = _ordered(
        [
            *printed,
            *titles,
            *meta_witnesses(meta),
            *_unless_a_block_is_seen(hidden_witnesses(root, table), printed),
            *_site_witnesses(hints),
        ]
    )
    base = page_base(root, url)
    attachments, links = find_links(root, base)
    attachments += tuple(
        picture for picture in text_pictures(page, text, lines, base) if picture.url not in _urls(attachments)
    )
    kind = page_kind(root, page, _evidence(root, meta, text, lines, printed, len(attachments)))
    has_text = text.element is not None and (not text.is_guess or kind is PageKind.OTHER)
    if kind is not PageKind.DOCUMENT and not has_text:
        lines = all_lines(page)
    return PageReading(
        page_kind=kind,
        title=_first(witnesses, Field.TITLE),
        blocks=to_blocks(page, lines, text.element),
        witnesses=witnesses,
        attachments=attachments,
        links=links,
        fingerprint=fingerprint(page),
        hidden_spam=hidden_spam_links(root),
        is_too_large=is_too_large(said),
    )


def stated(reading: PageReading, others: Sequence[Witness] = ()) -> dict[Field, Witness]:
    """Return the one witness that counts for each field: printed before meta before list before site.

    `others` are witnesses from elsewhere, such as the list page. A date that cannot be read is no
    witness of a day, so the next one counts.
    """
    return {w.field: w for w in reversed(_ordered([*reading.witnesses, *others]))}


def _ordered(witnesses: Sequence[Witness]) -> tuple[Witness, ...]:
    """Return the witnesses without doubles, the most trusted first, else in the order found."""
    return tuple(sorted(dict.fromkeys(witnesses), key=lambda w: TRUST[w.provenance]))


# What a metadata block states and a line under the title does not.
_BLOCK_FIELDS = frozenset({Field.INDEX_NUMBER, Field.DOC_NUMBER, Field.PUBLISHER, Field.ISSUER})


def _unless_a_block_is_seen(hidden: Sequence[Witness], printed: Sequence[Witness]) -> list[Witness]:
    seen = {w.field for w in printed}
    return [] if seen & _BLOCK_FIELDS else [w for w in hidden if w.field not in seen]


def _of(witnesses: Sequence[Witness], field_: Field) -> list[Witness]:
    return [w for w in witnesses if w.field is field_]


def _urls(links: Sequence[Link]) -> set[str]:
    return {link.url for link in links}


def _first(witnesses: Sequence[Witness], field_: Field) -> str | None:
    return next((w.raw for w in witnesses if w.field is field_), None)


def _field(statement: Statement) -> Field:
    return Field(statement.meaning)


def _site_witnesses(hints: ReadingHints) -> list[Witness]:
    return [Witness(Field.PUBLISHER, hints.publisher, Provenance.SITE)] if hints.publisher else []


def _outside_text(numbers: Collection[int], opening: int, group: list[Statement]) -> list[Statement]:
    """Leave out what is said by the text itself: tables and lines further down in it are its content.

    `numbers` are the lines of a text that a container names; none where it is guessed.
    """
    inside = [s for s in group if s.lines[0] in numbers]
    if not inside:
        return group
    opens_text = inside[0].lines[0] <= opening
    if opens_text and len({s.meaning for s in inside}) >= _STRONG_GROUP:
        return group
    return [s for s in group if s.lines[0] not in numbers or (opens_text and s.meaning in _LINE_FIELDS)]


# What stands alone in a line under the title: 发布时间：… 来源：…
_LINE_FIELDS = frozenset(
    {Field.PUBLISHED_ON, Field.SOURCE, Field.ISSUED_ON, Field.INDEX_NUMBER, Field.DOC_NUMBER}
)


def _text_lines(
    root: Element, page: Outline, body: Body, opening: int, groups: list[list[Statement]]
) -> list[int]:
    """Return the body's lines without the metadata block; 主题词 at a guessed text's end is text, too."""
    taken: set[int] = set()
    lone: list[Statement] = []
    for group in groups:
        if body.is_guess and len({s.meaning for s in group}) < _STRONG_GROUP:
            lone += group
            continue
        apart = _last_line_of_text(page, group) if body.is_guess else None
        taken.update(n for s in group if s is not apart for n in range(s.lines[0], s.lines[1] + 1))
    # A block before the text is none of it: the line under the title still stands at its opening.
    left = [n for n in body.lines if n not in taken]
    opening = max(opening, _opening_end(page, left))
    said = next((n for n in left if page.lines[n].text.endswith(_SENTENCE_ENDS)), len(page.lines))
    for statement in lone:
        # Short texts end within an opening's length: behind a sentence 主题词 is their last line.
        if statement.lines[0] <= opening and not (statement.ends_text and said < statement.lines[0]):
            taken.update(range(statement.lines[0], statement.lines[1] + 1))
    lines = [n for n in left if n not in taken]
    return trimmed(root, page, lines) if body.is_guess else lines


def _last_line_of_text(page: Outline, block: list[Statement]) -> Statement | None:
    """Return the 主题词 that ends the text and was taken for a statement of the block behind it or around it.

    Behind another statement there is text before it; right before one, an element holds all behind it.
    """
    ordered = sorted(block, key=lambda statement: statement.lines)
    ends = [n for n, statement in enumerate(ordered) if statement.ends_text] if len(ordered) > 1 else []
    for place in ends:
        statement, behind = ordered[place], ordered[place + 1 :]
        is_alone = not place or statement.lines[0] - ordered[place - 1].lines[1] > 1
        if is_alone and (not behind or _are_held(page, statement, behind)):
            return statement
    return None


def _are_held(page: Outline, before: Statement, statements: list[Statement]) -> bool:
    """Tell whether an element holds all these statements and not the one before them."""
    start, end = statements[0].lines[0], max(statement.lines[1] for statement in statements)
    first = page.lines[start].element
    spans = (page.within(element) for element in (first, *first.iterancestors()))
    return any(before.lines[0] < span.start <= start and end < span.stop for span in spans)


def _opening_end(page: Outline, numbers: Sequence[int]) -> int:
    """Return the number of the last line before which little of the text stands."""
    length = 0
    for number in numbers:
        if length > _BODY_OPENING:
            return number - 1
        length += len(page.lines[number].text)
    return len(page.lines)


def _number_under_title(page: Outline, lines: Sequence[int], title: str) -> list[Witness]:
    """Return the number that stands alone as the text's first line under its title (domain.md 0.8).

    Lines before it may only repeat the title or name the issuer. A number anywhere else is a citation.
    """
    folded_title, before = fold(title), ""
    for number in lines[:_NUMBER_LINES]:
        line = page.lines[number]
        said = line.text
        if len(said) <= _NUMBER_LINE_LIMIT:
            # 某某市人民政府令 / 第165号: the kind on a line of its own
            whole = next((s for s in (said, before + said) if _is_number_alone(s)), None)
            if whole:
                return [Witness(Field.DOC_NUMBER, whole, Provenance.PRINTED)]
        if not (line.is_centred or line.is_bold) and fold(said) not in folded_title:
            return []
        before = said
    return []


def _is_number_alone(said: str) -> bool:
    number = parse(said)
    return number is not None and not _CITED.match(said) and not said.endswith(_SENTENCE_ENDS)


def _signed_on(page: Outline, body: Body) -> str | None:
    """Return the last short line of the text that is a date: the day under the signature."""
    for number in reversed(body.lines[-_SIGNATURE_LINES:]):
        said = page.lines[number].text
        if len(said) <= _SIGNATURE_LIMIT and iso_date(said):
            return said
    return None


def _evidence(
    root: Element,
    meta: Mapping[str, str],
    body: Body,
    lines: Sequence[int],
    printed: Sequence[Witness],
    files: int,
) -> Evidence:
    title = next(root.iter("title"), None)
    said = [
        "".join(title.itertext()) if title is not None else "",
        meta.get("keywords", ""),
        meta.get("description", ""),
    ]
    facts = {w.field for w in printed}
    named = None if body.is_guess else body.element
    controls = 0 if named is None else count_controls(named)[1]
    return Evidence(said, lines, named is not None, len(facts), files, controls)
