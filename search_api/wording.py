"""The words in which pages speak of fields, facets, orders and provenance: `data/wording.json`."""

import json
from collections.abc import Mapping
from importlib import resources

_WORDS = json.loads(resources.files("search_api").joinpath("data/wording.json").read_text("utf-8"))

FACET: Mapping[str, str] = _WORDS["facet"]
FIELD: Mapping[str, str] = _WORDS["field"]
PROVENANCE: Mapping[str, str] = _WORDS["provenance"]
SORT: Mapping[str, str] = _WORDS["sort"]
SCOPE: Mapping[str, str] = _WORDS["scope"]
MATCH: Mapping[str, str] = _WORDS["match"]
INTERPRETATION: Mapping[str, str] = _WORDS["interpretation"]
"""By kind of interpretation; `{}` is the reading."""
RELATION: Mapping[str, Mapping[str, str]] = _WORDS["relation"]
"""By kind of relation: how it is called from the one side, from the other, and where it is only possible."""
VALIDITY: Mapping[str, Mapping[str, str]] = _WORDS["validity"]
"""By code of a validity that warns: the `tag` for a list and the `notice` for the document's page."""
DERIVED: str = _WORDS["derived"]
"""Who says that a document is not in force, where that is another document."""
MISSING: str = _WORDS["missing"]
"""未标明: what stands where nothing is stated."""
