"""What a visited page tells of the twins of its address: to the catalogue and to the queue."""

from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection

from catalog import twins, uniting
from crawlers.addresses import canonical
from crawlers.changes import Changes
from crawlers.jobs import Job
from crawlers.noticing import page_moved
from crawlers.outcome import Outcome, Page, Unchanged


def asked_twin(job: Job, alias: str) -> str | None:
    """Return the address a job asked for where the server led from there to its twin; None if it did not."""
    asked = canonical(job.request.url)
    return asked if asked in twins.twins_of(alias) else None


def settle_twins(tx: Connection, changes: Changes, outcome: Outcome, stands_at: str | None) -> None:
    """Let the queue visit one address of a page, after its job was settled.

    `stands_at` is the address under which the page is known, where it was met at a twin of that.
    """
    job, page = outcome.job, outcome.result
    if not isinstance(page, Page | Unchanged):
        return
    if stands_at is not None:
        _meet(tx, changes, job, page.alias, stands_at)
    asked = asked_twin(job, page.alias)
    if asked is None:
        return
    url = page.url if isinstance(page, Page) else _at(job.request.url, page.alias)
    # Also of a page that was recorded: nothing is written where the twin said the same before.
    twins.moved(tx, asked, page.alias, url)
    if uniting.unite(tx, asked, page.alias):
        changes.twins.follow(job.id, url)
        page_moved(tx, job.request.url, url)


def _meet(tx: Connection, changes: Changes, job: Job, alias: str, stands_at: str) -> None:
    """Visit the one of two addresses of a page that can be had, the known one if both can."""
    if changes.twins.retire(job.id, stands_at):
        page_moved(tx, job.request.url, stands_at)
    else:
        twins.moved(tx, stands_at, alias, job.request.url)
        page_moved(tx, stands_at, job.request.url)


def _at(url: str, twin: str) -> str:
    """Return an address at the server of its twin; its arguments keep the order their site gave them."""
    there = urlsplit(twin)
    return urlunsplit(urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc))


def gave_way(tx: Connection, changes: Changes, job: Job) -> bool:
    """Let a twin be visited where the address of a job is gone; tell whether there is one."""
    url = changes.twins.give_way(job.id)
    if url is None:
        return False
    twins.moved(tx, canonical(job.request.url), canonical(url), url)
    page_moved(tx, job.request.url, url)
    return True
