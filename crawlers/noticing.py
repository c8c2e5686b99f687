"""Noticing: what went wrong at a source becomes a finding, what confirms a removal goes to the catalogue.

Of a subsite there is one finding of each kind, however many of its pages are concerned; it is resolved when
a later round of the subsite meets nothing of the kind. What concerns one page in particular (hacked, spam,
no title) is a finding of that page, what concerns a column (empty, not read to its end) one of that column.
Nothing of this removes anything: `catalog.removal` decides.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from catalog import findings, removal
from catalog.dates import CHINA
from catalog.findings import FindingKind
from catalog.records import AttachmentRecord, PageKind, TextProvenance
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
_OF_FILES = (FindingKind.DEAD_ATTACHMENT, FindingKind.ATTACHMENT_UNREADABLE, FindingKind.OCR_DOUBTFUL)
_OF_LISTS = (FindingKind.EMPTY_LIST,)
# A round that does not meet these says nothing of them: something else resolves them.
_LASTING = (*_OF_PAGES, *_OF_LISTS, FindingKind.MASS_ABSENCE)
_PASSING = tuple(kind for kind in FindingKind if kind not in _LASTING)
# What pages were noted as of which a subsite's finding tells. They are not visited in every round.
_NOTE_OF = {kind: page_kind.value for page_kind, kind in _OF_KIND.items()} | {
    FindingKind.HOME_IN_PLACE: HOME_IN_PLACE
}
_IN_PLACE = {
    FindingKind.HACKED: "网页疑似被篡改（博彩等垃圾内容），没有入库，请通知网站核查",
    FindingKind.LOGIN_IN_PLACE: "内容页打开的是登录页，没有入库",
    FindingKind.SHELL: "内容页只有访问验证或空壳，没有入库",
    FindingKind.SOFT_404: "内容页显示“不存在”，返回的状态却是正常",
    FindingKind.HOME_IN_PLACE: "内容页打开的是网站首页，没有入库",
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
    if kind is FindingKind.BUDGET and job.kind is JobKind.LIST:
        subject = front_of(job)
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
    findings.report(tx, kind, subject, f"{_IN_PLACE[kind]}：{job.request.url}", subsite_id=subsite_id)


def pushed_in_place(tx: Connection, job: Job, said: NoDocument, subsite_id: str) -> None:
    """Note what was pushed in place of a publication: its sender is told, staff only of a break-in."""
    if said.kind is PageKind.HACKED:
        detail = f"推送的内容疑似被篡改，没有入库，请通知网站核查发布后台：{job.request.url}"
        findings.report(tx, FindingKind.HACKED, job.request.url, detail, subsite_id=subsite_id)


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
    # A record that was pushed says nothing of what stands on the page.
    over = _OF_FILES if job.kind is JobKind.PUSHED else _OF_PAGES
    for subject in {url, page.alias} & open_pages:
        for kind in over:
            findings.resolve(tx, kind, subject)
    if isinstance(page, Unchanged):
        removal.note_present(tx, page.alias)
        return
    _hidden_links(tx, url, page.hidden_spam, subsite_id)
    if page.is_too_large:
        said = f"页面过大，后部只取文字，其中的表格和链接没有读：{url}"
        findings.report(tx, FindingKind.READ_PLAINLY, url, said, subsite_id=subsite_id)
    for kind, files in _ill_read(page.attachments):
        if files and not page.dead:
            said = f"附件“{files[0].name}”：{files[0].problem}（共 {len(files)} 个）：{url}"
            findings.report(tx, kind, url, said, subsite_id=subsite_id)
    if page.dead:
        said = f"附件打不开：{page.dead[0]}（共 {len(page.dead)} 个），见于网页：{url}"
        findings.report(tx, FindingKind.DEAD_ATTACHMENT, url, said, subsite_id=subsite_id)


def page_moved(tx: Connection, before: str, now: str) -> None:
    """Note that a page is visited at another address from now on: what is told of it is told of that one."""
    if before != now:
        findings.rename(tx, _OF_PAGES, before, now)


def _ill_read(
    files: Sequence[AttachmentRecord],
) -> tuple[tuple[FindingKind, list[AttachmentRecord]], ...]:
    """Return the files that a finding of each kind is about."""
    doubtful = [file for file in files if file.problem and file.provenance is TextProvenance.OCR]
    unread = [file for file in files if file.problem and file.text is None]
    return (FindingKind.OCR_DOUBTFUL, doubtful), (FindingKind.ATTACHMENT_UNREADABLE, unread)


def read_again(tx: Connection, aliases: Iterable[str], files: Sequence[AttachmentRecord]) -> None:
    """Resolve what the files of a publication, known by these aliases, are no longer when read anew."""
    over = [kind for kind, ill in _ill_read(files) if not ill]
    for finding in findings.open_about(tx, aliases, over):
        findings.resolve(tx, finding.kind, finding.subject)


def front_of(job: Job) -> str:
    """Return what findings call the column of a list page: the address of its first page.

    Columns that are one address and differ in what is posted to it are told apart by their path.
    """
    if "front" in job.context:
        return str(job.context["front"])
    return job.request.url if job.request.form is None else f"{job.request.url}#{job.context['path']}"


def column_ended(tx: Connection, job: Job) -> None:
    """Note a column that was read to its end."""
    findings.resolve(tx, FindingKind.BUDGET, front_of(job))


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
    """Note a column, or the home page of a subsite, of which not all was read."""
    subject = front_of(job) if job.kind is JobKind.LIST else job.site
    findings.report(tx, FindingKind.BUDGET, subject, detail, subsite_id=subsite_id)


def server_down(tx: Connection, sites: Iterable[Site], problem: Problem, detail: str) -> None:
    """Note a server that was left alone: one finding for it, however many subsites it serves."""
    for site in list(sites)[:1]:
        kind = _OF_PROBLEM.get(problem, FindingKind.HOST_DOWN)
        findings.report(tx, kind, site.host.server, f"{problem.label}：{detail}。已入库的内容不受影响。")


def open_pages(connection: Connection, addresses: Iterable[str]) -> set[str]:
    """Return those of these addresses of pages about which there are open findings."""
    return {finding.subject for finding in findings.open_about(connection, addresses, _OF_PAGES)}


def round_over(
    tx: Connection,
    sites: Sequence[Site],
    began: float,
    standing: Container[tuple[str, str]],
    misdeclares: Callable[[str], bool],
) -> None:
    """Resolve what a whole round (begun at, epoch seconds) did not meet again at a server's subsites.

    What stands in place of publications is met only when they are visited: `standing` tells what they were
    then (see `Frontier.notes_of`), and as long as one was so, it is so. So with pages that claim a false
    charset: `misdeclares` tells whether any page of a subsite did so when it was last had.
    """
    since = datetime.fromtimestamp(began, UTC).replace(tzinfo=None)
    subjects = {subject for site in sites for subject in (site.url, site.host.server)}
    for finding in findings.open_about(tx, subjects, _PASSING):
        if finding.last_seen >= since or (finding.subject, _NOTE_OF.get(finding.kind)) in standing:
            continue
        if finding.kind is FindingKind.WRONG_CHARSET and misdeclares(finding.subject):
            continue
        findings.resolve(tx, finding.kind, finding.subject)
