"""What a crawl did, counted."""

from collections import Counter
from dataclasses import dataclass, field

from catalog.recording import Change
from catalog.records import PageKind
from crawlers.errors import Problem

EXAMPLES = 20
_COUNTS = (
    "known",
    "pages",
    "lists",
    "responses",
    "skipped_by_robots",
    "retries",
    "attachments",
    "dead_attachments",
)

KIND_LABELS = {
    PageKind.DOCUMENT: "文件",
    PageKind.LIST: "列表页",
    PageKind.LOGIN: "登录页",
    PageKind.FORM: "填报页",
    PageKind.SHELL: "验证页或空壳页",
    PageKind.ERROR: "错误页（含状态正常的“页面不存在”）",
    PageKind.HACKED: "疑似被篡改的页面",
    PageKind.OTHER: "其他页面",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A page or a server that went wrong: its address, the kind of problem, the details."""

    url: str
    problem: Problem
    detail: str


@dataclass(slots=True)
class CrawlSummary:
    """The figures of a crawl, also while it runs.

    `pages` counts settled jobs (home, list and detail pages); `known` all jobs of the round met so
    far. `failures` counts pages and servers by problem, `examples` holds the first of them.
    """

    sites: int = 0
    resumed: bool = False
    interrupted: bool = False
    seconds: float = 0.0
    known: int = 0
    pages: int = 0
    lists: int = 0
    responses: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    not_documents: Counter[PageKind] = field(default_factory=Counter)
    failures: Counter[Problem] = field(default_factory=Counter)
    skipped_by_robots: int = 0
    retries: int = 0
    attachments: int = 0
    dead_attachments: int = 0
    examples: list[Failure] = field(default_factory=list)

    def fail(self, failure: Failure) -> None:
        """Count a failure."""
        self.failures[failure.problem] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(failure)

    def add(self, other: "CrawlSummary") -> None:
        """Add the counts of a part."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.changes.update(other.changes)
        self.not_documents.update(other.not_documents)
        self.failures.update(other.failures)
        self.examples += other.examples[: EXAMPLES - len(self.examples)]

    @property
    def complete(self) -> bool:
        """Whether every page that was to be had was had."""
        return not self.failures and not self.interrupted
