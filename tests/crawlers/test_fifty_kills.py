"""Killed again and again, crawl and readers of files alike, a city's crawl ends as if nothing had been.

What was killed in which phase is printed (`pytest -s`).
"""

import sys
from collections import Counter
from contextlib import closing
from random import Random

import pytest
from lives import Killer, done, ended, forks
from typer.testing import CliRunner

from catalog.comparing import differences, snapshot
from catalog.store import Catalog
from cli.main import app
from demo.publishing import generate
from demo.server import serving
from demo.sites_file import write_sites_file

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def look(data):
    with closing(Catalog.open(data, read_only=True)) as catalog, catalog.read() as connection:
        return snapshot(connection)


def gongkai(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.output


@pytest.fixture
def serve(tmp_path):
    """Serve a city of so many publications; gives its sites file."""
    with_city = []

    def begin(publications):
        city = generate(publications=publications)
        served = serving(city)
        with_city.append(served)
        write_sites_file(tmp_path / "sites.toml", city.subsites, served.__enter__())
        return tmp_path / "sites.toml"

    yield begin
    for served in with_city:
        served.__exit__(None, None, None)


def killed_so_often(killer, folder, kills):
    """Kill one crawl after the other until so many hits; returns the data folders, all of them finished."""
    folders = []
    while len(killer.hits) < kills:
        data = folder / f"killed {len(folders)}"
        folders.append(data)
        while len(killer.hits) < kills and killer.life(data):
            pass
        assert killer.finish(data) == 0
    return folders


@pytest.mark.parametrize(
    ("kills", "publications"), [(5, 60), pytest.param(50, 250, marks=pytest.mark.long)], ids=["5", "50"]
)
def test_however_often_it_is_killed_it_ends_like_an_undisturbed_crawl(serve, kills, publications, tmp_path):
    sites, undisturbed = serve(publications), tmp_path / "undisturbed"
    chance = Random(20120701)
    with forks() as forked:
        assert forked.wait(forked.run("crawl", "--sites", str(sites), "--data", str(undisturbed))) == 0
        killer = Killer(forked, sites, chance, done(undisturbed), kills)
        folders = killed_so_often(killer, tmp_path, kills)
    assert len(killer.hits) >= kills
    for hit, times in sorted(Counter(killer.hits).items()):
        sys.stdout.write(f"\n{times} times {': '.join(hit)}")
    sys.stdout.write(f"\n{len(folders)} crawls; {len(killer.orphans)} readers of files orphaned\n")
    wanted = look(undisturbed)
    assert len(wanted["publication"]) == publications
    for data in folders:
        assert differences(wanted, look(data)) == []
        assert gongkai("verify-archive", "--data", data)[0] == 0
        code, said = gongkai("reparse", "--apply", "--all", "--data", data)
        assert code == 0, said
        assert differences(wanted, look(data)) == []
    assert all(ended(pid) for pid in killer.orphans), "whoever reads files ends with the crawl"
