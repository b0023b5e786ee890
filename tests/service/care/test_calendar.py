"""Working time: hours, holidays, the change of the clocks. Times of day were read off a calendar by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.service.care.rules.calendar import (
    add_minutes,
    add_working_days,
    calendar_of,
    closing,
    is_open,
    next_opening,
)

WEEK = {str(day): [["09:00", "17:00"]] for day in range(5)}
LONDON = calendar_of(time_zone="Europe/London", hours=WEEK, country="GB", region="ENG", on_call=False)
SYDNEY = calendar_of(time_zone="Australia/Sydney", hours=WEEK, country="AU", region="NSW", on_call=False)
NIGHT = calendar_of(time_zone="Europe/London", hours={"5": [["22:00", "06:00"]]}, country="", on_call=False)


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-23T10:00", 15, "2026-11-23T10:15"),  # a Monday
        ("2026-11-23T16:50", 15, "2026-11-24T09:05"),  # over the night
        ("2026-11-23T03:00", 15, "2026-11-23T09:15"),  # before opening: the next opening's clock
        ("2026-11-20T16:30", 60, "2026-11-23T09:30"),  # over a weekend
        ("2026-12-24T16:30", 60, "2026-12-29T09:30"),  # 25 Christmas, 26 and 27 weekend, 28 Boxing Day in lieu
    ],
)
def test_minutes_of_working_time(start, minutes, due):
    assert add_minutes(LONDON, at(start), minutes) == at(due)


def test_a_holiday_of_another_country_is_a_working_day():
    """26 January 2026, a Monday, is closed in Sydney and open in London."""
    assert not is_open(SYDNEY, at("2026-01-26T10:00", "Australia/Sydney"))
    assert is_open(LONDON, at("2026-01-26T10:00"))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T10:00"),
        ("2026-11-20T16:00", 1, "2026-11-23T16:00"),
        ("2026-11-21T12:00", 1, "2026-11-24T09:00"),  # a Saturday: counted from Monday's opening
        ("2026-11-23T10:00", 5, "2026-11-30T10:00"),
    ],
)
def test_working_days(start, days, due):
    assert add_working_days(LONDON, at(start), days) == at(due)


def test_the_spring_change_of_the_clocks_takes_no_working_time():
    """Open through the night in which an hour is left out: eight real hours end at 07:00, not at 06:00."""
    start = at("2026-03-28T22:00")  # a Saturday; clocks go from 01:00 to 02:00 on Sunday
    assert add_minutes(NIGHT, start, 7 * 60) == start + timedelta(hours=7)
    assert closing(NIGHT, start) == at("2026-03-29T06:00")
    assert closing(NIGHT, start) - start == timedelta(hours=7)


def test_the_autumn_change_gives_none():
    start = at("2026-10-24T22:00")
    assert closing(NIGHT, start) - start == timedelta(hours=9)


def test_a_clinic_without_hours_has_the_usual_ones():
    usual = calendar_of(time_zone="UTC", hours={}, country="XX", on_call=False)
    assert next_opening(usual, datetime(2026, 11, 21, 12, tzinfo=UTC)) == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_clinic_that_never_opens_is_taken_as_open():
    """Hours of no length would push every deadline away for ever; sooner is the safe side."""
    never = calendar_of(time_zone="UTC", hours={"0": [["09:00", "09:00"]]}, country="", on_call=False)
    assert add_minutes(never, datetime(2026, 11, 21, tzinfo=UTC), 15) <= datetime(2026, 11, 24, tzinfo=UTC)


moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    datetime(2030, 12, 31),  # noqa: DTZ001
).map(lambda moment: moment.replace(tzinfo=UTC))


@given(moments, st.integers(0, 2000), st.integers(0, 600), st.sampled_from([LONDON, SYDNEY, NIGHT]))
def test_working_time_adds_up_and_never_runs_backwards(moment, first, second, calendar):
    """Adding in two steps is adding at once; a deadline lies in working time and after its start."""
    due = add_minutes(calendar, moment, first)
    assert due >= moment
    assert add_minutes(calendar, due, second) == add_minutes(calendar, moment, first + second) or second == 0
    assert is_open(calendar, due) or due == closing(calendar, due - timedelta(seconds=1))


@given(moments, st.integers(1, 6), st.sampled_from([LONDON, SYDNEY]))
def test_a_working_day_is_never_longer_than_a_week_and_a_holiday_season(moment, days, calendar):
    due = add_working_days(calendar, moment, days)
    assert moment < due <= moment + timedelta(days=days + 12)
