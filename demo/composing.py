"""Lays a document out: turns the outline of its kind into blocks of text.

An outline is a list of parts. A part is a symbol of the phrase stock (one paragraph) or
`part:low-high:symbol` as described in `data/kinds.json`.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from catalog.dates import chinese_date, chinese_numeral_date
from catalog.records import Block, BlockKind
from demo.documents import Document
from demo.guides import guides, questions_and_answers
from demo.kinds import Kind
from demo.names import pick
from demo.phrases import Pen, phrase_stock

NUMERAL_DATES_UNTIL = datetime.date(2012, 6, 30)
"""The last day of Chinese-numeral dates and 主题词 (domain facts 4 and 5)."""

_ZEROS = "○○○〇〇O零"
_DIGITS = "零一二三四五六七八九"
_CHAPTERS = (
    ("总则", "general_articles"),
    ("申请与办理", "procedure_articles"),
    ("管理与服务", "management_articles"),
    ("监督检查", "supervision_articles"),
    ("法律责任", "liability_articles"),
    ("附则", "final_articles"),
)


def chinese_number(number: int) -> str:
    """Return 1 to 999 in Chinese numerals, as chapters and articles are counted."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def paragraph(text: str) -> Block:
    """Return the text as a paragraph."""
    return Block(BlockKind.PARAGRAPH, ((text,),))


def heading(text: str) -> Block:
    """Return the text as a heading."""
    return Block(BlockKind.HEADING, ((text,),))


@dataclass(slots=True)
class Composer:
    """Writes the body of one document; `earlier` is what it forwards or abolishes."""

    pen: Pen
    kind: Kind
    issuer_kind: str
    issuer_names: tuple[str, ...]
    issued_on: datetime.date
    scale: int  # 1 for an ordinary text, more for long ones
    earlier: tuple[Document, ...] = ()
    attachments: tuple[str, ...] = ()
    guide: int = 0

    def blocks(self) -> list[Block]:
        """Return the blocks of the whole outline."""
        blocks: list[Block] = []
        for part in self.kind.outline:
            name, _, rest = part.partition(":")
            write = _PARTS.get(name)
            if write is None:
                blocks.append(paragraph(self.pen.say(name)))
            else:
                write(self, blocks, *rest.split(":"))
        return blocks

    def _count(self, span: str) -> int:
        low, high = (int(number) for number in span.split("-"))
        return min(self.pen.between(low, high) * self.scale, 12)

    def _addressees(self, blocks: list[Block], _: str) -> None:
        symbol = f"addressees_{self.issuer_kind}"
        blocks.append(paragraph(self.pen.say(symbol if symbol in phrase_stock() else "addressees")))

    def _sections(self, blocks: list[Block], span: str) -> None:
        roles = phrase_stock()["section_roles"]
        chosen = sorted(self.pen.rng.sample(range(len(roles)), min(self._count(span), len(roles))))
        for number, place in enumerate(chosen, 1):
            role = roles[place]
            blocks.append(heading(f"{chinese_number(number)}、{self.pen.say(f'{role}_heading')}"))
            texts = self.pen.several(role, self.pen.between(2, 4) * self.scale)
            if len(texts) > 2 and role != "goal":
                blocks.extend(
                    paragraph(f"（{chinese_number(place)}）{text}") for place, text in enumerate(texts, 1)
                )
            else:
                blocks.append(paragraph("".join(texts)))

    def _points(self, blocks: list[Block], span: str, symbol: str) -> None:
        texts = self.pen.several(symbol, self._count(span))
        blocks.extend(paragraph(f"{chinese_number(place)}、{text}") for place, text in enumerate(texts, 1))

    def _sentences(self, blocks: list[Block], span: str, symbol: str) -> None:
        blocks.extend(paragraph(text) for text in self.pen.several(symbol, self._count(span)))

    def _all(self, blocks: list[Block], symbol: str) -> None:
        blocks.extend(paragraph(text) for text in self.pen.all_of(symbol))

    def _list(self, blocks: list[Block], span: str, symbol: str) -> None:
        rows = tuple((self.pen.say(symbol),) for _ in range(self._count(span)))
        blocks.append(Block(BlockKind.LIST, rows))

    def _table(self, blocks: list[Block], _: str) -> None:
        if self.pen.rng.random() < 0.4:
            return
        heads = phrase_stock()["table_heads"]
        choice = int(self.pen.rng.random() * len(heads))
        lines = [self.pen.write(heads[choice])]
        lines += [self.pen.say(f"row_{choice + 1}") for _ in range(self.pen.between(3, 9) * self.scale)]
        blocks.append(Block(BlockKind.TABLE, tuple(tuple(line.split(",")) for line in lines)))

    def _qa(self, blocks: list[Block], span: str) -> None:
        pairs = questions_and_answers()
        chosen = sorted(self.pen.rng.sample(range(len(pairs)), min(self._count(span), len(pairs))))
        for place in chosen:
            question, answer = pairs[place]
            blocks += [heading(f"问：{question}"), paragraph(f"答：{self.pen.write(answer)}")]

    def _guide(self, blocks: list[Block], _: str) -> None:
        guide = guides()[self.guide]
        blocks.append(paragraph(f"问：{guide['question']}"))
        for number, (title, key) in enumerate(
            (("办理条件", "conditions"), ("申请材料", "materials"), ("办理流程", "steps")), 1
        ):
            blocks.append(heading(f"{chinese_number(number)}、{title}"))
            rows = tuple((f"{place}. {self.pen.write(text)}。",) for place, text in enumerate(guide[key], 1))
            blocks.append(Block(BlockKind.LIST, rows))
        blocks.append(heading("四、办理地点和咨询电话"))
        blocks.append(
            paragraph(self.pen.write("{hall}{n:1-4}楼{n:1-68}号窗口（{street}{n:1-988}号），电话：{phone}。"))
        )

    def _rules(self, blocks: list[Block], _: str) -> None:
        blocks.append(heading(self.pen.say("rule")))
        with_chapters = self.scale > 1 or self.pen.rng.random() < 0.4
        article = 0
        for chapter, (title, symbol) in enumerate(_CHAPTERS, 1):
            if with_chapters:
                blocks.append(heading(f"第{chinese_number(chapter)}章　{title}"))
            for text in self._articles(symbol):
                article += 1
                blocks.append(paragraph(f"第{chinese_number(article)}条　{text}"))

    def _articles(self, symbol: str) -> list[str]:
        if symbol == "final_articles":
            return self.pen.all_of(symbol)
        texts: list[str] = []
        for _ in range(self.scale if symbol == "management_articles" else 1):
            texts += self.pen.several(symbol, self.pen.between(2, 6) * self.scale)
        return texts

    def _forward(self, blocks: list[Block], _: str) -> None:
        original = self.earlier[0]
        blocks.append(heading(original.title))
        if original.doc_number and original.body.find(original.doc_number) != 0:
            blocks.append(paragraph(original.doc_number))
        blocks.extend(original.blocks)

    def _abolish(self, blocks: list[Block], _: str) -> None:
        blocks.extend(
            paragraph(f"{chinese_number(place)}、{old.title}（{old.doc_number}）")
            for place, old in enumerate(self.earlier, 1)
        )

    def _attachments(self, blocks: list[Block], _: str) -> None:
        if len(self.attachments) == 1:
            blocks.append(paragraph(f"附件：{self.attachments[0]}"))
        elif self.attachments:
            listed = "　".join(f"{number}. {name}" for number, name in enumerate(self.attachments, 1))
            blocks.append(paragraph(f"附件：{listed}"))

    def _sign(self, blocks: list[Block], _: str) -> None:
        blocks.extend(paragraph(name) for name in self.issuer_names)
        blocks.append(paragraph(self._date()))

    def _date(self) -> str:
        if self.issued_on > NUMERAL_DATES_UNTIL:
            return chinese_date(self.issued_on)
        return chinese_numeral_date(self.issued_on).replace("〇", pick(self.pen.rng, _ZEROS))


_PARTS: dict[str, Callable[..., None]] = {
    "addressees": Composer._addressees,
    "sections": Composer._sections,
    "points": Composer._points,
    "sentences": Composer._sentences,
    "all": Composer._all,
    "list": Composer._list,
    "table": Composer._table,
    "qa": Composer._qa,
    "guide": Composer._guide,
    "rules": Composer._rules,
    "forward": Composer._forward,
    "abolish": Composer._abolish,
    "attachments": Composer._attachments,
    "sign": Composer._sign,
}
