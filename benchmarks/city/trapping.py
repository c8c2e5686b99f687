"""Trap by trap: where it stands in the city, and at how many of these places a crawl handled it."""

from dataclasses import dataclass

from benchmarks.city import page_checks, site_checks
from benchmarks.city.checking import Evidence
from demo.traps import Trap, places, traps

CHECKS = site_checks.CHECKS | page_checks.CHECKS


@dataclass(frozen=True, slots=True)
class Handled:
    """A trap, how many places it has in the city, and the places where it was not handled."""

    trap: Trap
    places: int
    unhandled: tuple[str, ...]

    @property
    def is_seen(self) -> bool:
        """Whether it stands in the city and was handled wherever it stands."""
        return self.places > 0 and not self.unhandled


def by_trap(evidence: Evidence) -> list[Handled]:
    """Check every trap of the city's table, in its order; `KeyError` where one has no check."""
    where = places(evidence.crawled.city, evidence.crawled.port)
    handled = []
    for trap in traps():
        check = CHECKS[trap.key]
        unhandled = tuple(place for place in where[trap.key] if not check(evidence, place))
        handled.append(Handled(trap, len(where[trap.key]), unhandled))
    return handled
