"""Time travel in a demonstration: hour by hour, everything in its order, whole wherever it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from accord.cli.travel import as_object, in_words, moment_of
from accord.science.errors import BadInput
from accord.service.clock.jobs import JOBS, Job
from accord.service.demo import travel as travelling
from accord.service.demo.actions import mark_demonstration, set_clock
from accord.service.demo.queries import demonstration
from accord.service.demo.travel import KEEPING, Journey, check_can_travel, next_hour, travel
from accord.service.errors import NotAllowed, NotNow
from accord.service.now import now

LONDON = ZoneInfo("Europe/London")


def rows(label):
    return apps.get_model(*label.split("."))._default_manager


@pytest.fixture
def marked(db):
    mark_demonstration(now=now())


@pytest.fixture
def seen(monkeypatch):
    """The moments at which a job of this test was run."""
    moments: list[datetime] = []
    monkeypatch.setattr(travelling, "JOBS", (Job("look", 5, lambda *, now: moments.append(now), vital=True),))
    return moments


@pytest.mark.both
def test_it_stops_at_every_full_hour_and_at_the_end(marked, seen):
    start = now()
    until = next_hour(start) + timedelta(hours=5, minutes=30)
    journey = travel(until=until)
    assert [moment.replace(second=0, microsecond=0) for moment in seen] == [
        *(next_hour(start) + timedelta(hours=hours) for hours in range(6)), until.replace(second=0, microsecond=0),
    ]  # fmt: skip
    assert journey.arrived
    assert journey.steps == 7
    assert timedelta() <= now() - until < timedelta(minutes=1)


@pytest.mark.both
def test_a_journey_that_is_stopped_is_whole_as_far_as_it_came(marked, seen):
    journey = travel(until=now() + timedelta(days=9), stop=lambda: len(seen) >= 4)
    assert not journey.arrived
    assert journey.steps == len(seen) == 4
    assert timedelta() <= now() - seen[-1] < timedelta(minutes=1)
    travel(until=now() + timedelta(hours=2))  # and goes on from there
    assert len(seen) > 4


def test_a_job_that_fails_is_tried_again_and_then_time_stands_still(marked, monkeypatch):
    tries = []

    def fails(*, now):
        tries.append(now)
        if len(tries) != 2:  # the second try works
            raise OSError

    monkeypatch.setattr(travelling, "JOBS", (Job("fails", 5, fails, vital=True),))
    journey = travel(until=now() + timedelta(days=1))
    assert journey.failing == {"fails": "OSError"}
    assert journey.steps == 2
    assert len(tries) == 2 + travelling.TRIES
    assert not journey.arrived


def test_what_goes_by_the_day_runs_where_a_day_or_an_hour_for_mails_begins(marked, monkeypatch):
    hourly, daily = [], []
    jobs = (
        Job("hourly", 5, lambda *, now: hourly.append(now), vital=True),
        Job("daily", 60, lambda *, now: daily.append(now)),
    )
    monkeypatch.setattr(travelling, "JOBS", jobs)
    monkeypatch.setattr(travelling, "hours_of_days", lambda: {(LONDON, 10), (ZoneInfo("Asia/Kathmandu"), 7)})
    travel(until=next_hour(now()))  # away from the edge of an hour
    del hourly[:], daily[:]
    travel(until=now() + timedelta(days=2))
    assert len(hourly) in (48, 49)
    inside = daily[1:-1]  # besides the first stop and the last
    there = [moment.astimezone(ZoneInfo("Asia/Kathmandu")).hour for moment in inside]
    here = [moment.astimezone(LONDON).hour for moment in inside]
    assert all(hour in (0, 10) or other in (0, 7) for hour, other in zip(here, there, strict=True))
    assert len(inside) in (6, 7, 8)
    order = []
    jobs = tuple(
        Job(name, 5, lambda *, now, name=name: order.append(name), vital=vital)
        for name, vital in (("send", True), ("remind", False))
    )
    monkeypatch.setattr(travelling, "JOBS", jobs)
    travel(until=next_hour(now()))
    assert order == ["remind", "send"]


def test_what_jobs_did_and_what_became_of_mails_is_summed(marked, monkeypatch):
    from accord.service.outbox.actions import drop, enqueue, finish, lease_next

    def write(*, now):
        for name, end in (("a", finish), ("b", lambda **more: drop(reason="answered", **more))):
            enqueue(kind=name, to=None, occasion=str(now), channel="email", now=now)
            end(work=lease_next(worker="test", now=now), now=now)
        return 2

    monkeypatch.setattr(travelling, "JOBS", (Job("write", 5, write, vital=True),))
    journey = travel(until=next_hour(now()) + timedelta(hours=1))
    assert journey.jobs == {"write": 4}
    assert journey.mails == {"a": {"done": 2}, "b": {"dropped": 2}}
    told = in_words(journey, LONDON)
    assert "2 no longer wanted" in told
    assert as_object(journey, LONDON)["jobs"] == {"write": 4}


@pytest.mark.parametrize("step", [timedelta(0), timedelta(seconds=-1), timedelta(days=732)])
def test_back_and_more_than_two_years_ahead_are_refused(step):
    moment = datetime(2027, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(NotNow):
        check_can_travel(moment + step, moment)


def test_without_the_mark_nobody_travels(db, seen):
    with pytest.raises(NotAllowed):
        travel(until=now() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        set_clock(to=now() + timedelta(days=1))
    assert seen == []


@pytest.mark.both
def test_a_step_never_takes_time_back(marked):
    set_clock(to=now() + timedelta(days=3))
    moved = demonstration().offset_seconds
    set_clock(to=now() - timedelta(days=1))
    assert demonstration().offset_seconds == moved


def test_the_journey_stands_in_the_audit_once(marked, seen):
    travel(until=now() + timedelta(hours=30))
    actions = list(rows("audit.Entry").filter(resource="demonstration").values_list("action", flat=True))
    assert sorted(actions) == ["arrive", "travel"]


def test_what_is_kept_for_the_end_are_jobs():
    assert {job.name for job in JOBS} >= KEEPING


# ------------------------------------------------------------------------------------------ words of the command


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=LONDON)),
        ("2027-07-31T09:30", datetime(2027, 7, 31, 9, 30, tzinfo=LONDON)),
        ("2027-07-31 09:30", datetime(2027, 7, 31, 9, 30, tzinfo=LONDON)),
        ("2027-07-31T09:30+02:00", datetime(2027, 7, 31, 7, 30, tzinfo=UTC)),
        ("2027-10-31T01:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # twice that night: the first
    ],
)
def test_a_day_is_a_day_in_the_clinics_zone(given, meant):
    assert moment_of(given, LONDON) == meant


@pytest.mark.parametrize("given", ["soon", "2027-02-30", "31.01.2027", "2027-01-31T25:00", "0001-01-01", "-1", "\x00"])
def test_what_is_no_day_is_refused_with_words(given):
    with pytest.raises(BadInput, match="is no day") if given != "0001-01-01" else pytest.raises(NotNow):
        check_can_travel(moment_of(given, LONDON), datetime(2027, 1, 1, tzinfo=UTC))


def test_an_hour_that_does_not_exist_is_refused_with_the_next_one():
    with pytest.raises(BadInput, match="2027-03-28T02:30"):
        moment_of("2027-03-28T01:30", LONDON)


def test_nothing_fell_due_is_said_too():
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    assert "Nothing fell due" in in_words(Journey(moment, moment, moment), LONDON)
    stopped = Journey(moment, moment + timedelta(days=1), moment)
    assert "the rest is still ahead" in in_words(stopped, LONDON)
