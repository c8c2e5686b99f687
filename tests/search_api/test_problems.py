"""Errors: one shape for programs, a page for people, all of them documented."""

from pathlib import Path

import pytest

from search_api.app import create_app
from search_api.problems import KINDS, MEDIA_TYPE, ProblemError
from search_api.service import Service

DOCS = Path(__file__).parents[2] / "docs" / "api.md"

MACHINE = [
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/api", 404),
    ("GET", "/api/v1/search/", 404),
    ("POST", "/api/v1/search", 405),
    ("DELETE", "/api/v1/documents/01k9zq3v8m5w2r7x4t6y1b0c9d", 405),
    ("POST", "/healthz", 405),
    ("POST", "/readyz", 405),
    ("GET", "/api/v1/search?size=0", 422),
]
PEOPLE = [
    ("GET", "/nothing", 404),
    ("GET", "/docs", 404),
    ("GET", "/redoc", 404),
    ("GET", "/problems/nothing", 404),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/static/..%2Fapp.py", 404),
    ("POST", "/search", 405),
    ("POST", "/static/style.css", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), MACHINE)
def test_programs_get_problem_details(ask, method: str, path: str, status: int) -> None:
    response = ask(path, method)
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (status, MEDIA_TYPE)
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{problem['code']}"
    assert (status == 405) == ("allow" in response.headers)


@pytest.mark.parametrize(("method", "path", "status"), PEOPLE)
def test_people_get_a_page_in_chinese(ask, method: str, path: str, status: int) -> None:
    response = ask(path, method)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="zh-CN">' in response.text


@pytest.mark.parametrize("path", ["/api/v1/search", "/search", "/"])
def test_a_failure_of_ours_says_nothing_of_the_inside(tmp_path: Path, asker, path: str) -> None:
    class BrokenService(Service):
        async def search(self, _request):
            raise RuntimeError("secret")

    response = asker(create_app(BrokenService(tmp_path)))(path)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Content-Security-Policy" in response.headers
    assert "服务器内部错误" in response.text
    assert path != "/api/v1/search" or response.json()["status"] == 500


@pytest.mark.parametrize("path", ["/api/v1/search", "/search", "/", "/documents/x", "/readyz"])
def test_before_anything_is_open_the_service_says_so(tmp_path: Path, asker, path: str) -> None:
    response = asker(create_app(Service(tmp_path)))(path)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_has_a_page_and_is_documented(ask, code: str) -> None:
    page = ask(f"/problems/{code}")
    assert page.status_code == 200
    assert KINDS[code].title in page.text
    assert f"| `{code}` | {KINDS[code].status} |" in DOCS.read_text("utf-8")


def test_a_wrong_value_is_shown_short_and_encodable() -> None:
    problem = ProblemError("bad-date", parameter="published_from", value="\ud800" + "9" * 500)
    assert problem.to_json()["value"] == "?" + "9" * 59 + "…"


def test_a_refused_method_is_told_what_is_allowed(ask) -> None:
    for path in ("/", "/search", "/api/v1/search", "/healthz"):
        answer = ask(path, method="POST")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert ask("/static/style.css", method="POST").status_code == 405


def test_a_nul_in_a_parameters_name_is_named(ask_raw) -> None:
    status, _, body = ask_raw("/api/v1/search", b"%00=1")
    assert status == 422
    assert "参数名中含有空字符" in body.decode()
