"""What was purged is neither asked for again nor archived, wherever a link or a redirect leads."""

import gzip
import sqlite3
from contextlib import closing

from catalog import purging, suppression
from catalog.recording import Change
from catalog.store import Catalog
from crawlers.frontier import FILE_NAME


def purge(crawled, url):
    with Catalog.open(crawled.data_dir) as catalog:
        with catalog.write() as tx:
            ((publication,),) = tx.exec_driver_sql("SELECT id FROM publication WHERE url = ?", (url,)).all()
            suppression.suppress(tx, publication, why="含个人信息", who="测试")
        purging.purge(catalog, publication, why="含个人信息", who="测试")


def archived(crawled):
    return b"".join(gzip.decompress(file.read_bytes()) for file in crawled.data_dir.glob("archive/*.warc.gz"))


def test_a_purged_page_is_neither_asked_for_again_nor_archived(server, jcms, planting, crawled, answer):
    subsite = jcms(server, planting(3))
    crawled.run(subsite)
    url = subsite.url_of(subsite.planted[1])
    path = url.removeprefix(server.url)
    purge(crawled, url)
    (crawled.data_dir / FILE_NAME).unlink()  # as if it were met for the first time
    moved = subsite.url_of(subsite.planted[2]).removeprefix(server.url)
    server.routes[moved] = answer(status=302, headers={"Location": path})
    server.asked.clear()
    summary = crawled.run(subsite)
    assert path not in server.targets()
    assert summary.changes[Change.PURGED] == 2
    assert summary.complete
    assert b"WARC-Target-URI: " + url.encode() + b"\r\n" not in archived(crawled)
    with closing(sqlite3.connect(crawled.data_dir / FILE_NAME)) as queue:
        assert queue.execute("SELECT count(*) FROM job WHERE error = 'purged'").fetchone() == (2,)
