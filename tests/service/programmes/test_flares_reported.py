"""Flare mode (C7): lessons and practices wait for 48 hours; many flares or a new pain are looked at by a person."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.assessments.models import Assessment
from accord.service.care.models import Flag
from accord.service.errors import NotAllowed
from accord.service.flows.report_flare import report_flare
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Flare

pytestmark = [pytest.mark.django_db, pytest.mark.both]
FIRST = "understanding_pain"


def report(ana, day, *, new_pain=False, key=None, by=None):
    return report_flare(
        person_id=ana.person.pk, new_pain=new_pain, key=key or uuid.uuid4(), by=by or ana.by, now=ana.on(day)
    )


def flags():
    return [(one.kind, one.occasion.split(":")[0]) for one in Flag.objects.order_by("raised_at", "id")]


def test_a_flare_ends_by_itself_after_48_hours(ana):
    flare = ana.flare(1)
    assert flare.ends_at - flare.began_at == timedelta(hours=48)
    assert ana.standing(2.9).flare == flare
    assert ana.standing(3).flare is None
    assert queries.flare_of(ana.person.pk, ana.on(3)) is None


def test_she_can_say_that_it_is_over_and_only_once(ana):
    flare = ana.flare(1)
    actions.end_flare(flare=flare, by=ana.by, now=ana.on(1.5))
    assert actions.end_flare(flare=flare, by=ana.by, now=ana.on(1.7)).ended_at == ana.on(1.5)
    assert ana.standing(1.6).flare is None
    late = ana.flare(4)
    assert actions.end_flare(flare=late, by=ana.by, now=ana.on(9)).ended_at is None  # it had ended by itself
    for other in (ana.bea, ana.world.asker(ana.world.joy), ana.world.asker(None)):
        with pytest.raises(NotAllowed):
            actions.end_flare(flare=ana.flare(12), by=other, now=ana.on(12))


def test_c7_a_flare_shuts_no_lesson_opens_none_and_moves_only_what_was_hoped_for(ana):
    Assessment.objects.create(
        episode=ana.episode, person=ana.person, time_point="weekly", instruments=["safety_check"], made_at=ana.on(2),
        opens_at=ana.on(2), due_at=ana.on(3), closes_at=ana.on(4),
    )  # fmt: skip
    ana.begin(FIRST, 0)
    before, states = ana.standing(3).due_on, [one.state for one in ana.standing(8).states]
    asked = list(Assessment.objects.values_list("opens_at", "due_at", "closes_at"))
    report(ana, 2)
    stands = ana.standing(3)
    assert stands.current.state == "started"
    assert stands.due_on == before + timedelta(days=2)
    assert ana.states(8) == states
    assert list(Assessment.objects.values_list("opens_at", "due_at", "closes_at")) == asked
    assert ana.finish(FIRST, 3)  # who wants to go on can


def test_the_short_version_pressed_twice_is_one_flare_and_on_the_next_day_it_goes_on(ana):
    key = uuid.uuid4()
    first = ana.flare(1, key=key)
    assert ana.flare(1.1, key=key) == first == ana.flare(1.2)
    longer = ana.flare(2)
    assert longer.ends_at == ana.on(4)
    assert ana.standing(3.5).flare == longer
    assert ana.standing(1.5).flare == first  # an earlier moment is as it was
    assert Flare.objects.count() == 2
    assert queries.summaries([ana.person.pk], ana.on(3.5))[ana.person.pk].flare_days_7 == 3


def test_one_flare_is_no_reason_to_look(ana):
    reported = report(ana, 1)
    assert (reported.questions, flags()) == (None, [])


def test_c7_three_flare_days_in_seven_put_her_on_the_list_and_ask_the_red_flags_once(ana):
    report(ana, 1)
    reported = report(ana, 5)
    assert reported.questions.instruments == ["red_flags"]
    assert flags() == [("flare", "flares")]
    again = report(ana, 6)
    assert again.questions == reported.questions
    assert flags() == [("flare", "flares")]


def test_c7_flares_a_week_apart_are_not_many(ana):
    report(ana, 1)
    report(ana, 9)
    assert flags() == []


def test_c7_a_new_kind_of_pain_is_looked_at_at_once(ana):
    reported = report(ana, 1, new_pain=True)
    assert reported.questions.time_point == "red_flags"
    assert flags() == [("new-pain", "flare")]
    assert "red_flags.any" not in queries.record(ana.course, ana.on(1))  # what was answered before may not hold


def test_the_same_report_twice_is_one_report(ana):
    key = uuid.uuid4()
    first, again = report(ana, 1, new_pain=True, key=key), report(ana, 1.1, new_pain=True, key=key)
    assert (first.flare, first.questions) == (again.flare, again.questions)
    assert (Flare.objects.count(), Assessment.objects.filter(time_point="red_flags").count()) == (1, 1)
    assert len(flags()) == 1


def test_a_second_look_opens_a_second_asking(ana):
    first = report(ana, 1, new_pain=True).questions
    Assessment.objects.filter(pk=first.pk).update(submitted_at=ana.on(2))
    second = report(ana, 10, new_pain=True).questions
    assert (first.occasion, second.occasion) == (0, 1)


def test_nobody_reports_a_flare_for_her(ana):
    for who in (ana.world.bea, ana.world.carl, ana.world.joy, ana.world.dora, None):
        with pytest.raises(NotAllowed):
            report(ana, 1, by=ana.world.asker(who))
    assert not Flare.objects.exists()
