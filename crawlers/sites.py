"""The sites file: which subsites are crawled, what they are called and whose they are.

organizations = "organizations.json"      # optional, relative to this file

[[site]]
name = "市民政局信息公开"
url = "http://mzj.example.gov.cn/zwgk/public/index.xp"
organization = "市民政局"                    # optional
family = "hefei_xp"                        # optional: else recognised from the home page
delay = 1.0                                # optional: seconds between two requests to its server
internal = true                            # optional: its name leads into the office's own network
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.twins import twin_key
from crawlers.addresses import Host, canonical, host_of, resolve
from crawlers.errors import SitesFileError
from crawlers.families import FAMILIES

DEFAULT_DELAY = 1.0
MAX_DELAY = 3600.0

_FILE_KEYS = {"organizations", "site"}
_SITE_KEYS = {"name", "url", "organization", "family", "delay", "internal"}


@dataclass(frozen=True, slots=True)
class Site:
    """A subsite to crawl. `url` is its root; `delay` is in seconds.

    `family` is a name of `crawlers.families.FAMILIES`; None: whichever recognises the home page.
    """

    name: str
    url: str
    family: str | None = None
    organization: str | None = None
    delay: float = DEFAULT_DELAY
    internal: bool = False

    @property
    def host(self) -> Host:
        """The server it lives on."""
        host = host_of(self.url)
        if host is None:
            raise ValueError(self.url)
        return host


@dataclass(frozen=True, slots=True)
class Sites:
    """A read sites file."""

    sites: tuple[Site, ...]
    organizations: Path | None = None

    def delay_of(self, host: Host) -> float:
        """Return the seconds between two requests to a server: the longest any of its sites asks for."""
        return max((site.delay for site in self.sites if host.is_site_of(site.host)), default=DEFAULT_DELAY)


def read_sites(path: Path) -> Sites:
    """Read a sites file; raises `SitesFileError` naming file, site and what would be right."""
    data = _load(path)
    _refuse_unknown(path, "", data, _FILE_KEYS)
    entries = data.get("site")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise SitesFileError(path, "", "没有站点。每个站点应写成一个 [[site]] 小节，至少有 name、url。")
    sites = tuple(_read_site(path, number, entry) for number, entry in enumerate(entries, 1))
    _refuse_twins(path, sites)
    return Sites(sites, _organizations(path, data))


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SitesFileError(path, "", f"无法读取（{error.strerror}）。请检查路径和权限。") from error
    except UnicodeDecodeError as error:
        raise SitesFileError(path, "", "不是 UTF-8 编码。请另存为 UTF-8 后重试。") from error
    except tomllib.TOMLDecodeError as error:
        raise SitesFileError(path, "", f"不是有效的 TOML（{error}）。") from error


def _organizations(path: Path, data: dict[str, Any]) -> Path | None:
    value = data.get("organizations")
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise SitesFileError(
            path, "", f'organizations = {value!r} 不对，应为机构文件的路径，如 "organizations.json"。'
        )
    organizations = path.parent / value
    if not organizations.is_file():
        raise SitesFileError(
            path, "", f"organizations 指向的文件 {organizations} 不存在（路径相对于站点清单）。"
        )
    return organizations


def _read_site(path: Path, number: int, entry: dict[str, Any]) -> Site:
    name = entry.get("name")
    where = f"第 {number} 个站点" + (f"（{name}）" if isinstance(name, str) and name.strip() else "")
    _refuse_unknown(path, where, entry, _SITE_KEYS)
    url = _url(path, where, entry)
    organization = _text(path, where, entry, "organization", '机构名称，如 "市民政局"', required=False)
    return Site(
        name=_text(path, where, entry, "name", '站点名称，如 "市民政局信息公开"') or "",
        url=url,
        family=_family(path, where, entry),
        organization=organization,
        delay=_delay(path, where, entry, url),
        internal=_internal(path, where, entry),
    )


def _refuse_unknown(path: Path, where: str, entry: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(entry.keys() - known)
    if unknown:
        raise SitesFileError(
            path, where, f"不认识的项 {'、'.join(unknown)}，可用的是 {'、'.join(sorted(known))}。"
        )


def _text(
    path: Path, where: str, entry: dict[str, Any], key: str, example: str, *, required: bool = True
) -> str | None:
    value = entry.get(key)
    if value is None and not required:
        return None
    if value is None:
        raise SitesFileError(path, where, f"缺少 {key}，应为{example}。")
    if not isinstance(value, str) or not value.strip():
        raise SitesFileError(path, where, f"{key} = {value!r} 不对，应为{example}。")
    return value.strip()


def _url(path: Path, where: str, entry: dict[str, Any]) -> str:
    example = "以 http:// 或 https:// 开头的完整网址，不带用户名和密码"
    value = _text(path, where, entry, "url", example) or ""
    url = resolve(value, value)
    if url is None:
        raise SitesFileError(path, where, f"url = {value!r} 不对，应为{example}。")
    return url


def _family(path: Path, where: str, entry: dict[str, Any]) -> str | None:
    known = "、".join(sorted(FAMILIES))
    value = _text(path, where, entry, "family", f"下列之一：{known}；也可不写，由首页识别", required=False)
    if value is not None and value not in FAMILIES:
        raise SitesFileError(
            path, where, f"family = {value!r} 不对，应为下列之一：{known}；也可不写，由首页识别。"
        )
    return value


def _delay(path: Path, where: str, entry: dict[str, Any], url: str) -> float:
    value = entry.get("delay", DEFAULT_DELAY)
    wanted = f"应为 0 到 {MAX_DELAY:.0f} 之间的秒数，如 1.0"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SitesFileError(path, where, f"delay = {value!r} 不对，{wanted}。")
    if not 0 <= value <= MAX_DELAY:
        raise SitesFileError(path, where, f"delay = {value!r} 不对，{wanted}。")
    host = host_of(url)
    if value == 0 and not (host and host.is_loopback):
        raise SitesFileError(path, where, "delay = 0 只可用于本机（127.x.x.x），其他站点应大于 0，建议 1.0。")
    return float(value)


def _internal(path: Path, where: str, entry: dict[str, Any]) -> bool:
    value = entry.get("internal", False)
    if not isinstance(value, bool):
        raise SitesFileError(path, where, f"internal = {value!r} 不对，应为 true（内网站点）或 false。")
    return value


def _refuse_twins(path: Path, sites: tuple[Site, ...]) -> None:
    seen: dict[str, Site] = {}
    for number, site in enumerate(sites, 1):
        key = twin_key(canonical(site.url))
        if key in seen:
            other = seen[key]
            said = "重复，每个网址只应出现一次"
            if canonical(site.url) != canonical(other.url):
                said = f"（{other.url}）只差 http/https 或 www，是同一个网站，只应写一个"
            raise SitesFileError(
                path, f"第 {number} 个站点（{site.name}）", f"url = {site.url!r} 与站点 {other.name} {said}。"
            )
        seen[key] = site
