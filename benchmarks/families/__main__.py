"""`python -m benchmarks.families`: see `measuring`. One JSON line for each subsite, then one for each family.

`--reader NAME` reads all of them with another family, `--reader own` with the subsite's own.
"""

import argparse
import json

from benchmarks.families.measuring import Figures, measure
from crawlers.families import FAMILIES, GENERIC
from demo.publishing import generate

_OWN = "own"


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("--publications", type=int, default=400)
    parser.add_argument("--reader", choices=[*FAMILIES, _OWN], default=GENERIC)
    options = parser.parse_args()
    totals: dict[str, Figures] = {}
    for subsite in generate(publications=options.publications).subsites:
        reader = FAMILIES[subsite.family if options.reader == _OWN else options.reader]
        figures = measure(subsite, reader)
        totals[subsite.family] = totals.get(subsite.family, Figures()) + figures
        print(
            json.dumps(
                {"subsite": subsite.key, "family": subsite.family, "reader": reader.name} | figures.shares()
            )
        )
    for family, figures in totals.items():
        print(json.dumps({"family": family, "reader": options.reader} | figures.shares()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
