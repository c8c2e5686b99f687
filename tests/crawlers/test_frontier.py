"""The queue: nothing twice, lists before details, rounds."""

import sqlite3
import time
from contextlib import closing

import pytest

from crawlers.families.family import PageRequest
from crawlers.frontier import FILE_NAME, Frontier, JobKind, JobState, NewJob

SITE = "http://127.0.0.1:8100/"
HOST = "127.0.0.1:8100"


def home():
    return NewJob(JobKind.HOME, SITE, PageRequest(SITE))


def column(number, page=1):
    return NewJob(JobKind.LIST, SITE, PageRequest(f"{SITE}col/{number}"), column=f"{number} {page}")


def detail(path, columns=("甲",)):
    context = {"columns": [[SITE, name, name] for name in columns], "witnesses": []}
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
        assert changes.begin_round([home()])
        changes.enqueue(column(1))
        changes.enqueue_items([detail("a")])
        assert changes.sight(SITE, "1", [SITE + "a"]) == 1
    assert frontier.next_job(HOST, [SITE], []).kind is JobKind.HOME
    with frontier.write() as changes:
        assert not changes.begin_round([home()])
        assert changes.sight(SITE, "1", [SITE + "a", SITE + "b"]) == 1
    assert work_off(frontier) == ["", "col/1", "a"]
    with frontier.write() as changes:
        changes.finish_round()
        assert changes.begin_round([home()])
        assert changes.sight(SITE, "1", [SITE + "a"]) == 1
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
            assert changes.begin_round([home()])
        assert work_off(frontier) == [""]


def test_a_queue_of_todays_layout_is_kept(tmp_path):
    with closing(Frontier(tmp_path)) as frontier, frontier.write() as changes:
        changes.begin_round([home()])
    with closing(Frontier(tmp_path)) as frontier:
        assert work_off(frontier) == [""]
