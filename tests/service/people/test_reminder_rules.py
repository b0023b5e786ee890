"""When a reminder may leave: every hour of two years in twenty zones (U4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accord.service.people.rules.reminders import (
    EARLIEST,
    LATEST,
    PutOff,
    Wish,
    at_hour,
    awake,
    may_leave,
    next_hour,
)

# Gaps and folds at midnight, at one, at two; half and quarter hours; far from Greenwich both ways; no change at all.
ZONES = (
    "Europe/London", "Europe/Berlin", "Europe/Lisbon", "Atlantic/Azores", "America/New_York", "America/Los_Angeles",
    "America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion", "America/Sao_Paulo", "Africa/Cairo",
    "Africa/Casablanca", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Kiritimati",
)  # fmt: skip
START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=n) for n in range(24 * 730)]


@pytest.mark.parametrize("name", ZONES)
def test_u4_every_hour_of_two_years_the_next_reminder_is_at_her_hour(name):
    zone = ZoneInfo(name)
    for number, now in enumerate(HOURS):
        hour = EARLIEST + number % (LATEST - EARLIEST + 1)
        at = next_hour(now, hour, zone)
        local = at.astimezone(zone)
        assert now <= at <= now + timedelta(hours=25)
        assert (local.hour, local.minute) == (hour, 0)
        if at - timedelta(days=1) >= now:  # only where the clock was put back: the earlier one is more than a day ago
            assert at.astimezone(zone).utcoffset() != (at - timedelta(days=1)).astimezone(zone).utcoffset()


@pytest.mark.parametrize("name", ZONES)
def test_u4_nothing_leaves_at_night_and_what_is_put_off_leaves_then(name):
    zone, wish = ZoneInfo(name), Wish(hour=10)
    for now in HOURS:
        said = may_leave(wish, now, zone)
        if EARLIEST <= now.astimezone(zone).hour < LATEST + 1:
            assert said == ""
        else:
            assert isinstance(said, PutOff)
            assert said.until > now
            assert may_leave(wish, said.until, zone) == ""


@pytest.mark.parametrize("name", ZONES)
def test_at_most_one_a_day_by_her_calendar(name):
    """A mail an hour is asked for, for two years: no two leave on one of her days, and none of her days is left out."""
    zone, wish = ZoneInfo(name), Wish(hour=9)
    sent: list[datetime] = []
    for now in HOURS:
        if may_leave(wish, now, zone, sent[-1] if sent else None) == "":
            sent.append(now)
    days = [moment.astimezone(zone).date() for moment in sent]
    assert len(days) == len(set(days))
    assert set(days) >= {days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days)}


def test_an_hour_that_is_jumped_over_is_the_moment_after():
    """Beirut jumps from midnight to one; nobody chooses that hour, and the rule stands for any."""
    zone = ZoneInfo("Europe/London")
    gap = at_hour(date(2026, 3, 29), 1, zone)
    assert gap.astimezone(zone).time() == time(2)
    fold = at_hour(date(2026, 10, 25), 1, zone)
    assert fold.astimezone(zone).utcoffset() == timedelta(hours=1)  # the first of the two


def test_switched_off_is_never_and_a_pause_is_later():
    zone, now = ZoneInfo("Europe/London"), datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert "switched" in str(may_leave(Wish(on=False), now, zone))
    said = may_leave(Wish(hour=9, paused_until=date(2026, 6, 20)), now, zone)
    assert isinstance(said, PutOff)
    assert said.until == datetime(2026, 6, 20, 9, tzinfo=zone)
    assert may_leave(Wish(paused_until=date(2026, 6, 1)), now, zone) == ""


def test_when_her_zone_changes_the_next_one_follows_her():
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert next_hour(now, 10, ZoneInfo("Europe/London")) == datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert next_hour(now, 10, ZoneInfo("America/New_York")) == datetime(2026, 6, 1, 14, tzinfo=UTC)
    assert awake(now, ZoneInfo("Europe/London"))
    assert not awake(now, ZoneInfo("Asia/Kolkata")) or now.astimezone(ZoneInfo("Asia/Kolkata")).hour < 21
