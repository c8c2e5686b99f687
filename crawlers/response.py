"""A response as a server gave it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. `raw_body` is as it came, `body` without its content coding."""

    url: str
    status: int
    reason: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    raw_body: bytes
    body: bytes
    fetched_at: datetime

    def header(self, name: str) -> str | None:
        """Return the first header of a name; None if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), None)

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
