"""The queue: nothing twice, lists before details, rounds."""

import sqlite3
import time
from contextlib import closing

import pytest

from crawlers.families.family import PageRequest
from crawlers.frontier import FILE_NAME, Frontier, JobKind, JobState, NewJob
from crawlers.jobs import LastVisit
from crawlers.response import Validators
from crawlers.schedule import DAY, Visit

MET = LastVisit(Validators(), "0" * 64)
SITE = "http://127.0.0.1:8100/"
HOST = "127.0.0.1:8100"


def home():
    return NewJob(JobKind.HOME, SITE, PageRequest(SITE))


def column(number, page=1):
    return NewJob(JobKind.LIST, SITE, PageRequest(f"{SITE}col/{number}"), column=f"{number} {page}")


def detail(path, columns=("甲",)):
    context = {"columns": [[SITE, name, name] for name in columns], "said": {}}
    return NewJob(JobKind.DETAIL, SITE, PageRequest(SITE + path), context=context)


@pytest.fixture
def frontier(tmp_path):
    with closing(Frontier(tmp_path)) as opened:
        yield opened


def work_off(frontier):
    """Settle all jobs and return what was done, in order."""
    done = []
    while job := frontier.next_job(HOST, [SITE], []):
        done.append(job.request.url.removeprefix(SITE))
        with frontier.write() as changes:
            if job.kind is JobKind.DETAIL:
                changes.visited(job.id, Visit(job.request.url, time.time()), MET, whole=True)
            else:
                changes.settle(job.id, JobState.DONE)
    return done


def test_home_pages_come_before_lists_and_lists_before_details(frontier):
    with frontier.write() as changes:
        changes.enqueue_items([detail("a"), detail("b")])
        changes.enqueue(column(1))
        changes.enqueue(home())
    assert work_off(frontier) == ["", "col/1", "a", "b"]


def test_nothing_is_queued_twice_however_its_address_is_written(frontier):
    with frontier.write() as changes:
        assert changes.enqueue_items([detail("x?a=1&b=2"), detail("x?b=2&a=1")]) == 1
        assert changes.enqueue_items([detail("x?b=2&a=1#top")]) == 0
        assert changes.enqueue(column(1))
        assert not changes.enqueue(column(1))
    assert len(work_off(frontier)) == 2


def test_a_known_detail_learns_its_further_columns(frontier):
    with frontier.write() as changes:
        changes.enqueue_items([detail("a", ["甲"])])
        assert changes.enqueue_items([detail("a", ["乙"])]) == 0
    job = frontier.next_job(HOST, [SITE], [])
    assert job.context["columns"] == [[SITE, "乙", "乙"], [SITE, "甲", "甲"]]
    work_off(frontier)
    with frontier.write() as changes:
        assert changes.enqueue_items([detail("a", ["甲"])]) == 0
        assert changes.enqueue_items([detail("a", ["丙"])]) == 1


def test_a_job_for_later_is_not_done_before(frontier):
    with frontier.write() as changes:
        changes.enqueue_items([detail("a")])
    job = frontier.next_job(HOST, [SITE], [])
    with frontier.write() as changes:
        changes.retry(job.id, time.time() + 60, "timeout")
    assert frontier.next_job(HOST, [SITE], []) is None
    assert 50 < frontier.next_due(HOST, [SITE]) - time.time() <= 60


def test_a_failed_transaction_leaves_nothing(frontier):
    def breaks_off():
        with frontier.write() as changes:
            changes.enqueue(home())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert frontier.next_job(HOST, [SITE], []) is None


def test_an_unfinished_round_is_gone_on_with_and_a_finished_one_begins_anew(frontier):
    with frontier.write() as changes:
        assert not changes.begin_round([home()])
        changes.enqueue(column(1))
        changes.enqueue_items([detail("a")])
        assert changes.sight(SITE, "1", [SITE + "a"]) == {SITE + "a"}
    assert frontier.next_job(HOST, [SITE], []).kind is JobKind.HOME
    with frontier.write() as changes:
        assert changes.begin_round([home()])
        assert changes.sight(SITE, "1", [SITE + "a", SITE + "b"]) == {SITE + "b"}
    assert work_off(frontier) == ["", "col/1", "a"]
    with frontier.write() as changes:
        changes.finish_round([HOST])
        assert not changes.begin_round([home()])
        assert changes.sight(SITE, "1", [SITE + "a"]) == {SITE + "a"}
    assert work_off(frontier) == [""]


def test_a_queue_of_another_layout_is_begun_anew(tmp_path):
    with closing(Frontier(tmp_path)) as frontier, frontier.write() as changes:
        changes.begin_round([home()])
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        file.execute("ALTER TABLE job DROP COLUMN error")
        file.execute("PRAGMA user_version = 1")
    with closing(Frontier(tmp_path)) as frontier:
        assert frontier.count(JobState.PENDING) == 0
        with frontier.write() as changes:
            assert not changes.begin_round([home()])
        assert work_off(frontier) == [""]


def test_a_queue_of_todays_layout_is_kept(tmp_path):
    with closing(Frontier(tmp_path)) as frontier, frontier.write() as changes:
        changes.begin_round([home()])
    with closing(Frontier(tmp_path)) as frontier:
        assert work_off(frontier) == [""]


def at_once(frontier):
    return frontier.next_job(HOST, [SITE], [])


def begin_again(frontier):
    with frontier.write() as changes:
        changes.finish_round([HOST])
        changes.begin_round([home()])


def test_a_known_page_comes_again_when_it_is_due(frontier):
    with frontier.write() as changes:
        changes.begin_round([home()])
        changes.enqueue_items([detail("a")])
    work_off(frontier)
    begin_again(frontier)
    assert work_off(frontier) == [""]
    with frontier.transaction() as connection:
        connection.exec_driver_sql("UPDATE job SET due_at = due_at - ?", (100 * DAY,))
    begin_again(frontier)
    assert at_once(frontier).kind is JobKind.HOME
    assert work_off(frontier) == ["", "a"]


def test_a_page_of_which_a_list_says_something_new_is_fetched_whole(frontier):
    with frontier.write() as changes:
        changes.begin_round([home()])
        changes.enqueue_items([said("a", "旧标题")])
    work_off(frontier)
    with frontier.write() as changes:
        assert changes.enqueue_items([said("a", "旧标题")]) == 0
        assert changes.enqueue_items([said("a", "新标题")]) == 1
    job = at_once(frontier)
    assert job.last is None
    assert job.context["said"] == {"甲": [["title", "新标题"]]}, "what the list said before is no longer said"


def said(path, title):
    job = detail(path)
    job.context["said"] = {"甲": [["title", title]]}
    return job


def test_what_somebody_waits_for_comes_first_and_so_does_what_it_leads_to(frontier):
    with frontier.write() as changes:
        changes.begin_round([home()])
        changes.enqueue_items([detail("a"), detail("b")])
    work_off(frontier)
    with frontier.write() as changes:
        changes.enqueue(column(1))
        changes.ask(NewJob(JobKind.DETAIL, SITE, PageRequest(SITE + "b"), urgent=True))
    assert frontier.urgent_hosts() == {HOST}
    assert frontier.next_job(HOST, [SITE], [], urgent_only=True).last is None
    assert work_off(frontier) == ["b", "col/1"]
    assert frontier.urgent_hosts() == set()


def test_a_page_that_is_gone_is_asked_for_on_the_next_day_and_then_less_and_less(frontier):
    with frontier.write() as changes:
        changes.begin_round([home()])
        changes.enqueue_items([detail("a")])
    work_off(frontier)
    waits = []
    for _ in range(9):
        with frontier.write() as changes:
            changes.put_off(2, Visit(SITE + "a", 0.0), "gone: 404")
        with frontier.read() as connection:
            waits.append(connection.exec_driver_sql("SELECT due_at FROM job WHERE id = 2").scalar() / DAY)
    assert 1 <= waits[0] < 1.2
    assert waits == sorted(waits)
    assert 90 <= waits[-1] < 100


def test_http_https_and_www_twins_are_one_server():
    names = {"http://www.a.gov.cn/", "https://a.gov.cn/", "http://a.gov.cn:80/x"}
    assert {NewJob(JobKind.HOME, url, PageRequest(url)).host for url in names} == {"a.gov.cn"}
