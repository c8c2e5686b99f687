"""A response as a server gave it."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

# RFC 9110, 8.8.3. Bare words are common and cannot be asked with; nobody's tag is longer than a few hashes.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_DATE_LENGTH = 40
_DAY = 86_400.0
# No page of a web server is older than the web; such dates are clocks that were never set.
_EARLIEST = 725_846_400.0  # 1993-01-01


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask with whether a page has changed (RFC 9110, 8.8); None where it gave nothing.

    `url` is the page they were given for and are sent for; None means the page that is asked for.
    """

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request that wants the page only if it has changed."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in said.items() if value}

    def contradicted_by(self, other: "Validators") -> bool:
        """Whether a 304 that carries others speaks of something else than was asked for."""
        return bool(self.etag and other.etag and _opaque(self.etag) != _opaque(other.etag))


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. `raw_body` is as it came, `body` without its content coding.

    `truncated` says that more would have come and was not read; `pushed` that no server gave it: its sender
    pushed it as a record of what stands there (`crawlers.pushed_pages`).
    """

    url: str
    status: int
    reason: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    raw_body: bytes
    body: bytes
    fetched_at: datetime
    truncated: bool = False
    pushed: bool = False

    def header(self, name: str) -> str | None:
        """Return the first header of a name; None if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def validators(self) -> Validators:
        """What may be asked with next time; whatever cannot be meant is left out."""
        etag = (self.header("etag") or "").strip()
        changed = (self.header("last-modified") or "").strip()
        return Validators(
            etag if _ETAG.fullmatch(etag) else None, changed if _is_past(changed) else None, self.url
        )

    @property
    def charset(self) -> str | None:
        """The charset the header declares, which need not be true."""
        for part in (self.header("content-type") or "").split(";")[1:]:
            key, _, value = part.partition("=")
            if key.strip().lower() == "charset":
                return value.strip(" \"'") or None
        return None

    @property
    def is_pdf(self) -> bool:
        """Whether the body is a PDF, whatever the header says (readers accept the mark in the first KiB)."""
        return b"%PDF-" in self.body[:1024]


def _is_past(date: str) -> bool:
    """Tell whether an HTTP date can be when a page was changed."""
    if not date.isascii() or len(date) > _DATE_LENGTH:
        return False
    try:
        moment = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return False
    return _EARLIEST <= moment <= time.time() + _DAY
