"""The wheel holds what the code needs, and the locks hold no addresses."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("catalog", "cli", "crawlers", "demo", "indexer", "search_api")


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("gongkai-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(ROOT)) in held


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_host(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    for line in text.splitlines():
        if not line.startswith((" ", "#")):
            assert re.match(r"[A-Za-z0-9_.\[\]-]+==\S+", line), line
    assert text.count("--hash=sha256:") > text.count("==")
