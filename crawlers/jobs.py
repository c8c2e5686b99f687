"""Jobs: one address to be asked for, and what is known of it from earlier visits."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from crawlers.addresses import canonical, host_of
from crawlers.families.family import PageRequest
from crawlers.response import Response, Validators


class JobKind(StrEnum):
    """What is expected behind an address."""

    HOME = "home"
    LIST = "list"
    DETAIL = "detail"
    PUSHED = "pushed"  # nothing is asked for: what stands there came with the push


# What was pushed is there already. All lists of a subsite come before its details, so that a detail is
# fetched once and knows its columns.
RANKS = {JobKind.HOME: 0, JobKind.LIST: 1, JobKind.DETAIL: 2, JobKind.PUSHED: -1}


FALSE_CHARSET = "false_charset"
"""The entry of a job's context that says that its page, as it was last had, claims a false charset."""


class JobState(StrEnum):
    """What became of a job."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to queue for a site (its root URL). `column` tells list jobs of one address apart.

    An `urgent` job was asked for by somebody who waits: it comes before all others, and so does
    what it leads to.
    """

    kind: JobKind
    site: str
    request: PageRequest
    column: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    urgent: bool = False

    @property
    def key(self) -> str:
        """What must not be queued twice."""
        place = "" if self.kind is JobKind.DETAIL else f" {self.site} {self.column}"
        return f"{self.kind}{place} {canonical(self.request.url)} {self.request.form or ''}".rstrip()

    @property
    def host(self) -> str:
        """The server in whose queue it stands."""
        host = host_of(self.site)
        return "" if host is None else host.server


@dataclass(frozen=True, slots=True)
class Job:
    """A queued job. `host` is the server of its site, in whose queue it stands.

    `seen_at` is the address where its page was last met, behind redirects. `last` is the visit before
    this one, None if there was none or all is to be fetched anew.
    """

    id: int
    kind: JobKind
    site: str
    host: str
    request: PageRequest
    context: dict[str, Any]
    attempts: int
    urgent: bool = False
    seen_at: str | None = None
    last: "LastVisit | None" = None


@dataclass(frozen=True, slots=True)
class MetFile:
    """A file of a page as it was last had: to ask whether another is there now. `digest` is its SHA-256."""

    url: str
    validators: Validators
    digest: str

    @classmethod
    def of(cls, url: str, response: Response) -> "MetFile":
        """Return what is to be remembered of a file that was had from this address."""
        return cls(url, response.validators, sha256(response.body).hexdigest())

    @classmethod
    def from_json(cls, value: list[str | None]) -> "MetFile":
        """Return the file that `to_json` wrote down."""
        url, digest, *validators = value
        return cls(url or "", Validators(*validators), digest or "")

    def to_json(self) -> list[str | None]:
        """Return a JSON value."""
        given = self.validators
        return [self.url, self.digest, given.etag, given.last_modified, given.url]


@dataclass(frozen=True, slots=True)
class LastVisit:
    """What the server and the page said when the page was last had: for asking whether it has changed."""

    validators: Validators
    content_hash: str
    files: tuple[MetFile, ...] = ()


@dataclass(frozen=True, slots=True)
class JobNews:
    """What became of a job: whether somebody still waits for it, and what was noted."""

    state: JobState
    urgent: bool
    note: str | None
