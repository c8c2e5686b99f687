"""Writes the city's documents in the order of time, the same for the same seed."""

import datetime
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from catalog.dates import chinese_date
from demo.bodies import Body, bodies
from demo.composing import NUMERAL_DATES_UNTIL, Composer, paragraph
from demo.documents import Document
from demo.guides import guides
from demo.kinds import Kind, choose_kind, kind_subjects, kinds, writers
from demo.names import pick, pick_skewed, place_stock
from demo.phrases import Pen
from demo.subjects import Subject, labels, subjects

FIRST_DAY = datetime.date(2008, 1, 2)
LAST_DAY = datetime.date(2024, 12, 27)
_REMEMBERED = 200
_LETTER_GENRES = {"G112", "G114"}


def write_documents(seed: int, count: int) -> Iterator[Document]:
    """Write `count` documents, oldest first, from 2008 to 2024.

    Every document has its own random numbers, made of seed and place, so one more document
    does not change the ones before; what is remembered of earlier ones is bounded.
    """
    office = _Office(seed, count)
    return (office.write(number) for number in range(count))


@dataclass(slots=True)
class _Office:
    """Keeps the registers: the number series, and the documents that others may refer to."""

    seed: int
    count: int
    series: Counter[tuple[str, int]] = field(default_factory=Counter)
    numbered: deque[Document] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    rules: deque[Document] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def write(self, number: int) -> Document:
        rng = Random(f"{self.seed}:{number}")  # noqa: S311
        day = self._day(number)
        # The first ones go once through all kinds, so that even a small city has every genre.
        kind = kinds()[number] if number < len(kinds()) else choose_kind(rng)
        earlier = self._earlier(rng, kind)
        if ("forward" in kind.outline or "abolish" in kind.outline) and not earlier:
            kind = kinds()[0]
        issuers, subject, guide = _issuers_and_subject(rng, kind, day, earlier)
        document = self._compose(rng, _Order(number, kind, day, issuers, subject, guide, earlier))
        self._remember(document)
        return document

    def _day(self, number: int) -> datetime.date:
        days = (LAST_DAY - FIRST_DAY).days
        day = FIRST_DAY + datetime.timedelta(days=number * days // max(self.count, 1))
        return day - datetime.timedelta(days=max(day.weekday() - 4, 0))  # offices are closed at weekends

    def _earlier(self, rng: Random, kind: Kind) -> tuple[Document, ...]:
        if "forward" in kind.outline and self.numbered:
            return (pick(rng, self.numbered),)
        if "abolish" in kind.outline:
            chosen = rng.sample(self.rules, min(len(self.rules), 1 + int(rng.random() * 4)))
            return tuple(sorted(chosen, key=_age))
        return ()

    def _remember(self, document: Document) -> None:
        # A forwarded copy of a forwarded copy would grow without end.
        if document.doc_number and document.genre in {"G107", "G108"} and document.forwards is None:
            self.numbered.append(document)
        for number in document.abolishes:
            self.rules.remove(next(rule for rule in self.rules if rule.number == number))
        if document.inner_genre == "G206" and document.doc_number:
            self.rules.append(document)

    def _doc_number(self, kind: Kind, body: Body, day: datetime.date) -> str | None:
        if not kind.numbered:
            return None
        if kind.order:
            return f"泓州市人民政府令第{self._next('令', 0)}号"
        if kind.yearly:
            name = body.name_on(day)
            return f"{name}公告{day.year}年第{self._next(f'{body.key}公告', day.year)}号"
        code = body.number_codes[-1 if kind.genre in _LETTER_GENRES else 0] + kind.suffix
        return f"{code}〔{day.year}〕{self._next(code, day.year)}号"

    def _next(self, code: str, year: int) -> int:
        self.series[code, year] += 1
        return self.series[code, year]

    def _compose(self, rng: Random, order: "_Order") -> Document:
        kind, subject, day, earlier = order.kind, order.subject, order.day, order.earlier
        body = order.issuers[0]
        names = tuple(issuer.name_on(day) for issuer in order.issuers)
        pen = _pen(rng, order)
        doc_number = self._doc_number(kind, body, day)
        title = _title(rng, pen, kind, names)
        attachments = _attachments(rng, pen, kind)
        scale = rng.choices((1, 2, 4), (70, 20, 10))[0]
        blocks = Composer(pen, kind, body.kind, names, day, scale, earlier, attachments, order.guide).blocks()
        keywords = (subject.matter, subject.terms[0], labels("genre")[kind.genre])
        if doc_number and rng.random() < 0.8:
            blocks.insert(0, paragraph(doc_number))
        if doc_number and day <= NUMERAL_DATES_UNTIL:
            blocks.append(paragraph(f"主题词：{'　'.join(keywords)}"))
        return Document(
            number=order.number,
            kind=kind.name,
            title=title,
            genre=kind.genre,
            inner_genre=kind.inner,
            issuers=order.issuers,
            issuer_names=names,
            issued_on=day,
            doc_number=doc_number,
            topic=_topic(rng, subject),
            audience=subject.audience,
            life_cycle=subject.life_cycle,
            column=kind.column,
            extra_column=subject.column if subject.column != kind.column else None,
            matter=subject.matter,
            validity=_validity(rng, kind, pen.context.get("rule", "")),
            keywords=keywords,
            blocks=blocks,
            attachments=attachments,
            forwards=earlier[0].number if "forward" in kind.outline else None,
            abolishes=tuple(old.number for old in earlier) if "abolish" in kind.outline else (),
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be written: kind, day, by whom, about what, and what it refers to."""

    number: int
    kind: Kind
    day: datetime.date
    issuers: tuple[Body, ...]
    subject: Subject
    guide: int
    earlier: tuple[Document, ...]


def _pen(rng: Random, order: _Order) -> Pen:
    kind, subject, day = order.kind, order.subject, order.day
    turns = {
        "term": list(subject.terms),
        "measure": list(subject.measures),
        "office": _offices(rng, order.issuers[0], day),
        "month": _months(day),
        "district": list(place_stock("districts")),
        "town": list(place_stock("towns")),
    }
    pen = Pen(rng, _context(rng, order.issuers[0], subject, day), turns)
    for name in kind.pins:
        pen.context[name] = pen.say(name)
    if kind.rule:
        pen.context["rule"] = pen.write(pick(rng, kind.rule))
        pen.context["trial"] = "，试行期两年" if "试行" in pen.context["rule"] else ""
    if "forward" in kind.outline:
        original = order.earlier[0]
        pen.context["original_title"] = original.title
        pen.context["original_issuer"] = "、".join(original.issuer_names)
        pen.context["original_number"] = original.doc_number or ""
    pen.context["guide_title"] = guides()[order.guide]["title"]
    return pen


def _attachments(rng: Random, pen: Pen, kind: Kind) -> tuple[str, ...]:
    if "attachments" not in kind.outline or rng.random() > 0.2:
        return ()
    return tuple(pen.several("attachment_names", pen.between(1, 3)))


def _topic(rng: Random, subject: Subject) -> str:
    other = f"{subject.topic[:3]}99"  # 其他 of the same first level
    return other if rng.random() < 0.04 and other in labels("topic") else subject.topic


def _issuers_and_subject(
    rng: Random, kind: Kind, day: datetime.date, earlier: tuple[Document, ...]
) -> tuple[tuple[Body, ...], Subject, int]:
    bodies_now = [body for body in writers(kind) if body.exists_on(day)]
    if kind.name == "guide":
        guide = int(rng.random() * len(guides()))
        matter = guides()[guide]["matter"]
        subject = next(subject for subject in subjects() if subject.matter == matter)
        owner = bodies()[subject.body]
        others = [body for body in bodies_now if body.kind in {"district", "town"}]
        body = owner if owner.exists_on(day) and rng.random() < 0.7 else pick(rng, others)
        return (body,), subject, guide
    if "forward" in kind.outline:
        bodies_now = [body for body in bodies_now if body not in earlier[0].issuers]
    body = pick_skewed(rng, bodies_now)
    if "forward" in kind.outline:
        subject = next(subject for subject in subjects() if subject.matter == earlier[0].matter)
    else:
        subject = pick_skewed(rng, kind_subjects(kind, body.key))
    issuers: tuple[Body, ...] = (body,)
    if kind.joint:
        partners = [other for other in bodies_now if other is not body and other.kind == body.kind]
        issuers += tuple(rng.sample(partners, 1 + int(rng.random() * 3)))
    return issuers, subject, 0


def _context(rng: Random, body: Body, subject: Subject, day: datetime.date) -> dict[str, str]:
    owner = bodies()[subject.body]
    if not owner.exists_on(day):
        owner = next((other for other in bodies().values() if other.code == owner.successor), owner)
    name = body.name_on(day)
    place = name.removesuffix("人民政府").removesuffix("办公室")
    return {
        "matter": subject.matter,
        "aim": subject.aim,
        "people": subject.people,
        "short": body.short_name_on(day),
        "place": place if body.kind in {"district", "town"} else "泓州市",
        "short_office": owner.name_on(day).removeprefix("国家税务总局").removeprefix("泓州市"),
        "lead": owner.short_name_on(day),
        "year": str(day.year),
        "last_year": str(day.year - 1),
        "next_year": str(day.year + 1),
        "plan_year": str(day.year + 3 + int(rng.random() * 8)),
        "date": chinese_date(day),
        "recent": chinese_date(day - datetime.timedelta(days=int(rng.random() * 5)))[5:],
        "last_month": str((day.month - 2) % 12 + 1),
        "quarter": "一二三四"[(day.month - 1) // 3],
        "effective": chinese_date(_effective(day)),
        "trial": "",
        "n_five": "十一五" if day.year < 2011 else "十二五" if day.year < 2016 else "十三五",
    }


def _offices(rng: Random, body: Body, day: datetime.date) -> list[str]:
    others = [b for b in bodies().values() if b.kind == "department" and b is not body and b.exists_on(day)]
    return [other.short_name_on(day) for other in rng.sample(others, 6)]


def _months(day: datetime.date) -> list[str]:
    return [str(month) for month in range(day.month, 13)] if day.month < 11 else ["10", "11", "12"]


def _title(rng: Random, pen: Pen, kind: Kind, names: tuple[str, ...]) -> str:
    title = pen.write(pick(rng, kind.titles))
    if title.startswith("关于") and rng.random() < 0.85:
        return " ".join(names) + title
    return title


def _validity(rng: Random, kind: Kind, rule: str) -> str | None:
    if not kind.numbered or rng.random() < 0.3:
        return None
    if "试行" in rule:
        return "LV06"
    return "LV01" if rng.random() < 0.9 else "LV02"


def _effective(day: datetime.date) -> datetime.date:
    return (day.replace(day=1) + datetime.timedelta(days=62)).replace(day=1)


def _age(document: Document) -> int:
    return document.number
