"""`make bench-search`: all engines over one collection; a line of JSON for each engine and kind of query.

Lines go to standard output, progress to standard error. Ends with 1 if two engines disagree about
what a query finds.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.search.catalogued import count_and_sample
from benchmarks.search.peers import ENGINES, OUTSIDE
from benchmarks.search.prepared import Prepared
from benchmarks.search.preparing import PROCESSES, prepare
from benchmarks.search.questions import ASKED, draw_questions, parted
from benchmarks.search.sources import DEFAULT_DOCUMENTS


class DisagreementError(Exception):
    """Two engines found different numbers of documents, or counted different facets."""


def run(prepared: Prepared, engines: list[str]) -> Iterator[dict[str, Any]]:
    """Build and ask one engine after the other; yield their lines. Raises `DisagreementError` at the end."""
    said: dict[tuple[str, int], dict[str, Any]] = {}
    for engine in engines:
        facts = _about(engine)
        if facts is None or prepared.count > (facts["limit"] or prepared.count):
            _tell(f"{engine}: left out ({'not installed' if facts is None else 'too many documents'})")
            continue
        folder = prepared.folder / f"index-{engine}"
        built = _built(engine, prepared, folder, facts)
        for kind in facts["kinds"]:
            _tell(f"{engine}: {kind}")
            measured = _child("query", engine, _asked(prepared, kind), folder, kind)
            for number, digest in enumerate(measured.pop("digests")):
                said.setdefault((kind, number), {})[engine] = digest
            through = {"through": "index"} if kind == "default" else {}
            line = {"engine": engine, "query": kind, **through, **measured, **built}
            yield {**line, "version": facts["version"]}
        if not facts["kinds"]:
            yield {"engine": engine, "query": None, **built, "version": facts["version"]}
    _check(said, prepared)


def run_service(data: Path) -> dict[str, Any]:
    """Ask the service over a data folder's catalogue and index, which are there already; return the line."""
    documents, sample = count_and_sample(data, ASKED)
    texts = [(view.title, "\n".join(view.texts)) for view in sample]
    _tell("gongkai: default, over the catalogue")
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder) / "questions.json"
        questions.write_text(json.dumps(parted(draw_questions(texts, ASKED))), "utf-8")
        measured = _child("query", "gongkai-service", questions, data, "default")
    del measured["digests"]
    line = {"engine": "gongkai", "query": "default", "through": "service", **measured}
    version = _child("about", "gongkai")["version"]
    return {**line, "documents": documents, "index_mb": _megabytes(data / "index"), "version": version}


def _asked(prepared: Prepared, kind: str) -> Path:
    return prepared.questions if kind == "default" else prepared.queries


def _built(engine: str, prepared: Prepared, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Build what is not kept from an earlier run; return rates and size."""
    note = folder.with_suffix(".json")
    made = json.loads(note.read_text("utf-8")) if note.exists() else {}
    if not facts["kept"] or made.get("version") != facts["version"]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _tell(f"{engine}: building")
        made = {"version": facts["version"], **_child("build", engine, prepared.folder, folder)}
        note.write_text(json.dumps(made), "utf-8")
    seconds = made["seconds"]
    cut = sum(prepared.facts[f"{terms}_seconds"] for terms in facts["terms"])
    whole = seconds if facts["cuts"] else seconds + cut
    processor = made["cpu_seconds"] + (0 if facts["cuts"] else cut * PROCESSES)
    return {
        "documents": prepared.count,
        "build_docs_per_s": round(prepared.count / whole, 1),
        "build_characters_per_s": round(prepared.facts["characters"] / whole),
        "build_cpu_s": round(processor, 1),
        "index_docs_per_s": round(prepared.count / max(whole - cut, 1e-9), 1),
        "index_mb": _megabytes(folder),
    }


def _about(engine: str) -> dict[str, Any] | None:
    try:
        return _child("about", engine, quiet=True)
    except subprocess.CalledProcessError:
        return None


def _child(*arguments: object, quiet: bool = False) -> dict[str, Any]:
    python = OUTSIDE.get(str(arguments[1]), sys.executable)
    command = [python, "-m", "benchmarks.search.measuring", *map(str, arguments)]
    errors = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, check=True)  # noqa: S603
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _check(said: dict[tuple[str, int], dict[str, Any]], prepared: Prepared) -> None:
    """Compare what the engines found, query by query."""
    for (kind, number), digests in said.items():
        if len({json.dumps(digest) for digest in digests.values()}) > 1:
            asked = json.loads(_asked(prepared, kind).read_text("utf-8"))
            words = " ".join(asked["timed"][number])
            raise DisagreementError(f"{kind} {words!r}: {digests}")


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Read the arguments and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--documents", type=int, default=DEFAULT_DOCUMENTS)
    parser.add_argument("--collection", choices=("demo", "corpus"), default="demo")
    parser.add_argument("--engines", default=",".join(ENGINES), help="separated by commas; may be empty")
    parser.add_argument("--data", type=Path, help="data folder whose service is asked `default` too")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gongkai-bench-search")
    given = parser.parse_args()
    agreed = not given.engines or _run_engines(given)
    if given.data:
        print(json.dumps(run_service(given.data)), flush=True)
    return 0 if agreed else 1


def _run_engines(given: argparse.Namespace) -> bool:
    """Print a line for each engine and kind; tell whether they agreed."""
    prepared = prepare(given.collection, given.documents, given.cache)
    _tell(json.dumps({"collection": given.collection, **prepared.facts}))
    try:
        for line in run(prepared, given.engines.split(",")):
            print(json.dumps({**line, "collection": given.collection}), flush=True)
    except DisagreementError as error:
        _tell(f"engines disagree: {error}")
        return False
    return True
