"""Files are read in processes of their own: what crashes, hangs or fills the memory there stays there."""

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import made_files as made
import pytest

from crawlers.attachments import FileProblem, FileReader, worker
from crawlers.attachments.worker import Worker
from demo.pdf import write_pdf

TEXT = "\n".join(made.LINES)
# A child whose parser does as the file says.
INJECTED = (
    "import os, signal, time; from crawlers.attachments import child, parsing; real = parsing.parse\n"
    "def parse(body):\n"
    "    {}\n"
    "    return real(body)\n"
    "parsing.parse = parse; child.main()"
)


@pytest.fixture
def reading():
    """Read with a worker whose parser is preceded by a statement."""
    workers = []

    def read(body, does="pass", timeout=20.0):
        workers.append(Worker(("-P", "-s", "-c", INJECTED.format(does))))
        return workers[-1].read(body, timeout=timeout), workers[-1]

    yield read
    for each in workers:
        each.close()


def text_file(text=TEXT):
    return text.encode()


def test_files_are_read_one_after_another_by_one_process(reading):
    first, one = reading(text_file())
    pid = one.pid
    assert first.text == TEXT
    assert one.read(made.docx(), timeout=20.0).kind == "docx"
    assert one.pid == pid


def test_a_process_is_replaced_after_so_many_files(reading, monkeypatch):
    monkeypatch.setattr(worker, "FILES_PER_PROCESS", 2)
    _, one = reading(text_file())
    pid = one.pid
    assert [one.read(text_file(), timeout=20.0).text for _ in range(3)] == [TEXT] * 3
    assert one.pid != pid


def test_a_parser_that_hangs_is_killed_and_the_next_file_is_read(reading):
    begun = time.monotonic()
    found, one = reading(b"hang", "time.sleep(60) if body == b'hang' else None", timeout=1.5)
    assert found.problem is FileProblem.TOO_SLOW
    assert time.monotonic() - begun < 5
    assert one.read(text_file(), timeout=20.0).text == TEXT


def test_a_parser_that_loops_is_ended_by_its_processor_time(reading):
    does = "child._allow_cpu(0)\n    while body == b'loop': pass"
    found, _ = reading(b"loop", does)
    assert found.problem is FileProblem.TOO_SLOW


def test_processor_time_is_counted_for_each_file_alone(reading):
    does = "start = time.process_time()\n    while time.process_time() < start + 0.6: pass"
    _, one = reading(text_file(), "child.CPU_SECONDS = 1\n    " + does)
    assert [one.read(text_file(), timeout=20.0).text for _ in range(2)] == [TEXT] * 2


def test_a_parser_that_crashes_is_a_problem_of_its_file(reading):
    found, one = reading(b"crash", "os.kill(os.getpid(), signal.SIGSEGV) if body == b'crash' else None")
    assert found.problem is FileProblem.CRASHED
    assert one.read(text_file(), timeout=20.0).text == TEXT


def test_a_parser_that_fills_the_memory_is_a_problem_of_its_file(reading):
    found, one = reading(b"hog", "held = bytearray(4 << 30) if body == b'hog' else None")
    assert found.problem is FileProblem.OUT_OF_MEMORY
    assert one.read(text_file(), timeout=20.0).text == TEXT


def test_a_sheet_whose_cells_stand_a_million_rows_apart_harms_nobody(reading):
    found, one = reading(made.xlsx(cells=[(1_048_575, 16_383, "远")]))
    assert found.text is None or "远" in found.text
    assert one.read(text_file(), timeout=20.0).text == TEXT


def test_what_a_parser_prints_is_not_taken_for_an_answer(reading):
    found, _ = reading(text_file(), "print('noise', flush=True)")
    assert found.text == TEXT


def test_an_answer_that_is_no_answer_is_a_problem_of_its_file():
    nonsense = Worker(("-c", "import sys; sys.stdout.buffer.write(b'x' * 9000); sys.stdin.buffer.read()"))
    found = nonsense.read(text_file(), timeout=5.0)
    nonsense.close()
    assert found.problem is FileProblem.CRASHED


def test_a_process_killed_at_any_time_costs_nothing_but_time(reading):
    _, one = reading(text_file(), "time.sleep(0.1)")
    done = threading.Event()

    def kill_now_and_then():
        for wait in (0.03, 0.4):
            done.wait(wait)
            if one.pid:
                os.kill(one.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    found = one.read(made.docx(), timeout=20.0)
    done.set()
    killer.join()
    assert TEXT.split("\n")[0] in found.text


def test_a_file_whose_process_is_killed_again_and_again_is_given_up(reading):
    found, _ = reading(text_file(), "os.kill(os.getpid(), signal.SIGKILL)")
    assert found.problem is FileProblem.KILLED


def test_processes_end_with_their_reader():
    reader = FileReader()
    assert asyncio.run(reader.read(text_file())).text == TEXT
    (pid,) = [each.pid for each in reader._all if each.pid]
    reader.close()
    assert not Path(f"/proc/{pid}").exists()


def test_a_reading_that_is_cancelled_ends_its_process_at_once():
    async def cancelled():
        reader = FileReader()
        one = reader._idle[-1] = Worker(("-c", "import time; time.sleep(60)"))
        reader._all.append(one)
        task = asyncio.create_task(reader.read(bytes(2_000_000)))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return one.pid

    begun = time.monotonic()
    assert asyncio.run(cancelled()) is None
    assert time.monotonic() - begun < 5


@pytest.mark.slow
def test_a_pdf_of_ten_thousand_pages_ends(reading):
    found, _ = reading(write_pdf("大", ["水稻"] * 380_000), timeout=30.0)
    assert found.kind == "pdf"
    assert found.text.startswith("水稻")


@pytest.mark.parametrize("body", [b"%PDF-1.7", b"\0" * 1000, write_pdf("题", [TEXT])[:300]])
def test_a_broken_file_has_a_problem_and_no_text(reading, body):
    found, _ = reading(body)
    assert (found.text, bool(found.problem)) == (None, True)


def test_a_pdf_gives_its_text(reading):
    found, _ = reading(write_pdf("题", made.LINES))
    assert (found.kind, found.text) == ("pdf", TEXT)
