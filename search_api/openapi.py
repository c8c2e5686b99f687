"""How `/openapi.json` describes the query string: from the grammar's own lists."""

from typing import Any

from indexer.requests import FILTER_FIELDS, Facet
from search_api import wording
from search_api.grammar import CHOICES, DATE_PARAMETERS, MAX_QUERY, MAX_SIZE, NOT
from search_api.problems import KINDS, MEDIA_TYPE

_DAYS = {"published": "发布日期", "issued": "成文日期"}
_CHOICE_TEXTS = {"scope": "检索范围", "match": "匹配方式", "sort": "排序"}


def search_parameters() -> list[dict[str, Any]]:
    """Return the parameters of `GET /api/v1/search` as OpenAPI parameter objects."""
    found = [
        _parameter("q", "查询词；双引号内一字不差，-词 表示不含", {"type": "string", "maxLength": MAX_QUERY})
    ]
    for field in FILTER_FIELDS:
        codes = {"type": "array", "items": {"type": "string"}}
        name = wording.FACET[field]
        found.append(_parameter(field, f"{name}的代码，可重复（任一即可）；_missing 为未标明", codes))
        found.append(_parameter(field + NOT, f"排除的{name}代码，可重复", codes))
    for name in DATE_PARAMETERS:
        field, end = name.split("_")
        text = _DAYS[field] + ("起" if end == "from" else "止") + "（含当日）"
        found.append(_parameter(name, text, {"type": "string", "format": "date"}))
    for name, values in CHOICES.items():
        found.append(_parameter(name, _CHOICE_TEXTS[name], {"type": "string", "enum": list(values)}))
    found.append(_parameter("page", "页码，从 1 起", {"type": "integer", "minimum": 1}))
    found.append(_parameter("size", "每页条数", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}))
    found.append(_parameter("cursor", "上一次回答的 next_cursor，代替 page", {"type": "string"}))
    found.append(_parameter("facets", "要计数的分类，逗号隔开：" + ",".join(Facet), {"type": "string"}))
    return found


def problem_responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses for these problems, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        entry = found.setdefault(
            kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        )
        if kind.title not in entry["description"]:
            entry["description"] += "；" + kind.title
    return found


def _parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": list(KINDS)},
        "parameter": {"type": "string"},
        "value": {"type": "string"},
    },
}
