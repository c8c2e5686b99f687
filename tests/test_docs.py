"""Documentation is tested: what it names exists, and what exists is named."""

import re
import subprocess
from pathlib import Path

import pytest

from cli.main import COMMANDS
from indexer.requests import FILTER_FIELDS, Facet
from search_api.grammar import PARAMETERS

ROOT = Path(__file__).parents[1]
PAGES = (
    sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")) + [ROOT / "index_data" / "README.md"]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_command_is_in_the_operators_page():
    text = (ROOT / "docs" / "operator.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"`gongkai {name}" in text or f"`{name}`" in text, name


def test_every_parameter_and_facet_is_in_the_api_page():
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    for name in (*FILTER_FIELDS, *(facet.value for facet in Facet)):
        assert f"`{name}`" in text, name
    for name in PARAMETERS:
        assert f"`{name.removesuffix('.not')}`" in text, name


def test_every_decision_is_in_the_list_of_decisions():
    folder = ROOT / "docs" / "decisions"
    text = (folder / "README.md").read_text("utf-8")
    for page in folder.glob("0*.md"):
        assert f"({page.name})" in text


def test_the_readme_begins_with_the_two_commands_that_the_makefile_has():
    text = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^(make \w+)", text, re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]
    for command in commands:
        done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, command


def test_every_file_that_the_architecture_names_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for name in re.findall(r"`((?:catalog|crawlers|indexer|search_api|cli|tests|demo)/[^`*]*)`", text):
        assert (ROOT / name).exists(), name
