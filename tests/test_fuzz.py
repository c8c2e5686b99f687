"""The fuzz loop finds what fails, saves it, and makes the same input again."""

import random

import pytest

from tests.fuzz.__main__ import fed
from tests.fuzz.targets import Files, SlowError, Target, targets


def raising(error):
    def feed(body):
        if b"7" in body:
            raise error

    return Target(lambda chance: str(chance.randrange(10)).encode(), feed)


@pytest.mark.parametrize("error", [ValueError("x"), SlowError()])
def test_a_failing_input_is_saved_and_its_case_named(error, tmp_path, capsys):
    cases = [number for number in range(60) if not fed("t", raising(error), 3, number, tmp_path)]
    assert cases
    assert (tmp_path / f"t-3-{cases[0]}").read_bytes() == b"7"
    assert f"--case t:3:{cases[0]}" in capsys.readouterr().out


def test_a_case_is_the_same_input_every_time():
    files = Files()
    for target in targets(files).values():
        for number in range(20):
            first, again = (target.make(random.Random(f"case:{number}")) for _ in range(2))
            assert first == again


def test_every_target_takes_its_inputs(tmp_path):
    files = Files()
    try:
        for name, target in targets(files).items():
            assert fed(name, target, 1, 0, tmp_path)
    finally:
        files.close()
