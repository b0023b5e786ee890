"""A whole course by days: nothing opens too early, nothing stays shut too long, and every shut lesson says why."""

from __future__ import annotations

import uuid

import pytest

from accord.service.errors import NotAllowed, Stale
from accord.service.flows.answer_lesson import answer_lesson
from accord.service.messaging.models import Message
from accord.service.outbox.models import Work
from accord.service.programmes import queries
from accord.service.programmes.models import Mark

pytestmark = [pytest.mark.django_db, pytest.mark.both]
LESSONS = ("understanding_pain", "meeting_thoughts", "body_at_rest", "steps_that_matter", "keeping_gains")
OPENS = (0, 7, 21, 35, 49)  # steps 1, 2, 4, 6 and 8 of seven days


def reply(ana, day, lesson="understanding_pain", text="I read this, and I believe you.", **more):
    given = {"key": uuid.uuid4(), "by": ana.bea} | more
    return answer_lesson(person_id=ana.person.pk, lesson=lesson, text=text, now=ana.on(day), **given)


def test_somebody_who_does_each_lesson_on_its_first_day(ana):
    ana.no_red_flag()
    opened = {}
    for day in range(57):
        stands = ana.standing(day)
        for one in stands.states:
            if one.state == "open":
                opened[one.lesson.id] = day
                ana.finish(one.lesson.id, day)
            if one.state == "closed":
                assert one.reason
                assert one.opens_on_day is None or one.opens_on_day > day
    assert opened == dict(zip(LESSONS, OPENS, strict=True))
    stands = ana.standing(56)
    assert (stands.done, stands.total, stands.current, stands.next_opens) == (5, 5, None, None)


def test_somebody_who_takes_her_time_waits_for_nothing_but_herself(ana):
    ana.no_red_flag()
    for number, lesson in enumerate(LESSONS):
        day = 100 + 3 * number
        assert ana.standing(day).current.lesson.id == lesson
        ana.finish(lesson, day)
    assert ana.standing(120).done == 5


def test_the_second_lesson_waits_for_an_answer_or_two_days(ana):
    ana.finish("understanding_pain", 7)
    shut = ana.standing(8).states[1]
    assert shut.state == "closed"
    assert "therapist has answered" in shut.reason
    assert ana.states(9)[1] == "open"
    sent = reply(ana, 8)
    assert ana.states(8)[1] == "open"
    assert queries.answered(ana.course, "understanding_pain") == [sent.message.pk]


def test_an_answer_is_one_message_and_one_mark_however_often_it_is_sent(ana):
    key = uuid.uuid4()
    first = reply(ana, 1, key=key)
    again = reply(ana, 1, key=key)
    assert (again.replayed, again.message) == (True, first.message)
    assert Message.objects.count() == Mark.objects.filter(kind="answered").count() == 1
    assert Work.objects.filter(kind="message-waiting", to=str(ana.person.pk)).count() == 1
    with pytest.raises(Stale):
        reply(ana, 1, key=key, text="Something else.")
    with pytest.raises(NotAllowed):
        reply(ana, 1, lesson="no_such_lesson")
    assert Message.objects.count() == 1  # what has no lesson is not sent either
    for who in (ana.person, ana.world.carl, ana.world.dora, None):
        with pytest.raises(NotAllowed):
            reply(ana, 1, by=ana.world.asker(who))


def test_what_is_hoped_for_moves_with_when_she_began_and_is_no_deadline(ana):
    start = ana.began.date()
    assert (ana.standing(0).due_on - start).days == 7
    ana.begin("understanding_pain", 5)
    assert (ana.standing(6).due_on - start).days == 12
    assert ana.standing(40).current.state == "started"  # long past it, and open as ever


def test_a_preview_is_what_she_would_see_and_writes_nothing(ana):
    ana.finish("understanding_pain", 0)
    marks = Mark.objects.count()
    later = queries.preview(ana.course, ana.on(30).date())
    assert [one.state for one in later.states] == ["done", "open", "closed", "closed", "closed"]
    assert (later.day, later.current.lesson.id) == (30, "meeting_thoughts")
    earlier = queries.preview(ana.course, ana.on(-3).date())
    assert (earlier.day, earlier.done) == (-3, 0)
    assert queries.preview_lesson(ana.course, "keeping_gains", ana.on(60).date()).parts
    assert Mark.objects.count() == marks
