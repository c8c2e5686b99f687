import datetime
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.dates import StatedDate, chinese_date, chinese_numeral_date, iso_date, read_date

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31))
ZEROS = "○〇O o0零◯"


def at_noon(day):
    return datetime.datetime(
        day.year, day.month, day.day, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=8))
    )


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2012-10-15", (2012, 10, 15)),
        ("2012/10/15", (2012, 10, 15)),
        ("2012.10.15", (2012, 10, 15)),
        ("2012-1-5", (2012, 1, 5)),
        ("2012—10—15", (2012, 10, 15)),
        ("2012年10月15日", (2012, 10, 15)),
        ("2012年10月15号", (2012, 10, 15)),
        ("20121015", (2012, 10, 15)),
        ("20121015101900", (2012, 10, 15)),
        ("1350230400", (2012, 10, 15)),
        ("1350230400000", (2012, 10, 15)),
        ("二○一二年十月十五日", (2012, 10, 15)),
        ("二○○○年十二月二十五日", (2000, 12, 25)),
        ("二OO八年五月二十三日", (2008, 5, 23)),
        ("二零一二年一月卅一日", (2012, 1, 31)),
        ("2O12年1O月1五日", (2012, 10, 15)),
        ("1999年元月5日", (1999, 1, 5)),
        ("年八月二十八日", (None, 8, 28)),
        ("98年8月28日", (None, 8, 28)),
        ("10-15", (None, 10, 15)),
        ("【10-15】", (None, 10, 15)),
        ("02-29", (None, 2, 29)),
        ("10月15日", (None, 10, 15)),
        ("2012年10月", (2012, 10, None)),
        ("2012", (2012, None, None)),
        ("2012\n-10-\n15", (2012, 10, 15)),
        ("2012\n10-15", (2012, 10, 15)),
        ("10-15\n2012", (2012, 10, 15)),
        ("15\n2012-10", (2012, 10, 15)),
        ("2012 年 1 0 月 1 5 日", (2012, 10, 15)),
        ("二 〇 一 二 年 十 月 十 五 日", (2012, 10, 15)),
        ("２０１２年１０月１５日", (2012, 10, 15)),
        ("[2012-10-15]", (2012, 10, 15)),
        ("2026-05-18 10:19", (2026, 5, 18)),
        ("2012-10-15T23:59:59Z", (2012, 10, 15)),
        ("发布时间：2012年10月15日 10:19 来源：本站", (2012, 10, 15)),
        ("2012年10月15日发布，2013年1月1日施行", (2012, 10, 15)),
    ],
)
def test_each_form_is_read(text, stated):
    assert read_date(text) == StatedDate(*stated)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "无",
        "-",
        "2012-02-30",
        "2012-13-01",
        "2012年2月30日",
        "2月30日",
        "二〇一二年十三月一日",
        "二〇一二年十十月一日",
        "12-10-15",
        "2026-02-00018",
        "20191202-189769",
        "667938726/201802-00052",
        "0551-62345678",
        "13800138000",
        "0",
        "0000000000",
        "增长10.15%",
        "٢٠١٢-١٠-١٥",
    ],
)
def test_what_is_no_date_is_not_guessed(text):
    assert read_date(text) is None


@given(
    DAYS,
    st.sampled_from(["-", "/", ".", " - ", "\n-\n"]),
    st.booleans(),
    st.sampled_from(["", " 10:19", "T08:00:00"]),
)
def test_arabic_dates_come_back(day, mark, padded, clock):
    text = mark.join(
        [str(day.year), *(f"{part:02}" if padded else str(part) for part in (day.month, day.day))]
    )
    assert read_date(text + clock).date == day


@given(
    DAYS, st.text(" \n\u3000\u200b", max_size=2), st.sampled_from(["{}", "[{}]", "（{}）", "日期：{} 10:19"])
)
def test_official_dates_come_back(day, space, frame):
    assert read_date(frame.format(space.join(chinese_date(day)))).date == day


@given(DAYS, st.lists(st.sampled_from(ZEROS.replace(" ", "")), min_size=4, max_size=4))
def test_chinese_numerals_come_back_with_every_sign_for_zero(day, zeros):
    text = chinese_numeral_date(day)
    for zero in zeros:
        text = text.replace("〇", zero, 1)
    assert read_date(text).date == day


@given(DAYS)
def test_compact_dates_come_back(day):
    assert read_date(f"{day:%Y%m%d}").date == day
    assert read_date(f"{day:%Y%m%d}235959").date == day


@given(st.dates(datetime.date(2001, 9, 10), datetime.date(2199, 12, 31)))
def test_epoch_seconds_and_milliseconds_come_back_as_days_in_china(day):
    seconds = int(at_noon(day).timestamp())
    midnight = seconds - 12 * 3600
    for moment in (seconds, midnight, midnight + 86399):
        assert read_date(str(moment)).date == day
        assert read_date(str(moment * 1000)).date == day


@given(DAYS)
def test_a_lost_year_stays_lost(day):
    for text in (chinese_numeral_date(day), chinese_date(day)):
        assert read_date(text[text.index("年") :]) == StatedDate(None, day.month, day.day)


@given(st.text() | st.text("0123456789年月日二○十-/.: \n[]OT", max_size=60))
def test_no_text_raises_and_every_part_is_in_range(text):
    stated = read_date(text)
    if stated is not None:
        assert stated.month is None or 1 <= stated.month <= 12
        assert stated.day is None or 1 <= stated.day <= 31
        assert iso_date(text) is None or iso_date(text) == stated.date


@pytest.mark.parametrize("piece", ["2012-", "二 ", "年", "1 ", "2012年1", "1.", " \n", "〇〇〇〇年"])
def test_long_texts_are_read_in_linear_time(piece):
    start = time.process_time()
    read_date(piece * 50_000)
    assert time.process_time() - start < 5


def test_the_catalogue_believes_only_complete_and_plausible_days():
    today = datetime.date(2026, 11, 23)
    assert iso_date("2012-10-15", not_after=today) == datetime.date(2012, 10, 15)
    assert iso_date("2026-11-23", not_after=today) == today
    assert iso_date("2026-11-24", not_after=today) is None
    assert iso_date("1949-10-01") == datetime.date(1949, 10, 1)
    assert iso_date("1949-09-30") is None
    assert iso_date("1970-01-01") is None
    assert iso_date("10-15") is None
    assert iso_date("2012年10月") is None
    assert iso_date("年八月二十八日") is None
