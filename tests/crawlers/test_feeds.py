"""Sitemaps and feeds: which a site names, and what they list."""

import gzip
import time

import pytest

from crawlers.families.family import ListPlace, WebPage
from crawlers.feeds import column_of, feeds_of, is_feed, read_feed, sitemaps_of
from crawlers.reading.tree import parse

PLACE = ListPlace("feed:http://h/map/sitemap.xml", "站点地图与订阅", 1)
NAMESPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
SITEMAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NAMESPACE} xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>
<url><loc>http://h/</loc></url><url><loc>http://h/zcwj/index.html</loc></url>
<url><loc>http://h/zcwj/1.html</loc><lastmod>2020-05-06</lastmod></url>
<url><loc>http://h/zcwj/2.html</loc><n:news><n:publication_date>2012-10-15T09:30:00+08:00</n:publication_date>
<n:title>关于做好防汛工作的通知</n:title></n:news></url></urlset>""".encode()
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>要闻</title><link>http://h/</link>
<item><title> 关于做好防汛 工作的通知 </title><link>/zcwj/1.html</link>
<pubDate>Mon, 15 Oct 2012 16:30:00 GMT</pubDate></item>
</channel></rss>""".encode()
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>要闻</title><link href="http://h/"/>
<entry><title>关于公布收费目录的公告</title><link rel="self" href="/api/1"/><link href="/zcwj/1.html"/>
<published>2012-10-15T09:30:00+08:00</published></entry></feed>""".encode()


def said(body):
    return [(item.url, *(witness.raw for witness in item.witnesses)) for item in read_feed(body, PLACE).items]


def test_a_sitemap_lists_documents_and_its_lastmod_is_no_day_of_publication():
    wanted = [("http://h/zcwj/1.html",), ("http://h/zcwj/2.html", "关于做好防汛工作的通知", "2012-10-15")]
    assert said(SITEMAP) == wanted
    assert said(gzip.compress(SITEMAP)) == wanted


def test_rss_and_atom_state_title_and_day_in_china():
    assert said(RSS) == [("http://h/zcwj/1.html", "关于做好防汛 工作的通知", "2012-10-16")]
    assert said(ATOM) == [("http://h/zcwj/1.html", "关于公布收费目录的公告", "2012-10-15")]


def test_an_index_of_sitemaps_leads_to_its_parts():
    index = f"<sitemapindex {NAMESPACE}><sitemap><loc>http://h/s1.xml.gz</loc></sitemap></sitemapindex>"
    reading = read_feed(index.encode(), PLACE)
    assert [column.path for column in reading.columns] == ["feed:http://h/s1.xml.gz"]
    assert is_feed(ListPlace(reading.columns[0].path, "", 1))


def test_robots_and_home_page_name_them():
    robots = "User-agent: *\nDisallow:\nSitemap: http://h/sitemap.xml\nSitemap: ftp://h/x\n"
    assert [request.url for request in sitemaps_of(robots)] == ["http://h/sitemap.xml"]
    text = (
        "<link rel=alternate type='application/rss+xml' href='/rss.xml'><link rel=stylesheet href='/a.css'>"
        "<link rel=alternate type='application/atom+xml' href='http://other.example/atom.xml'>"
    )
    feeds = feeds_of(WebPage("http://h/", text, "utf-8", parse(text)))
    assert [column_of(feed).path for feed in feeds] == ["feed:http://h/rss.xml"]


BOMB = "<!DOCTYPE rss [<!ENTITY a 'x'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 50}'>" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
HOSTILE = {
    "nothing": b"",
    "a page": b"<html><body>404</body></html>",
    "json": b"{}",
    "cut": SITEMAP[:-60],
    "broken gzip": gzip.compress(SITEMAP)[:40],
    "gzip bomb": gzip.compress(b"<urlset>" + b" " * 200_000_000, 1),
    "entities": f"{BOMB}]><rss><item><link>http://h/1.html</link><title>&h;</title></item></rss>".encode(),
    "file": b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><item><title>&x;</title></item></rss>",
    "deep": b"<urlset>" + b"<url>" * 200_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_feed_can_do_harm(kind):
    begun = time.process_time()
    items = read_feed(HOSTILE[kind], PLACE).items
    assert time.process_time() - begun < 3
    assert all(len(witness.raw) < 1000 for item in items for witness in item.witnesses)
    assert "root:" not in str(items)
