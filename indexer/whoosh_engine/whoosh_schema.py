"""The schema under which Whoosh sees our segments."""

from whoosh import columns, fields

from indexer.query import TermField
from indexer.whoosh_engine.segment import KEYS

ID, ISSUED, PUBLISHED = "id", "issued", "published"


def whoosh_schema() -> fields.Schema:
    """Return the schema: terms cut before (parted by spaces in Whoosh's query language), keys, columns.

    Days are `date.toordinal`, 0 for none; PUBLISHED is the newest publication.
    """
    return fields.Schema(
        **{field.value: fields.KEYWORD(scorable=True) for field in TermField},
        **{
            KEYS: fields.ID(),
            ID: fields.ID(stored=True, unique=True, sortable=columns.VarBytesColumn()),
            ISSUED: fields.COLUMN(columns.NumericColumn("i")),
            PUBLISHED: fields.COLUMN(columns.NumericColumn("i")),
        },
    )
