"""What came of one job: what is to be archived, recorded, queued and noted, all in one commit."""

from dataclasses import dataclass, field
from datetime import datetime

from catalog.records import AttachmentRecord, Block, PageKind, Witness
from crawlers.errors import Problem
from crawlers.families.family import HomeReading, ListPlace, ListReading
from crawlers.jobs import Job, LastVisit
from crawlers.reading.fingerprint import Fingerprint
from crawlers.response import Response

HOME_IN_PLACE = "home"
"""The note of a page in place of which the home page came."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home page, or a frame of one, was read by a family. `depth` counts frames within frames."""

    reading: HomeReading
    depth: int
    family: str
    fingerprint: Fingerprint | None = None
    hidden_spam: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A list page was read by a family."""

    place: ListPlace
    reading: ListReading
    family: str


@dataclass(frozen=True, slots=True)
class Page:
    """A publication was read. Witnesses are what the page says; lists' come from the queue.

    `dead` are the addresses of files that could not be had, `columns` names of columns that came with a push.
    """

    alias: str
    url: str
    captured_at: datetime
    status: int
    blocks: tuple[Block, ...]
    witnesses: tuple[Witness, ...]
    attachments: tuple[AttachmentRecord, ...]
    met: LastVisit
    dead: tuple[str, ...] = ()
    hidden_spam: int = 0
    columns: tuple[str, ...] = ()
    is_too_large: bool = False


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A publication was found as it was at the last visit. `met` is None where the server said so (304)."""

    alias: str
    captured_at: datetime
    met: LastVisit | None


@dataclass(frozen=True, slots=True)
class NoDocument:
    """The page was had and is nothing to record. `withdrawal` is what it says of what stood there before."""

    kind: PageKind
    alias: str
    withdrawal: str | None = None
    home_in_place: bool = False

    @property
    def note(self) -> str:
        """What the queue keeps of it."""
        return HOME_IN_PLACE if self.home_in_place else self.kind.value


@dataclass(frozen=True, slots=True)
class Failed:
    """The page could not be had, or cannot be used. `status` is what the server answered in the end."""

    problem: Problem
    detail: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The page is to be asked for again, not before a time (epoch seconds)."""

    not_before: float
    detail: str


Result = Home | Listing | Page | Unchanged | NoDocument | Failed | Later


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job, every response it brought (the page itself at `main`), and its result.

    `false_charset` is what the page claims to be in and what it is in, where these differ.
    """

    job: Job
    result: Result
    responses: tuple[Response, ...] = ()
    main: int | None = None
    warnings: tuple[Failed, ...] = field(default=())
    false_charset: tuple[str, str] | None = None
