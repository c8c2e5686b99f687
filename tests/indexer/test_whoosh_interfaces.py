"""The interfaces of Whoosh that we fill in or rely on are as we expect them."""

import inspect

import pytest
import whoosh
from whoosh import columns, query
from whoosh.automata import lev
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3FieldCursor
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader, TermInfo

from indexer.whoosh_engine import whoosh_codec
from indexer.whoosh_engine.whoosh_codec import ArrayCodec
from indexer.whoosh_engine.whoosh_matcher import ArrayMatcher
from indexer.whoosh_engine.whoosh_terms import ArrayCursor, ArrayTerms

OWN = {
    ArrayCodec: base.Codec,
    whoosh_codec._Documents: (base.Segment, base.PerDocumentReader),
    whoosh_codec._Column: columns.ColumnReader,
    ArrayTerms: base.TermsReader,
    ArrayCursor: (base.FieldCursor, W3FieldCursor),
    ArrayMatcher: ListMatcher,
}


def parameters(of: object) -> list[str]:
    return [name.lstrip("_") for name in inspect.signature(of).parameters]  # type: ignore[arg-type]


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.__name__)
def test_whoosh_has_every_method_that_we_override(own):
    assert whoosh.__version__ == (3, 54, 0)
    bases = OWN[own] if isinstance(OWN[own], tuple) else (OWN[own],)
    for name, method in vars(own).items():
        if name.startswith("_") or not inspect.isfunction(method) or method.__name__ == "_refuse":
            continue
        theirs = [getattr(each, name) for each in bases if hasattr(each, name)]
        assert theirs, f"{own.__name__}.{name}"
        expected = [{"term": "string"}.get(each, each) for each in parameters(theirs[0])]
        assert parameters(method) == expected, f"{own.__name__}.{name}"


def test_whoosh_has_everything_that_we_rely_on():
    for refused in ("per_document_writer", "field_writer", "postings_writer", "new_segment"):
        assert hasattr(base.Codec, refused)
    assert parameters(SegmentReader) == ["storage", "schema", "segment", "generation", "codec"]
    assert parameters(MultiReader) == ["readers", "generation"]
    assert parameters(EmptyReader) == ["schema"]
    assert parameters(TermInfo) == ["weight", "df", "minlength", "maxlength", "maxweight", "minid", "maxid"]
    assert parameters(ListMatcher)[:5] == ["ids", "weights", "values", "format", "scorer"]
    assert {"term", "terminfo"} <= set(parameters(ListMatcher))
    assert {"_ids", "_i", "_term", "_terminfo", "_format", "_scorer"} <= set(vars(ListMatcher([])))
    assert issubclass(SegmentReader, IndexReader)
    assert parameters(lev.levenshtein_automaton) == ["term", "k", "prefix"]
    assert vars(query.Term("f", "t")).keys() >= {"fieldname", "text", "boost"}
    assert vars(query.Prefix("f", "t")).keys() >= {"fieldname", "text", "boost", "constantscore"}
    assert vars(query.TermRange("f", "a", "b")).keys() >= {
        *("fieldname", "start", "end", "startexcl", "endexcl", "boost", "constantscore")
    }
    assert vars(query.Every()).keys() >= {"fieldname", "boost"}
    assert vars(query.And([])).keys() >= {"subqueries", "boost"}
    assert vars(query.Or([])).keys() >= {"subqueries", "boost", "minmatch", "scale"}
    assert vars(query.Not(query.Every())).keys() >= {"query"}
    assert vars(query.AndNot(query.Every(), query.Every())).keys() >= {"a", "b"}
    assert vars(query.AndMaybe(query.Every(), query.Every())).keys() >= {"a", "b"}
    assert vars(query.ConstantScoreQuery(query.Every())).keys() >= {"child", "score"}
    assert vars(query.Phrase("f", [])).keys() >= {"fieldname", "words", "slop", "boost"}
