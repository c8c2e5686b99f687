"""The command line of the benchmark."""

import argparse
import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import fmean

import trafilatura

from benchmarks.bodies.kinds import print_kinds
from benchmarks.bodies.made import made_pages
from benchmarks.bodies.scoring import bigram_score, line_score
from crawlers.reading import decode, read_page

Extractor = Callable[[bytes], str]
_SUFFIXES = (".html", ".htm", ".shtml", ".jsp", ".php")


def _ours(page: bytes) -> str:
    return read_page(page).text


def _trafilatura(*, favor_recall: bool) -> Extractor:
    def extracted(page: bytes) -> str:
        # Our decoding, so that the comparison is of finding the text and not of guessing the charset.
        text = trafilatura.extract(
            decode(page), include_comments=False, include_tables=True, favor_recall=favor_recall
        )
        return text or ""

    return extracted


EXTRACTORS: dict[str, Extractor] = {
    "ours": _ours,
    "trafilatura": _trafilatura(favor_recall=False),
    "trafilatura recall": _trafilatura(favor_recall=True),
}


def main() -> int:
    """Measure bodies (`DIR` of NAME.html + NAME.txt, or our own pages), or kinds (`--kinds DIR`)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bodies", description=main.__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", help="pages with their gold texts beside them; none: ours"
    )
    parser.add_argument("--variations", type=int, default=3, help="how often each page of ours is varied")
    parser.add_argument(
        "--kinds", type=Path, help="the folder of the saved pages that docs/page-kinds.md labels"
    )
    asked = parser.parse_args()
    if asked.kinds is not None:
        return int(print_kinds(asked.kinds) > 0)
    pages = list(made_pages(asked.variations) if asked.folder is None else _pages(asked.folder))
    if not pages:
        parser.error(f"no page with a gold text beside it in {asked.folder}")
    return _print_scores(pages)


def _pages(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    for gold in sorted(folder.rglob("*.txt")):
        page = next((p for s in _SUFFIXES if (p := gold.with_suffix(s)).exists()), None)
        if page is not None:
            yield str(page.relative_to(folder)), page.read_bytes(), gold.read_text("utf-8")


def _print_scores(pages: list[tuple[str, bytes, str]]) -> int:
    """Print one JSON line per page and one per extractor; return 1 if another one is better than ours."""
    bigrams: dict[str, list[float]] = {name: [] for name in EXTRACTORS}
    lines: dict[str, list[float]] = {name: [] for name in EXTRACTORS}
    for name, page, gold in pages:
        for extractor, extract in EXTRACTORS.items():
            found = extract(page)
            bigrams[extractor].append(bigram_score(found, gold).f1)
            lines[extractor].append(line_score(found, gold).f1)
        print(
            json.dumps(
                {
                    "page": name,
                    "body_f1": {e: round(v[-1], 4) for e, v in bigrams.items()},
                    "line_f1": {e: round(v[-1], 4) for e, v in lines.items()},
                },
                ensure_ascii=False,
            )
        )
    means = {extractor: fmean(values) for extractor, values in bigrams.items()}
    for extractor, mean in means.items():
        print(
            json.dumps(
                {
                    "extractor": extractor,
                    "version": _version(extractor),
                    "pages": len(pages),
                    "body_f1": round(mean, 4),
                    "line_f1": round(fmean(lines[extractor]), 4),
                }
            )
        )
    return int(max(means.values()) > means["ours"])


def _version(extractor: str) -> str:
    return version("gongkai" if extractor == "ours" else "trafilatura")
