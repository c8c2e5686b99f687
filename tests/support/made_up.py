"""Made-up documents, queries and filters for property tests.

Texts are put together from few fragments, so that documents share words, titles and whole
sentences, words meet across line breaks, and names of bodies hide in longer ones.
"""

from datetime import date, timedelta

from hypothesis import strategies as st

from catalog.folding import fold
from indexer.documents import IndexDocument, IndexPublication
from indexer.query import Key, KeyKind
from indexer.requests import MISSING, DateRange, Facet, Filters

FRAGMENTS = (
    "人民政府",
    "市民政局",
    "民政",
    "人民",
    "政府信息公开",
    "关于印发",
    "的通知",
    "云岭市",
    "最低生活保障",
    "公积金贷款",
    "公积金",
    "贷款",
    "云政办〔2012〕45号",
    "〔",
    "2012年",
    "PM2.5",
    "医保A类",
    "第1号令",
    "第2号令",
    "乾隆",
    "\n",
    " ",
    "\u3000",
    "，",
    "。",
    '"',
    "-",
    "“放管服”",
    "龘",
    "\U00020000",
    "ﬁ",
    "局",
    # What folding, cutting and operators may stumble over.
    "e\u0301",  # a combining mark behind its letter, and one on its own
    "\u0308",
    "İ",
    "ß",
    "ﬃ",
    "㎡",
    "①",
    "½",
    "ｶﾞ",  # halfwidth katakana, whose mark folds into the letter only in a longer piece
    "\U00020bb7野家",
    "\u200b",
    "\ufe0f",
    "\u2028",
    "\t",
    "“云岭’",
    "（.*)[a-z]+?\\d$|^",
    "|",
    "\\n",
    "\f",
    "-民政",
    "一",
    "的",
    "什么",
)

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)
titles = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join).filter(fold)
days = st.integers(0, 40).map(lambda offset: date(2012, 6, 20) + timedelta(days=offset))
CODES = ("A", "B", "C", "D")
values = st.frozensets(st.sampled_from(CODES), max_size=2)


@st.composite
def publications(draw: st.DrawFn, document_id: str) -> tuple[IndexPublication, ...]:
    return tuple(
        IndexPublication(
            id=f"{document_id}-{number}",
            published_on=draw(st.none() | days),
            values={
                "organization": draw(values),
                "column": draw(values),
                "subsite": frozenset({draw(st.sampled_from(CODES))}),
            },
        )
        for number in range(draw(st.integers(1, 3)))
    )


@st.composite
def documents(draw: st.DrawFn, document_id: str) -> IndexDocument:
    own_titles = tuple(draw(st.lists(titles, min_size=1, max_size=2, unique_by=fold)))
    keys = {Key(KeyKind.TITLE, fold(title)) for title in own_titles}
    if draw(st.booleans()):
        keys.add(Key(KeyKind.DOC_NUMBER, draw(st.sampled_from(("云政办〔2012〕45号", "云政〔2011〕1号")))))
    return IndexDocument(
        id=document_id,
        titles=own_titles,
        texts=tuple(draw(st.lists(texts, max_size=2))),
        keys=frozenset(keys),
        publications=draw(publications(document_id)),
        issued_on=draw(st.none() | days),
        in_force=draw(st.booleans()),
        values={
            facet.value: draw(values) for facet in Facet if facet not in (Facet.ORGANIZATION, Facet.COLUMN)
        },
    )


@st.composite
def collections(draw: st.DrawFn, most: int = 12) -> list[IndexDocument]:
    return [draw(documents(f"d{number:02}")) for number in range(draw(st.integers(0, most)))]


codes_asked = st.frozensets(st.sampled_from((*CODES, "Z", MISSING)), min_size=1, max_size=2)
fields_asked = st.sampled_from((*(facet.value for facet in Facet), "subsite"))
ranges = st.builds(DateRange, st.none() | days, st.none() | days) | st.just(DateRange())
filters = st.builds(
    Filters,
    only=st.dictionaries(fields_asked, codes_asked, max_size=3),
    without=st.dictionaries(fields_asked, codes_asked, max_size=1),
    published=ranges,
    issued=ranges,
)

operators = st.sampled_from(('"', "-", " -", ' "', '" ', " ", "“", "”", "政府資訊公開", "公積金"))
queries = st.lists(st.sampled_from(FRAGMENTS) | operators, max_size=6).map("".join)
