"""A record that a CMS pushes: what it says of one publication, text and all, in its own words.

The service takes it, the inbox keeps it, the archive holds it for good (`crawlers.pushed_pages`); all three
in the one form that `to_json` gives. Nothing of it was seen on a page: it is known under an alias of its own
beside the page's address, so that either can say something new without the other (docs/decisions/0031).
"""

import json
from dataclasses import dataclass, field
from typing import Any

_PREFIX = "push:"


def pushed_alias(address: str) -> str:
    """Return the alias under which what was pushed for a canonical address is known."""
    return _PREFIX + address


def is_pushed(alias: str) -> bool:
    """Tell whether an alias is one of `pushed_alias`."""
    return alias.startswith(_PREFIX)


@dataclass(frozen=True, slots=True)
class PushedRecord:
    """A publication as its sender states it; one of `text` and `html` is given.

    `facts` are fields and values, `columns` names of 栏目 of its subsite, `attachments` addresses and names.
    """

    url: str
    facts: tuple[tuple[str, str], ...]
    text: str | None = None
    html: str | None = None
    columns: tuple[str, ...] = ()
    attachments: tuple[tuple[str, str], ...] = field(default=())

    def to_json(self) -> bytes:
        """Return the stored form; the same record is always the same bytes."""
        value = {
            "url": self.url,
            "facts": dict(self.facts),
            "text": self.text,
            "html": self.html,
            "columns": list(self.columns),
            "attachments": [{"url": url, "name": name} for url, name in self.attachments],
        }
        kept = {key: each for key, each in value.items() if each not in (None, [], {})}
        # ASCII, because lone surrogates are legal in JSON texts and cannot be encoded.
        return json.dumps(kept, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "PushedRecord":
        """Read what `to_json` wrote; raises `ValueError`, `KeyError` or `TypeError` for anything else."""
        value: dict[str, Any] = json.loads(data)
        return cls(
            url=value["url"],
            facts=tuple(sorted(value.get("facts", {}).items())),
            text=value.get("text"),
            html=value.get("html"),
            columns=tuple(value.get("columns", ())),
            attachments=tuple((file["url"], file["name"]) for file in value.get("attachments", ())),
        )
