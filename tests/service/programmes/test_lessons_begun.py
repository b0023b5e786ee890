"""Where she is: what is open on which day, what is current, what is done."""

from __future__ import annotations

import pytest

from accord.service.access.table import Action
from accord.service.errors import NotAllowed, NotNow
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Mark

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_the_first_lesson_is_open_and_the_others_say_when(ana):
    stands = ana.standing(0)
    assert (stands.day, stands.done, stands.total) == (0, 0, 5)
    assert stands.current.lesson.id == "understanding_pain"
    assert stands.next_opens.lesson.id == "meeting_thoughts"
    assert [one.state for one in stands.states] == ["open", "closed", "closed", "closed", "closed"]
    assert stands.states[1].reason


def test_a_lesson_is_begun_once_and_done_with_its_last_open_part(ana):
    assert ana.begin("understanding_pain", 0).pk == ana.begin("understanding_pain", 1).pk
    assert ana.standing(1).current.state == "started"
    parts = len(queries.programme_of(ana.course).text("understanding_pain").parts)
    order = [parts, *range(1, parts)]  # the last one first: order is hers
    done = [
        actions.finish_part(course=ana.course, lesson="understanding_pain", part=one, by=ana.by, now=ana.on(2))
        for one in order
    ]
    assert done == [False] * (parts - 1) + [True]
    assert ana.states(2)[0] == "done"
    assert actions.finish_part(course=ana.course, lesson="understanding_pain", part=1, by=ana.by, now=ana.on(3))
    assert Mark.objects.filter(kind="done").count() == 1
    assert Mark.objects.filter(kind="part").count() == parts


def test_a_shut_lesson_is_not_read_and_says_why(ana):
    with pytest.raises(NotNow, match="This opens"):
        ana.begin("meeting_thoughts", 0)
    with pytest.raises(NotNow):
        queries.tailored_lesson(ana.course, "meeting_thoughts", ana.on(0))
    assert queries.preview_lesson(ana.course, "meeting_thoughts", ana.on(0).date()).state.state == "closed"
    with pytest.raises(NotAllowed):
        queries.tailored_lesson(ana.course, "no_such_lesson", ana.on(0))


@pytest.mark.parametrize("who", ["bea", "carl", "joy", "dora", None])
def test_nobody_else_does_her_lessons(ana, who):
    other = ana.world.asker(ana.world.people[who] if who else None)
    with pytest.raises(NotAllowed):
        actions.begin_lesson(course=ana.course, lesson="understanding_pain", by=other, now=ana.on(0))
    assert (queries.course_of(other, ana.person.pk) is not None) == (who == "bea")
    assert ana.course in type(ana.course).objects.for_(ana.by, Action.ANSWER)
