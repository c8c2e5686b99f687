"""When a known publication is visited again."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from crawlers.schedule import DAY, LONGEST, SHORTEST, SPREAD, Visit, due_at, files_are_due, next_interval

TODAY = datetime.date(2026, 3, 1)


def visit(age):
    """A visit of a page published so many days ago."""
    at = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC).timestamp()
    return Visit("http://a.gov.cn/1", at, None if age is None else TODAY - datetime.timedelta(days=age))


ages = st.none() | st.integers(0, 9000)


@given(ages, st.none() | st.floats(1, 1e9), st.booleans())
def test_every_interval_keeps_the_bounds(age, previous, changed):
    assert SHORTEST <= next_interval(visit(age), previous, changed=changed) <= LONGEST


@given(ages, st.floats(SHORTEST, LONGEST))
def test_a_change_never_lengthens_the_interval_and_its_absence_never_shortens_it_but_for_youth(age, previous):
    shorter = next_interval(visit(age), previous, changed=True)
    longer = next_interval(visit(age), previous, changed=False)
    assert shorter <= longer
    assert shorter <= previous
    if age is None or age > 360:
        assert longer >= previous


def test_young_pages_are_visited_daily_and_old_ones_four_times_a_year():
    assert next_interval(visit(0), None, changed=False) == DAY
    assert next_interval(visit(3), 10 * DAY, changed=False) == DAY
    assert next_interval(visit(100), None, changed=False) == 10 * DAY
    assert next_interval(visit(5000), None, changed=False) == LONGEST


def test_a_page_that_changes_each_time_comes_down_to_a_day_and_goes_up_again_when_it_rests():
    interval, seen = LONGEST, []
    for changed in [True] * 5 + [False] * 12:
        interval = next_interval(visit(5000), interval, changed=changed)
        seen.append(interval)
    assert seen[4] == SHORTEST
    assert seen[-1] == LONGEST


def test_a_date_in_the_future_is_a_page_of_today():
    assert next_interval(visit(-5), None, changed=False) == DAY


def test_pages_of_one_day_do_not_all_come_due_at_one_moment():
    times = {due_at(Visit(f"http://a.gov.cn/{n}", 0.0), LONGEST) for n in range(200)}
    assert len(times) == 200
    assert min(times) >= LONGEST
    assert max(times) <= LONGEST * (1 + SPREAD)
    assert max(times) - min(times) > LONGEST * SPREAD / 2


def test_one_visit_in_five_fetches_files_again():
    assert [files_are_due(n) for n in range(10)].count(True) == 2
