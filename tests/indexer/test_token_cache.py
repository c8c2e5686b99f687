"""What was cut once is not cut again, and a broken cache breaks nothing."""

import logging
import sqlite3
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import texts

from catalog.folding import fold
from indexer import token_cache
from indexer.analysis import spaced_tokens, tokens
from indexer.dictionary import Dictionary
from indexer.documents import IndexDocument, analyse, analyse_all
from indexer.packed_tokens import pack, unpack
from indexer.token_cache import TokenCache

TEXTS = [
    *(
        "关于失业登记的通知",
        "失业登记 办理 pm2.5 指南",
        "公积金贷款",
        "",
        "公积金贷款",
        "3个工作日内,第3号令",
    ),
    "关于印发最低生活保障办法的通知 " * 40,
]
BEFORE = Dictionary(("新农合",))
AFTER = Dictionary(("新农合", "失业登记"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.db"


@pytest.fixture
def cuts(monkeypatch):
    """The texts that were really cut."""
    made = []

    def counted(text, dictionary=None):
        made.append(text)
        return spaced_tokens(text, dictionary)

    monkeypatch.setattr(token_cache, "spaced_tokens", counted)
    return made


def plainly(dictionary=BEFORE):
    return [tokens(text, dictionary) for text in TEXTS]


@given(texts | st.text(max_size=400), st.integers(1, 400))
def test_tokens_are_unpacked_as_they_were(text, times):
    text *= times if len(text) < 50 else 1
    counts, folded = tokens(text), fold(text)
    assert unpack(pack(counts, folded), folded) == counts


@pytest.mark.parametrize("damage", [b"", b"B", b"Bxyz", b"Q" + pack(Counter("政"), "政")[1:]])
def test_damaged_tokens_are_told(damage):
    with pytest.raises(ValueError, match="damaged"):
        unpack(damage, "政府")
    with pytest.raises(ValueError, match="another text"):
        unpack(pack(Counter(["信息"]), "政府信息"), "政府")


def test_a_text_is_cut_once_for_all_processes(path, cuts):
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
    assert sorted(cuts) == sorted(set(TEXTS))
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
    assert len(cuts) == len(set(TEXTS))


def test_a_changed_word_cuts_anew_only_what_contains_it(path, cuts):
    with TokenCache(path) as cache:
        cache.tokens(TEXTS, BEFORE)
        cuts.clear()
        assert cache.tokens(TEXTS, AFTER) == plainly(AFTER)
        assert cuts == TEXTS[:2]
        cuts.clear()
        assert cache.tokens(TEXTS, AFTER) == plainly(AFTER)
        assert cuts == []
        assert cache.tokens(TEXTS, BEFORE) == plainly()  # and back again
        assert cuts == TEXTS[:2]


def test_what_another_analysis_or_an_unknown_dictionary_cut_does_not_hold(path, cuts):
    with TokenCache(path) as cache:
        cache.tokens(TEXTS, Dictionary(("新农合",), "another base"))
        cuts.clear()
        assert cache.tokens(TEXTS, BEFORE) == plainly()
        assert len(cuts) == len(set(TEXTS))
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM dictionary")
    connection.close()
    cuts.clear()
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, AFTER) == plainly(AFTER)
    assert len(cuts) == len(set(TEXTS))


def test_what_a_rebuild_does_not_ask_for_is_swept(path, cuts):
    with TokenCache(path) as cache:
        cache.tokens(TEXTS, BEFORE)
        cache.sweep()  # nothing has begun: nothing is old
        cache.begin_round()
        cache.tokens(TEXTS[:2], BEFORE)
        cache.tokens(["新文件"], BEFORE)
        cache.sweep()
        cuts.clear()
        cache.tokens([*TEXTS[:2], "新文件"], BEFORE)
        assert cuts == []
        cache.tokens(TEXTS, BEFORE)
        assert len(cuts) == len(set(TEXTS)) - 2


def test_a_damaged_file_is_begun_anew(path, caplog):
    path.write_bytes(b"no database " * 1000)
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
    assert "已损坏" in caplog.text
    caplog.clear()
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
    assert not caplog.records


def test_damage_in_the_middle_of_a_file_fails_nothing(path, caplog):
    with TokenCache(path) as cache:
        cache.tokens([f"第{number}号文件：{'政府信息公开' * 9}" for number in range(3000)], BEFORE)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
    assert "已损坏" in caplog.text


def test_a_damaged_entry_is_cut_again(path, cuts, caplog):
    with TokenCache(path) as cache:
        cache.tokens(TEXTS, BEFORE)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE entry SET tokens = x'4201'")
        connection.close()
        cuts.clear()
        assert cache.tokens(TEXTS, BEFORE) == plainly()
        assert len(cuts) == len(set(TEXTS))
        assert "已损坏" in caplog.text
        assert cache.tokens(TEXTS, BEFORE) == plainly()
        assert len(cuts) == len(set(TEXTS))


def test_a_locked_file_is_gone_on_without_and_that_is_logged_once(path, monkeypatch, caplog):
    monkeypatch.setattr(token_cache, "PATIENCE", 0.01)
    with TokenCache(path) as cache:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            assert cache.tokens(TEXTS, BEFORE) == plainly()
        other.close()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert path.exists()


def test_a_folder_that_is_not_there_fails_nothing(tmp_path, caplog):
    with TokenCache(tmp_path / "none" / "tokens.db") as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
        cache.begin_round()
        cache.sweep()
    assert "暂不可用" in caplog.text


def test_a_file_of_another_format_is_begun_anew(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE entry (other TEXT)")
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with TokenCache(path) as cache:
        assert cache.tokens(TEXTS, BEFORE) == plainly()
        assert cache.tokens(TEXTS, BEFORE) == plainly()


def test_two_processes_may_use_it_at_once(path, cuts):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from indexer.analysis import spaced_tokens\nfrom indexer.token_cache import TokenCache\n"
        "with TokenCache(Path(sys.argv[1])) as cache:\n"
        "    for start in range(0, 400, 20):\n"
        "        texts = [f'第{n}号政府信息公开文件' for n in range(start, start + 40)]\n"
        "        assert cache.tokens(texts) == list(map(spaced_tokens, texts))\n"
        "    assert cache._connection is not None\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert errors == [b"", b""]
    with TokenCache(path) as cache:
        cache.tokens([f"第{number}号政府信息公开文件" for number in range(420)])
    assert cuts == []


def test_a_document_is_the_same_with_and_without_the_cache(path):
    documents = [
        IndexDocument("a", ("关于失业登记的通知",), (TEXTS[1], TEXTS[2]), frozenset(), ()),
        IndexDocument("b", ("公积金贷款", "公积金"), (TEXTS[-1],), frozenset(), ()),
    ]
    wanted = [analyse(document) for document in documents]
    with TokenCache(path) as cache:
        for _ in range(2):
            assert analyse_all(documents, cache=cache) == wanted
