"""What a CMS pushed is fetched before all else, kept with what was said of it, and answered."""

import asyncio
from contextlib import closing

import pytest

from catalog.inbox import EntryState, Inbox
from crawlers.jobs import JobState
from crawlers.pushing import site_of, told
from crawlers.sites import Site
from crawlers.watching import Watch, watch
from crawlers.windows import Windows


@pytest.fixture
def inbox(crawled):
    crawled.data_dir.mkdir(exist_ok=True)
    with closing(Inbox(crawled.data_dir)) as opened:
        yield opened


def test_a_pushed_page_is_fetched_and_what_was_said_of_it_is_kept(server, jcms, planting, crawled, inbox):
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    server.asked.clear()
    url = subsite.url_of(subsite.planted[1])
    pushed = inbox.put("key", url, {"issued_on": "2012-03-01", "topic": "民政"}, None)
    summary = crawled.run(subsite, urgent_only=True)
    assert summary.complete
    assert server.targets() == [url.removeprefix(server.url)]
    entry = inbox.get("key", pushed.id)
    assert (entry.state, entry.detail) == (EntryState.DONE, "已抓取入库。")
    said = crawled.publications()[url]["said"]
    assert {("issued_on", "2012-03-01", "import"), ("topic", "民政", "import")} <= set(said)
    crawled.run(subsite)
    assert crawled.publications()[url]["columns"] == ["部门文件"]


def test_a_page_that_no_list_shows_comes_in_by_a_push(server, jcms, planting, crawled, inbox):
    subsite = jcms(server, planting(2))
    crawled.run(subsite)
    subsite.__init__(server, [*subsite.planted, *planting(1, first=40)])
    url = subsite.url_of(subsite.planted[2])
    inbox.put("key", url, {}, None)
    crawled.run(subsite, urgent_only=True)
    assert url in crawled.publications()


def test_what_cannot_be_had_is_answered_with_the_reason(server, jcms, planting, crawled, inbox, answer):
    subsite = jcms(server, planting(2))
    server.routes["/login"] = answer(
        "<title>用户登录</title><form>用户名<input><br>密码<input type=password></form>".encode()
    )
    gone, login = (inbox.put("key", f"{server.url}/{path}", {}, None) for path in ("gone", "login"))
    crawled.run(subsite)
    answers = [inbox.get("key", entry.id) for entry in (gone, login)]
    assert [entry.state for entry in answers] == [EntryState.FAILED] * 2
    assert "页面不存在" in answers[0].detail
    assert "登录页" in answers[1].detail


def test_what_is_of_another_crawls_sites_waits_for_it(server, jcms, planting, crawled, inbox):
    entry = inbox.put("key", "http://other.example/1", {}, None)
    assert crawled.run(jcms(server, planting(1))).complete
    assert inbox.get("key", entry.id).state is EntryState.WAITING


def test_a_running_watch_picks_a_push_up_between_its_rounds(
    server, jcms, planting, crawled, inbox, tmp_path, fast
):
    subsite = jcms(server, planting(2))
    sites = tmp_path / "sites.toml"
    sites.write_text(f'[[site]]\nname = "子站"\nurl = "{subsite.root}"\ndelay = 0\n', encoding="utf-8")

    async def push_after_the_first_round():
        stop, rounds = asyncio.Event(), []
        how = Watch(3600, Windows(), fast)
        task = asyncio.create_task(watch(sites, crawled.data_dir, how, stop=stop, on_round=rounds.append))
        try:
            async with asyncio.timeout(15):
                while not rounds:
                    await asyncio.sleep(0.02)
                entry = inbox.put("key", subsite.url_of(subsite.planted[0]), {"topic": "民政"}, None)
                while inbox.get("key", entry.id).state is not EntryState.DONE:
                    await asyncio.sleep(0.05)
        finally:
            stop.set()
            await task
        return rounds

    assert len(asyncio.run(push_after_the_first_round())) == 1


def test_an_address_belongs_to_the_subsite_with_the_longest_root_before_it():
    portal = Site("门户", "http://www.hongzhou.example/")
    office = Site("民政", "http://www.hongzhou.example/mzj/index.html")
    sites = [portal, office]
    assert site_of("http://www.hongzhou.example/mzj/art/1.html", sites) is office
    assert site_of("https://www.hongzhou.example/art/1.html", sites) is portal
    assert site_of("http://elsewhere.example/mzj/", sites) is None
    assert site_of("javascript:void(0)", sites) is None


def test_outcomes_are_told_in_chinese():
    assert told(JobState.DONE, None) == "已抓取入库。"
    assert told(JobState.DONE, "home") == "未入库：这个网址打开的是网站首页。"
    assert told(JobState.DONE, "hacked") == "未入库：网页是疑似被篡改的页面。"
    assert (
        told(JobState.FAILED, "gone: http://a/ 返回 404")
        == "抓取失败：页面不存在（404/410）：http://a/ 返回 404"
    )
    assert "robots.txt" in told(JobState.SKIPPED, "robots")
