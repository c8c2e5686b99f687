"""The Jinja2 environment of the pages and how one is rendered."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from catalog.dates import CHINA
from search_api import wording
from search_api.assets import asset_url

TEXT_COOKIE = "text"
"""The one cookie: `large` asks for the large version."""


def chinese_date(day: date | str | None) -> str:
    """Return a day as 2012年7月1日; '' for none."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"


def beijing_date(moment: datetime) -> str:
    """Return the day in China of a stored moment (UTC)."""
    return chinese_date(moment.replace(tzinfo=UTC).astimezone(CHINA).date())


def web_address(url: str | None) -> str | None:
    """Return an address that may stand in a link: http or https with a host, nothing else."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        usable = False
    return url if usable else None


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("search_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        chinese_date=chinese_date, beijing_date=beijing_date, web_address=web_address, marked=Markup
    )
    environment.globals.update(wording=wording, asset_url=asset_url)
    return environment


_ENVIRONMENT = _environment()


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page. Nothing of it is kept by anyone: addresses of results hold what citizens ask."""
    # The scope's own values: `request.url` fails on a query string that is no UTF-8.
    query = request.scope["query_string"]
    here = request.scope["path"].encode() + (b"?" + query if query else b"")
    large = request.cookies.get(TEXT_COOKIE) == "large"
    text = _ENVIRONMENT.get_template(template).render(
        large=large,
        text_size_url=f"/text-size?to={'normal' if large else 'large'}&back={quote(here, safe='')}",
        **values,
    )
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
