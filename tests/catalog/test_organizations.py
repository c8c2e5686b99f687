import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import CatalogError, OrganizationsFileError
from catalog.organizations import (
    FormerName,
    OrganizationEntry,
    organization_code_of,
    read_organizations,
    split_names,
)


@pytest.fixture
def read(tmp_path):
    def write_and_read(value):
        path = tmp_path / "organizations.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), "utf-8")
        return read_organizations(path)

    return write_and_read


def test_a_file_of_bodies_is_read_in_its_order(read):
    government = {"code": "szf", "name": "某市人民政府"}
    market = {
        "code": "scj",
        "name": "某市市场监督管理局",
        "parent": "szf",
        "short_names": ["市市场监管局"],
        "former_names": [{"name": "某市工商行政管理局", "until": 2014}, {"name": "某市工商局"}],
        "since": 2014,
        "until": None,
        "successor": None,
    }
    former = (FormerName("某市工商行政管理局", 2014), FormerName("某市工商局", None))
    assert read([government, market]) == (
        OrganizationEntry("szf", "某市人民政府"),
        OrganizationEntry("scj", "某市市场监督管理局", "szf", ("市市场监管局",), former, 2014),
    )
    assert read([]) == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "不是 UTF-8 编码的 JSON"),
        ({}, "应当是一个列表"),
        (["市政府"], "第 1 项应当是一个对象"),
        ([{"name": "某局"}], "第 1 项（某局）缺少代码"),
        ([{"code": "a b", "name": "某局"}], "应当是字母、数字"),
        ([{"code": "a", "name": " "}], "第 1 项（ ）缺少名称"),
        ([{"code": "a", "name": 1}], "应当是文字，现在是 1"),
        ([{"code": "a", "name": "甲", "color": "red"}], "不认识的项“color”"),
        ([{"code": "a", "name": "甲", "since": "2014"}], "四位年份"),
        ([{"code": "a", "name": "甲", "short_names": "乙"}], "应当是列表"),
        ([{"code": "a", "name": "甲", "former_names": ["乙"]}], "曾用名应当形如"),
        ([{"code": "a", "name": "甲"}, {"code": "a", "name": "乙"}], "代码 a 用了两次（甲、乙）"),
        ([{"code": "a", "name": "甲", "parent": "b"}], "“甲”的“parent”是 b，表中没有这个代码"),
        ([{"code": "a", "name": "甲", "successor": "b"}], "“甲”的“successor”是 b，表中没有这个代码"),
        (
            [{"code": "a", "name": "甲", "parent": "b"}, {"code": "b", "name": "乙", "parent": "a"}],
            "“甲”的上级绕成一圈（a → b → a）",
        ),
        ([{"code": "a", "name": "甲", "parent": "a"}], "a → a"),
    ],
)
def test_a_wrong_file_is_refused_with_what_would_be_right(read, content, said):
    with pytest.raises(OrganizationsFileError) as caught:
        read(content)
    assert said in str(caught.value)
    assert "organizations.json" in str(caught.value)
    assert isinstance(caught.value, CatalogError)


def test_a_missing_file_is_an_error_of_the_catalogue(tmp_path):
    with pytest.raises(OrganizationsFileError, match="读不到机构表"):
        read_organizations(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("某市财政局", ("某市财政局",)),
        ("国家发展改革委、财政部", ("国家发展改革委", "财政部")),
        ("人民银行 银监会", ("人民银行", "银监会")),
        ("市财政局,市审计局；市统计局\n市教育局", ("市财政局", "市审计局", "市统计局", "市教育局")),
        ("财 政 部", ("财政部",)),
        ("某市 人民政府", ("某市人民政府",)),
        ("东城区 西城区", ("东城区", "西城区")),
        ("某市城乡建设局（人防办、地震局）", ("某市城乡建设局（人防办、地震局）",)),
        ("某局（甲 乙） 某办", ("某局（甲乙）", "某办")),
        ("财政部、财政部", ("财政部",)),
        ("无", ()),
        (" 、 - ", ()),
    ],
)
def test_joint_bodies_are_taken_apart(raw, names):
    assert split_names(raw) == names


def test_an_unknown_body_has_one_code_for_every_spelling_of_its_name():
    assert organization_code_of("财政部") == organization_code_of(" 财 政 部")
    assert organization_code_of("财政部") != organization_code_of("教育部")
    assert organization_code_of("财政部").startswith("x-")
    assert len(organization_code_of("财政部")) == 14


@given(st.text() | st.text("市局、, （）\n；", max_size=30))
def test_no_value_raises_and_a_single_name_stays_itself(raw):
    for name in split_names(raw):
        assert split_names(name) == (name,)
