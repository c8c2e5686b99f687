import html
import re

import pypdfium2
import pytest

from demo.city import expected

NEXT_GROUP = re.compile(r"<nextgroup><!\[CDATA\[<a href=\"([^\"]+)\"")
ARTICLES = re.compile(r'href="(?:\.\./\.\.)?(/art/[^"]+)"')
DETAILS = re.compile(r'href="(/zwgk/public/spage\.xp\?doAction=view[^"]+)"')


def squeezed(text):
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def subsites(city, family):
    return [subsite for subsite in city.subsites if subsite.family == family]


def largest(subsite):
    return max(subsite.columns.values(), key=lambda column: len(column.publications))


def test_every_publication_is_served_with_its_title_text_and_facts(city, get):
    for publication in city.publications:
        response = get(publication.subsite, publication.path)
        assert response.status_code == 200
        page = squeezed(response.text)
        assert "".join(publication.document.title.split()) in page
        for value in publication.printed.values():
            assert "".join(value.split()) in page
        if "pdf_only" not in publication.traps:
            for block in publication.document.blocks:
                for row in block.rows:
                    assert all("".join(cell.split()) in page for cell in row)


def test_xp_pages_are_gbk_and_one_site_claims_another_charset(city, get):
    claims = set()
    for subsite in subsites(city, "hefei_xp"):
        response = get(subsite, subsite.publications[0].path)
        response.content.decode("gb18030")
        with pytest.raises(UnicodeDecodeError):
            response.content.decode("utf-8")
        claims.add((re.search(r"charset=([\w-]+)", response.text).group(1), response.headers["content-type"]))
    assert claims == {("gb2312", "text/html; charset=GBK"), ("utf-8", "text/html")}


def test_xp_menus_are_reached_through_two_framesets_and_name_every_column(city, get):
    for subsite in subsites(city, "hefei_xp"):
        assert get(subsite, "/").headers["location"] == "/zwgk/public/index.xp"
        outer = get(subsite, "/zwgk/public/index.xp").text
        unit = html.unescape(re.search(r'name="body" src="([^"]+)"', outer).group(1))
        inner = get(subsite, unit).text
        menu = get(subsite, html.unescape(re.search(r'name="left" src="([^"]+)"', inner).group(1))).text
        linked = {html.unescape(link) for link in re.findall(r'href="([^"]+sxxlist[^"]+)"', menu)}
        assert linked == set(subsite.column_by_path)


def test_xp_lists_hold_every_publication_once_over_their_pages(city, get):
    for subsite in subsites(city, "hefei_xp"):
        for column in subsite.columns.values():
            seen = []
            for page in range(1, -(-len(column.publications) // subsite.per_page) + 1):
                text = get(subsite, f"{column.path}&curPage={page}").text
                seen += [html.unescape(link) for link in DETAILS.findall(text)]
            wanted = [publication.path for publication in column.publications]
            assert [path for path in seen if "99999" not in path] == wanted


def test_xp_lists_turn_by_form_as_well_as_by_address(city, get):
    civil = next(subsite for subsite in city.subsites if subsite.key == "civil")
    column = largest(civil)
    mlid = re.search(r"mlid=(\d+)", column.path).group(1)
    form = {
        "doAction": "sxxlist",
        "cid": "",
        "type": "1",
        "mlid": mlid,
        "unitid": civil.body.code,
        "curPage": "2",
    }
    assert get(civil, "/zwgk/public/spage.xp", **form).text == get(civil, f"{column.path}&curPage=2").text


def test_beyond_the_last_page_sites_repeat_stub_or_fall_silent(city, get):
    for subsite in subsites(city, "hefei_xp"):
        column = largest(subsite)
        beyond = get(subsite, f"{column.path}&curPage=99")
        assert beyond.status_code == 200
        if subsite.beyond_end == "repeat":
            assert beyond.text == get(subsite, column.path).text
        elif subsite.beyond_end == "stub":
            assert 300 <= len(beyond.content) <= 400
        else:
            assert not DETAILS.findall(beyond.text)


def test_jcms_lists_hold_every_publication_once_over_their_groups(city, get):
    for subsite in subsites(city, "hanweb_jcms"):
        for column in subsite.columns.values():
            text = get(subsite, column.path).text
            seen = ARTICLES.findall(text)
            for _ in range(20):
                if len(seen) >= len(column.publications):
                    break
                text = more(get, subsite, column, text, len(seen))
                seen += ARTICLES.findall(text)
            wanted = [publication.path for publication in column.publications]
            assert [path for path in seen if "/2009/12/31/" not in path] == wanted


def more(get, subsite, column, text, read):
    if following := NEXT_GROUP.search(text):
        return get(subsite, html.unescape(following.group(1))).text
    page = read // subsite.per_page + 1
    asked = (
        f"startrecord={read + 1}&endrecord={read + subsite.per_page}&perpage={subsite.per_page}&page={page}"
    )
    return get(subsite, f"/module/web/jpage/dataproxy.jsp?{asked}", columnid=str(column.number)).text


def test_unknown_paths_are_404_and_withdrawn_items_are_soft_404s(city, get):
    soft = 0
    for subsite in city.subsites:
        assert get(subsite, "/no/such/page.html").status_code == 404
        assert get(subsite, "/robots.txt").text.startswith("User-agent: *\nCrawl-delay: 0\nDisallow:")
        text = "".join(get(subsite, column.path).text for column in subsite.columns.values())
        for path in {html.unescape(link) for link in ARTICLES.findall(text) + DETAILS.findall(text)}:
            if path not in subsite.by_path:
                response = get(subsite, path)
                assert response.status_code == 200
                assert "不存在" in response.text
                soft += 1
    assert soft == 2


def test_the_text_of_a_pdf_only_item_stands_in_its_attachment(city, get):
    items = [publication for publication in city.publications if "pdf_only" in publication.traps]
    assert items
    for publication in items:
        page = get(publication.subsite, publication.path).text
        assert max((block.text for block in publication.document.blocks), key=len) not in page
        name, path = publication.attachments[-1]
        assert name in html.unescape(page)
        pdf = pypdfium2.PdfDocument(get(publication.subsite, path).content)
        text = "".join(sheet.get_textpage().get_text_range() for sheet in pdf)
        pdf.close()
        assert squeezed(publication.document.body) in squeezed(text)


def test_a_dead_attachment_is_linked_and_missing(city, get):
    items = [publication for publication in city.publications if "dead_attachment" in publication.traps]
    assert items
    for publication in items:
        _, path = publication.attachments[-1]
        assert path in get(publication.subsite, publication.path).text
        assert get(publication.subsite, path).status_code == 404


def test_expected_urls_are_those_that_are_served(city, port):
    assert all(
        entry.url.startswith(entry.subsite) and f":{port}/" in entry.url for entry in expected(city, port)
    )


@pytest.mark.parametrize("page", ["0", "-3", "²", "1" * 40, "x", "%00"])
def test_odd_page_numbers_are_answered_like_page_one_or_beyond(city, get, page):
    for subsite in (subsites(city, "hefei_xp")[0], subsites(city, "hanweb_jcms")[0]):
        column = largest(subsite)
        path = (
            column.path + "&curPage="
            if subsite.family == "hefei_xp"
            else "/module/web/jpage/dataproxy.jsp?page="
        )
        assert get(subsite, path + page).status_code in {200, 404}
