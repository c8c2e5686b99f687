"""`python -m tests.fuzz --seconds 60 [--seed S] [--target NAME]`, or `--case TARGET:SEED:NUMBER` again.

A failing input is saved, and the case that makes it is printed.
"""

import argparse
import random
import sys
import time
import traceback
from itertools import count
from pathlib import Path

from tests.fuzz.targets import LIMIT, Files, SlowError, Target, targets


def main() -> int:
    """Return the number of failing inputs, at most 1 for each target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--target")
    parser.add_argument("--case", help="TARGET:SEED:NUMBER of a failure")
    parser.add_argument("--save", type=Path, default=Path("fuzz-failures"))
    options = parser.parse_args()
    files = Files()
    try:
        known = targets(files)
        if options.case:
            name, seed, number = options.case.split(":")
            return not fed(name, known[name], int(seed), int(number), options.save)
        chosen = {name: known[name] for name in known if options.target in (None, name)}
        share = options.seconds / max(1, len(chosen))
        return sum(not _run(name, target, options, share) for name, target in chosen.items())
    finally:
        files.close()


def _run(name: str, target: Target, options: argparse.Namespace, seconds: float) -> bool:
    """Feed a target for so many seconds or until it fails."""
    end = time.monotonic() + seconds
    for number in count():
        if time.monotonic() >= end:
            print(f"{name}: {number} inputs, seed {options.seed}, no failure", flush=True)
            return True
        if not fed(name, target, options.seed, number, options.save):
            return False
    return True


def fed(name: str, target: Target, seed: int, number: int, save: Path) -> bool:
    """Make an input and feed it; False if it failed, which is then told and saved."""
    case = f"{name}:{seed}:{number}"
    body = target.make(random.Random(case))
    begun = time.process_time()
    try:
        target.feed(body)
        if time.process_time() - begun > LIMIT:
            raise SlowError
    except SlowError:
        why = f"took more than {LIMIT:g} s"
    except Exception:  # noqa: BLE001 - any error is what is looked for
        why = traceback.format_exc()
    else:
        return True
    save.mkdir(exist_ok=True)
    file = save / case.replace(":", "-")
    file.write_bytes(body)
    print(f"FAILED {case}: {why}\nsaved as {file}; again: python -m tests.fuzz --case {case}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
