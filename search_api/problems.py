"""What can go wrong, in one shape: RFC 9457 problem details with a stable code.

SearchApiError
├── ProblemError  an answer that is an error: a code of `data/problems.json`, and what was wrong
└── AddressError  the server cannot listen where it was told to
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

from fastapi.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
SHOWN_VALUE = 60
"""So many characters of a wrong value are shown again; the rest is an ellipsis."""


class Kind(NamedTuple):
    """One kind of problem: HTTP status, what it is, and what would be right."""

    status: int
    title: str
    help: str


def _load() -> Mapping[str, Kind]:
    text = resources.files("search_api").joinpath("data/problems.json").read_text("utf-8")
    return {code: Kind(*values) for code, values in json.loads(text).items()}


KINDS = _load()
"""Every problem this service can answer, by its stable code."""

CODE_OF_STATUS = {400: "bad-http", 404: "not-found", 405: "method-not-allowed", 503: "not-ready"}
"""Which problem a bare HTTP error is."""


class SearchApiError(Exception):
    """The root of this package's errors."""


class ProblemError(SearchApiError):
    """An answer that is an error.

    `detail` says in Chinese what was wrong this time; `parameter` and `value` name the culprit.
    """

    def __init__(
        self, code: str, detail: str | None = None, *, parameter: str | None = None, value: str | None = None
    ) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail or self.kind.help
        self.parameter = parameter
        self.value = None if value is None else shorten(value)
        super().__init__(f"{code}: {self.detail}")

    def to_json(self) -> dict[str, str | int]:
        """Return the members of the problem details object."""
        members: dict[str, str | int] = {
            "type": f"/problems/{self.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.parameter is not None:
            members["parameter"] = self.parameter
        if self.value is not None:
            members["value"] = self.value
        return members


class AddressError(SearchApiError):
    """The server cannot listen where it was told to."""


def shorten(value: str) -> str:
    """Return a wrong value in a form that can be shown: short, and without what cannot be encoded."""
    value = value.encode("utf-8", "replace").decode("utf-8")
    return value if len(value) <= SHOWN_VALUE else value[:SHOWN_VALUE] + "…"


def problem_response(problem: ProblemError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the problem as `application/problem+json`."""
    return JSONResponse(
        problem.to_json(),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
