"""What a protocol asks opens on her day, in her zone, and closes when its window has passed (U4, C7, C36)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accord.service.access.table import SERVICE
from accord.service.assessments import actions, queries
from accord.service.assessments.models import Assessment
from accord.service.care.models import Alert
from accord.service.episodes.actions import set_anchor
from accord.service.errors import NotNow
from accord.service.flows.open_due_assessments import open_due_assessments

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def treated(world):
    """Ana, whose treatment starts now."""
    set_anchor(episode=world.episode, name="treatment-start", at=world.now, by=SERVICE, now=world.now)
    world.baseline = actions.open_assessment(
        episode=world.episode, time_point="baseline", instruments=["nrs_pain"], wordings={"nrs_pain": "own"},
        by=SERVICE, now=world.now,
    )  # fmt: skip
    return world


def of(world, time_point):
    return list(Assessment.objects.filter(person=world.ana, time_point=time_point).order_by("occasion", "sitting"))


def answer(world, assessment, now, value=0, *, only=None):
    """Answer an assessment and send it; `only`: so many questions, and do not send it."""
    by = world.asker(world.ana)
    for number in range(500):
        held = queries.held(queries.current(assessment))
        slot = queries.next_slot(assessment, held)
        if slot is None or number == only:
            break
        actions.save_answer(
            assessment=assessment, instrument=slot.instrument, item=slot.item,
            value=1 if slot.instrument in ("satisfaction", "pgic") else value,
            revision=held[slot.key].revision if slot.key in held else 0, key=uuid.uuid4(), by=by, now=now,
        )  # fmt: skip
    if only is None:
        actions.finish(assessment=assessment, by=by, now=now)


def test_nothing_opens_before_the_treatment_has_started(world):
    assert world.episode
    for day in range(0, 200, 7):
        open_due_assessments(now=world.now + timedelta(days=day))
    assert {one.time_point for one in Assessment.objects.all()} <= {"baseline"}


def test_the_whole_course_is_asked_by_the_protocol(treated):
    """Weekly check-ins, half way, after, follow-up; satisfaction and unwanted effects after; safety in each (C1)."""
    for day in range(175):
        now = treated.now + timedelta(days=day)
        open_due_assessments(now=now)
        for one in Assessment.objects.filter(submitted_at=None, closed_at=None).exclude(time_point="baseline"):
            answer(treated, one, now)
    opened = Assessment.objects.exclude(time_point="baseline").order_by("opens_at", "time_point")
    assert [(one.time_point, one.occasion) for one in opened] == [
        ("weekly", 1), ("weekly", 2), ("weekly", 3), ("mid", 0), ("weekly", 4), ("weekly", 5), ("weekly", 6),
        ("weekly", 7), ("post", 0), ("follow_up", 0),
    ]  # fmt: skip
    assert all("safety_check" in one.instruments for one in opened)
    assert all(one.submitted_at for one in opened)
    post = opened.get(time_point="post").instruments
    assert post[:2] == ["bpi_interference", "safety_check"]
    assert {"satisfaction", "neq_20", "pgic", "medicines", "other_treatment"} <= set(post)


def test_u4_the_window_shown_is_the_window_enforced_in_her_zone(treated):
    """`closes_at` is what the page shows; an answer a second before it is kept, one at it is refused."""
    zone = treated.ana.zone()
    open_due_assessments(now=treated.now + timedelta(days=6))
    [weekly] = of(treated, "weekly")
    local = weekly.opens_at.astimezone(zone), weekly.closes_at.astimezone(zone)
    assert [(moment.hour, moment.minute) for moment in local] == [(0, 0), (0, 0)]
    assert (local[1].date() - local[0].date()).days == 5
    answer(treated, weekly, weekly.closes_at - timedelta(seconds=1), only=1)
    with pytest.raises(NotNow):
        answer(treated, weekly, weekly.closes_at)


def test_an_open_window_does_not_move_when_she_travels(treated):
    open_due_assessments(now=treated.now + timedelta(days=6))
    [before] = of(treated, "weekly")
    treated.ana.time_zone = "Pacific/Auckland"
    treated.ana.save(update_fields=["time_zone"])
    open_due_assessments(now=treated.now + timedelta(days=6, hours=1))
    [after] = of(treated, "weekly")
    assert (before.opens_at, before.closes_at) == (after.opens_at, after.closes_at)


def test_running_twice_opens_once(treated):
    now = treated.now + timedelta(days=6)
    assert open_due_assessments(now=now) == 1
    assert open_due_assessments(now=now) == 0


def test_what_was_missed_is_closed_and_blocks_nothing(treated):
    open_due_assessments(now=treated.now + timedelta(days=6))
    open_due_assessments(now=treated.now + timedelta(days=13))
    first, second = of(treated, "weekly")
    assert first.closed_at
    assert not first.submitted_at
    assert second.closed_at is None


def test_the_answers_of_one_that_closed_are_scored_and_told(treated):
    """She answered the question of safety, left it out twice, and went away: somebody hears of it (C2)."""
    now = treated.now + timedelta(days=6)
    open_due_assessments(now=now)
    [weekly] = of(treated, "weekly")
    answer(treated, weekly, now, value=None, only=2)
    open_due_assessments(now=treated.now + timedelta(days=12))
    assert Alert.objects.filter(assessment_id=weekly.pk).count() == 1
    assert weekly.scores.filter(instrument="safety_check").exists()


def test_the_baseline_stays_open(treated):
    open_due_assessments(now=treated.now + timedelta(days=40))
    treated.baseline.refresh_from_db()
    assert treated.baseline.closed_at is None


def test_many_people_cost_as_many_queries_as_one(treated, django_assert_max_num_queries):
    from plugins.world import enrolled

    for number in range(12):
        person = treated.add_patient(f"more{number}", treated.bea, account=False)
        episode = enrolled(person, treated.now)
        set_anchor(episode=episode, name="treatment-start", at=treated.now, by=SERVICE, now=treated.now)
    now = treated.now + timedelta(days=6)
    assert open_due_assessments(now=now) == 25  # and the baseline of each who has none
    with django_assert_max_num_queries(8 + 2 * 13):  # a transaction each, and nothing else
        open_due_assessments(now=now)


@pytest.mark.parametrize("now", [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)])
def test_a_dst_night_opens_and_closes_by_her_calendar(world, now):
    start = datetime(2026, 3, 23, 12, tzinfo=UTC)
    world.now = start
    episode = world.episode
    set_anchor(episode=episode, name="treatment-start", at=start, by=SERVICE, now=start)
    open_due_assessments(now=now)
    [weekly] = of(world, "weekly")
    assert weekly.opens_at == datetime(2026, 3, 28, 0, tzinfo=LONDON)
    assert weekly.closes_at == datetime(2026, 4, 2, 0, tzinfo=LONDON)
    assert weekly.closes_at - weekly.opens_at == timedelta(days=5) - timedelta(hours=1)
