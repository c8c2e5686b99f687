"""When servers may be asked."""

from datetime import UTC, datetime

import pytest

from crawlers.windows import Window, WindowError, Windows


def at(clock):
    """Return the moment of a clock time in China."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 3, 2, hours, minutes, tzinfo=UTC).timestamp() - 8 * 3600


@pytest.mark.parametrize(
    ("texts", "open_at", "closed_at"),
    [
        (["20:00-06:00"], ["20:00", "23:59", "00:00", "05:59"], ["06:00", "12:00", "19:59"]),
        (["12:00-13:30"], ["12:00", "13:29"], ["11:59", "13:30", "00:00"]),
        (["12:00-13:00", "22:00-24:00"], ["12:30", "23:59"], ["13:00", "00:00"]),
        (["12：00至13：00"], ["12:30"], ["13:00"]),
        ([], ["00:00", "12:00"], []),
    ],
)
def test_a_window_is_open_from_its_beginning_until_its_end(texts, open_at, closed_at):
    windows = Windows(tuple(map(Window.read, texts)))
    assert all(windows.open_at(at(clock)) for clock in open_at)
    assert not any(windows.open_at(at(clock)) for clock in closed_at)


@pytest.mark.parametrize(
    "text", ["", "20:00", "25:00-06:00", "20:60-06:00", "06:00-06:00", "24:00-25:00", "晚上"]
)
def test_what_is_no_window_is_refused_with_what_would_be_right(text):
    with pytest.raises(WindowError, match="20:00-06:00"):
        Window.read(text)
