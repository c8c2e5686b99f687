"""Whatever ends the writer, and when: the index opens and holds every change that was acknowledged."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from faults import WORST, Disk, Killed, Luck, chance, put_files
from hypothesis import given, settings
from hypothesis import strategies as st
from life import STATES, held, live, prepare, put, resume

from catalog.importing import import_file
from catalog.store import Catalog
from indexer.generations import Generations
from indexer.indexing import bring_up
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine.arrays import digest_of
from indexer.whoosh_engine.manifest import read_manifest
from indexer.whoosh_engine.storage import Storage

LAST = max(STATES)
SUPPORT = Path(__file__).parents[1] / "support"
ROOT = SUPPORT.parents[1]


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as patched:
        prepare(patched.setattr)
        patched.setattr("os.fsync", lambda _descriptor: None)  # these disks are not real
        yield patched


@pytest.fixture(scope="module")
def lived(run, patch, tmp_path_factory):
    """A disk that has seen the whole life of an index."""
    disk = Disk(tmp_path_factory.mktemp("disk"))
    with disk.watching(patch):
        run(live(disk.root, disk.acknowledge))
    return disk


async def look(data_dir: Path, promised: int, coming: int) -> None:
    """Check that an index opens, holds at least what was promised, is whole, and can be gone on with."""
    folder = Generations(data_dir).live()
    if folder is None and not promised:
        return  # there was no index yet
    seq, found = await held(folder)
    assert promised <= seq <= coming
    assert found == STATES[seq]
    stamps = read_manifest(folder).files()
    assert [digest_of(Storage(folder), stamp.name) for stamp in stamps] == stamps
    if seq == LAST:
        return
    with Generations(data_dir).writing():
        await put(WhooshEngine(folder), seq + 1)
    assert await held(folder) == (seq + 1, STATES[seq + 1])
    named = {stamp.name for stamp in read_manifest(folder).files()}
    assert {path.name for path in folder.iterdir()} == {*named, "manifest.json"}


@pytest.fixture(scope="module")
def survives(run, patch, tmp_path_factory):
    """Check what a power cut leaves of a disk; each state of it once."""
    seen: set[frozenset] = set()
    root = tmp_path_factory.mktemp("left")

    def check(disk: Disk, step: int, luck: Luck) -> None:
        files = disk.leave(step, luck)
        promised, coming = disk.promised(step)
        what = frozenset({*files.items(), ("promised", promised, coming)})
        if what in seen:
            return
        seen.add(what)
        put_files(root / str(len(seen)), files)
        run(look(root / str(len(seen)), promised, coming))

    return check


@pytest.mark.parametrize("luck", WORST)
def test_a_power_cut_at_any_step_loses_nothing_that_was_acknowledged(lived, survives, luck):
    assert lived.promised(lived.steps) == (LAST, LAST + 1)
    for step in range(lived.steps):
        survives(lived, step, WORST[luck])


@settings(max_examples=150)
@given(data=st.data())
def test_nor_does_any_mixture_of_lost_names_and_torn_files(lived, survives, data):
    step = data.draw(st.integers(0, lived.steps - 1))
    survives(lived, step, chance(data.draw(st.integers(0, 10**6))))


def test_nor_does_a_power_cut_after_another_process_went_on_where_one_was_killed(
    lived, survives, run, patch, tmp_path_factory
):
    for step, call in enumerate(lived.calls):
        if call != "sync_names" or lived.calls[step - 1] != "rename":
            continue  # a rename that is not durable yet is what the next process may be misled by
        disk = Disk(tmp_path_factory.mktemp("disk"))
        disk.killed_at = step
        with disk.watching(patch):
            with pytest.raises(Killed):
                run(live(disk.root, disk.acknowledge))
            disk.killed_at = None
            run(resume(disk.root, disk.acknowledge))
        for later in range(step, disk.steps):
            for luck in (
                WORST["all lost"],
                WORST["removals only"],
                WORST["replacements only"],
                chance(later),
            ):
                survives(disk, later, luck)


@pytest.mark.parametrize("forgotten", ["sync", "sync_names"])
def test_the_disk_that_forgets_tells_when_something_is_not_synced(run, patch, tmp_path, forgotten):
    disk = Disk(tmp_path)
    disk.deaf_to = frozenset({forgotten})
    with disk.watching(patch):
        run(live(disk.root, disk.acknowledge))
    left = tmp_path / "left"
    put_files(left, disk.leave(disk.steps, WORST["all lost"]))
    assert Generations(left).live() is None


def kill_at_steps(what: str, root: Path, stride: int, template: Path | None = None) -> list[Path]:
    """Run `killing`; return the folders that it worked in, the last one to the end."""
    root.mkdir()
    command = [
        sys.executable,
        SUPPORT / "killing.py",
        what,
        root,
        str(stride),
        *([template] if template else []),
    ]
    environment = {"PYTHONPATH": f"{SUPPORT}:{ROOT}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folders = sorted(root.iterdir())
    assert len(folders) == int(done.stdout) + 1
    return folders


def every_so_many_steps(stride: int):
    """Run a test with some of the steps, and by hand with all of them."""
    params = [pytest.param(stride, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.long)]
    return pytest.mark.parametrize("stride", params)


def promises(data_dir: Path) -> list[int]:
    return [int(line) for line in (data_dir / "acknowledged").read_text().split()]


@every_so_many_steps(11)
def test_a_process_killed_at_any_step_loses_nothing_that_was_acknowledged(run, patch, tmp_path, stride):
    for data_dir in kill_at_steps("live", tmp_path / "killed", stride):
        promised = max(promises(data_dir), default=0)
        run(look(data_dir, promised, promised + 1))


@pytest.fixture
def behind(run, tmp_path):
    """A data folder whose index is behind its catalogue."""
    data_dir = tmp_path / "behind"

    def record(titles: dict[str, str]) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text("\n".join(json.dumps({"id": key, "title": title}) for key, title in titles.items()))
        with Catalog.open(data_dir) as catalog:
            *_, _summary = import_file(catalog, path)

    record({str(number): f"第{number}号公告" for number in range(12)})
    run(bring_up(data_dir))
    record({str(number): f"第{number}号通告" for number in range(8, 14)})
    return data_dir


async def titles(data_dir: Path) -> set[str]:
    folder = Generations(data_dir).live()
    return set() if folder is None else set((await held(folder))[1].values())


OLD = {f"第{number}号公告" for number in range(12)}
NEW = {f"第{number}号公告" for number in range(8)} | {f"第{number}号通告" for number in range(8, 14)}


@every_so_many_steps(3)
@pytest.mark.parametrize(("what", "first"), [("index", False), ("rebuild", False), ("index", True)])
def test_an_indexing_run_killed_at_any_step_is_ended_by_the_next(run, behind, tmp_path, what, first, stride):
    if first:
        shutil.rmtree(behind / "index")
    before = set() if first else OLD
    for data_dir in kill_at_steps(what, tmp_path / "killed", stride, behind):
        assert run(titles(data_dir)) in ([NEW] if promises(data_dir) else [before, NEW])
        run(bring_up(data_dir))
        assert run(titles(data_dir)) == NEW
        folders = Generations(data_dir).every()
        assert len(folders) <= 2
        live_one = Generations(data_dir).require_live()
        named = {stamp.name for stamp in read_manifest(live_one).files()}
        assert {path.name for path in live_one.iterdir()} == {*named, "manifest.json"}
