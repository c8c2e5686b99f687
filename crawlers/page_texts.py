"""What a response says: a detail page, a home page or a list, read by the family that made it."""

import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from catalog.records import PageKind
from crawlers.errors import FetchError, Problem
from crawlers.families import FAMILIES, GENERIC, recognise
from crawlers.families.answers import NoListError
from crawlers.families.family import (
    OTHERWISE,
    Family,
    HomeReading,
    ListPlace,
    ListReading,
    PageRequest,
    WebPage,
)
from crawlers.families.gkmlpt import directory_of, is_within
from crawlers.feeds import feeds_of, is_feed, read_feed, sitemaps_of
from crawlers.fetching import Fetched
from crawlers.jobs import Job, JobKind
from crawlers.outcome import Failed, Home, Listing, Result
from crawlers.reading.decoding import decode
from crawlers.reading.fingerprint import fingerprint
from crawlers.reading.lines import outline
from crawlers.reading.page import PageReading, read_page
from crawlers.reading.spam import hidden_spam_links
from crawlers.reading.tree import parse
from crawlers.response import Response

# What stands in place of a list or home page when it is not one.
_IN_PLACE = {
    PageKind.SHELL: Problem.BLOCKED,
    PageKind.LOGIN: Problem.BLOCKED,
    PageKind.HACKED: Problem.HACKED,
}
_NOTICE = 500
# 该信息已撤下   您访问的文件已被删除   本文已下线
_WITHDRAWN = re.compile(
    r"(?:信息|文件|文章|内容|公告|稿件|页面|网页|本文)[^，,；;]{0,10}?已经?被?(?:撤下|撤回|撤销|删除|下线|下架|移除)"
)
_DOUBTFUL = re.compile(r"不存在|或者?|可能|未找到|如果|若")


def read_detail(response: Response, family: Family) -> PageReading | Failed:
    """Read a publication's page."""
    try:
        return read_page(
            response.body, url=response.url, declared_charset=response.charset, hints=family.hints
        )
    except Exception as error:  # noqa: BLE001 - whatever a page does to its reader concerns that page alone
        return Failed(Problem.READER, f"{response.url}（{type(error).__name__}: {error}）"[:500])


def read_listing(job: Job, named: str | None, fetched: Fetched) -> Result:
    """Read a home page or a list by the family that the sites file named, or whichever recognises it."""
    response = fetched.response
    try:
        if job.kind is JobKind.LIST and is_feed(place := _place(job.context)):
            return Listing(place, read_feed(response.body, place), job.context.get("family") or GENERIC)
        return _read_home_or_list(job, named, fetched)
    except Exception as error:  # noqa: BLE001 - as above
        return Failed(Problem.READER, f"{response.url}（{type(error).__name__}: {error}）"[:500])


def _read_home_or_list(job: Job, named: str | None, fetched: Fetched) -> Result:
    response = fetched.response
    text = decode(response.body, response.charset)
    page = WebPage(response.url, text, _charset(response.body), parse(text))
    family = _family(page, named, job.context.get("family"))
    if job.kind is JobKind.HOME:
        family, home = read_home(page, named, family)
        depth = int(job.context.get("depth", 0))
        shown = fingerprint(outline(page.tree)) if depth == 0 else None
        if depth == 0:
            home = replace(home, feeds=_feeds(page, home, fetched))
        leads_on = home.columns or home.frames or home.organs or home.feeds
        if not leads_on and depth == 0:
            return _no_listing(job, response, family, Failed(Problem.NO_COLUMNS, response.url))
        return Home(home, depth, family.name, shown, hidden_spam_links(page.tree))
    place = _place(job.context)
    try:
        reading = family.read_list(page, place)
    except NoListError as error:
        return _no_listing(job, response, family, Failed(Problem.NO_LIST, f"{response.url}（{error}）"[:500]))
    listing = Listing(place, reading, family.name)
    # Behind its first page, too: there a challenge would pass for the end of the list.
    if reading.items or reading.next or reading.is_list:
        return listing
    return _no_listing(job, response, family, listing)


def read_home(page: WebPage, named: str | None, family: Family) -> tuple[Family, HomeReading]:
    """Read a home page, and who read it: one that leads only to a directory of gkmlpt is that one's."""
    home, gkmlpt = family.read_home(page), FAMILIES.get("gkmlpt")
    directory = None if named or family is gkmlpt else directory_of(page)
    if directory is None or gkmlpt is None:
        return family, home
    columns = tuple(column for column in home.columns if not is_within(column.request.url))
    if not columns and not home.frames and not home.organs:
        return gkmlpt, gkmlpt.read_home(page)
    return family, replace(home, columns=columns, frames=tuple(dict.fromkeys((directory, *home.frames))))


def _feeds(page: WebPage, home: HomeReading, fetched: Fetched) -> tuple[PageRequest, ...]:
    """Return the feeds that a home page names, and the sitemaps of the robots.txt that was read with it."""
    found = [*home.feeds, *feeds_of(page)]
    for hop in fetched.hops:
        if urlsplit(hop.url).path == "/robots.txt" and hop.status == 200:
            found += sitemaps_of(decode(hop.body, hop.charset))
    return tuple(dict.fromkeys(found))


def _family(page: WebPage, named: str | None, met: str | None) -> Family:
    """Return the family that reads a page: the one that was named, or met before, or that knows the page now.

    A frameset, or a home page made by hand, may hide what its frames and lists show.
    """
    if named or (met not in (None, GENERIC) and not is_within(page.url)):
        return FAMILIES[named or met or GENERIC]
    return recognise(page)


def _no_listing(job: Job, response: Response, family: Family, otherwise: Failed | Listing) -> Result:
    """Tell an empty list from a page that stands in its place (a challenge, an error page, a login)."""
    reading = read_detail(response, family)
    if isinstance(reading, Failed) or reading.page_kind not in (*_IN_PLACE, PageKind.ERROR):
        return otherwise
    if reading.page_kind is PageKind.ERROR:
        problem = Problem.NO_COLUMNS if job.kind is JobKind.HOME else Problem.NO_LIST
    else:
        problem = _IN_PLACE[reading.page_kind]
    return Failed(problem, f"{response.url}（{reading.page_kind.value}）")


def content_hash(what: PageReading | bytes) -> str:
    """Return the hash of what a page says, or of a file.

    It is free of how a page is dressed: what tells a change from a new counter, script or advert.
    """
    if isinstance(what, bytes):
        return sha256(what).hexdigest()
    value = [
        [block.to_json() for block in what.blocks],
        [[witness.field, witness.raw, witness.provenance] for witness in what.witnesses],
        [[link.url, link.name] for link in what.attachments],
    ]
    return sha256(json.dumps(value, ensure_ascii=True).encode()).hexdigest()


def withdrawal(reading: PageReading) -> str | None:
    """Return the sentence with which a page says that what stood here was withdrawn, if it says so outright.

    "不存在或已删除" is what a site says of any address it does not know (domain.md 5.5): no confirmation.
    """
    if reading.page_kind is not PageKind.ERROR:
        return None
    for block in reading.blocks:
        for sentence in re.split(r"[。！!\n]", block.text[:_NOTICE]):
            if _WITHDRAWN.search(sentence) and not _DOUBTFUL.search(sentence):
                return sentence.strip()
    return None


def otherwise(job: Job, error: FetchError) -> Listing | None:
    """Return what a list leads to where the page that its family guessed is not there."""
    if job.kind is not JobKind.LIST or error.problem is not Problem.GONE:
        return None
    place = _place(job.context)
    memo = {name: value for name, value in place.memo.items() if name != OTHERWISE}
    if memo == place.memo:
        return None
    following = PageRequest(place.memo[OTHERWISE])
    reading = ListReading(next=following, memo=memo, may_repeat=True)
    return Listing(place, reading, job.context.get("family") or GENERIC)


def _place(context: dict[str, Any]) -> ListPlace:
    return ListPlace(context["path"], context["name"], context["number"], context["memo"])


def _charset(body: bytes) -> str:
    """Return the charset in which a browser would write the queries of a page's links."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
