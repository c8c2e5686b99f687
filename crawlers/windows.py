"""Time windows: when an office lets its servers be asked, in China's one time zone (UTC+8).

Sample: `20:00-06:00` is from eight in the evening until six in the morning; `00:00-24:00` is always.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from catalog.dates import CHINA
from crawlers.errors import CrawlError

DAY_MINUTES = 24 * 60

_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–—~～至]\s*(\d{1,2}):(\d\d)", re.ASCII)


class WindowError(CrawlError):
    """A time window cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(f"时间窗 {text!r} 不对，应写成 20:00-06:00 这样的起止时间（北京时间）。")


@dataclass(frozen=True, slots=True)
class Window:
    """A daily span in minutes after midnight; one that ends before it begins goes over midnight."""

    start: int
    end: int

    @classmethod
    def read(cls, text: str) -> "Window":
        """Read a window; raises `WindowError`."""
        found = _SPAN.fullmatch(text.strip().replace("：", ":"))
        if found is None:
            raise WindowError(text)
        hours, minutes, until_hours, until_minutes = map(int, found.groups())
        start, end = hours * 60 + minutes, until_hours * 60 + until_minutes
        wrong = minutes > 59 or until_minutes > 59 or start >= DAY_MINUTES or end > DAY_MINUTES
        if wrong or start == end:
            raise WindowError(text)
        return cls(start, end)

    def holds(self, minute: int) -> bool:
        """Tell whether a minute of the day lies in it."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows of a crawl; none at all means any time."""

    windows: tuple[Window, ...] = ()

    def open_at(self, moment: float) -> bool:
        """Tell whether servers may be asked at a moment (epoch seconds)."""
        clock = datetime.fromtimestamp(moment, CHINA)
        minute = clock.hour * 60 + clock.minute
        return not self.windows or any(window.holds(minute) for window in self.windows)
