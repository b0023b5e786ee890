"""Treatment starts when the baseline is sent and a therapist is found, in whichever order, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accord.science.errors import NotFound
from accord.service.access.table import SERVICE
from accord.service.assessments.models import Assessment
from accord.service.episodes.queries import anchors
from accord.service.errors import NotAllowed
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.start_course import start_course
from accord.service.flows.start_courses import start_courses
from accord.service.library.queries import programme_snapshot
from accord.service.people.actions import make_accountable
from accord.service.programmes import queries
from accord.service.programmes.models import Course
from plugins.world import enrolled

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def waiting(published):
    """Ivo, enrolled, his baseline open, the duty clinician answering for him."""
    episode = enrolled(published.ivo, published.now)
    asked = Assessment.objects.create(
        episode=episode, person=published.ivo, time_point="baseline", instruments=["safety_check"],
        opens_at=published.now, made_at=published.now,
    )  # fmt: skip
    return published, episode, asked


def send(asked, now):
    Assessment.objects.filter(pk=asked.pk).update(submitted_at=now)


def start(world, episode, hours=1):
    return start_course(episode_id=episode.pk, by=world.asker(world.dora), now=world.now + timedelta(hours=hours))


@pytest.mark.parametrize("first", ["baseline", "therapist"])
def test_it_starts_from_both_sides_and_once(waiting, first):
    world, episode, asked = waiting
    steps = [
        lambda: send(asked, world.now),
        lambda: assign_therapist(
            person_id=world.ivo.pk, therapist_id=world.bea.pk, by=world.asker(world.dora), now=world.now
        ),
    ]
    for step in steps if first == "baseline" else reversed(steps):
        assert start(world, episode) is None
        step()
    course = start(world, episode)
    assert course == start(world, episode, hours=5)
    assert course.snapshot == programme_snapshot("living-with-pain")
    assert anchors(episode)["treatment-start"] == world.now + timedelta(hours=1)
    assert start_courses(now=world.now + timedelta(hours=9)) == 0
    assert Course.objects.count() == 1


def test_the_clock_finds_who_is_ready(waiting):
    world, episode, asked = waiting
    send(asked, world.now)
    assert start_courses(now=world.now) == 0
    make_accountable(person=world.ivo, clinician=world.bea, reason="therapist", by=SERVICE, now=world.now)
    assert start_courses(now=world.now) == 1
    assert start_courses(now=world.now) == 0
    assert Course.objects.get().episode == episode


def test_a_baseline_that_was_never_answered_keeps_nobody_from_her_course(waiting):
    world, _episode, asked = waiting
    make_accountable(person=world.ivo, clinician=world.bea, reason="therapist", by=SERVICE, now=world.now)
    Assessment.objects.filter(pk=asked.pk).update(closes_at=world.now + timedelta(days=15))
    assert start_courses(now=world.now + timedelta(days=14)) == 0
    assert start_courses(now=world.now + timedelta(days=15)) == 1


def test_a_stranger_starts_nothing(waiting):
    world, episode, _asked = waiting
    for who in (world.joy, world.carl, None):
        with pytest.raises(NotAllowed):
            start_course(episode_id=episode.pk, by=world.asker(who), now=world.now)


def test_one_programme_that_was_never_published_keeps_nobody_else_waiting(waiting, monkeypatch):
    """The clock tells of it, after everybody else's course has begun."""
    world, _episode, asked = waiting
    send(asked, world.now)
    make_accountable(person=world.ivo, clinician=world.bea, reason="therapist", by=SERVICE, now=world.now)
    stuck = enrolled(world.ana, world.now)  # newer, so it is looked at first
    real = queries.ready

    def ready(episode, now):
        if episode.pk == stuck.pk:
            raise NotFound("No programme 'x' has been published.")
        return real(episode, now)

    monkeypatch.setattr("accord.service.flows.start_courses.ready", ready)
    with pytest.raises(NotFound):
        start_courses(now=world.now)
    assert Course.objects.get().person == world.ivo


def test_the_pages_on_both_sides_begin_it_at_once(waiting):
    world, _episode, asked = waiting
    send(asked, world.now)
    page = world.client_of(world.dora)
    page.post(reverse("coordinator:assign", args=[world.ivo.pk]), {"therapist": str(world.bea.pk)})
    assert Course.objects.get().person == world.ivo
