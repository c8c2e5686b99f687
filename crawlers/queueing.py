"""What a read home page or list page adds to the queue, within the budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawlers.addresses import canonical, host_of
from crawlers.errors import Problem
from crawlers.families.family import ColumnLink, ListItem, ListPlace, PageRequest
from crawlers.feeds import column_of, is_feed
from crawlers.frontier import Changes
from crawlers.jobs import Job, JobKind, NewJob
from crawlers.limits import Limits
from crawlers.noticing import front_of
from crawlers.outcome import Home, Listing
from crawlers.sites import Site
from crawlers.summary import CrawlSummary, Failure


@dataclass(frozen=True, slots=True)
class ListNews:
    """What is worth telling of a list page: its items, whether it has none any more, what was cut.

    `ended` says that with it the whole column was read, and nothing of it cut.
    """

    items: int
    emptied: bool
    budget: str | None
    ended: bool = False


class Queueing:
    """Queues what pages lead to. It keeps nothing between two of them."""

    def __init__(self, sites: Mapping[str, Site], limits: Limits) -> None:
        self._sites = sites
        self._limits = limits

    def home(self, changes: Changes, job: Job, home: Home, tally: CrawlSummary) -> str | None:
        """Queue the frames, organs and columns of a home page; return what was cut, if anything was."""
        told, reading = {"family": home.family}, home.reading
        frames, no_frames = self._cut(job, reading.frames, self._limits.frames_per_page, "个框架页")
        organs, no_organs = self._cut(job, reading.organs, self._limits.organs_per_page, "个机构的目录页")
        for frame in (*frames, *organs) if home.depth < self._limits.frame_depth else ():
            context = {**told, "depth": home.depth + 1}
            tally.known += changes.enqueue(
                NewJob(JobKind.HOME, job.site, frame, context=context, urgent=job.urgent)
            )
        feeds = [column_of(feed) for feed in reading.feeds]
        self._columns(changes, job, [*reading.columns, *feeds], told, tally)
        budget = "；".join(filter(None, (no_frames, no_organs))) or None
        if budget is not None:
            tally.fail(Failure(job.request.url, Problem.PAGE_BUDGET, budget))
        return budget

    def _cut(
        self, job: Job, requests: Sequence[PageRequest], most: int, what: str
    ) -> tuple[list[PageRequest], str | None]:
        """Return the first of a page's own requests, and what to tell of the others."""
        near = self._near(job, requests)
        if len(near) <= most:
            return near, None
        return near[:most], f"{job.request.url} 列出 {len(near)} {what}，只取前 {most} 个"

    def _columns(
        self,
        changes: Changes,
        job: Job,
        met: Sequence[ColumnLink],
        told: Mapping[str, Any],
        tally: CrawlSummary,
    ) -> None:
        columns = {column.path: column for column in met}
        for column in list(columns.values())[: self._limits.columns_per_site]:
            if self._near(job, [column.request]):
                tally.known += changes.enqueue(_list_job(job, _first_place(column), column.request, told))

    def listing(self, changes: Changes, job: Job, listing: Listing, tally: CrawlSummary) -> ListNews:
        """Queue the items of a list page, and the page behind it where it may bring something new.

        A column is read to its end in its first round and every tenth; in between its reading ends with
        the first page of which everything was known as it is.
        """
        tally.lists += 1
        budget: str | None = None
        place, reading = listing.place, listing.reading
        told: dict[str, Any] = {"family": listing.family, "front": front_of(job)}
        told |= {name: job.context[name] for name in ("sweep", "cut") if name in job.context}
        self._columns(changes, job, reading.columns, {"family": listing.family}, tally)
        near = [item for item in reading.items if self._near(job, [PageRequest(item.url)])]
        items = near[: self._limits.items_per_list]
        if len(near) > len(items):
            told["cut"] = True
            budget = f"栏目“{place.name}”一页列出 {len(near)} 条，只取前 {len(items)} 条"
        emptied = ended = False
        if place.number == 1:
            state = changes.list_begins(job.site, place.path, len(items))
            told["sweep"] = state.sweep or job.urgent
            emptied = state.items > 0 and not items
        seen = changes.sight(job.site, place.path, [item.url for item in items])
        fresh = (item for item in items if canonical(item.url) in seen)
        news = changes.enqueue_items(_detail_job(job, listing, item) for item in fresh)
        tally.known += news
        # A list that leads on without having brought an item is an empty frame around the real one.
        is_frame = not items and place.number == 1
        wanted = bool(seen) and (news > 0 or bool(told.get("sweep")))
        goes_on = wanted or is_frame or reading.may_repeat
        if reading.next is None or not goes_on or not self._near(job, [reading.next]):
            if told.get("sweep"):
                changes.list_swept(job.site, place.path)
                ended = not told.get("cut")
        elif place.number >= self._limits.pages_per_column:
            budget = f"栏目“{place.name}”已读 {place.number} 页，其余未读"
            changes.list_swept(job.site, place.path)
        else:
            following = ListPlace(place.path, place.name, place.number + 1, reading.memo)
            tally.known += changes.enqueue(_list_job(job, following, reading.next, told))
        if budget is not None:
            tally.fail(Failure(job.request.url, Problem.PAGE_BUDGET, budget))
        return ListNews(len(items), emptied, budget, ended)

    def _near(self, job: Job, requests: Sequence[PageRequest]) -> list[PageRequest]:
        """Keep what lies on the subsite's own server (or its https twin): only that is ever queued."""
        home = self._sites[job.site].host
        hosts = ((request, host_of(request.url)) for request in requests)
        return [request for request, host in hosts if host is not None and host.is_site_of(home)]


def _first_place(column: ColumnLink) -> ListPlace:
    return ListPlace(column.path, column.name, 1, column.memo)


def _detail_job(job: Job, listing: Listing, item: ListItem) -> NewJob:
    place = listing.place
    said = sorted([witness.field.value, witness.raw] for witness in item.witnesses)
    context: dict[str, Any] = {
        # A feed is no column: it says that there is something, not where it belongs.
        "columns": [] if is_feed(place) else [[job.site, place.path, place.name]],
        "said": {f"{job.site} {place.path}": said},
        "family": listing.family,
    }
    return NewJob(JobKind.DETAIL, job.site, PageRequest(item.url), context=context, urgent=job.urgent)


def _list_job(job: Job, place: ListPlace, request: PageRequest, told: Mapping[str, Any]) -> NewJob:
    context: dict[str, Any] = {
        **told,
        "path": place.path,
        "name": place.name,
        "number": place.number,
        "memo": place.memo,
    }
    column = f"{place.path} {place.number}"
    return NewJob(JobKind.LIST, job.site, request, column=column, context=context, urgent=job.urgent)
