"""The default engine: a Whoosh index on disk, in its plain form.

Postings, keys and columns are Whoosh's; matching, scoring and counting run on arrays decoded from
them, so that sets, totals and facets are exact.
"""

from indexer.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
