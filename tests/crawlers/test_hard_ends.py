"""Death on a group's way to the disk, a disk that fills, a catalogue held by others: nothing is lost."""

import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from threading import Event, Thread

import pytest
from dying import POINTS
from lives import forks

from catalog.comparing import differences, snapshot
from catalog.store import Catalog
from crawlers.archive import DiskFullError
from crawlers.frontier import FILE_NAME


def look(data):
    with closing(Catalog.open(data, read_only=True)) as catalog, catalog.read() as connection:
        return snapshot(connection)


@pytest.fixture
def subsite(make_server, jcms, planting):
    return jcms(make_server(), planting(12))


@pytest.fixture
def undisturbed(subsite, crawled, tmp_path):
    other = type(crawled)(tmp_path / "undisturbed")
    other.run(subsite)
    return look(other.data_dir)


@pytest.mark.slow
def test_watching_that_is_killed_on_the_way_to_the_disk_loses_nothing(
    subsite, undisturbed, crawled, tmp_path
):
    sites = tmp_path / "sites.toml"
    sites.write_text(
        f'[[site]]\nname = "子站0"\nurl = "{subsite.root}"\nfamily = "{subsite.family}"\ndelay = 0\n'
    )
    with forks() as forked:
        for passing, point in enumerate(POINTS, 3):
            arguments = (
                "crawl",
                "--watch",
                "--interval",
                "0.01",
                "--sites",
                str(sites),
                "--data",
                str(crawled.data_dir),
            )
            assert forked.wait(forked.run(*arguments, die=(point, passing))) == -signal.SIGKILL, point
            if len(crawled.publications()) == 12:
                shutil.rmtree(crawled.data_dir)
    assert crawled.run(subsite).complete
    assert differences(undisturbed, look(crawled.data_dir)) == []


def test_a_disk_that_fills_stops_the_crawl_and_loses_nothing(
    subsite, undisturbed, crawled, fast, monkeypatch
):
    usage, asked = shutil.disk_usage, []

    def filling(path):
        asked.append(path)
        return usage(path)._replace(free=10_000_000_000 if len(asked) < 4 else 1_000_000)

    monkeypatch.setattr(shutil, "disk_usage", filling)
    with pytest.raises(DiskFullError, match="低于下限"):
        crawled.run(subsite, limits=replace(fast, group=3))
    assert len(crawled.publications()) < 12
    monkeypatch.undo()
    assert crawled.run(subsite).resumed
    assert differences(undisturbed, look(crawled.data_dir)) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", ["catalog.db", FILE_NAME])
def test_a_file_that_somebody_else_writes_for_ten_seconds_is_waited_for(file, subsite, undisturbed, crawled):
    type(crawled)(crawled.data_dir).run()  # the files are there
    held, free = Event(), Event()

    def hold():
        with closing(sqlite3.connect(crawled.data_dir / file, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            held.set()
            free.wait(10)
            writer.execute("ROLLBACK")

    other = Thread(target=hold)
    other.start()
    assert held.wait(5)
    summary = crawled.run(subsite)
    assert not other.is_alive(), "it was waited for"
    other.join()
    assert summary.complete
    assert differences(undisturbed, look(crawled.data_dir)) == []
