"""Checks of the traps that stand on single publications."""

import datetime
from collections import Counter

from benchmarks.city.checking import Check, Evidence, every, publication
from benchmarks.city.comparing import file_text, planted_number
from catalog import doc_numbers
from catalog.dates import iso_date
from catalog.findings import FindingKind
from catalog.folding import fold
from catalog.records import Field, Provenance, RelationKind
from demo.city import LOST_FILE
from demo.planting import AS_OF, FUTURE_DAY, NUMERAL_DATE

_FACETS = (Field.TOPIC, Field.GENRE, Field.AUDIENCE, Field.LIFE_CYCLE)
_REPEALED = "LV03"
_NOT_IN_FORCE = frozenset({"LV02", "LV03"})


def _blank_facets(evidence: Evidence, url: str) -> bool:
    """A facet whose label has no value was stated by nobody."""
    found, printed = evidence.found(url), evidence.planted(url).printed
    blank = {field for field in _FACETS if printed.get(field.value) == ""}
    return found is not None and not any(
        witness.field in blank and witness.provenance is not Provenance.INFERRED
        for witness in found.publication.witnesses
    )


def _issue_date(evidence: Evidence, url: str) -> bool:
    """The days that were planted in numerals are read, and as the same, however their zero is written."""
    found, document = evidence.found(url), evidence.entries[url].document
    if found is None:
        return False
    planted = [line for line in document.body.split("\n") if NUMERAL_DATE.match(line)]
    text = fold(f"{found.publication.content.text}\n{file_text(found)}")
    kept = all(fold(line) in text and iso_date(line) is not None for line in planted)
    return kept and found.document.issued_on == document.issued_on


def _lost_year(evidence: Evidence, url: str) -> bool:
    found = evidence.found(url)
    return found is not None and found.document.issued_on is None


def _same_number(evidence: Evidence, url: str) -> bool:
    found, number = evidence.found(url), planted_number(evidence.planted(url))
    return found is not None and {doc_numbers.key(raw) for raw in found.document.doc_numbers} == {number}


def _number_of_body(evidence: Evidence, url: str) -> bool:
    keys = {doc_numbers.key(raw) for raw in evidence.says(url, Field.DOC_NUMBER)}
    return planted_number(evidence.planted(url)) in keys


def _three_places(evidence: Evidence, url: str) -> bool:
    """One document, whose publications each have an index number of their own."""
    found = evidence.found(url)
    numbers = [entry.index_number for entry in found.document.publications] if found else []
    return len(numbers) >= 3 and max(Counter(numbers).values()) == 1


def _forwarding(evidence: Evidence, url: str) -> bool:
    """The forwarding notice is a document of its own and points to the original."""
    city, found = evidence.crawled.city, evidence.found(url)
    target = evidence.entries[url].document.forwards
    if found is None or target is None:
        return found is not None  # the original: that it is found, and as a document of its own
    original = city.documents[target].key
    ids = _document_ids(evidence, original)
    said = evidence.crawled.claims.get(found.document.id, [])
    forwarded = {claim.of_document for claim in said if claim.kind is RelationKind.FORWARDS}
    return found.document.id not in ids and bool(forwarded & ids)


def _document_ids(evidence: Evidence, key: str) -> set[str]:
    places = (url for url, planted in evidence.crawled.planted.items() if planted.document == key)
    return {found.document.id for url in places if (found := evidence.found(url))}


def _joint(evidence: Evidence, url: str) -> bool:
    """All issuers are kept where any page of the document prints them."""
    found, document = evidence.found(url), evidence.entries[url].document
    if found is None:
        return False
    prints = any(
        "issuer" in evidence.planted(entry.url or url).printed for entry in found.document.publications
    )
    return not prints or len(found.document.issuers) == len(document.issuers)


def _abolished(evidence: Evidence, url: str) -> bool:
    found, document = evidence.found(url), evidence.entries[url].document
    if found is None:
        return False
    ended = {number for entry in evidence.crawled.city.documents for number in entry.abolishes}
    return (found.document.validity == _REPEALED) is (document.number in ended)


def _in_force(evidence: Evidence, url: str) -> bool:
    found = evidence.found(url)
    return found is not None and found.document.validity not in _NOT_IN_FORCE


def _last_lines(evidence: Evidence, url: str) -> bool:
    """The file's text reaches to its last page."""
    found, body = evidence.found(url), evidence.entries[url].document.body
    return found is not None and fold(body.split("\n")[-1]) in fold(file_text(found))


def _ofd_text(evidence: Evidence, url: str) -> bool:
    found, planted = evidence.found(url), evidence.planted(url)
    files = [file for file in found.publication.attachments if file.url.endswith(".ofd")] if found else []
    return len(files) == 1 and fold(planted.title) in fold(files[0].text or "")


def _dead_file(evidence: Evidence, url: str) -> bool:
    """The file is known by its name, has no text, and staff are told."""
    found = evidence.found(url)
    files = [file for file in found.publication.attachments if file.name == LOST_FILE] if found else []
    told = any(
        finding.kind is FindingKind.DEAD_ATTACHMENT and finding.subject == url
        for finding in evidence.crawled.findings
    )
    return len(files) == 1 and files[0].text is None and told


def _newest(days: int) -> Check:
    """The newest item of the column is so many days old on the day the city is looked at."""

    def check(evidence: Evidence, url: str) -> bool:
        column = evidence.entries[url].columns[0]
        urls = (entry.url(evidence.crawled.port) for entry in column.publications)
        dates = [found.publication.published_on for entry in urls if (found := evidence.found(entry))]
        newest = max((day for day in dates if day is not None), default=None)
        return newest == AS_OF - datetime.timedelta(days=days)

    return check


def _future(evidence: Evidence, url: str) -> bool:
    """The day is kept as stated and is nobody's date of publication."""
    found = evidence.found(url)
    kept = {iso_date(raw) for raw in evidence.says(url, Field.PUBLISHED_ON)} == {FUTURE_DAY}
    return found is not None and found.publication.published_on is None and kept


def _both_dates(evidence: Evidence, url: str) -> bool:
    found, planted = evidence.found(url), evidence.planted(url)
    if found is None or not planted.printed.get("issued_on"):
        return False
    dates = found.publication.published_on, found.document.issued_on
    return dates == (planted.published_on, planted.issued_on) and planted.issued_on > planted.published_on


def _undated(evidence: Evidence, url: str) -> bool:
    found = evidence.found(url)
    return found is not None and found.publication.published_on is None


def _id_card(evidence: Evidence, url: str) -> bool:
    found = evidence.found(url)
    return found is not None and "经办人身份证号码：34990019850317001" in found.publication.content.text


def _two_columns(evidence: Evidence, url: str) -> bool:
    found = evidence.found(url)
    return found is not None and len(found.publication.column_names) >= 2


CHECKS: dict[str, Check] = {
    "blank_facets": _blank_facets,
    "numeral_dates": _issue_date,
    "lost_year": _lost_year,
    "bracket_kinds": every(publication("numbers"), _same_number),
    "three_places": every(publication("document"), _three_places),
    "forwarding_pair": every(publication("document"), _forwarding),
    "number_only_in_body": _number_of_body,
    "joint": _joint,
    "abolished_pair": _abolished,
    "trial_rule": _in_force,
    "pdf_only": publication("body"),
    "pdf_pages": every(publication("body"), _last_lines),
    "ofd_attachment": _ofd_text,
    "dead_attachment": _dead_file,
    "parent_column": every(publication("columns"), _two_columns),
    "stale_13": _newest(13),
    "stale_15": _newest(15),
    "stale_179": _newest(179),
    "stale_183": _newest(183),
    "future_date": _future,
    "issued_after_published": _both_dates,
    "undated": _undated,
    "id_card": every(publication(), _id_card),
    "traditional": publication("title", "body"),
}
"""The check of each trap whose places are publications."""
