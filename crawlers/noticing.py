"""Noticing: what went wrong at a source becomes a finding, what confirms a removal goes to the catalogue.

Of a subsite there is one finding of each kind, however many of its pages are concerned; it is resolved when
a later round of the subsite meets nothing of the kind. What concerns one page in particular (hacked, spam,
no title) is a finding of that page. Nothing of this removes anything: `catalog.removal` decides.
"""

from collections.abc import Container, Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection

from catalog import findings, removal
from catalog.dates import CHINA
from catalog.findings import FindingKind
from catalog.records import PageKind, TextProvenance
from crawlers.addresses import canonical
from crawlers.errors import Problem
from crawlers.jobs import Job, JobKind
from crawlers.outcome import HOME_IN_PLACE, Failed, Home, NoDocument, Page, Unchanged
from crawlers.sites import Site

_OF_PROBLEM = {
    Problem.TIMEOUT: FindingKind.TIMED_OUT,
    Problem.CONNECTION: FindingKind.UNREACHABLE,
    Problem.SERVER_ERROR: FindingKind.UNREACHABLE,
    Problem.TOO_MANY_REQUESTS: FindingKind.BLOCKED,
    Problem.REFUSED: FindingKind.BLOCKED,
    Problem.BLOCKED: FindingKind.BLOCKED,
    Problem.TOO_LARGE: FindingKind.TOO_LARGE,
    Problem.BAD_RESPONSE: FindingKind.BROKEN_RESPONSE,
    Problem.BAD_REDIRECT: FindingKind.REDIRECT_LOOP,
    Problem.OUTSIDE: FindingKind.OTHER,
    Problem.PRIVATE_ADDRESS: FindingKind.FORBIDDEN_ADDRESS,
    Problem.CERTIFICATE: FindingKind.CERTIFICATE,
    Problem.TRAP: FindingKind.BUDGET,
    Problem.SITE_BUDGET: FindingKind.BUDGET,
    Problem.PAGE_BUDGET: FindingKind.BUDGET,
    Problem.ROBOTS: FindingKind.BLOCKED,
    Problem.ROBOTS_UNREACHABLE: FindingKind.HOST_DOWN,
    Problem.HOST_DOWN: FindingKind.HOST_DOWN,
    Problem.NO_LIST: FindingKind.BROKEN_RESPONSE,
    Problem.HACKED: FindingKind.HACKED,
    Problem.NO_TITLE: FindingKind.NO_TITLE,
    Problem.READER: FindingKind.OTHER,
}
_OF_KIND = {
    PageKind.LOGIN: FindingKind.LOGIN_IN_PLACE,
    PageKind.SHELL: FindingKind.SHELL,
    PageKind.ERROR: FindingKind.SOFT_404,
    PageKind.HACKED: FindingKind.HACKED,
}
# Each of these is about one page; all others are about its subsite.
_OF_PAGES = (
    FindingKind.HACKED,
    FindingKind.HIDDEN_LINKS,
    FindingKind.READ_PLAINLY,
    FindingKind.NO_DOCUMENT,
    FindingKind.NO_TITLE,
    FindingKind.DEAD_ATTACHMENT,
    FindingKind.ATTACHMENT_UNREADABLE,
    FindingKind.OCR_DOUBTFUL,
)
_OF_LISTS = (FindingKind.EMPTY_LIST,)
# A round that does not meet these says nothing of them: something else resolves them.
_LASTING = (*_OF_PAGES, *_OF_LISTS, FindingKind.MASS_ABSENCE, FindingKind.WRONG_CHARSET)
# What pages were noted as of which a subsite's finding tells. They are not visited in every round.
_NOTE_OF = {kind: page_kind.value for page_kind, kind in _OF_KIND.items()} | {
    FindingKind.HOME_IN_PLACE: HOME_IN_PLACE
}


def failed(tx: Connection, job: Job, problem: Failed, subsite_id: str, *, had_columns: bool) -> None:
    """Note a page that could not be had; `had_columns` tells that its subsite was once read well."""
    kind = _OF_PROBLEM.get(problem.problem)
    if problem.problem is Problem.GONE and job.kind is JobKind.DETAIL:
        _gone(tx, job, problem.status)
        return
    if problem.problem is Problem.GONE:
        kind = FindingKind.UNREACHABLE
    elif problem.problem is Problem.NO_COLUMNS:
        kind = FindingKind.TEMPLATE_CHANGED if had_columns else FindingKind.OTHER
    elif problem.problem is Problem.ROBOTS:
        return  # that is the office's will
    subject = job.request.url if kind in _OF_PAGES else job.site
    said = f"{problem.problem.label}：{problem.detail}"
    findings.report(tx, kind or FindingKind.OTHER, subject, said, subsite_id=subsite_id)


def _gone(tx: Connection, job: Job, status: int | None) -> None:
    today = datetime.now(CHINA).date()
    alias = canonical(job.seen_at or job.request.url)
    removal.note_absent(tx, alias, status or 404, today)


def no_document(tx: Connection, job: Job, said: NoDocument, subsite_id: str) -> None:
    """Note what stands in place of a publication; one that says it was withdrawn is withdrawn."""
    if said.withdrawal is not None and job.seen_at is not None:
        for alias in dict.fromkeys((canonical(job.seen_at), said.alias)):
            if removal.note_withdrawn(tx, alias, said.withdrawal) is not removal.Noted.UNKNOWN:
                return
    kind = FindingKind.HOME_IN_PLACE if said.home_in_place else _OF_KIND.get(said.kind)
    if kind is None:
        return
    subject = job.request.url if kind in _OF_PAGES else job.site
    findings.report(tx, kind, subject, f"{kind.label}：{job.request.url}", subsite_id=subsite_id)


def home_read(tx: Connection, job: Job, home: Home, subsite_id: str, open_pages: set[str]) -> None:
    """Note links that strangers hid on a home page: its own are followed all the same."""
    if not home.hidden_spam and job.request.url in open_pages:
        findings.resolve(tx, FindingKind.HIDDEN_LINKS, job.request.url)
    _hidden_links(tx, job.request.url, home.hidden_spam, subsite_id)


def _hidden_links(tx: Connection, url: str, count: int, subsite_id: str) -> None:
    if count:
        said = f"页面中有 {count} 个隐藏的垃圾链接：{url}"
        findings.report(tx, FindingKind.HIDDEN_LINKS, url, said, subsite_id=subsite_id)


def had(tx: Connection, job: Job, page: Page | Unchanged, subsite_id: str, open_pages: set[str]) -> None:
    """Note a publication's page that is there; `open_pages` are those of which there are findings."""
    url = job.request.url
    for subject in {url, page.alias} & open_pages:
        for kind in _OF_PAGES:
            findings.resolve(tx, kind, subject)
    if isinstance(page, Unchanged):
        removal.note_present(tx, page.alias)
        return
    _hidden_links(tx, url, page.hidden_spam, subsite_id)
    if page.is_too_large:
        said = f"页面过大，后部只取文字，其中的表格和链接没有读：{url}"
        findings.report(tx, FindingKind.READ_PLAINLY, url, said, subsite_id=subsite_id)
    doubtful = [file for file in page.attachments if file.problem and file.provenance is TextProvenance.OCR]
    unread = [file for file in page.attachments if file.problem and file.text is None]
    for kind, files in ((FindingKind.OCR_DOUBTFUL, doubtful), (FindingKind.ATTACHMENT_UNREADABLE, unread)):
        if files and not page.dead_attachments:
            said = f"附件“{files[0].name}”：{files[0].problem}（共 {len(files)} 个）：{url}"
            findings.report(tx, kind, url, said, subsite_id=subsite_id)
    if page.dead_attachments:
        said = f"有 {page.dead_attachments} 个附件打不开：{url}"
        findings.report(tx, FindingKind.DEAD_ATTACHMENT, url, said, subsite_id=subsite_id)


def list_read(tx: Connection, job: Job, name: str, subsite_id: str, *, emptied: bool, items: int) -> None:
    """Note a column that lost all of its items, or has some again."""
    subject = job.request.url
    if emptied:
        said = f"栏目“{name}”原有内容，现在一条也没有：{subject}。已入库的内容不受影响。"
        findings.report(tx, FindingKind.EMPTY_LIST, subject, said, subsite_id=subsite_id)
    elif items:
        findings.resolve(tx, FindingKind.EMPTY_LIST, subject)


def family_changed(tx: Connection, site: Site, before: str, now: str, subsite_id: str) -> None:
    """Note a subsite that another CMS serves now."""
    said = f"网站首页原由“{before}”生成，现识别为“{now}”，可能已改版：{site.url}"
    findings.report(tx, FindingKind.TEMPLATE_CHANGED, site.url, said, subsite_id=subsite_id)


def charset_false(tx: Connection, job: Job, claimed: str, true: str, subsite_id: str) -> None:
    """Note a subsite whose pages claim to be in another charset than they are."""
    said = f"网页声明的编码是 {claimed[:40]}，实际是 {true}，已按实际编码读取：{job.request.url}"
    findings.report(tx, FindingKind.WRONG_CHARSET, job.site, said, subsite_id=subsite_id)


def budget_spent(tx: Connection, job: Job, detail: str, subsite_id: str) -> None:
    """Note a subsite of which not all was read."""
    findings.report(tx, FindingKind.BUDGET, job.site, detail, subsite_id=subsite_id)


def server_down(tx: Connection, sites: Iterable[Site], problem: Problem, detail: str) -> None:
    """Note a server that was left alone: one finding for it, however many subsites it serves."""
    for site in list(sites)[:1]:
        kind = _OF_PROBLEM.get(problem, FindingKind.HOST_DOWN)
        findings.report(tx, kind, site.host.server, f"{problem.label}：{detail}。已入库的内容不受影响。")


def misdeclared(connection: Connection) -> dict[str, str]:
    """Return the subsites whose pages claim a false charset, by the page that was last seen to do so."""
    known = findings.open_findings(connection, kind=FindingKind.WRONG_CHARSET)
    return {finding.detail.rpartition("：")[2]: finding.subject for finding in known}


def charset_true(tx: Connection, site: str) -> None:
    """Note that the page that claimed a false charset does so no more."""
    findings.resolve(tx, FindingKind.WRONG_CHARSET, site)


def open_pages(connection: Connection) -> set[str]:
    """Return the addresses of pages about which there are open findings."""
    return {
        finding.subject for kind in _OF_PAGES for finding in findings.open_findings(connection, kind=kind)
    }


def round_over(
    tx: Connection, sites: Iterable[Site], began: float, standing: Container[tuple[str, str]]
) -> None:
    """Resolve what a whole round (begun at, epoch seconds) did not meet again at a server's subsites.

    What stands in place of publications is met only when they are visited: `standing` tells what they were
    then (see `Frontier.notes_of`), and as long as one was so, it is so.
    """
    since = datetime.fromtimestamp(began, UTC).replace(tzinfo=None)
    subjects = {subject for site in sites for subject in (site.url, site.host.server)}
    for finding in list(findings.open_findings(tx)):
        if finding.subject not in subjects or finding.kind in _LASTING or finding.last_seen >= since:
            continue
        if (finding.subject, _NOTE_OF.get(finding.kind)) not in standing:
            findings.resolve(tx, finding.kind, finding.subject)
