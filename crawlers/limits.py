"""The bounds within which pages are asked for, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one crawl allows itself. Times are seconds, sizes are bytes."""

    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    # A server that sends a byte now and then never trips the read timeout.
    response_timeout: float = 90.0
    # The largest attachments seen on disclosure sites are scanned yearbooks of some ten megabytes.
    body_bytes: int = 20 * 1024 * 1024
    # RFC 9309, 2.5: a crawler must parse at least 500 kibibytes of robots.txt.
    robots_bytes: int = 500 * 1024
    # RFC 9309, 2.3.1.2 asks for five hops for robots.txt; pages need no more.
    redirects: int = 5
    attempts: int = 4
    # Waiting before a further attempt: backoff, then twice, four times as long.
    backoff: float = 2.0
    # A Retry-After beyond this is cut down to it.
    retry_after: float = 120.0
    # A robots.txt that asks for more than this between requests means "stay away".
    crawl_delay: float = 300.0
    # So many requests in a row without any answer, and the host is left alone until the next run.
    silent_requests: int = 5
    # All servers together, per second: a thousand subsites at their pause would fill an office's line.
    requests_per_second: float = 200.0
    # One run's budget of a server; what is beyond is a trap. The model case has 300,000 items on one server
    # and 107,605 in its largest column, which at 50 kB a page and some files is far below the bytes.
    pages_per_site: int = 1_000_000
    pages_per_pattern: int = 300_000
    bytes_per_site: int = 100 * 1024**3
    # 500 pages of 20 links; the largest column of the model case holds 107,605 items on 1,024 subsites.
    pages_per_column: int = 500
    # Framesets within framesets deeper than this are a trap.
    frame_depth: int = 3
    # Columns of one subsite; the model case names twenty, portals some hundred.
    columns_per_site: int = 1000
    # A page with more frames than this shows us something else than a menu and a list.
    frames_per_page: int = 20
    # A city's portal leads to some hundred bodies, each with columns of its own; a province's to more.
    organs_per_page: int = 500
    # The largest lists on one page are of some thousand items (dataproxy.jsp is asked for 45 at a time).
    items_per_list: int = 10_000
    attachments_per_page: int = 50
    # Bytes of one page's files that are held until they are archived; the others are kept by name.
    attachment_bytes: int = 100 * 1024 * 1024
    # Bodies received at the same moment: bounds the memory that hostile servers can take.
    transfers: int = 64
    # A crawl ends before the disk is full: the catalogue, the index and the log need to write, too.
    disk_floor: int = 1024**3
    # ISO 28500, annex C: WARC files of about one gigabyte are handled best.
    archive_file_bytes: int = 1024**3
    # Pages in one group: archive sync, catalogue commit, queue commit.
    group: int = 50
    # Servers one process takes at a time: enough to wait for slow ones, and other processes find work, too.
    hosts: int = 256
