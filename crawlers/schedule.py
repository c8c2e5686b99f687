"""When a known publication is visited again.

A page that changed will change again sooner than one that stood still, so its interval shrinks with
each change and grows with each visit that found nothing (the adaptive rule of Cho and Garcia-Molina,
"Effective page refresh policies", 2003). What an office posts is corrected within days or not at all,
so a young publication is never left alone for longer than a quarter of its age.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

DAY = 86_400.0
# Once a day is what the inspection rules call current (domain.md 7.3), and a kind number of requests.
SHORTEST = DAY
# An item that nobody has touched for years is still looked at four times a year: it may be withdrawn.
LONGEST = 90 * DAY
GROWTH = 1.5
SHRINKAGE = 3.0
# The first guess: who has stood for a hundred days is asked again after ten.
AGE_SHARE = 10.0
UNDATED = 10 * DAY
YOUNG_SHARE = 4.0
# Pages of one first crawl must not all come due on one day.
SPREAD = 0.1
# Of so many visits that met the same page, one fetches its files again: a file may change under its name.
FILES_EVERY = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of a publication: the page's address, when (epoch seconds), and the day it was published."""

    url: str
    at: float
    published_on: date | None = None


def next_interval(visit: Visit, previous: float | None, *, changed: bool) -> float:
    """Return the seconds until the next visit; `previous` is the interval before, None at the first visit."""
    age = _age(visit)
    if previous is None:
        wanted = UNDATED if age is None else age / AGE_SHARE
    else:
        wanted = previous / SHRINKAGE if changed else previous * GROWTH
    ceiling = LONGEST if age is None else max(SHORTEST, age / YOUNG_SHARE)
    return min(max(wanted, SHORTEST), ceiling, LONGEST)


def due_at(visit: Visit, interval: float) -> float:
    """Return when a page is due (epoch seconds): after its interval, some a little later than others."""
    share = int.from_bytes(sha256(visit.url.encode()).digest()[:4], "big") / 2**32
    return visit.at + interval * (1 + SPREAD * share)


def files_are_due(unchanged: int) -> bool:
    """Tell whether a page that met us unchanged so many times in a row has its files fetched again."""
    return (unchanged + 1) % FILES_EVERY == 0


def _age(visit: Visit) -> float | None:
    if visit.published_on is None:
        return None
    midnight = datetime.combine(visit.published_on, datetime.min.time(), tzinfo=UTC)
    return max(0.0, visit.at - midnight.timestamp())
