"""The sites file: what is right is read, what is wrong is named."""

import json
from pathlib import Path

import pytest

from crawlers.addresses import Host
from crawlers.errors import SitesFileError
from crawlers.sites import read_sites

GOOD = """
[[site]]
name = "市民政局"
url = "http://mzj.example.gov.cn/zwgk/public/index.xp"
family = "hefei_xp"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sites.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_site_needs_a_name_and_an_address(tmp_path):
    text = "".join(line for line in GOOD.splitlines(keepends=True) if "family" not in line)
    (site,) = read_sites(written(tmp_path, text)).sites
    assert (site.name, site.family) == ("市民政局", None)


def test_a_site_may_name_its_family(tmp_path):
    (site,) = read_sites(written(tmp_path, GOOD)).sites
    assert (site.name, site.family, site.organization, site.delay) == ("市民政局", "hefei_xp", None, 1.0)
    assert site.host == Host("mzj.example.gov.cn", 80)


def test_the_longest_delay_of_a_servers_sites_counts(tmp_path):
    text = GOOD + "delay = 2\n" + GOOD.replace("index.xp", "other.xp") + "delay = 5\n"
    sites = read_sites(written(tmp_path, text))
    assert sites.delay_of(Host("mzj.example.gov.cn", 80)) == 5
    assert sites.delay_of(Host("mzj.example.gov.cn", 443)) == 5


def test_the_organizations_file_lies_beside_the_sites_file(tmp_path):
    (tmp_path / "o.json").write_text(json.dumps([]))
    assert (
        read_sites(written(tmp_path, 'organizations = "o.json"' + GOOD)).organizations == tmp_path / "o.json"
    )


def test_loopback_may_be_crawled_without_a_pause(tmp_path):
    text = GOOD.replace("mzj.example.gov.cn", "127.20.0.1:8100") + "delay = 0\n"
    assert read_sites(written(tmp_path, text)).sites[0].delay == 0


def test_a_site_of_the_offices_own_network_says_so(tmp_path):
    assert not read_sites(written(tmp_path, GOOD)).sites[0].internal
    assert read_sites(written(tmp_path, GOOD + "internal = true\n")).sites[0].internal
    with pytest.raises(SitesFileError, match="internal = 1 不对，应为 true"):
        read_sites(written(tmp_path, GOOD + "internal = 1\n"))


WRONG = {
    "empty": ("", "没有站点"),
    "no toml": ("[[site", "不是有效的 TOML"),
    "site is no table": ("site = 3", "没有站点"),
    "unknown key above": ("sites = 1\n" + GOOD, "不认识的项 sites"),
    "unknown key": (GOOD + "speed = 3\n", "不认识的项 speed"),
    "no name": (GOOD.replace('name = "市民政局"', ""), "缺少 name"),
    "blank name": (GOOD.replace("市民政局", "  "), "name = '  ' 不对"),
    "no address": (GOOD.replace("url", "#url"), "缺少 url"),
    "ftp": (GOOD.replace("http:", "ftp:"), "应为以 http:// 或 https:// 开头"),
    "password": (GOOD.replace("//mzj", "//u:p@mzj"), "不带用户名和密码"),
    "no host": (GOOD.replace("mzj.example.gov.cn", ""), "url = "),
    "bad port": (GOOD.replace(".cn/", ".cn:99999/"), "url = "),
    "family": (GOOD.replace("hefei_xp", "trs"), "family = 'trs' 不对，应为下列之一："),
    "blank family": (GOOD.replace("hefei_xp", " "), "也可不写，由首页识别"),
    "delay text": (GOOD + 'delay = "1"\n', "delay = '1' 不对"),
    "delay negative": (GOOD + "delay = -1\n", "应为 0 到 3600 之间的秒数"),
    "delay nan": (GOOD + "delay = nan\n", "delay = nan 不对"),
    "delay of many digits": (GOOD + f"delay = 1{'0' * 400}\n", "应为 0 到 3600 之间的秒数"),
    "delay true": (GOOD + "delay = true\n", "delay = True 不对"),
    "delay 0": (GOOD + "delay = 0\n", "delay = 0 只可用于本机"),
    "twins": (GOOD + GOOD.replace("index.xp", "index.xp#top"), "重复"),
    "https twin": (GOOD + GOOD.replace("http:", "https:"), "只差 http/https 或 www，是同一个网站"),
    "organization": (GOOD + "organization = 5\n", "organization = 5 不对"),
    "organizations": ('organizations = "none.json"' + GOOD, "不存在"),
    "organizations number": ("organizations = 1" + GOOD, "organizations = 1 不对"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_value_is_named_with_file_site_and_what_would_be_right(kind, tmp_path):
    text, message = WRONG[kind]
    path = written(tmp_path, text)
    with pytest.raises(SitesFileError) as caught:
        read_sites(path)
    assert str(caught.value).startswith(f"站点清单 {path}：")
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SitesFileError, match="无法读取"):
        read_sites(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("name = '市'".encode("gb18030"))
    with pytest.raises(SitesFileError, match="UTF-8"):
        read_sites(tmp_path / "gbk.toml")


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "sites.toml").write_text(GOOD, encoding="utf-8-sig")
    assert read_sites(tmp_path / "sites.toml").sites[0].name == "市民政局"
