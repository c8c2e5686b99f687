"""The default engine: a Whoosh index whose segments are arrays in mapped files.

Where to look: `arrays` and `storage` are files; `terms`, `postings`, `columns`, `texts` are what a
`segment` is made of; `inverting` and `merging` make segments; `manifest` and `commits` keep a folder
of them; `snapshot`, `matching`, `scoring`, `filtering` and `answering` answer a question; Whoosh's
own readers and queries come in by `whoosh_codec` and `whoosh_queries`.
"""

from indexer.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
