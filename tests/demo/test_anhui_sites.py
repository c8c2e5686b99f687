"""The subsites in the manner of LonSun and of Anhui's openness system."""

import html
import json
import re

import httpx
import pytest

from demo.false_items import HACKED_PATH, false_items

LABEL = re.compile(r'url: "(\S*/site/label/\d+)",\s+data: \{(.*?)\}', re.DOTALL)
ROWS = re.compile(r'<a href="([^"]*(?:/public/\d+/\d+|/openness/detail/content/[0-9a-f]{24})\.html)"')


def sites(city, family):
    return [subsite for subsite in city.subsites if subsite.family == family]


def listed(text):
    return [html.unescape(path) for path in ROWS.findall(text)]


def publications_only(site, paths):
    return [path for path in paths if path in site.by_path]


def ask_label(get, site, text, page):
    """Ask for rows as the column page's script does."""
    address, data = LABEL.search(text).groups()
    said = dict(re.findall(r'(\w+): "?([^",\n]+)"?', data)) | {"pageIndex": str(page)}
    if 'type: "post"' in text:
        return get(site, address, **said)
    return get(site, f"{address}?{httpx.QueryParams(said)}")


def test_lonsun_columns_hold_every_publication_once_over_the_answers_of_their_label(city, get):
    for site in sites(city, "lonsun"):
        for column in site.columns.values():
            text = get(site, column.path).text
            pages = range(1, -(-len(column.publications) // site.per_page) + 1)
            seen = [path for page in pages for path in listed(ask_label(get, site, text, page).text)]
            assert publications_only(site, seen) == [entry.path for entry in column.publications]
            shown = publications_only(site, listed(text))
            expected = [] if "rows_by_script" in site.traps else seen
            assert shown == publications_only(site, expected)[: len(shown)]
            assert bool(shown) is bool(expected)


def test_lonsun_answers_beyond_the_end_repeat_or_are_stubs(city, get):
    ways = set()
    for site in sites(city, "lonsun"):
        column = max(site.columns.values(), key=lambda column: len(column.publications))
        text = get(site, column.path).text
        beyond = ask_label(get, site, text, 99)
        ways.add(site.beyond_end)
        if site.beyond_end == "repeat":
            assert listed(beyond.text) == listed(ask_label(get, site, text, 1).text)
        else:
            assert 300 <= len(beyond.content) <= 400
    assert ways == {"repeat", "stub"}


def test_lonsun_gives_its_session_cookie_and_one_site_stands_below_openness(city, get):
    for site in sites(city, "lonsun"):
        assert "SHIROJSESSIONID" in get(site, site.publications[0].path).headers["set-cookie"]
    starts = {entry.path.rpartition("/public/")[0] for s in sites(city, "lonsun") for entry in s.publications}
    assert starts == {"", "/openness"}


def test_an_openness_body_shows_its_columns_as_links_or_loads_them_as_a_tree(city, get):
    ways = set()
    for site in sites(city, "anhui_openness"):
        home = get(site, "/").text
        for unit in site.units:
            page = get(site, html.unescape(re.search(rf'href="([^"]+)">{unit.name}<', home).group(1))).text
            wanted = {column.name for column in site.columns.values() if column.unit is unit}
            if loaded := re.search(r'treeview\(\{ url: "([^"]+)"', page):
                nodes = json.loads(get(site, loaded.group(1)).text)
                below = {child["name"]: node["name"] for node in nodes for child in node["children"]}
                assert {node["name"] for node in nodes} | set(below) == wanted
                assert below.get("本级文件") in {None, "政策法规"}
            else:
                assert set(re.findall(r'target="list">([^<]+)<', page)) == wanted
            ways.add(bool(loaded))
    assert ways == {True, False}


def test_openness_lists_hold_every_publication_once_over_the_pages_they_link_to(city, get):
    for site in sites(city, "anhui_openness"):
        for column in site.columns.values():
            seen, path = [], column.path
            while path:
                text = get(site, path).text
                seen += listed(text)
                following = re.search(r'<a href="([^"]+)">下一页', text)
                path = html.unescape(following.group(1)) if following else None
            assert publications_only(site, seen) == [entry.path for entry in column.publications]


def test_the_fourth_row_of_an_openness_table_holds_the_dates_and_the_sixth_the_title(city, get):
    for site in sites(city, "anhui_openness"):
        entry = site.publications[0]
        rows = re.findall(r"<tr>(.*?)</tr>", get(site, entry.path).text, re.DOTALL)
        assert entry.printed["published_on"] in rows[3]
        assert entry.document.title in html.unescape(rows[5])


def test_one_openness_site_stands_below_xxgk(city):
    starts = {
        entry.path.rpartition("/openness/")[0]
        for site in sites(city, "anhui_openness")
        for entry in site.publications
    }
    assert starts == {"", "/xxgk"}


@pytest.mark.parametrize("family", ["lonsun", "anhui_openness"])
def test_false_items_are_listed_once_and_are_no_documents(city, get, family):
    said = {
        "dead_row": "已经删除",
        "shell_row": "document.cookie",
        "home_row": "信息公开单位",
        "hacked_row": "百家乐",
    }
    met = set()
    for site in sites(city, family):
        first = next(iter(site.columns.values()))
        text = get(site, first.path).text
        if family == "lonsun":
            text = ask_label(get, site, text, 1).text
        false = [path for path in listed(text) if path not in site.by_path]
        assert len(false) == len(false_items(site))
        for item, path in zip(false_items(site), false, strict=True):
            answer = get(site, path)
            assert answer.status_code == 200
            assert said[item.trap] in answer.text
            met.add(item.trap)
    assert met


def test_a_hacked_page_is_linked_where_nobody_sees_it(city, get):
    (site,) = [subsite for subsite in city.subsites if "hacked_link" in subsite.traps]
    assert f'<div style="display:none"><a href="{HACKED_PATH}"' in get(site, "/").text
    assert "百家乐" in get(site, HACKED_PATH).text
    assert all(
        get(other, HACKED_PATH).status_code == 404 for other in sites(city, "lonsun") if other is not site
    )
