"""From the catalogue to a live index: generations, following the log, crashes, suppression."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.importing import import_file
from catalog.reading import load_documents
from catalog.store import Catalog
from catalog.suppression import suppress, unsuppress
from indexer import indexing, token_cache
from indexer.dictionary import Dictionary, shipped
from indexer.documents import analyse_all
from indexer.errors import IndexFormatError, IndexLockedError, IndexMissingError
from indexer.generations import Generations
from indexer.indexing import bring_up
from indexer.query import TermField
from indexer.requests import SearchRequest
from indexer.search import Index
from indexer.whoosh_engine import WhooshEngine
from indexer.whoosh_engine.manifest import read_manifest, write_manifest
from indexer.whoosh_engine.storage import Storage


@pytest.fixture
def add(tmp_path):
    """Import made-up records, given as {id: title}."""

    def call(titles: dict[str, str], name: str = "a.jsonl") -> None:
        path = tmp_path / name
        lines = [json.dumps({"id": key, "title": title}, ensure_ascii=False) for key, title in titles.items()]
        path.write_text("\n".join(lines), "utf-8")
        with Catalog.open(tmp_path) as catalog:
            *_, _summary = import_file(catalog, path)

    return call


async def titles_found(index: Index, catalog: Catalog, text: str = "") -> set[str]:
    answer = await index.search(SearchRequest(text, limit=1000))
    with catalog.read() as connection:
        views = load_documents(connection, [hit.document_id for hit in answer.hits])
    assert answer.total == len(answer.hits)
    return {view.title for view in views.values()}


def look(run, data_dir: Path, text: str = "") -> set[str]:
    async def go():
        with Catalog.open(data_dir, read_only=True) as catalog:
            index = Index.open(data_dir, catalog)
            found = await titles_found(index, catalog, text)
            await index.close()
            return found

    return run(go())


def test_the_first_run_builds_and_later_ones_follow(run, tmp_path, add):
    add({"1": "甲公告", "2": "乙公告"})
    first = run(bring_up(tmp_path))
    assert (first.documents, first.rebuilt) == (2, True)
    assert look(run, tmp_path) == {"甲公告", "乙公告"}
    add({"1": "丙公告", "3": "丁公告"})
    second = run(bring_up(tmp_path))
    assert (second.documents, second.rebuilt) == (2, False)
    assert look(run, tmp_path) == {"乙公告", "丙公告", "丁公告"}
    assert run(bring_up(tmp_path)).documents == 0


def test_a_rebuild_gives_the_same_and_keeps_one_generation_for_rollback(run, tmp_path, add):
    add({"1": "甲公告"})
    generations = Generations(tmp_path)
    seen = []
    for _ in range(3):
        run(bring_up(tmp_path, anew=True))
        seen.append(generations.live())
    assert look(run, tmp_path) == {"甲公告"}
    assert sorted(path for path in generations.folder.iterdir() if path.is_dir()) == sorted(seen[-2:])


def test_readers_follow_commits_and_new_generations_without_reopening(run, tmp_path, add):
    add({"1": "甲公告"})

    async def go():
        await bring_up(tmp_path)
        with Catalog.open(tmp_path, read_only=True) as catalog:
            index = Index.open(tmp_path, catalog)
            add({"2": "乙公告"})
            await bring_up(tmp_path)
            assert await titles_found(index, catalog) == {"甲公告"}
            await index.refresh()
            assert await titles_found(index, catalog) == {"甲公告", "乙公告"}
            await bring_up(tmp_path, anew=True)
            await bring_up(tmp_path, anew=True)
            await index.refresh()
            assert await titles_found(index, catalog) == {"甲公告", "乙公告"}
            assert index.seq == 2
            await index.close()

    run(go())


def test_a_suppressed_document_is_hidden_before_the_index_has_followed(run, tmp_path, add):
    add({"1": "甲公告", "2": "乙公告"})

    async def go():
        await bring_up(tmp_path)
        with Catalog.open(tmp_path) as catalog:
            index = Index.open(tmp_path, catalog)
            answer = await index.search(SearchRequest("甲公告"))
            target = answer.hits[0].document_id
            for act, wanted in ((suppress, {"乙公告"}), (unsuppress, {"甲公告", "乙公告"})):
                with catalog.write() as connection:
                    act(connection, target, why="试", who="试")
                await index.refresh()
                assert "甲公告" not in await titles_found(index, catalog)
                await bring_up(tmp_path)
                await index.refresh()
                assert await titles_found(index, catalog) == wanted
            await index.close()

    run(go())


def test_searching_where_no_index_is_says_what_to_do(tmp_path, add):
    add({"1": "甲公告"})
    with (
        Catalog.open(tmp_path, read_only=True) as catalog,
        pytest.raises(IndexMissingError, match="gongkai index"),
    ):
        Index.open(tmp_path, catalog)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '{"seq": 1, "format": 2, "analysis": 1, "trees": ""}',
        '{"manifest": "{}", "sha256": "0"}',
        '{"unknown": 1}',
    ],
)
def test_a_damaged_or_newer_manifest_is_refused_clearly(run, tmp_path, add, content):
    add({"1": "甲公告"})
    run(bring_up(tmp_path))
    (Generations(tmp_path).require_live() / "manifest.json").write_text(content)
    with pytest.raises(IndexFormatError, match="--rebuild"):
        run(bring_up(tmp_path))
    run(bring_up(tmp_path, anew=True))
    assert look(run, tmp_path) == {"甲公告"}


def test_other_trees_of_the_vocabularies_are_noticed_and_older_ones_still_answer(run, tmp_path, add):
    add({"1": "甲公告"})
    run(bring_up(tmp_path))
    live = Generations(tmp_path).require_live()
    write_manifest(Storage(live), replace(read_manifest(live), trees="0123"))
    assert look(run, tmp_path) == {"甲公告"}
    assert run(bring_up(tmp_path)).rebuilt
    assert not run(bring_up(tmp_path)).rebuilt


def test_a_full_disk_leaves_the_index_as_it_was_and_nothing_locked(run, tmp_path, add, monkeypatch):
    add({str(number): f"第{number}号公告" for number in range(30)})
    run(bring_up(tmp_path))
    add({str(number): f"第{number}号通告" for number in range(40)})

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for anew in (False, True):
        with monkeypatch.context() as patched:
            patched.setattr(Storage, "create", full)
            with pytest.raises(OSError, match="No space"):
                run(bring_up(tmp_path, anew=anew))
        assert len(look(run, tmp_path)) == 30  # the catalogue holds forty by now
    run(bring_up(tmp_path))
    assert look(run, tmp_path) == {f"第{number}号通告" for number in range(40)}


def test_a_generation_whose_files_are_gone_is_refused_clearly(run, tmp_path, add):
    add({"1": "甲公告"})
    run(bring_up(tmp_path))
    for path in Generations(tmp_path).require_live().glob("*.segment"):
        path.unlink()
    with pytest.raises(IndexFormatError, match="--rebuild"):
        look(run, tmp_path)


def test_two_processes_do_not_write_at_once(run, tmp_path, add):
    add({"1": "甲公告"})
    with Generations(tmp_path).writing(), pytest.raises(IndexLockedError):
        run(bring_up(tmp_path))


@pytest.mark.slow
def test_a_killed_indexer_leaves_a_readable_index_and_the_next_run_ends_right(run, tmp_path, add):
    add({str(number): f"第{number}号公告" for number in range(600)})
    run(bring_up(tmp_path))
    command = [sys.executable, "-c", "from cli.main import main; main()", "index", "--data", str(tmp_path)]
    for round_number in range(4):
        add({str(number): f"第{number}号公告（{round_number}）" for number in range(600)})
        rebuild = ["--rebuild"] if round_number % 2 else []
        process = subprocess.Popen([*command, *rebuild], stdout=subprocess.DEVNULL)
        time.sleep(1.0 + 0.7 * round_number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert len(look(run, tmp_path)) == 600
    run(bring_up(tmp_path))
    assert look(run, tmp_path, "第7号公告") >= {"第7号公告（3）"}
    assert look(run, tmp_path) == {f"第{number}号公告（3）" for number in range(600)}
    folders = [path for path in Generations(tmp_path).folder.iterdir() if path.is_dir()]
    assert len(folders) <= 2


def test_a_changed_dictionary_cuts_only_documents_that_contain_a_changed_word(
    run, tmp_path, add, monkeypatch
):
    add({"1": "碧螺茶园的公告", "2": "乙公告", "3": "关于碧螺茶园承包的通知"})
    run(bring_up(tmp_path))
    word = "碧螺茶园"
    longer = Dictionary((*shipped().words, word))
    cut = []

    def recorded(documents, dictionary):
        cut.extend(each.titles[0] for each in documents)
        assert dictionary == longer
        return analyse_all(documents, dictionary)

    monkeypatch.setattr(indexing, "shipped", lambda: longer)
    monkeypatch.setattr(indexing, "analyse_all", recorded)
    both = {"碧螺茶园的公告", "关于碧螺茶园承包的通知"}
    assert look(run, tmp_path, word) == both  # before anything was cut again
    run(bring_up(tmp_path))
    assert set(cut) == both
    assert look(run, tmp_path, word) == both
    engine = WhooshEngine(Generations(tmp_path).require_live())
    assert engine.dictionary == longer
    assert run(engine.terms(TermField.TITLE_WORDS, word, 1)) == [(word, 2)]
    assert run(engine.terms(TermField.TITLE_WORDS, "乙", 1)) != []
    cut.clear()
    run(bring_up(tmp_path))
    assert cut == []


def test_a_rebuild_does_not_cut_again_what_it_has_cut_before(run, tmp_path, add, monkeypatch):
    add({"1": "甲公告", "2": "乙公告"})
    run(bring_up(tmp_path))
    assert (tmp_path / "index" / indexing.TOKENS).exists()
    monkeypatch.setattr(token_cache, "spaced_tokens", lambda *_: pytest.fail("a text was cut"))
    assert run(bring_up(tmp_path, anew=True)).documents == 2
    monkeypatch.undo()
    assert look(run, tmp_path, "甲公告") == {"甲公告"}


def test_an_index_of_another_analysis_is_refused_and_rebuilt_clearly(run, tmp_path, add):
    add({"1": "甲公告"})
    run(bring_up(tmp_path))
    live = Generations(tmp_path).require_live()
    other = Dictionary(shipped().words, base="0 rjieba-0.0.1 jieba-0.1")
    write_manifest(Storage(live), replace(read_manifest(live), dictionary=other))
    with pytest.raises(IndexFormatError, match="--rebuild"):
        run(bring_up(tmp_path))
    run(bring_up(tmp_path, anew=True))
    assert look(run, tmp_path) == {"甲公告"}
