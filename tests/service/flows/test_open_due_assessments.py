"""What a protocol asks opens on her day, in her zone, and closes when its window has passed (U4, C7, C36)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accord.service.access.table import SERVICE
from accord.service.assessments.models import Assessment
from accord.service.care.models import Alert
from accord.service.episodes.actions import set_anchor
from accord.service.errors import NotNow
from accord.service.flows.open_due_assessments import open_due_assessments

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
LONDON = ZoneInfo("Europe/London")


def test_nothing_but_the_baseline_opens_before_the_treatment_has_started(published):
    assert published.episode
    for day in range(0, 200, 7):
        open_due_assessments(now=published.now + timedelta(days=day))
    assert {one.time_point for one in Assessment.objects.all()} <= {"baseline"}


def test_the_whole_course_is_asked_by_the_protocol(treated):
    """Weekly check-ins, half way, after, follow-up; satisfaction and unwanted effects after; safety in each (C1)."""
    for day in range(175):
        treated.open_due(day)
        for one in treated.asked():
            if one.submitted_at is None:
                treated.answer(one, day)
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
    zone = treated.person.zone()
    treated.open_due(6)
    [weekly] = treated.asked("weekly")
    local = weekly.opens_at.astimezone(zone), weekly.closes_at.astimezone(zone)
    assert [(moment.hour, moment.minute) for moment in local] == [(0, 0), (0, 0)]
    assert (local[1].date() - local[0].date()).days == 5
    last = (weekly.closes_at - treated.began) / timedelta(days=1)
    treated.answer(weekly, last - 1 / 86400, only=1)
    with pytest.raises(NotNow):
        treated.answer(weekly, last)


def test_an_open_window_does_not_move_when_she_travels(treated):
    treated.open_due(6)
    [before] = treated.asked("weekly")
    treated.person.time_zone = "Pacific/Auckland"
    treated.person.save(update_fields=["time_zone"])
    treated.open_due(6.04)
    [after] = treated.asked("weekly")
    assert (before.opens_at, before.closes_at) == (after.opens_at, after.closes_at)


def test_running_twice_opens_once(treated):
    assert treated.open_due(6) == 1
    assert treated.open_due(6) == 0


def test_what_was_missed_is_closed_and_blocks_nothing(treated):
    treated.open_due(6)
    treated.open_due(13)
    first, second = treated.asked("weekly")
    assert first.closed_at
    assert not first.submitted_at
    assert second.closed_at is None


def test_the_answers_of_one_that_closed_are_scored_and_told(treated):
    """She answered the question of safety, left it out twice, and went away: somebody hears of it (C2)."""
    treated.open_due(6)
    [weekly] = treated.asked("weekly")
    treated.answer(weekly, 6, None, only=2)
    treated.open_due(12)
    assert Alert.objects.filter(assessment_id=weekly.pk).count() == 1
    assert weekly.scores.filter(instrument="safety_check").exists()


def test_a_baseline_that_was_not_sent_stays_open(published):
    assert published.episode
    open_due_assessments(now=published.now)
    [baseline] = Assessment.objects.all()
    open_due_assessments(now=published.now + timedelta(days=40))
    baseline.refresh_from_db()
    assert (baseline.time_point, baseline.closed_at) == ("baseline", None)


def test_c7_in_a_flare_what_was_not_begun_shrinks_and_the_window_stays(treated):
    """Half way asks 24 questions; in a flare it asks the primary scale and safety, and says which set it was."""
    treated.open_due(28)
    [before] = treated.asked("mid")
    treated.flare(28.1)
    treated.open_due(28.2)
    [short] = treated.asked("mid")
    assert (short.extent, short.instruments) == ("minimum", ["bpi_interference", "safety_check"])
    assert (short.opens_at, short.closes_at) == (before.opens_at, before.closes_at)
    assert set(treated.asked("weekly")[-1].instruments) == {"diary", "safety_check"}  # that is short as it is
    treated.open_due(30.3)  # the flare has ended by itself
    [whole] = treated.asked("mid")
    assert (whole.extent, whole.instruments) == ("whole", before.instruments)


def test_c7_what_was_begun_in_a_flare_stays_the_set_that_was_asked(treated):
    treated.flare(28)
    treated.open_due(28.1)
    [mid] = treated.asked("mid")
    treated.answer(mid, 28.1, only=1)
    treated.open_due(31)
    treated.answer(treated.asked("mid")[0], 31)
    [sent] = treated.asked("mid")
    assert (sent.extent, sent.instruments) == ("minimum", ["bpi_interference", "safety_check"])


def test_many_people_cost_few_queries_each(treated, django_assert_max_num_queries):
    from plugins.world import enrolled

    world = treated.world
    for number in range(12):
        person = world.add_patient(f"more{number}", world.bea, account=False)
        episode = enrolled(person, treated.began)
        set_anchor(episode=episode, name="treatment-start", at=treated.began, by=SERVICE, now=treated.began)
    assert treated.open_due(6) == 25  # and the baseline of each who has none
    with django_assert_max_num_queries(8 + 2 * 13):  # a transaction each, and nothing else
        treated.open_due(6)


def test_a_dst_night_opens_and_closes_by_her_calendar(world):
    start, now = datetime(2026, 3, 23, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    world.now = start
    episode = world.episode
    set_anchor(episode=episode, name="treatment-start", at=start, by=SERVICE, now=start)
    open_due_assessments(now=now)
    [weekly] = Assessment.objects.filter(time_point="weekly")
    assert weekly.opens_at == datetime(2026, 3, 28, 0, tzinfo=LONDON)
    assert weekly.closes_at == datetime(2026, 4, 2, 0, tzinfo=LONDON)
    assert weekly.closes_at - weekly.opens_at == timedelta(days=5) - timedelta(hours=1)
