"""One module for each engine, all with the same names.

`version()`; `build(prepared, folder)` makes the index; `open_index(folder)` opens it; `SEARCHES` maps
each kind of query that is timed to a function of what was opened and the words. `LIMIT` is the
largest collection that the engine is asked to hold, `KEPT` tells whether its index is built once and
kept. `TERMS` are the kinds of terms that it holds, `CUTS` tells whether `build` cuts the documents.
"""

from importlib import import_module
from types import ModuleType

NAMES = {
    "gongkai": "gongkai",
    "tantivy": "tantivy_words",
    "tantivy-full": "tantivy_full",
    "whoosh": "stock_whoosh",
    "sqlite-fts5": "sqlite_fts5",
    "xapian": "xapian_terms",
    "bm25s": "bm25s_matrix",
}

ENGINES = tuple(NAMES)
"""What a run builds and asks, one after the other."""

NAMES |= {"gongkai-service": "gongkai_service"}

SYSTEM_PYTHON = "/usr/bin/python3"
OUTSIDE = {"xapian": SYSTEM_PYTHON}
"""Engines whose bindings come with the system's Python only."""


def peer(engine: str) -> ModuleType:
    """Return the module of an engine; ImportError if what it needs is not installed."""
    return import_module(f"benchmarks.search.peers.{NAMES[engine]}")
