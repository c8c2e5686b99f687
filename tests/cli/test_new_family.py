"""`gongkai new-family`: what it makes works, passes the checks, and fails until a person has read it."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader
from typer.testing import CliRunner

from benchmarks.families.asking import walk
from cli.main import app
from crawlers.addresses import canonical
from crawlers.families.family import ListPlace, WebPage
from crawlers.reading.tree import parse
from demo import family as demo_family
from demo import pages as demo_pages
from demo.publishing import generate

ROOT = Path(__file__).parents[2]
NAME = "hongzhou_cms"


def run(root, *arguments):
    return CliRunner().invoke(app, ["new-family", *arguments, "--root", str(root)])


def load(path, name):
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "crawlers" / "families").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def made(checkout):
    result = run(checkout, NAME, "--label", "泓州内容管理系统")
    assert result.exit_code == 0, result.output
    return checkout


@pytest.fixture
def family(made):
    return load(made / f"crawlers/families/{NAME}.py", "made_family").FAMILY


@pytest.mark.parametrize(("name", "label"), [("x", "某"), ("a" * 24, "某" * 30), (NAME, "泓州内容管理系统")])
def test_what_is_made_passes_the_linter(checkout, name, label):
    assert run(checkout, name, "--label", label).exit_code == 0
    files = sorted(str(path) for path in checkout.rglob("*.py"))
    assert len(files) == 3
    for command in (["check"], ["format", "--check"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--no-cache",
            "--config",
            str(ROOT / "pyproject.toml"),
        ]
        done = subprocess.run([*ruff, *files], capture_output=True, text=True, check=False, cwd=checkout)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_what_is_made_passes_the_type_checker(made):
    files = [str(made / f"crawlers/families/{NAME}.py"), str(made / f"demo/{NAME}.py")]
    for file in files:
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            str(ROOT / "pyproject.toml"),
            "--scripts-are-modules",
        ]
        done = subprocess.run(
            [*command, "--cache-dir", str(made / "cache"), file],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_module_reads_its_saved_page_as_the_record_says(made, family):
    saved = made / f"tests/pages/{NAME}/list.html"
    record = json.loads(saved.with_suffix(".json").read_text("utf-8"))
    text = saved.read_text("utf-8")
    page = WebPage(record["url"], text, "utf-8", parse(text))
    assert family.recognises(page)
    reading = family.read_list(page, ListPlace("/", "栏目", 1))
    items = [{"url": i.url} | {said.field.value: said.raw for said in i.witnesses} for i in reading.items]
    assert items == record["items"]
    assert reading.next.url == record["next"]["url"]


def test_the_module_finds_everything_on_its_demo_subsite(made, family, monkeypatch):
    templates = demo_pages.templates().overlay()
    templates.loader = ChoiceLoader([templates.loader, FileSystemLoader(made / "demo/templates")])
    monkeypatch.setattr(demo_pages, "templates", lambda: templates)
    served = load(made / f"demo/{NAME}.py", f"demo.{NAME}").FAMILY
    monkeypatch.setattr("demo.city.family_of", lambda _name: served)
    assert demo_family.family_of is not served
    subsite = max(generate(publications=60).subsites, key=lambda site: len(site.publications))
    subsite.__dict__.pop("by_path", None)
    subsite.__dict__.pop("column_by_path", None)
    subsite.per_page = 2
    planted = {canonical(publication.url()) for publication in subsite.publications}
    assert planted
    assert walk(subsite, family).items.keys() == planted


def test_its_test_fails_until_a_person_has_signed_the_record(made):
    module = load(made / f"tests/crawlers/test_{NAME}.py", "made_test")
    unread = getattr(module, f"test_a_person_has_read_the_saved_pages_of_{NAME}")
    with pytest.raises(AssertionError, match="read_by"):
        unread()
    record = made / f"tests/pages/{NAME}/list.json"
    record.write_text(
        record.read_text("utf-8").replace('"read_by": null', '"read_by": "某某"'), encoding="utf-8"
    )
    unread()


@pytest.mark.parametrize("name", ["Some", "1cms", "a-b", "../x", "class", "a" * 25, "a__b", ""])
def test_a_name_that_is_none_is_refused(name, checkout):
    result = run(checkout, name)
    assert result.exit_code == 2
    assert "应为小写字母、数字和下划线" in result.output
    assert [path for path in checkout.rglob("*") if path.is_file()] == []


def test_a_family_that_is_there_is_refused(checkout):
    assert "已经有了" in run(checkout, "hefei_xp").output


def test_nothing_is_overwritten(made):
    module = made / f"crawlers/families/{NAME}.py"
    module.write_text("mine")
    result = run(made, NAME)
    assert result.exit_code == 2
    assert "不会覆盖" in result.output
    assert module.read_text() == "mine"


def test_a_folder_that_is_no_checkout_is_refused(tmp_path):
    assert "不是本项目的源码目录" in run(tmp_path, NAME).output


def test_a_label_that_would_break_the_module_is_refused(checkout):
    assert run(checkout, NAME, "--label", 'x"""').exit_code == 2
