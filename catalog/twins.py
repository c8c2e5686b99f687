"""Twins: addresses that differ in nothing but http or https and a leading www.

They are most often one page, and not always: a www host may serve another site, or one page for every path.
So a page met under a twin of a known address becomes an alias of that publication only where something else
speaks for it: the server leads from the one to the other, or both say the same. A double can be mended, a
document that was taken for another is lost (docs/decisions/0030).
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from sqlalchemy import Connection, bindparam, select

from catalog import schema, texts
from catalog.content import Content
from catalog.evidence import SAFE_TEXT_LENGTH
from catalog.folding import clean, fold, visible_length
from catalog.records import Field, PageRecord, flat_text, paragraphs
from catalog.store import log_change

_WWW = "www."
_alias, _publication, _capture = schema.publication_alias, schema.publication, schema.capture
_file, _witness, _evidence = schema.capture_attachment, schema.witness, schema.evidence

_BEARERS = (
    select(_alias.c.alias, _alias.c.publication_id, _publication.c.capture_id)
    .join(_publication, _publication.c.id == _alias.c.publication_id)
    .where(_alias.c.alias.in_(bindparam("twins", expanding=True)))
    .order_by(_alias.c.publication_id, _alias.c.alias)
)
_TEXT = select(_capture.c.text_hash).where(_capture.c.id == bindparam("of"))
_TITLE = select(_evidence.c.value).where(
    _evidence.c.publication_id == bindparam("of"), _evidence.c.kind == "title"
)
_FILES = select(_file.c.name, _file.c.text_hash).where(_file.c.capture_id == bindparam("of"))
_INDEX_NUMBERS = select(_witness.c.raw).where(
    _witness.c.capture_id == bindparam("of"), _witness.c.field == Field.INDEX_NUMBER.value
)


def twins_of(address: str) -> tuple[str, ...]:
    """Return the twins of a canonical address, without itself.

    An address with a port of its own has none: another port is another server. An IP address has no www.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or _has_port(parts):
        return ()
    names: tuple[str, ...] = (parts.netloc,)
    if not _is_number(parts.hostname):
        bare = parts.hostname.removeprefix(_WWW)
        names = (bare, _WWW + bare)
    forms = (
        urlunsplit(parts._replace(scheme=scheme, netloc=name))
        for scheme in ("http", "https")
        for name in names
    )
    return tuple(form for form in forms if form != address)


def twin_key(address: str) -> str:
    """Return what an address and its twins have in common and nothing else has."""
    return min((address, *twins_of(address)), key=lambda form: (len(form), form))


def server_of(address: str) -> tuple[str, str]:
    """Return what tells twins apart: scheme and name."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def bearer(connection: Connection, page: PageRecord, content: Content) -> str | None:
    """Return the alias of a known publication that says the same as a page met under a twin of that."""
    sought = twins_of(page.alias)
    for row in connection.execute(_BEARERS, {"twins": sought}).all() if sought else ():
        if _says_the_same(connection, row.publication_id, row.capture_id, page, content):
            return str(row.alias)
    return None


def moved(tx: Connection, before: str, now: str, url: str) -> bool:
    """Note that the page of an alias is found at its twin `now`, at this address; tell whether that was news.

    Nothing happens where the twin is an alias of another publication, or is no twin.
    """
    if now not in twins_of(before):
        return False
    known = dict(
        tx.execute(
            select(_alias.c.alias, _alias.c.publication_id).where(_alias.c.alias.in_((before, now)))
        ).all()
    )
    publication_id = known.get(before)
    if publication_id is None or known.get(now, publication_id) != publication_id:
        return False
    if now not in known:
        tx.execute(_alias.insert().values(alias=now, publication_id=publication_id))
    here = _publication.c.id == publication_id
    row = tx.execute(select(_publication.c.url, _publication.c.document_id).where(here)).one()
    if row.url == url:
        return False
    tx.execute(_publication.update().where(here).values(url=url))
    log_change(tx, row.document_id, "recorded")
    return True


def _says_the_same(
    connection: Connection, publication_id: str, capture_id: str, page: PageRecord, content: Content
) -> bool:
    """Tell whether a page says what a publication shows now.

    Title and body are the same; where the body is short (templates are) or missing, the files are, too, and
    something was said at all. Two index numbers are two publications (domain.md 0, fact 7).
    """
    if connection.execute(_TITLE, {"of": publication_id}).scalar() != fold(content.title):
        return False
    if connection.execute(_TEXT, {"of": capture_id}).scalar() != texts.name_of(content.blocks):
        return False
    numbers = {fold(raw) for raw in connection.execute(_INDEX_NUMBERS, {"of": capture_id}).scalars()}
    stated = {fold(w.raw) for w in content.witnesses if w.field is Field.INDEX_NUMBER}
    if numbers and stated and numbers != stated:
        return False
    length = visible_length(flat_text(content.blocks))
    if length >= SAFE_TEXT_LENGTH:
        return True
    shown = sorted((row.name, row.text_hash or "") for row in connection.execute(_FILES, {"of": capture_id}))
    met = sorted((clean(file.name), _named(file.text)) for file in page.attachments)
    return shown == met and bool(length or any(digest for _, digest in met))


def _named(text: str | None) -> str:
    return "" if text is None else texts.name_of(texts.cleaned(paragraphs(text)))


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port is not None
    except ValueError:
        return True


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
