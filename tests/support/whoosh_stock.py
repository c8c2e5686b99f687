"""The same documents in an index of Whoosh's own, with a codec of Whoosh's own."""

from collections.abc import Iterator

from whoosh import fields, formats
from whoosh.filedb.filestore import RamStorage
from whoosh.searching import Searcher
from whoosh_asking import FIELDS
from written import Indexed, terms_of

from indexer.whoosh_engine.whoosh_schema import ID


class TermsField(fields.FieldType):
    """A field of stock Whoosh that takes terms with their counts; lengths are the sums of those."""

    def __init__(self) -> None:
        self.format, self.analyzer = formats.Frequency(), None
        self.stored, self.scorable = False, True
        self.vector = self.column_type = None

    def index(self, value: dict[str, int], **_options: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        pack = formats.pack_uint
        return ((term.encode(), value[term], float(value[term]), pack(value[term])) for term in sorted(value))


def stock_index(indexed: Indexed) -> Searcher:
    """Return the same documents in an index of Whoosh's own."""
    schema = fields.Schema(**{name: TermsField() for name in FIELDS if name != ID}, id=fields.ID(stored=True))
    index = RamStorage().create_index(schema)
    for part in indexed.parts:
        with index.writer() as writer:
            for each in part:
                writer.add_document(
                    **{name: terms_of(each, name) for name in FIELDS[:-1]}, id=each.document.id
                )
            writer.merge = False
    with index.writer() as writer:
        for name in indexed.deleted:
            writer.delete_by_term(ID, name)
        writer.merge = False
    return index.searcher()
