"""Lists of many people: the right words for each, in a number of queries that does not grow with them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.table import SERVICE
from accord.service.library import queries as library
from accord.service.library.queries import programme_snapshot
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Course, Entry, Flare, Mark, PathChange, Practised
from plugins.world import enrolled

pytestmark = pytest.mark.django_db


def many(world, count):
    """So many people in their courses, each with something of everything."""
    snapshot, made = programme_snapshot("living-with-pain"), []
    for number in range(count):
        person = world.add_patient(f"p{len(Course.objects.all())}n{number}", world.bea, account=False)
        course = Course.objects.create(
            episode=enrolled(person, world.now), person=person, snapshot=snapshot, length="standard", began_at=world.now
        )
        at = {"course": course, "lesson": "understanding_pain"}
        Mark.objects.create(kind="begun", at=world.now + timedelta(days=1), **at)
        for revision in (1, 2):
            when = world.now + timedelta(days=1 + revision)
            Entry.objects.create(**at, snapshot=snapshot, block="my_pain", revision=revision, value="{}",
                                 key=uuid.uuid4(), at=when)  # fmt: skip
        Practised.objects.create(course=course, practice="settling", on=(world.now + timedelta(days=2)).date(),
                                 revision=1, minutes=5, key=uuid.uuid4(), at=world.now + timedelta(days=2))  # fmt: skip
        Flare.objects.create(person=person, began_at=world.now + timedelta(days=4), key=uuid.uuid4(),
                             ends_at=world.now + timedelta(days=6))  # fmt: skip
        made.append(person.pk)
    return made


def asked(world, ids):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = queries.summaries(ids, world.now + timedelta(days=5))
    return found, len(captured)


def test_ten_people_cost_as_much_as_two_hundred(published):
    library.programme(programme_snapshot("living-with-pain"))  # read once by a running service
    ten, few = asked(published, many(published, 10))
    ids = many(published, 190) + list(ten)
    lots, more = asked(published, ids)
    assert (len(ten), len(lots)) == (10, 200)
    assert more == few <= 12
    one = lots[ids[0]]
    assert (one.done, one.total, one.current_title) == (0, 5, "Understanding pain, and the plan")
    assert one.states == ("started", "closed", "closed", "closed", "closed")
    assert one.last_active_at == published.now + timedelta(days=3)
    assert (one.unread_entries, one.flare_days_7, one.begun_first_lesson) == (1, 1, True)
    assert one.flare_since == published.now + timedelta(days=4)


def test_who_has_no_course_is_not_in_the_list(published):
    assert queries.summaries([published.ana.pk, published.carl.pk], published.now) == {}
    assert queries.flares_of([published.ana.pk], published.now) == {published.ana.pk: []}


@pytest.mark.both
def test_a_list_says_what_her_own_page_says(ana):
    ana.begin("understanding_pain", 1)
    ana.change(2, "meeting_thoughts", "hold", "Wait.")
    ana.flare(2)
    for day in (0, 1, 3, 9, 40):
        one, stands = queries.summaries([ana.person.pk], ana.on(day))[ana.person.pk], ana.standing(day)
        assert one.states == tuple(state.state for state in stands.states)
        assert (one.done, one.total, one.day) == (stands.done, stands.total, stands.day)
        assert one.current_title == (stands.current.lesson.title if stands.current else "")
        assert (one.flare_since is not None) == (stands.flare is not None)


def test_what_she_saved_is_read_in_constant_queries(ana, published):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            found = queries.entries(ana.by, ana.person.pk)
        return len(captured), len(found)

    ana.save(0, {"pain_in_my_words": "one"})
    once = cost()
    ana.save(0, {"more_of": "two"}, block="what_matters")
    ana.save(0, {"first_step": "three"}, block="first_step")
    assert cost() == (once[0], 3)


def test_activity_is_what_she_does_herself(ana):
    def active(day):
        return queries.summaries([ana.person.pk], ana.on(day))[ana.person.pk].last_active_at

    assert active(0) is None
    ana.change(1, "meeting_thoughts", "open", "Early.")
    ana.flare(2)
    assert active(3) is None
    ana.begin("understanding_pain", 3)
    ana.practise(4)
    ana.save(5, {"pain_in_my_words": "x"})
    assert active(6) == ana.on(5)
    actions.mark_read(course=ana.course, lesson="understanding_pain", by=SERVICE, now=ana.on(8))
    assert active(9) == ana.on(5)


def test_who_has_finished_is_asked_in_three_queries_and_agrees_with_the_whole_path(published):
    programme = library.programme(programme_snapshot("living-with-pain"))
    done, _left_one, told_to_leave, undone = ids = many(published, 4)
    at = published.now + timedelta(days=3)
    for who in ids:
        course = Course.objects.get(person=who)
        for lesson in programme.lessons[: None if who == done else -1]:
            Mark.objects.create(course=course, kind="done", lesson=lesson.id, at=at)
        kinds = {told_to_leave: ("hold", "skip"), undone: ("skip", "undo")}.get(who, ())
        for number, kind in enumerate(kinds):
            PathChange.objects.create(course=course, kind=kind, lesson=programme.lessons[-1].id, reason="So we agreed.",
                                      key=uuid.uuid4(), at=at + timedelta(hours=number))  # fmt: skip
    now = published.now + timedelta(days=5)
    with CaptureQueriesContext(connection) as captured:
        found = queries.finished(ids, now)
    assert len(captured) == 3
    assert found == {done, told_to_leave}
    assert found == {who for who, one in queries.summaries(ids, now).items() if one.done >= one.total}
    assert queries.finished(ids, at - timedelta(days=1)) == set()
