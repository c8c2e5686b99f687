"""Any byte that is not as it was written is found, and so is what to fall back to."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from life import STATES, held, prepare, put

from indexer.errors import IndexFormatError, IndexLockedError, IndexMissingError
from indexer.generations import Generations
from indexer.verifying import Condition, fall_back, verify
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine.arrays import ArrayFile, ArrayWriter, DamagedFileError, digest_of
from indexer.whoosh_engine.consistency import check_segment
from indexer.whoosh_engine.manifest import SegmentEntry, read_manifest
from indexer.whoosh_engine.storage import Storage

OLDER = '{"seq": 3, "format": 2, "analysis": 1, "trees": ""}'


async def generation(generations: Generations, last: int):
    folder = generations.new()
    engine = WhooshEngine.create(folder, promote=lambda: generations.promote(folder))
    for seq in range(1, last + 1):
        await put(engine, seq)
    await engine.promote()
    return folder


@pytest.fixture
def generations(run, tmp_path, monkeypatch):
    """Two generations: at 3, and the live one at 5, each of several segments with deletions."""
    prepare(monkeypatch.setattr)
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)
    made = Generations(tmp_path)
    for last in (3, 5):
        run(generation(made, last))
    return made


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    """One small generation that tests damage and mend."""
    with pytest.MonkeyPatch.context() as patched:
        prepare(patched.setattr)
        made = Generations(tmp_path_factory.mktemp("whole"))
        run(generation(made, 3))
    return made


def condition(generations: Generations) -> Condition:
    return verify(generations).generations[-1].condition


def files(generations: Generations) -> list:
    return sorted(generations.require_live().iterdir())


def flip(path, place: int, mask: int) -> bytes:
    """Change a byte of a file; return what was there."""
    content = path.read_bytes()
    path.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
    return content


def test_what_was_written_is_intact(generations):
    found = verify(generations)
    assert found.intact
    assert [(each.live, each.seq, each.documents, each.orphans) for each in found.generations] == [
        (False, 3, len(STATES[3]), ()),
        (True, 5, len(STATES[5]), ()),
    ]


@settings(max_examples=250)
@given(data=st.data())
def test_any_byte_flipped_in_any_file_is_found(whole, data):
    path = data.draw(st.sampled_from(files(whole)))
    place = data.draw(st.integers(0, path.stat().st_size - 1))
    content = flip(path, place, data.draw(st.integers(1, 255)))
    try:
        (found,) = verify(whole).generations
        assert found.condition is not Condition.INTACT
        assert {damage.file for damage in found.damages} == {path.name}
    finally:
        path.write_bytes(content)
    assert verify(whole).intact


def test_any_byte_flipped_in_the_manifest_or_the_pointer_is_found(whole):
    for path in (whole.require_live() / "manifest.json", whole.folder / "current"):
        for place, byte in enumerate(path.read_bytes()):
            # White space becomes other white space, letters change case: JSON reads the same.
            mask = 0x2A if byte <= 0x20 else (0x20, 0x01, 0x80)[place % 3]
            content = flip(path, place, mask)
            assert not verify(whole).intact
            path.write_bytes(content)
    assert verify(whole).intact


@settings(max_examples=100)
@given(data=st.data())
def test_a_torn_file_is_found_and_refused_by_readers(whole, data):
    path = data.draw(st.sampled_from([path for path in files(whole) if path.suffix != ".json"]))
    content = path.read_bytes()
    kept = data.draw(st.integers(0, len(content)))
    zeros = data.draw(st.sampled_from((0, len(content) - kept, 4096)))
    torn = content[:kept] + bytes(zeros)
    path.write_bytes(torn)
    try:
        assert verify(whole).intact == (torn == content)
        if len(torn) != len(content) or not kept:
            with pytest.raises(IndexFormatError):
                WhooshEngine(whole.require_live())
    finally:
        path.write_bytes(content)


json_values = st.none() | st.integers(-9, 2**70) | st.floats() | st.text(max_size=3) | st.lists(st.integers())
places = st.tuples(
    st.sampled_from(("<u4", "|u1", "<i8", "|S7", "|O", "|V8", "<u4,<u4", "|S0", "<q9")) | json_values,
    st.integers(-1, 40) | json_values,
    st.sampled_from((0, 8, 64, 128, 2**63)) | json_values,
)


@given(arrays=st.dictionaries(st.sampled_from("abc"), places | json_values) | json_values, data=json_values)
def test_a_header_that_points_out_of_its_file_is_refused(tmp_path, arrays, data):
    header = json.dumps({"about": {}, "arrays": arrays, "data": data}).encode()
    head = struct.pack("<8sI", b"GKARRAYS", len(header)) + header
    (tmp_path / "a").write_bytes(head + bytes(-len(head) % 64 + 128))
    storage = Storage(tmp_path)
    try:
        file = ArrayFile(storage, digest_of(storage, "a"))
    except DamagedFileError:
        return
    for name in arrays:
        assert file[name].nbytes <= 128
        assert not file[name].any()


def rewritten(storage: Storage, entry: SegmentEntry, array: str, change) -> SegmentEntry:
    """Write a segment again with one array changed, so that its checksum is right all the same."""
    file, writer = ArrayFile(storage, entry.file), ArrayWriter()
    for name in file._places:
        values = np.array(file[name])
        writer.add(name, change(values) if name == array else values)
    storage.remove("changed")
    return replace(entry, file=writer.write(storage, "changed", file.about))


POINTING = ("ends", "starts", "rare", "sets.values", "numbers", "by_id")
"""How the names of arrays end that hold places in others, or rows."""


def test_arrays_that_do_not_fit_together_are_found_under_a_right_checksum(generations):
    storage = Storage(generations.require_live())
    entry = read_manifest(storage.folder).segments[0]
    assert entry.deletions
    check_segment(storage, rewritten(storage, entry, "", lambda array: array))
    file = ArrayFile(storage, entry.file)
    for name in file._places:
        if len(file[name]):
            with pytest.raises(DamagedFileError):
                check_segment(storage, rewritten(storage, entry, name, lambda array: array[:-1]))
        if len(file[name]) and name.endswith(POINTING):
            with pytest.raises(DamagedFileError):
                check_segment(storage, rewritten(storage, entry, name, lambda array: ~array))
    for documents, deleted in ((entry.documents, entry.deleted + 1), (1, entry.deleted)):
        with pytest.raises(DamagedFileError):
            check_segment(storage, replace(entry, documents=documents, deleted=deleted))


@pytest.mark.parametrize("kind", ["segment", "deletions"])
def test_of_two_generations_the_earlier_one_takes_over_from_a_damaged_one(run, generations, kind):
    earlier, live = generations.every()
    next(live.glob(f"*.{kind}")).unlink()
    found = verify(generations)
    assert [each.condition for each in found.generations] == [Condition.INTACT, Condition.DAMAGED]
    assert found.generations[1].damages[0].why == "缺少文件"
    assert (found.usable, found.fallback.folder) == (False, earlier)
    assert fall_back(generations) == earlier == generations.live()
    assert run(held(earlier)) == (3, STATES[3])
    after = verify(generations)
    assert (after.usable, after.intact) == (True, False)
    assert fall_back(generations) == earlier  # once more changes nothing


def test_a_pointer_to_nothing_is_damage_and_the_newest_generation_takes_over(generations):
    newest = generations.every()[-1]
    for content in ("", "nonsense\n", "01" + "0" * 24 + "\n", "\xff"):
        (generations.folder / "current").write_text(content, "utf-8")
        found = verify(generations)
        assert not found.intact
        assert found.pointer is not None
        assert fall_back(generations) == newest == generations.live()


def test_where_nothing_is_intact_there_is_nothing_to_fall_back_to(generations):
    for folder in generations.every():
        flip(next(folder.glob("*.segment")), -1, 1)
    assert verify(generations).fallback is None
    with pytest.raises(IndexFormatError, match="--rebuild"):
        fall_back(generations)


def test_an_older_format_is_known_as_such_and_not_fallen_back_to(generations):
    earlier, live = generations.every()
    (earlier / "manifest.json").write_text(OLDER)
    found = verify(generations)
    assert found.generations[0].condition is Condition.OTHER_VERSION
    assert "格式 2" in found.generations[0].damages[0].why
    assert found.intact  # it is the one before, and nothing is wrong with it
    (live / "manifest.json").write_text(OLDER)
    assert not verify(generations).usable
    assert verify(generations).fallback is None


def test_an_unfinished_generation_is_neither_damage_nor_fallen_back_to(generations):
    (generations.new() / "begun").mkdir(parents=True)
    WhooshEngine.create(generations.new())
    found = verify(generations)
    assert found.intact
    assert [each.condition for each in found.generations[2:]] == [Condition.UNFINISHED] * 2
    (generations.folder / "current").unlink()
    assert verify(generations).fallback.folder == generations.every()[1]


def test_orphans_are_told_and_are_no_damage(run, generations):
    live = generations.require_live()
    (live / "000099-left.segment").write_bytes(b"left by a crash")
    found = verify(generations)
    assert found.intact
    assert found.generations[1].orphans == ("000099-left.segment",)
    run(put(WhooshEngine(live), 6))
    assert verify(generations).generations[1].orphans == ()


def test_commits_of_another_process_are_no_damage(run, generations, monkeypatch):
    live, commits = generations.require_live(), iter((6, 7))

    def slowly(storage, name):
        if storage.folder == live and (seq := next(commits, None)):
            run(put(WhooshEngine(live), seq))
        return digest_of(storage, name)

    monkeypatch.setattr("indexer.verifying.digest_of", slowly)
    found = verify(generations)
    assert (found.intact, found.generations[1].seq) == (True, 7)


def test_falling_back_waits_for_nobody(generations):
    with generations.writing(), pytest.raises(IndexLockedError):
        fall_back(generations)


def test_where_no_index_is_it_says_so_and_makes_nothing(tmp_path):
    for act in (verify, fall_back):
        with pytest.raises(IndexMissingError):
            act(Generations(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()
