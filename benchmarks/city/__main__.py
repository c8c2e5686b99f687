"""`python -m benchmarks.city`: two tables; exit code 1 if anything is missing, doubled, wrong or unhandled.

`--vary SEED` has every page of the city varied at random; `--json` prints a line for each row.
"""

import argparse

from rich.console import Console

from benchmarks.city.checking import Evidence
from benchmarks.city.comparing import by_family, wrong_facts
from benchmarks.city.running import crawl_city
from benchmarks.city.tables import json_lines, print_tables
from benchmarks.city.trapping import by_trap
from benchmarks.city.twinning import by_twins
from demo.publishing import DEFAULT_PUBLICATIONS


def main() -> int:
    """Crawl the city, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.city", description=__doc__)
    parser.add_argument("--publications", type=int, default=DEFAULT_PUBLICATIONS)
    parser.add_argument("--vary", type=int, metavar="SEED")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    crawled = crawl_city(options.publications, options.vary)
    wrong = wrong_facts(crawled)
    families = by_family(crawled, wrong)
    handled = [*by_trap(Evidence(crawled, wrong)), *by_twins()]
    if options.json:
        print(*json_lines(families, handled), sep="\n")
    else:
        print_tables(Console(), families, handled)
    well = all(figures.all_right for figures in families.values()) and all(trap.is_seen for trap in handled)
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
