"""A CMS tells us by itself: who may, what is taken, and that the same thing is taken once."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from catalog.inbox import EntryState, Inbox
from catalog.pushed import PushedRecord
from catalog.recording import ensure_subsite
from catalog.store import Catalog
from cli.main import app as commands
from search_api import push
from search_api.app import create_app
from search_api.keys import Keys
from search_api.service import Service

URL = "http://mzj.hongzhou.example/art/2026/3/2/art_70_15.html"


@pytest.fixture
def data(own_data):
    with Catalog.open(own_data) as catalog, catalog.write() as tx:
        ensure_subsite(tx, root_url="http://www.mzj.hongzhou.example/", name="市民政局")
    return own_data


@pytest.fixture
def key(data):
    with closing(Keys(data)) as keys:
        return keys.make("民政局网站后台")


@pytest.fixture
def service(data):
    opened = Service(data)
    opened.open()
    yield opened
    asyncio.run(opened.close())


@pytest.fixture
def pushing(service, asker, key):
    """Push with the key unless told otherwise."""
    ask = asker(create_app(service))

    def pushes(json=None, path="/api/v1/publications", method="POST", given=key, headers=None, **options):
        sent = {"Authorization": f"Bearer {given}"} if given else {}
        return ask(path, method, json=json, headers={**sent, **(headers or {})}, **options)

    return pushes


def code(response):
    return response.status_code, response.json().get("code")


def test_a_push_is_answered_with_a_job_that_can_be_asked_for(pushing, data):
    response = pushing({"url": URL, "title": "关于做好低保工作的通知", "published_on": "2026-03-02"})
    assert response.status_code == 202
    job = response.json()
    assert (job["state"], job["url"]) == ("waiting", URL)
    assert response.headers["location"] == job["href"]
    assert pushing(path=job["href"], method="GET").json() == job
    with closing(Inbox(data)) as inbox:
        (entry,) = inbox.entries(EntryState.WAITING)
    assert dict(entry.facts) == {"title": "关于做好低保工作的通知", "published_on": "2026-03-02"}


@pytest.mark.parametrize("given", [None, "gk_x_y", "gk_01k9zq3v8m5w2r7x4t6y1b0c9d_secret", "秘密"])
def test_nobody_pushes_without_a_key(pushing, given):
    headers = None if given is None else {"Authorization": b"Bearer " + given.encode()}
    response = pushing({"url": URL}, given=None, headers=headers)
    assert code(response) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    assert code(pushing(path="/api/v1/jobs/x", method="GET", given=None)) == (401, "unauthorized")


def test_a_revoked_key_lets_nobody_in_from_that_moment(pushing, data, key):
    assert pushing({"url": URL}).status_code == 202
    with closing(Keys(data)) as keys:
        assert keys.revoke(key.split("_")[1])
    assert code(pushing({"url": URL})) == (401, "unauthorized")


def test_another_keys_job_is_not_shown(pushing, data):
    job = pushing({"url": URL}).json()
    with closing(Keys(data)) as keys:
        other = keys.make("别人")
    assert code(pushing(path=job["href"], method="GET", given=other)) == (404, "job-not-found")


def test_the_same_again_is_the_same_job(pushing, data):
    first = pushing({"url": URL}).json()["id"]
    assert pushing({"url": URL}).json()["id"] == first
    named = pushing({"url": URL}, headers={"Idempotency-Key": "7"}).json()["id"]
    with closing(Inbox(data)) as inbox:
        inbox.settled(first, EntryState.DONE, "已抓取入库。")
        inbox.settled(named, EntryState.DONE, "已抓取入库。")
    assert pushing({"url": URL}, headers={"Idempotency-Key": "7"}).json()["id"] == named
    assert pushing({"url": URL}).json()["id"] not in (first, named), "a page may have been corrected"
    mismatch = pushing({"url": URL + "?2"}, headers={"Idempotency-Key": "7"})
    assert code(mismatch) == (409, "idempotency-mismatch")


RECORD = {"url": URL, "title": "关于做好低保工作的通知", "text": "各县区民政局：请认真贯彻执行。"}
WRONG = {
    "no object": ([1], "bad-json", None),
    "no url": ({"title": "甲"}, "missing-field", "url"),
    "no address": ({"url": "javascript:alert(1)"}, "bad-url", "url"),
    "user in address": ({"url": "http://a@mzj.hongzhou.example/"}, "bad-url", "url"),
    "space in address": ({"url": "http://mzj.hongzhou.example/a b"}, "bad-url", "url"),
    "number": ({"url": 7}, "bad-url", "url"),
    "foreign": ({"url": "http://elsewhere.example/"}, "foreign-url", "url"),
    "metadata server": ({"url": "http://169.254.169.254/"}, "foreign-url", "url"),
    "other port": ({"url": "http://mzj.hongzhou.example:9200/"}, "foreign-url", "url"),
    "unknown field": ({"url": URL, "titel": "甲"}, "unknown-field", "titel"),
    "empty title": ({"url": URL, "title": "　"}, "bad-value", "title"),
    "nested": ({"url": URL, "title": {"a": 1}}, "bad-value", "title"),
    "long": ({"url": URL, "title": "甲" * 501}, "value-too-long", "title"),
    "date": ({"url": URL, "published_on": "2026-02-30"}, "bad-date", "published_on"),
    "tomorrow's news": ({"url": URL, "published_on": "2199-01-01"}, "bad-date", "published_on"),
    "text and html": (RECORD | {"html": "<p>甲</p>"}, "bad-value", "html"),
    "no text": ({"url": URL, "title": "甲", "columns": ["通知"]}, "missing-field", "text"),
    "no title": ({"url": URL, "text": "甲"}, "missing-field", "title"),
    "blank text": (RECORD | {"text": " \n　"}, "bad-value", "text"),
    "text as a list": (RECORD | {"text": ["甲"]}, "bad-value", "text"),
    "one column": (RECORD | {"columns": "通知公告"}, "bad-value", "columns"),
    "blank column": (RECORD | {"columns": ["　"]}, "bad-value", "columns"),
    "long column": (RECORD | {"columns": ["甲" * 101]}, "value-too-long", "columns"),
    "many columns": (RECORD | {"columns": ["甲"] * 21}, "too-many-values", "columns"),
    "file without address": (RECORD | {"attachments": [{}]}, "missing-field", "attachments[0].url"),
    "file with a body": (RECORD | {"attachments": [{"url": URL, "data": ""}]}, "bad-value", "attachments[0]"),
    "foreign file": (
        RECORD | {"attachments": [{"url": URL}, {"url": "http://127.0.0.1/f.pdf"}]},
        "foreign-url",
        "attachments[1].url",
    ),
    "file by script": (
        RECORD | {"attachments": [{"url": "javascript:a()"}]},
        "bad-url",
        "attachments[0].url",
    ),
    "long file name": (
        RECORD | {"attachments": [{"url": URL, "name": "甲" * 501}]},
        "value-too-long",
        "attachments[0].name",
    ),
    "date in words": ({"url": URL, "published_on": "2026年3月2日"}, "bad-date", "published_on"),
}


def test_a_whole_record_waits_beside_its_job_and_the_same_again_is_the_same_job(pushing, data):
    pushed = RECORD | {"columns": ["通知公告"], "attachments": [{"url": URL + ".pdf", "name": "附件"}]}
    job = pushing(pushed).json()
    assert (job["state"], job["searchable"], job["document"]) == ("waiting", False, None)
    assert pushing(pushed).json()["id"] == job["id"]
    assert pushing(pushed | {"text": "更正。"}).json()["id"] != job["id"]
    with closing(Inbox(data)) as inbox:
        body, _received = inbox.record_of(job["id"])
        record = PushedRecord.from_json(body)
        assert (record.text, record.columns) == (RECORD["text"], ("通知公告",))
        assert record.attachments == ((URL + ".pdf", "附件"),)
        assert inbox.entries(EntryState.WAITING)[0].has_record
        inbox.settled(job["id"], EntryState.DONE, "推送的内容已入库。")
        assert inbox.record_of(job["id"]) is None, "the archive has it now"


def test_the_same_key_for_another_text_is_a_mismatch(pushing):
    headers = {"Idempotency-Key": "8"}
    assert pushing(RECORD, headers=headers).status_code == 202
    mismatch = pushing(RECORD | {"text": "另一条。"}, headers=headers)
    assert code(mismatch) == (409, "idempotency-mismatch")


def test_an_inbox_made_before_there_were_records_takes_them(pushing, data):
    first = pushing({"url": URL}).json()["id"]
    with closing(sqlite3.connect(data / "inbox.db")) as file, file:
        file.execute("DROP TABLE record")
    with closing(Inbox(data)) as inbox:
        entry = inbox.put("key", URL, {"title": "甲"}, None, b"{}")
        assert entry.has_record
        assert [each.id for each in inbox.entries(EntryState.WAITING)] == [first, entry.id]


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(what, pushing):
    body, problem, parameter = WRONG[what]
    response = pushing(body)
    assert code(response) == (422, problem)
    assert response.json().get("parameter") == parameter


def test_bodies_that_are_no_json_or_too_large_or_too_deep_are_refused(pushing):
    assert code(pushing(content=b"{")) == (422, "bad-json")
    assert code(pushing(content=b"[" * 60_000)) == (422, "bad-json")
    assert code(pushing(content=b" " * 4_194_305)) == (413, "body-too-large")


def test_the_operator_may_set_how_much_is_taken(data, asker, key):
    service = Service(data, push_bytes=1024)
    service.open()
    ask = asker(create_app(service))
    headers = {"Authorization": f"Bearer {key}"}
    response = ask("/api/v1/publications", "POST", json={"url": URL, "abstract": "甲" * 400}, headers=headers)
    assert code(response) == (413, "body-too-large")
    assert "1 KiB" in response.json()["detail"]
    asyncio.run(service.close())


def test_a_key_has_so_many_a_minute(pushing, monkeypatch):
    monkeypatch.setattr(push, "PER_MINUTE", 2)
    codes = [pushing({"url": f"{URL}?{n}"}).status_code for n in range(3)]
    assert codes == [202, 202, 429]


def test_so_many_records_of_a_key_may_wait_for_a_crawl_that_does_not_run(pushing, data, monkeypatch):
    monkeypatch.setattr(push, "MOST_WAITING", 1)
    job = pushing(RECORD).json()["id"]
    response = pushing(RECORD | {"text": "第二条。"})
    assert code(response) == (429, "rate-limited")
    assert "crawl --watch" in response.json()["detail"]
    assert pushing({"url": URL}).status_code == 202, "an address takes no room"
    with closing(Inbox(data)) as inbox:
        inbox.settled(job, EntryState.DONE, "推送的内容已入库。")
    assert pushing(RECORD | {"text": "第二条。"}).status_code == 202


def test_reading_where_only_pushing_is_possible_says_so(pushing):
    response = pushing(method="GET")
    assert code(response) == (405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


def test_the_description_names_every_field(pushing):
    described = pushing(path="/openapi.json", method="GET").json()["paths"]["/api/v1/publications"]["post"]
    properties = described["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert {"url", "title", "published_on", "doc_number", "text", "html", "attachments"} <= properties.keys()
    assert {"202", "401", "422", "429"} <= described["responses"].keys()


def test_keys_are_made_listed_and_revoked_by_command_and_never_shown_again(data):
    def run(*arguments):
        return CliRunner().invoke(commands, ["key", *arguments, "--data", str(data)])

    made = run("new", "--name", "民政局网站后台").stdout.strip()
    key_id = made.split("_")[1]
    listed = run("list").stdout
    assert key_id in listed
    assert "民政局网站后台" in listed
    secret = made.split("_", 2)[2]
    assert secret not in listed
    assert secret.encode() not in b"".join(file.read_bytes() for file in data.glob("service.db*"))
    assert run("revoke", key_id).exit_code == 0
    assert "吊销" in run("list").stdout
    assert run("revoke", key_id).exit_code == 2
