"""Pushing: what a CMS told the service by itself goes from the inbox into the queue, and its outcome back."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.inbox import Entry, EntryState, Inbox
from catalog.pushed import PushedRecord
from catalog.records import PageKind
from catalog.twins import twin_key
from crawlers.addresses import canonical, host_of, resolve
from crawlers.errors import Problem
from crawlers.families.family import PageRequest
from crawlers.frontier import Frontier
from crawlers.jobs import JobKind, JobState, NewJob
from crawlers.outcome import HOME_IN_PLACE
from crawlers.pushed_pages import response_of
from crawlers.response import Response
from crawlers.sites import Site
from crawlers.summary import KIND_LABELS


class Pushes:
    """The inbox as the crawl sees it. Nothing is made where nobody ever pushed anything."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._inbox: Inbox | None = None

    def close(self) -> None:
        """Close the inbox."""
        if self._inbox is not None:
            self._inbox.close()

    def waiting(self, sites: Iterable[Site]) -> bool:
        """Tell whether something for these sites is to be taken."""
        inbox, sites = self._open(), list(sites)
        if inbox is None:
            return False
        return any(site_of(entry.url, sites) for entry in inbox.entries(EntryState.WAITING))

    def exchange(self, frontier: Frontier, sites: Iterable[Site]) -> None:
        """Queue what is new and note what came of what was queued."""
        inbox = self._open()
        if inbox is None:
            return
        for entry in inbox.entries(EntryState.TAKEN):
            self._answer(inbox, frontier, entry)
        sites = list(sites)
        for entry in inbox.entries(EntryState.WAITING):
            site = site_of(entry.url, sites)
            url = resolve(entry.url, entry.url)
            if site is None or url is None:
                continue  # of another crawl's sites
            # A kill in between asks for it once more.
            inbox.taken(entry.id, _queue(frontier, entry, url, site))

    def response_of(self, entry_id: str) -> Response | None:
        """Return the record of an entry as it is visited; None if it is not there any more."""
        inbox = self._open()
        record = None if inbox is None else inbox.record_of(entry_id)
        if record is None:
            return None
        body, received_at = record
        return response_of(PushedRecord.from_json(body).url, body, received_at)

    def _answer(self, inbox: Inbox, frontier: Frontier, entry: Entry) -> None:
        news = frontier.state_of(entry.job or "")
        if news is None:
            inbox.settled(entry.id, EntryState.FAILED, "抓取队列已重建，请重新推送。")
        elif not news.urgent and news.state is not JobState.PENDING:
            state = EntryState.DONE if news.state is JobState.DONE and not news.note else EntryState.FAILED
            inbox.settled(entry.id, state, told(news.state, news.note, record=entry.has_record))
            if entry.has_record:
                with frontier.write() as changes:
                    changes.forget(entry.job or "")

    def _open(self) -> Inbox | None:
        if self._inbox is None and Inbox.exists(self._data_dir):
            self._inbox = Inbox(self._data_dir)
        return self._inbox


def _queue(frontier: Frontier, entry: Entry, url: str, site: Site) -> str:
    """Queue what an entry asks for; return the key of the job that answers it."""
    with frontier.write() as changes:
        page = detail_of(url, site)
        if family := changes.family_of(site.url):
            page = replace(page, context={**page.context, "family": family})
        if not entry.has_record:
            changes.ask(page, pushed=entry.facts)
            return page.key
        # The page is asked for behind its record: if it can be had, it says more surely what stands there.
        seen_at = changes.ask_anew(page, pushed=entry.facts)
        context = {**page.context, "entry": entry.id, "seen_at": seen_at}
        pushed = replace(page, kind=JobKind.PUSHED, column=entry.id, context=context)
        changes.ask(pushed)
        return pushed.key


def site_of(url: str, sites: Iterable[Site]) -> Site | None:
    """Return the subsite that an address belongs to: that with the longest root before it; None if none."""
    host = host_of(url)
    if host is None:
        return None
    own = [site for site in sites if host.is_site_of(site.host)]
    place = twin_key(canonical(url))
    return max(own, key=lambda site: _common(place, twin_key(canonical(site.url))), default=None)


def _common(one: str, other: str) -> int:
    folder = other.rpartition("/")[0] + "/"
    return len(folder) if one.startswith(folder) else 0


def detail_of(url: str, site: Site) -> NewJob:
    """Return the job of a publication that somebody waits for."""
    context: dict[str, Any] = {"columns": [], "said": {}}
    return NewJob(JobKind.DETAIL, site.url, PageRequest(url), context=context, urgent=True)


def told(state: JobState, note: str | None, *, record: bool = False) -> str:
    """Say in a sentence what became of a job: of a page, or of a record that was pushed."""
    if state is JobState.DONE and not note:
        return "推送的内容已入库。" if record else "已抓取入库。"
    if state is JobState.SKIPPED and note == Problem.PURGED:
        return f"未入库：{Problem.PURGED.label}。"
    if state is JobState.SKIPPED:
        return "该网站的 robots.txt 不允许抓取这个网址。"
    name, _, detail = (note or "").partition(": ")
    if name == HOME_IN_PLACE:
        return "未入库：这个网址打开的是网站首页。"
    if name in set(PageKind):
        return f"未入库：{'推送的内容' if record else '网页'}是{KIND_LABELS[PageKind(name)]}。"
    if name in set(Problem):
        return f"{'未入库' if record else '抓取失败'}：{Problem(name).label}{'：' + detail if detail else ''}"
    return f"抓取失败：{note}"
