"""The errors of the crawler.

CrawlError
├── SitesFileError      a sites file is not what it should be
├── ArchiveError        a record of the archive is lost or damaged
├── StoppedError        the crawl is to end: nothing more is asked for
└── FetchError          a page could not be had; says which `Problem` it was
    └── HostDownError   nothing more can be had from this host in this run

Texts for the operator are in Chinese and name the value that was wrong and what would be right.
"""

from enum import StrEnum
from pathlib import Path

from crawlers.addresses import Host
from crawlers.response import Response


class CrawlError(Exception):
    """The root of the crawler's errors."""


class SitesFileError(CrawlError):
    """A sites file is not what it should be."""

    def __init__(self, path: Path, where: str, message: str) -> None:
        super().__init__(f"站点清单 {path}：{where + '：' if where else ''}{message}")


class ArchiveError(CrawlError):
    """A record of the archive is lost or damaged."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"归档文件 {file}：{what}")


class StoppedError(CrawlError):
    """The crawl is to end: nothing more is asked for."""


class Problem(StrEnum):
    """Why a page could not be had, or was had and is no good."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    SERVER_ERROR = "server_error"
    TOO_MANY_REQUESTS = "too_many_requests"
    GONE = "gone"
    REFUSED = "refused"
    BLOCKED = "blocked"
    TOO_LARGE = "too_large"
    BAD_RESPONSE = "bad_response"
    BAD_REDIRECT = "bad_redirect"
    OUTSIDE = "outside"
    PRIVATE_ADDRESS = "private_address"
    CERTIFICATE = "certificate"
    TRAP = "trap"
    SITE_BUDGET = "site_budget"
    ROBOTS = "robots"
    PURGED = "purged"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    HOST_DOWN = "host_down"
    NO_COLUMNS = "no_columns"
    NO_LIST = "no_list"
    HACKED = "hacked"
    PAGE_BUDGET = "page_budget"
    NO_TITLE = "no_title"
    READER = "reader"
    READER_KILLED = "reader_killed"

    @property
    def label(self) -> str:
        """What the operator reads."""
        return _LABELS[self]


_LABELS = {
    Problem.TIMEOUT: "响应超时",
    Problem.CONNECTION: "无法连接或连接中断",
    Problem.SERVER_ERROR: "服务器错误（5xx）",
    Problem.TOO_MANY_REQUESTS: "请求过于频繁（429）",
    Problem.GONE: "页面不存在（404/410）",
    Problem.REFUSED: "服务器拒绝（4xx）",
    Problem.BLOCKED: "被访问验证页面拦截",
    Problem.TOO_LARGE: "内容超过大小上限",
    Problem.BAD_RESPONSE: "响应无法解读",
    Problem.BAD_REDIRECT: "跳转次数过多或跳转地址有误",
    Problem.OUTSIDE: "跳转到清单之外的地址",
    Problem.PRIVATE_ADDRESS: "指向本机、内网或保留地址，未连接",
    Problem.CERTIFICATE: "服务器证书无效",
    Problem.TRAP: "地址无限循环",
    Problem.SITE_BUDGET: "站点超过本次抓取上限",
    Problem.ROBOTS: "robots.txt 不允许",
    Problem.PURGED: "已从本系统彻底删除，不再抓取",
    Problem.ROBOTS_UNREACHABLE: "robots.txt 暂不可用，本次不抓取",
    Problem.HOST_DOWN: "主机连续无响应，本次不再抓取",
    Problem.NO_COLUMNS: "首页未找到栏目",
    Problem.NO_LIST: "栏目列表处返回的不是列表",
    Problem.HACKED: "疑似被篡改",
    Problem.PAGE_BUDGET: "栏目超过抓取上限",
    Problem.NO_TITLE: "页面没有标题",
    Problem.READER: "页面读取失败",
    Problem.READER_KILLED: "读取附件的程序被终止",
}

TRANSIENT = frozenset(
    {
        Problem.TIMEOUT,
        Problem.CONNECTION,
        Problem.SERVER_ERROR,
        Problem.TOO_MANY_REQUESTS,
        Problem.READER_KILLED,
    }
)


class FetchError(CrawlError):
    """A page could not be had. `responses` are what the server answered all the same."""

    def __init__(
        self,
        problem: Problem,
        detail: str,
        *,
        retry_after: float | None = None,
        responses: tuple[Response, ...] = (),
    ) -> None:
        super().__init__(f"{problem.label}：{detail}")
        self.problem = problem
        self.detail = detail
        self.retry_after = retry_after
        self.responses = responses

    @property
    def transient(self) -> bool:
        """Whether asking again later may help."""
        return self.problem in TRANSIENT


class HostDownError(FetchError):
    """Nothing more can be had from this host in this run."""

    def __init__(self, problem: Problem, host: Host, detail: str) -> None:
        super().__init__(problem, detail)
        self.host = host
