"""Checks of the traps that stand on a subsite as a whole, in its lists or among its columns."""

from benchmarks.city.checking import Check, Evidence, every, whole_site
from catalog.findings import FindingKind
from catalog.records import Field
from demo.false_items import HACKED_PATH, false_items


def _columns_once(evidence: Evidence, root: str) -> bool:
    """Every column that lists anything is there, and none twice."""
    planted = [column.name for column in evidence.subsites[root].columns.values() if column.publications]
    return sorted(evidence.crawled.columns.get(root, ())) == sorted(planted)


def _no_nulls(evidence: Evidence, root: str) -> bool:
    found = (evidence.found(url) for url in evidence.urls_of(root))
    raws = [witness.raw for entry in found if entry for witness in entry.publication.witnesses]
    return bool(raws) and not any(raw.strip().lower() in ("null", "undefined", "none") for raw in raws)


def _one_block(evidence: Evidence, root: str) -> bool:
    """Nothing is stated that only a hidden block says."""
    for url in evidence.urls_of(root):
        numbers = evidence.says(url, Field.INDEX_NUMBER)
        if set(numbers) != {evidence.planted(url).index_number}:
            return False
    return True


def _refused(kind: FindingKind, trap: str) -> Check:
    """Nothing of a false item was taken in, and staff are told why."""

    def check(evidence: Evidence, root: str) -> bool:
        titles = [item.title for item in false_items(evidence.subsites[root]) if item.trap == trap]
        taken = {document.title for document in evidence.crawled.documents} & set(titles)
        return bool(titles) and not taken and evidence.is_reported(root, kind)

    return check


def _not_bypassed(evidence: Evidence, _: str) -> bool:
    """What the challenge's script would set was never sent back."""
    return not any("C3VK" in cookie for cookie in evidence.crawled.asked.cookies)


def _hacked_left_out(evidence: Evidence, root: str) -> bool:
    return not any(HACKED_PATH in url for url in evidence.crawled.found) and evidence.site_right(root)


def _bounded(evidence: Evidence, root: str) -> bool:
    return evidence.is_bounded(root)


def _empty_column(evidence: Evidence, url: str) -> bool:
    """An empty list was asked for, and is neither a failure nor a finding."""
    told = any(url == finding.subject for finding in evidence.crawled.findings)
    root = next(root for root in evidence.subsites if url.startswith(root))
    return not told and not evidence.crawled.failed.get(root)


def _no_budget_finding(evidence: Evidence, root: str) -> bool:
    return not evidence.is_reported(root, FindingKind.BUDGET)


CHECKS: dict[str, Check] = {
    "wrong_charset": whole_site(),
    "framesets": every(whole_site("columns"), _columns_once),
    "framed_list": every(whole_site("columns"), _columns_once),
    "rows_by_script": whole_site("columns"),
    "json_list": every(whole_site(), _no_nulls),
    "counts_from_two": whole_site("columns"),
    "wrong_total": every(whole_site("columns"), _no_budget_finding),
    "side_box": whole_site("columns"),
    "wide_labels": whole_site("numbers", "dates", "publisher"),
    "hidden_meta": every(whole_site("numbers", "dates", "body"), _one_block),
    "null_meta": every(whole_site(), _no_nulls),
    "dead_row": _refused(FindingKind.SOFT_404, "dead_row"),
    "shell_row": every(_refused(FindingKind.SHELL, "shell_row"), _not_bypassed),
    "home_row": _refused(FindingKind.HOME_IN_PLACE, "home_row"),
    "hacked_row": _refused(FindingKind.HACKED, "hacked_row"),
    "hacked_link": _hacked_left_out,
    "list_repeats": every(whole_site("columns"), _bounded),
    "list_stub": every(whole_site("columns"), _bounded),
    "cut_titles": whole_site("title"),
    "month_day_dates": whole_site("dates"),
    "empty_column": _empty_column,
}
"""The check of each trap whose places are subsites (their root URLs) or columns."""
