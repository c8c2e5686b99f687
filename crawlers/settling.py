"""Settling: what came of a job is noted in the queue, counted, and told as a finding where it is one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from catalog.dates import iso_date
from catalog.recording import Change
from catalog.records import Field, Witness
from crawlers import noticing
from crawlers.errors import Problem
from crawlers.frontier import Changes
from crawlers.jobs import FALSE_CHARSET, Job, JobKind, JobState
from crawlers.outcome import Failed, Home, Later, Listing, NoDocument, Outcome, Page, Unchanged
from crawlers.queueing import Queueing
from crawlers.schedule import Visit
from crawlers.sites import Site
from crawlers.summary import CrawlSummary, Failure
from crawlers.twin_pages import gave_way


@dataclass(frozen=True, slots=True)
class Group:
    """What is open while a group is made to last: both transactions, the counts, pages with open findings.

    `misdeclaring` are subsites of which it is told already that their pages claim a false charset.
    """

    tx: Connection
    changes: Changes
    tally: CrawlSummary
    open_pages: set[str]
    misdeclaring: set[str] = field(default_factory=set)


class Settling:
    """Settles jobs. It keeps nothing between two of them."""

    def __init__(self, queueing: Queueing) -> None:
        self._queueing = queueing

    def settle(
        self, group: Group, outcome: Outcome, verdict: Failed | None, site: Site, subsite_id: str
    ) -> None:
        """Note what became of a job; `verdict` is why its page could not be recorded, if it could not."""
        job, result = outcome.job, verdict or outcome.result
        changes, tally = group.changes, group.tally
        for warning in outcome.warnings:
            tally.fail(Failure(job.request.url, warning.problem, warning.detail))
        self._charset(group, outcome, subsite_id)
        if isinstance(result, Later):
            changes.retry(job.id, result.not_before, result.detail)
            tally.retries += 1
            return
        tally.pages += 1
        match result:
            case Failed():
                self._failed(group, job, result, subsite_id)
            case Home():
                self._home(group, job, result, site, subsite_id)
            case Listing():
                self._listing(group, job, result, subsite_id)
            case NoDocument():
                tally.not_documents[result.kind] += 1
                if job.kind is JobKind.PUSHED:
                    noticing.pushed_in_place(group.tx, job, result, subsite_id)
                else:
                    noticing.no_document(group.tx, job, result, subsite_id)
                visit = _visit(changes, job, datetime.now(UTC))
                changes.visited(job.id, visit, None, whole=True, note=result.note)
            case Unchanged():
                tally.changes[Change.UNCHANGED] += 1
                noticing.had(group.tx, job, result, subsite_id, group.open_pages)
                changes.visited(job.id, _visit(changes, job, result.captured_at), result.met, whole=False)
            case Page():
                tally.attachments += len(result.attachments)
                tally.dead_attachments += len(result.dead)
                noticing.had(group.tx, job, result, subsite_id, group.open_pages)
                visit = _visit(changes, job, result.captured_at, result.witnesses)
                changes.visited(job.id, visit, result.met, whole=True)

    def _charset(self, group: Group, outcome: Outcome, subsite_id: str) -> None:
        job, site, is_false = outcome.job, outcome.job.site, outcome.false_charset is not None
        if outcome.false_charset is not None and site not in group.misdeclaring:
            group.misdeclaring.add(site)
            noticing.charset_false(group.tx, job, *outcome.false_charset, subsite_id)
        # A page that was not sent again (304) says nothing of it. Lists are read in every round.
        had = bool(outcome.responses) and outcome.responses[-1].status == 200
        if had and job.kind is JobKind.DETAIL and is_false != bool(job.context.get(FALSE_CHARSET)):
            group.changes.note_charset(job.id, is_false=is_false)

    def _home(self, group: Group, job: Job, home: Home, site: Site, subsite_id: str) -> None:
        budget = self._queueing.home(group.changes, job, home, group.tally)
        group.changes.settle(job.id, JobState.DONE)
        noticing.home_read(group.tx, job, home, subsite_id, group.open_pages)
        if budget is not None:
            noticing.budget_spent(group.tx, job, budget, subsite_id)
        if home.depth == 0:
            before = group.changes.home_met(job.site, home.family, home.fingerprint or ())
            if before not in (None, home.family):
                noticing.family_changed(group.tx, site, str(before), home.family, subsite_id)

    def _listing(self, group: Group, job: Job, listing: Listing, subsite_id: str) -> None:
        news = self._queueing.listing(group.changes, job, listing, group.tally)
        group.changes.settle(job.id, JobState.DONE)
        name = listing.place.name
        noticing.list_read(group.tx, job, name, subsite_id, emptied=news.emptied, items=news.items)
        if news.budget is not None:
            noticing.budget_spent(group.tx, job, news.budget, subsite_id)
        elif news.ended:
            noticing.column_ended(group.tx, job)

    def _failed(self, group: Group, job: Job, failed: Failed, subsite_id: str) -> None:
        changes, tally = group.changes, group.tally
        if failed.problem is Problem.ROBOTS:
            tally.skipped_by_robots += 1
            changes.settle(job.id, JobState.SKIPPED, failed.problem.value)
            return
        if failed.problem is Problem.PURGED:
            tally.changes[Change.PURGED] += 1
            changes.settle(job.id, JobState.SKIPPED, failed.problem.value)
            return
        is_gone = job.kind is JobKind.DETAIL and failed.problem is Problem.GONE
        if is_gone and gave_way(group.tx, changes, job):
            tally.retries += 1
            return
        tally.fail(Failure(job.request.url, failed.problem, failed.detail))
        had_columns = changes.family_of(job.site) is not None
        noticing.failed(group.tx, job, failed, subsite_id, had_columns=had_columns)
        note = f"{failed.problem.value}: {failed.detail}"
        if is_gone:
            changes.put_off(job.id, Visit(job.request.url, time.time()), note)
            return
        if job.kind is JobKind.LIST:
            changes.list_broke(job.site, job.context["path"])
        changes.settle(job.id, JobState.FAILED, note)


def said_by_lists(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what lists say of a publication: fields and values, each once."""
    return sorted({(field, raw) for said in context["said"].values() for field, raw in said})


def _visit(changes: Changes, job: Job, at: datetime, witnesses: Sequence[Witness] = ()) -> Visit:
    """Return a visit (a time in UTC), dated by the page or, where it says nothing, by its lists."""
    told = [witness.raw for witness in witnesses if witness.field is Field.PUBLISHED_ON]
    lists = said_by_lists(changes.context_of(job.id))
    told += [raw for field, raw in lists if field == Field.PUBLISHED_ON]
    days = (iso_date(raw) for raw in told)
    moment = at.replace(tzinfo=UTC).timestamp()
    return Visit(job.request.url, moment, next((day for day in days if day is not None), None))
