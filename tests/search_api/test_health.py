"""`/healthz`, `/readyz`, `/openapi.json`, and what every response carries."""

import re
from pathlib import Path

import pytest

from search_api.app import create_app
from search_api.grammar import PARAMETERS
from search_api.service import Service

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def test_a_living_process_says_so_even_if_nothing_is_open(tmp_path: Path, asker) -> None:
    response = asker(create_app(Service(tmp_path)))("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readiness_tells_how_fresh_the_index_is(ask) -> None:
    ready = ask("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["seq"] > 0
    assert ready["lag"] == 0
    assert ready["generation"]


def test_the_openapi_page_names_every_parameter_and_no_other(ask) -> None:
    openapi = ask("/openapi.json").json()
    operation = openapi["paths"]["/api/v1/search"]["get"]
    assert {each["name"] for each in operation["parameters"]} == PARAMETERS
    assert set(openapi["paths"]) == {
        "/api/v1/search",
        "/api/v1/documents/{document_id}",
        "/api/v1/jobs/{job_id}",
        "/api/v1/publications",
        "/healthz",
        "/readyz",
    }


def test_every_parameter_is_documented() -> None:
    documented = set(re.findall(r"`([a-z_]+)`", DOCS.read_text("utf-8")))
    assert {name for name in PARAMETERS if not name.endswith(".not")} <= documented


@pytest.mark.parametrize(
    "path", ["/", "/search", "/nothing", "/api/v1/search", "/api/v1/nothing", "/healthz", "/static/style.css"]
)
def test_every_response_is_locked_down(ask, path: str) -> None:
    headers = ask(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Cache-Control" in headers


@pytest.mark.parametrize("path", ["/", "/search", "/api/v1/search", "/healthz", "/static/style.css"])
def test_head_answers_like_get_without_a_body(ask, path: str) -> None:
    response = ask(path, "HEAD")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == ask(path).headers["content-type"]


def test_long_answers_are_compressed(ask) -> None:
    assert ask("/search", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
