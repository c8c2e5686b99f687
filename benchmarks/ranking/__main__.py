"""`python -m benchmarks.ranking`: what each idea gains over the ranking that would ship without it.

Prints one JSON line per idea and set: the figures, the gain with its 95 % interval (paired bootstrap over
the queries) in nDCG@10 and R@100, and what a query costs more, in milliseconds on one core.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.ranking.collection import load
from benchmarks.ranking.ideas import FIRST, IDEAS, Idea
from benchmarks.ranking.measures import Figures, interval
from benchmarks.ranking.scorer import Scorer
from benchmarks.ranking.setup import Setup

SETS = ("ncp", "letters", "stard")


def main() -> None:
    """Measure the ideas asked for on the sets asked for."""
    arguments = _arguments()
    chosen = [idea for idea in IDEAS if not arguments.idea or idea.name in arguments.idea]
    for name in arguments.set or SETS:
        scorer = Scorer(load(arguments.data / name, arguments.cache))
        scorer.measure(FIRST)  # the first round reads queries and pages in; its time says nothing
        known: dict[Setup, Figures] = {}
        for idea in chosen:
            for setup in (idea.against, idea.setup):
                if setup not in known:
                    known[setup] = scorer.measure(setup)
            line = _line(idea, name, known[idea.setup], known[idea.against], scorer.collection.size)
            print(json.dumps(line), flush=True)


def _line(idea: Idea, name: str, new: Figures, old: Figures, size: int) -> dict[str, object]:
    gains = {
        f"{measure}_gain": [
            round(value, 4) for value in interval(getattr(new, attribute), getattr(old, attribute))
        ]
        for measure, attribute in (("ndcg@10", "ndcg_at_10"), ("r@100", "recall_at_100"))
    }
    total = median(new.totals)
    return {
        "idea": idea.name,
        "set": name,
        "ndcg@10": round(float(new.ndcg_at_10.mean()), 4),
        "hit@1": round(float(new.hit_at_1.mean()), 4),
        "mrr@10": round(float(new.mrr_at_10.mean()), 4),
        "r@100": round(float(new.recall_at_100.mean()), 4),
        "median_total": total,
        "median_share": round(total / size, 4),
        **gains,
        "ms": round(new.milliseconds, 2),
        "ms_more": round(new.milliseconds - old.milliseconds, 2),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranking", description=__doc__)
    parser.add_argument("--set", action="append", choices=SETS, help="a set; repeatable; all if left out")
    parser.add_argument("--idea", action="append", choices=[idea.name for idea in IDEAS], metavar="NAME")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/eval"), help="folder of the sets")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "gongkai-ranking",
        help="scratch folder for analysed collections",
    )
    return parser.parse_args()


main()
