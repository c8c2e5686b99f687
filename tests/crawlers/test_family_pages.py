"""Saved pages of our own making, one folder for each family, beside each what is to be read from it.

A page `pages/FAMILY/NAME.html` stands with `NAME.json`: its address (`url`), what it is read as (`reads`:
home, list or detail), and all that must come of it. A `fragment` bears no sign of its family.
"""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cli.extract import as_json
from crawlers.families import FAMILIES, recognise
from crawlers.families.family import ListPlace, WebPage
from crawlers.page_texts import read_home
from crawlers.reading import read_page
from crawlers.reading.decoding import decode
from crawlers.reading.tree import parse
from demo.publishing import generate

PAGES = Path(__file__).parents[1] / "pages"
SAVED = [file for name in FAMILIES for file in sorted((PAGES / name).glob("*.json"))]


def saved(wanted):
    chosen = [file for file in SAVED if json.loads(file.read_text())["reads"] == wanted]
    return pytest.mark.parametrize("file", chosen, ids=lambda file: f"{file.parent.name}-{file.stem}")


def open_page(file):
    facts = json.loads(file.read_text())
    text = file.with_suffix(".html").read_text()
    return FAMILIES[file.parent.name], WebPage(facts["url"], text, "utf-8", parse(text)), facts


def test_the_home_page_of_every_demo_subsite_is_known_by_its_family():
    for site in generate(publications=250).subsites:
        path = "/"
        while (answer := site.cms.answer(site, *asked(path))) and answer.status == 302:
            path = answer.headers["location"]
        text = decode(answer.body, site.cms.charset)
        page = WebPage(site.root().rstrip("/") + path, text, site.cms.charset, parse(text))
        family, _home = read_home(page, None, recognise(page))
        assert family is FAMILIES[site.family], site.key


def asked(address):
    path, _, query = address.partition("?")
    return path, dict(parse_qsl(query))


@saved("home")
def test_a_home_page_leads_to_exactly_its_columns_and_menus(file):
    family, page, facts = open_page(file)
    reading = family.read_home(page)
    assert [[column.path, column.name, column.request.url] for column in reading.columns] == facts["columns"]
    assert [frame.url for frame in (*reading.frames, *reading.organs)] == facts["frames"]


@saved("list")
def test_a_list_gives_exactly_its_items_and_asks_for_the_next_page(file):
    family, page, facts = open_page(file)
    place = facts.get("place", {"path": "/", "name": "栏目", "number": 1, "memo": {}})
    reading = family.read_list(page, ListPlace(**place))
    items = [
        {"url": item.url} | {said.field.value: said.raw for said in item.witnesses} for item in reading.items
    ]
    assert items == facts["items"]
    following = reading.next and {"url": reading.next.url, "form": reading.next.form}
    assert following == facts["next"]
    assert reading.is_list


@saved("detail")
def test_a_detail_says_what_it_says_and_its_body_is_the_text_alone(file):
    family, page, facts = open_page(file)
    reading = read_page(page.text.encode(), url=page.url, hints=family.hints)
    found = as_json(reading)
    assert found["page_kind"] == "document"
    assert {name: found[name] for name in facts["says"]} == facts["says"]
    assert [words for words in facts["body_holds"] if words not in reading.text] == []
    assert [words for words in facts["body_lacks"] if words in reading.text] == []


@pytest.mark.parametrize("file", SAVED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_family_knows_its_pages_and_no_other_family_takes_them(file):
    family, page, facts = open_page(file)
    if not facts.get("fragment"):
        assert recognise(page) is family
    others = [name for name in FAMILIES if name not in (family.name, "generic")]
    assert [name for name in others if FAMILIES[name].recognises(page)] == []
