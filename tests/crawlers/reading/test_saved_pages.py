"""The State Council's pages of ../shared/data, untouched and changed as another site would have them."""

import json
import random
import re
from pathlib import Path

import pytest
from lxml import html

from cli.extract import as_json
from crawlers.reading import read_page

pytestmark = pytest.mark.long

PAGES = Path(__file__).parents[4] / "shared/data/pages"
EXPECTED = PAGES / "gov_cn_policy_expected.jsonl"
FIELDS = {
    "title": "title",
    "doc_number": "doc_number",
    "index_number": "index_number",
    "org": "issuer",
    "written_date": "issued_on",
    "date": "published_on",
    "topic": "topic",
}


@pytest.fixture(scope="module")
def records():
    if not EXPECTED.exists():
        pytest.skip(f"no saved pages at {PAGES}: this test needs ../shared/data")
    return [json.loads(line) for line in EXPECTED.read_text("utf-8").splitlines()]


def _mutated(text: str, seed: int) -> bytes:
    """Return the page with other class names and ids, rows in another order and labels spaced otherwise."""
    chance = random.Random(seed)
    root = html.fromstring(text)
    for element in root.iter():
        if isinstance(element.tag, str) and element.get("class"):
            element.set("class", f"c{chance.randrange(10**6)}")
        if isinstance(element.tag, str) and element.get("id") and seed % 2:
            element.set("id", f"i{chance.randrange(10**6)}")
    for label in root.iter("b"):
        words = re.sub(r"\s", "", label.text or "")
        if words.endswith("："):
            gap = chance.choice(["", " ", "\u3000", "\xa0\xa0"])
            label.text = chance.choice(["{}：", "【{}】", "{} :", "{}"]).format(gap.join(words[:-1]))
    for body in root.iter("tbody"):
        rows = list(body)
        if any(row.find("td/b") is not None for row in rows):
            chance.shuffle(rows)
            body[:] = rows
    return html.tostring(root, encoding="utf-8")


def test_every_saved_page_gives_its_record(records):
    wrong = [(r["file"], k) for r in records for k in _differences(r, (PAGES / r["file"]).read_bytes())]
    assert len(records) == 29
    assert wrong == []


@pytest.mark.parametrize("seed", range(6))
def test_other_classes_rows_and_label_spacing_change_nothing(records, seed):
    wrong = []
    for record in records:
        text = (PAGES / record["file"]).read_text("utf-8")
        wrong += [(record["file"], k) for k in _differences(record, _mutated(text, seed))]
    assert wrong == []


def _differences(record: dict, body: bytes) -> list:
    found = as_json(read_page(body, url=record["url"]))
    return [
        (field, record[key], found[field]) for key, field in FIELDS.items() if record[key] != found[field]
    ]
