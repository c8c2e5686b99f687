"""A whole record that a CMS pushed: recorded at once, archived, read again, and weaker than its page."""

import asyncio
import signal
from contextlib import closing

import pytest
from dying import POINTS
from lives import forks

from catalog.comparing import differences, snapshot
from catalog.inbox import EntryState, Inbox
from catalog.purging import purge
from catalog.pushed import PushedRecord
from catalog.store import Catalog
from catalog.suppression import suppress
from crawlers import noticing
from crawlers.archive_reading import ArchiveReader
from crawlers.reparsing import Reparser, Verdict
from tests.crawlers.test_attachments import TEXT, pdf

TITLE = "关于调整城区公交线路的公告"
BODY = "自四月一日起，九路公交车改经滨湖路，末班车时间延长半小时。\n特此公告。"
SHELL = "<html><body><script>document.cookie='a=1';location.reload()</script></body></html>"
LOGIN = "<form>用户名<input><br>密码<input type=password></form>"
SPAM = "<p>澳门新葡京官网百家乐老虎机真人娱乐平台注册送彩金</p>" * 20
SHOWN = (
    "SELECT c.alias, w.raw FROM publication p JOIN capture c ON c.id = p.capture_id"
    " JOIN witness w ON w.capture_id = c.id AND w.field = 'title' ORDER BY p.id"
)


@pytest.fixture
def inbox(crawled):
    crawled.data_dir.mkdir(exist_ok=True)
    with closing(Inbox(crawled.data_dir)) as opened:
        yield opened


@pytest.fixture
def subsite(server, jcms, planting, crawled):
    made = jcms(server, planting(2))
    crawled.run(made)
    return made


@pytest.fixture
def push(inbox, server):
    """Push a record for a path of the server; returns its entry's id."""

    def put(path="/art/new.html", *, title=TITLE, facts=(), columns=(), files=(), **said):
        url = f"{server.url}{path}"
        facts = {"title": title, **dict(facts)}
        text = said or {"text": BODY}
        attachments = tuple((f"{server.url}{file}", name) for file, name in files)
        record = PushedRecord(
            url, tuple(sorted(facts.items())), columns=columns, attachments=attachments, **text
        )
        return inbox.put("key", url, facts, None, record.to_json()).id

    return put


@pytest.fixture
def outcome(inbox):
    def ask(entry_id):
        entry = inbox.get("key", entry_id)
        return entry.state, entry.detail

    return ask


def look(data):
    with closing(Catalog.open(data, read_only=True)) as catalog, catalog.read() as connection:
        return snapshot(connection)


def reread(data, *, apply=False):
    found = []
    with Catalog.open(data, read_only=not apply) as catalog, closing(Reparser(catalog)) as reparser:
        asyncio.run(reparser.read(reparser.captures(), apply=apply, report=found.append))
    return found


def length_shown(crawled, url):
    rows = crawled.rows(
        "SELECT p.url, t.characters FROM publication p JOIN capture c ON c.id = p.capture_id"
        " JOIN text t ON t.hash = c.text_hash"
    )
    return dict(rows)[url]


def test_a_record_whose_page_cannot_be_fetched_is_recorded_with_files_and_columns(
    subsite, server, crawled, push, outcome, answer
):
    server.routes["/art/new.html"] = answer(SHELL.encode())
    server.routes["/f/1.pdf"] = answer(pdf(TEXT), headers={"Content-Type": "application/pdf"})
    facts = {"issued_on": "2012-03-01", "doc_number": "清交〔2012〕7号"}
    entry = push(
        html="<p>自四月一日起改线。</p><table><tr><td>线路</td><td>末班</td></tr><tr><td>九路</td>"
        "<td>21:30</td></tr></table><script>alert(1)</script>",
        facts=facts,
        columns=("部门文件", "公交信息"),
        files=[("/f/1.pdf", "附件：线路图")],
    )
    crawled.run(subsite, urgent_only=True)
    assert outcome(entry) == (EntryState.DONE, "推送的内容已入库。")
    found = crawled.publications()[f"{server.url}/art/new.html"]
    assert found["columns"] == ["公交信息", "部门文件"]
    assert {(field, provenance) for field, _raw, provenance in found["said"]} == {
        ("title", "import"),
        ("issued_on", "import"),
        ("doc_number", "import"),
    }
    ((characters,),) = crawled.rows("SELECT characters FROM text JOIN capture_attachment ON hash = text_hash")
    assert characters == len(TEXT.replace(" ", ""))
    assert crawled.rows("SELECT count(*) FROM site_column") == [(2,)], "a column of that name was there"
    assert {one.verdict for one in reread(crawled.data_dir, apply=True)} == {Verdict.SAME}


def test_a_record_is_recorded_while_its_server_is_down_with_its_files_by_name(
    make_server, jcms, planting, crawled, inbox, outcome
):
    server = make_server()
    subsite = jcms(server, planting(1))
    crawled.run(subsite)
    url = f"{server.url}/art/new.html"
    server.close()
    entries = []
    for number in range(3):
        facts = (("title", f"{TITLE}（{number}）"),)
        record = PushedRecord(f"{url}?{number}", facts, text=BODY, attachments=((f"{url}.pdf", "图"),))
        entries.append(inbox.put("key", record.url, dict(facts), None, record.to_json()).id)
    crawled.run(subsite)
    assert [outcome(entry)[0] for entry in entries] == [EntryState.DONE] * 3
    assert len(crawled.publications()) == 4
    assert crawled.rows("SELECT DISTINCT problem FROM capture_attachment") == [("文件未能下载",)]


def test_the_page_when_it_can_be_had_is_shown_and_the_record_stays_in_history(
    subsite, server, crawled, push, answer
):
    url, (page, _other) = subsite.url_of(subsite.planted[0]), subsite.planted
    path = url.removeprefix(server.url)
    before = crawled.publications()[url]["text"]
    push(path, title=page.title, text="推送的是另一个说法。")
    crawled.run(subsite, urgent_only=True)
    assert crawled.publications()[url]["text"] == before, "even as it was, the page is the stronger witness"
    aliases = [alias for (alias,) in crawled.rows("SELECT alias FROM capture ORDER BY id")]
    assert aliases.count(f"push:{url}") == 1
    good, server.routes[path] = server.routes[path], answer(LOGIN.encode())
    push(path, title=page.title, text="再推一次，网页已改为需要登录。")
    crawled.run(subsite, urgent_only=True)
    assert crawled.publications()[url]["text"] != before, "what cannot be had is no witness"
    server.routes[path] = good
    with closing(Inbox(crawled.data_dir)) as inbox:
        inbox.put("key", url, {}, None)
    crawled.run(subsite, urgent_only=True)
    assert crawled.publications()[url]["text"] == before
    assert crawled.rows("SELECT count(*) FROM publication") == [(2,)]


def test_a_record_for_a_page_behind_a_redirect_is_one_publication(subsite, server, crawled, push, answer):
    target = subsite.url_of(subsite.planted[0]).removeprefix(server.url)
    page = server.routes[target]
    server.routes["/go"] = answer(status=302, headers={"Location": "/art/moved.html"})
    push("/go")
    crawled.run(subsite, urgent_only=True)
    server.routes["/art/moved.html"] = page
    push("/go", text="第二版。")
    crawled.run(subsite, urgent_only=True)
    urls = [url for (url,) in crawled.rows("SELECT url FROM publication ORDER BY id")]
    assert len(urls) == 3
    assert f"{server.url}/art/moved.html" in urls
    push("/go", text="第三版。")
    crawled.run(subsite, urgent_only=True)
    assert crawled.rows("SELECT count(*) FROM publication") == [(3,)]


def test_what_came_before_the_page_was_last_met_is_kept_and_not_shown(subsite, crawled, server, push):
    url, page = subsite.url_of(subsite.planted[0]), subsite.planted[0]
    before = crawled.publications()[url]["text"]
    push(url.removeprefix(server.url), title=page.title, text="旧稿。")
    with closing(Inbox(crawled.data_dir)) as inbox, inbox._begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET received_at = '2001-01-01 00:00:00.000000'")
    server.routes[url.removeprefix(server.url)] = None
    crawled.run(subsite, urgent_only=True)
    assert crawled.publications()[url]["text"] == before
    assert crawled.rows("SELECT count(*) FROM capture") == [(3,)]


REFUSED = {
    "a login": ({"html": LOGIN}, "未入库：推送的内容是登录页。", None),
    "gambling": (
        {"html": SPAM, "title": "澳门新葡京官网_百家乐平台", "facts": {"keywords": "百家乐,博彩,老虎机"}},
        "未入库：推送的内容是疑似被篡改的页面。",
        "hacked",
    ),
    "nothing there": (
        {"text": "您访问的页面不存在或已删除", "title": "提示"},
        "未入库：推送的内容是错误页",
        None,
    ),
    "a whole page that is none": (
        {"html": f"<!DOCTYPE html><title>登录</title>{LOGIN}"},
        "未入库：推送的内容是登录页。",
        None,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_not_be_taken_from_a_page_is_not_taken_from_its_sender(
    what, subsite, crawled, push, outcome
):
    said, told, finding = REFUSED[what]
    entry = push(**said)
    crawled.run(subsite, urgent_only=True)
    state, detail = outcome(entry)
    assert (state, detail.startswith(told)) == (EntryState.FAILED, True)
    assert crawled.rows("SELECT count(*) FROM publication") == [(2,)]
    assert [kind for (kind,) in crawled.rows("SELECT kind FROM finding")] == ([finding] if finding else [])


def test_what_was_purged_is_not_taken_again_and_leaves_nothing_in_the_archive(
    subsite, server, crawled, push, outcome
):
    push()
    crawled.run(subsite, urgent_only=True)
    ((document,),) = crawled.rows("SELECT document_id FROM publication WHERE url LIKE '%new.html'")
    with Catalog.open(crawled.data_dir) as catalog:
        with catalog.write() as tx:
            suppress(tx, document, why="含个人信息", who="测试员")
        purge(catalog, document, why="含个人信息", who="测试员")
    entry = push(text="又来了一遍的内容。")
    crawled.run(subsite, urgent_only=True)
    assert outcome(entry) == (EntryState.FAILED, "未入库：已从本系统彻底删除，不再抓取。")
    assert crawled.rows("SELECT count(*) FROM publication") == [(2,)]
    for file in (crawled.data_dir / "archive").iterdir():
        assert not any("new.html" in url for url in ArchiveReader(crawled.data_dir)._index(file.name).by_id)


def test_what_was_suppressed_stays_so_whatever_is_pushed(subsite, crawled, push):
    push()
    crawled.run(subsite, urgent_only=True)
    ((document,),) = crawled.rows("SELECT document_id FROM publication WHERE url LIKE '%new.html'")
    with Catalog.open(crawled.data_dir) as catalog, catalog.write() as tx:
        suppress(tx, document, why="含个人信息", who="测试员")
    push(text="换一个说法再推。")
    crawled.run(subsite, urgent_only=True)
    assert crawled.rows("SELECT document_id FROM publication WHERE url LIKE '%new.html'") == [(document,)]
    assert crawled.rows("SELECT count(*) FROM suppression WHERE lifted_at IS NULL") == [(1,)]


def test_a_page_that_nobody_ever_saw_is_not_missed(subsite, server, crawled, push, monkeypatch):
    push()
    crawled.run(subsite, urgent_only=True)
    with Catalog.open(crawled.data_dir) as catalog, catalog.write() as tx:
        for day in ("2030-01-01", "2030-01-02", "2030-01-03"):
            moment = noticing.datetime.fromisoformat(day).date()
            noticing.removal.note_absent(tx, f"{server.url}/art/new.html", 404, moment)
    assert crawled.rows("SELECT count(*) FROM publication WHERE withdrawn_at IS NOT NULL") == [(0,)]


def test_a_whole_page_is_read_as_its_subsite_reads_its_pages_and_again_so(
    server, jcms, planting, crawled, push, answer
):
    subsite = jcms(server, planting(2))
    subsite.family = None
    crawled.run(subsite)
    page = server.routes[subsite.url_of(subsite.planted[0]).removeprefix(server.url)].body.decode()
    server.routes["/art/new.html"] = answer(status=403)
    push(html=page, title="关于推送整页的通知")
    crawled.run(subsite, urgent_only=True)
    said = crawled.publications()[f"{server.url}/art/new.html"]["said"]
    assert ("title", "关于推送整页的通知", "import") in said
    assert ("doc_number", subsite.planted[0].doc_number, "import") in said
    assert {provenance for _field, _raw, provenance in said} == {"import"}
    assert crawled.rows("SELECT family FROM subsite") == [("hanweb_jcms",)]
    assert {one.verdict for one in reread(crawled.data_dir)} == {Verdict.SAME}


def test_two_records_in_a_row_are_two_captures_and_the_later_is_shown(subsite, server, crawled, push):
    push(text="第一版。")
    push(text="第二版，有更正。")
    crawled.run(subsite, urgent_only=True)
    assert length_shown(crawled, f"{server.url}/art/new.html") == 8
    push(text="第一版。")
    crawled.run(subsite, urgent_only=True)
    assert length_shown(crawled, f"{server.url}/art/new.html") == 4
    assert crawled.rows("SELECT count(*) FROM capture WHERE alias LIKE 'push:%'") == [(3,)]
    assert {one.verdict for one in reread(crawled.data_dir)} == {Verdict.SAME}
    archive = ArchiveReader(crawled.data_dir)
    assert [error for file in archive.files() for error in archive.damages(file)] == []


@pytest.mark.slow
def test_a_worker_killed_on_the_way_loses_nothing_and_doubles_nothing(
    server, jcms, planting, crawled, answer, tmp_path
):
    subsite = jcms(server, planting(2))
    server.routes["/f/1.txt"] = answer("线路图说明".encode())
    sites = tmp_path / "sites.toml"
    sites.write_text(
        f'[[site]]\nname = "子站0"\nurl = "{subsite.root}"\nfamily = "{subsite.family}"\ndelay = 0\n'
    )

    def begin(data):
        data.mkdir(parents=True)
        with closing(Inbox(data)) as inbox:
            for number in range(3):
                facts = (("title", f"{TITLE}（{number}）"),)
                record = PushedRecord(
                    f"{server.url}/art/{number}.html",
                    facts,
                    text=f"{BODY}{number}",
                    columns=("公交信息",),
                    attachments=((f"{server.url}/f/1.txt", "说明"),),
                )
                inbox.put("key", record.url, dict(facts), None, record.to_json())

    begin(tmp_path / "calm")
    calm = type(crawled)(tmp_path / "calm")
    calm.run(subsite)
    assert len(calm.publications()) == 5
    with forks() as forked:
        for point in POINTS:
            for passing in (1, 2, 3):
                data = tmp_path / f"{list(POINTS).index(point)}-{passing}"
                begin(data)
                arguments = ("crawl", "--sites", str(sites), "--data", str(data))
                assert forked.wait(forked.run(*arguments, die=(point, passing))) == -signal.SIGKILL
                type(crawled)(data).run(subsite)
                found = differences(look(data), look(calm.data_dir))
                assert not found, (point, passing, found)
                with closing(Inbox(data)) as inbox:
                    assert len(inbox.entries(EntryState.DONE)) == 3
                assert {one.verdict for one in reread(data)} == {Verdict.SAME}
