import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.index_numbers import key, organization_code, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("000014349/2017-00110", ("000014349", "2017", "00110")),
        ("667938726/201802-00052", ("667938726", "201802", "00052")),
        ("66793872-6/201802-00052", ("667938726", "201802", "00052")),
        ("113417030032499282/202011-00140", ("003249928", "202011", "00140")),
        ("11441700007280420Y/2021-00050", ("007280420", "2021", "00050")),
        ("SY0024895011202100012", ("002489501", "2021", "00012")),
        ("20191202-189769", (None, "20191202", "189769")),
        ("2026-02-00018", (None, "202602", "00018")),
        ("GSD0122-01-2012-00012", ("GSD0122", "2012", "00012")),
        ("LYG01-02-2012-000123", ("LYG01", "2012", "000123")),
        ("330200-AB01-12-03-20121015-0012", ("330200-AB01", "20121015", "0012")),
        ("合公开字1号", (None, None, None)),
        ("667938726/201813-00052", (None, None, None)),
    ],
)
def test_each_form_is_read_and_an_unknown_one_is_kept(text, parts):
    number = parse(f" {text}\n")
    assert number.raw == text
    assert (number.organization_code, number.period, number.serial) == parts


@pytest.mark.parametrize("text", ["", "无", " - ", "/", "null", "其他", "\u200b"])
def test_a_value_that_states_nothing_is_none(text):
    assert parse(text) is None
    assert key(text) is None


def test_spacing_width_and_dashes_do_not_change_the_key():
    spellings = [
        "667938726/201802-00052",
        "667938726 / 201802—00052",
        "６６７９３８７２６／２０１８０２－０００５２",
    ]
    assert {key(text) for text in spellings} == {"667938726/201802-00052"}


def test_old_and_new_numbers_of_one_body_carry_one_organisation_code():
    new, old = parse("113417030032499282/202011-00140"), parse("003249928/201210-00007")
    assert new.organization_code == old.organization_code == organization_code("113417030032499282")


def test_only_a_credit_code_holds_an_organisation_code():
    assert organization_code("11441700007280420y") == "007280420"
    assert organization_code("667938726") is None


@given(st.text() | st.text("0123456789/-SYX年 ", max_size=40))
def test_no_text_raises(text):
    number = parse(text)
    assert (number is None) == (key(text) is None)
