"""Counting: what is counted is what an export holds, kept as one row; by the clock at night, by a manager at once."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest

from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.clock.jobs import JOBS, Job
from accord.service.clock.runner import Round
from accord.service.clock.worker import work_waiting
from accord.service.errors import NotAllowed
from accord.service.flows.ask_for_reviews import ask_for_reviews
from accord.service.flows.review_service import review_service
from accord.service.library.queries import protocol_snapshot
from accord.service.outbox.models import Work
from accord.service.studies.actions.reviews import ask_for_review, keep_review, sign_definitions
from accord.service.studies.models import Review, Signature
from accord.service.studies.queries.reviews import before, counting, in_force, newest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


def later(world):
    """A minute on: what the world's rows say has happened."""
    return world.now + timedelta(minutes=1)


def count(world, by=None, clinic=None, protocol="routine-care"):
    return review_service(clinic_id=(clinic or world.clinic).pk, protocol=protocol, by=by or SERVICE, now=later(world))


def ask(world, who, key=None, clinic=None):
    return ask_for_review(
        clinic_id=(clinic or world.clinic).pk, protocol="routine-care", key=key or uuid.uuid4(),
        by=world.asker(who) if who else SERVICE, now=world.now,
    )  # fmt: skip


def night(world):
    """Half past three of the next night at North."""
    zone = world.clinic.zone()
    local = (world.now + timedelta(days=1)).astimezone(zone).date()
    return datetime(local.year, local.month, local.day, 3, 30, tzinfo=zone)


def test_a_clinic_where_somebody_enrolled_is_counted_and_audited(published):
    world = published
    assert world.episode
    review = count(world, by=world.asker(world.gus))
    numbers = {one["id"]: one["value"] for one in review.result["estimates"]}
    assert numbers["reached.enrolled"] == 1
    assert review.snapshot == protocol_snapshot("routine-care")
    assert len(review.cohort_hash) == 64
    entry = Entry.objects.get(action="count_numbers")
    assert (entry.by, entry.resource_id) == (world.gus.pk, str(review.pk))


def test_an_empty_clinic_is_counted_too_and_says_what_is_missing(published):
    review = count(published, clinic=published.elsewhere)
    assert review.result["pictures"] == {} or review.result["estimates"]
    assert json.dumps(review.result)


def test_no_name_address_or_person_is_in_what_is_kept(published):
    world = published
    assert world.episode
    text = json.dumps(count(world).result)
    for person in world.people.values():
        assert str(person.pk) not in text
        assert not [one for one in world.canaries(person) if one in text]


@pytest.mark.parametrize("who", ["bea", "carl", "dora", "eli", "fay", "ana", "ivo", "joy"])
def test_who_may_not_count_is_refused_and_nothing_is_kept(published, who):
    person = published.people[who]
    with pytest.raises(NotAllowed):
        count(published, by=published.asker(person))
    with pytest.raises(NotAllowed):
        ask(published, person)
    snapshot = protocol_snapshot("routine-care")
    with pytest.raises(NotAllowed):
        sign_definitions(clinic=published.clinic, snapshot=snapshot, by=published.asker(person), now=published.now)
    assert not Review.objects.exists()
    assert not Signature.objects.exists()
    assert not Work.objects.filter(channel="job").exists()


def test_a_manager_of_another_clinic_neither_counts_nor_sees(published):
    world = published
    mae = world.add("mae", Role.MANAGER, clinic=world.elsewhere)
    count(world)
    with pytest.raises(NotAllowed):
        count(world, by=world.asker(mae))
    assert newest(world.asker(mae), world.clinic.pk, "routine-care") is None
    assert [one.clinic for one in in_force(world.asker(mae))] == [world.elsewhere]


def test_asking_twice_while_it_waits_is_asking_once_and_the_worker_does_it(published):
    world = published
    first, second = ask(world, world.gus), ask(world, world.gus)
    assert first.pk == second.pk
    assert work_waiting(now=world.now) == 1
    assert Review.objects.filter(clinic=world.clinic).count() == 1
    job = counting(world.clinic.pk, "routine-care")
    assert (job.state, job.progress) == (Work.State.DONE, 1.0)
    assert ask(world, world.gus).pk != first.pk


def test_a_manager_who_lost_her_role_meanwhile_does_not_count(published):
    from accord.service.people.actions import end_role

    world = published
    work = ask(world, world.gus)
    end_role(person=world.gus, role=Role.MANAGER, clinic=world.clinic, by=SERVICE, now=world.now)
    assert work_waiting(now=world.now) == 0
    work.refresh_from_db()
    assert work.state == Work.State.FAILED
    assert not Review.objects.exists()


def test_the_clock_counts_every_clinic_once_a_night(published):
    world = published
    assert ask_for_reviews(now=night(world).replace(hour=12)) == 0
    first = night(world)
    assert ask_for_reviews(now=first) == 1  # in Sydney it is afternoon
    assert ask_for_reviews(now=first + timedelta(minutes=10)) == 1  # waits still: the same job
    assert Work.objects.filter(channel="job").count() == 1
    review_service(clinic_id=world.clinic.pk, protocol="routine-care", by=SERVICE, now=first)
    assert ask_for_reviews(now=first + timedelta(minutes=20)) == 0


def test_the_count_before_is_a_month_older(published):
    world, snapshot = published, protocol_snapshot("routine-care")

    def kept(days):
        return keep_review(
            clinic=world.clinic, protocol="routine-care", snapshot_id=snapshot.pk, cohort_hash="0" * 64, result={},
            by=SERVICE, now=world.now - timedelta(days=days),
        )  # fmt: skip

    old, month, _week, now = kept(60), kept(29), kept(7), kept(0)
    assert before(now) == month
    assert before(month) == old
    assert before(old) is None


def test_definitions_are_signed_once_for_each_version(published):
    world, snapshot = published, protocol_snapshot("routine-care")
    first = sign_definitions(clinic=world.clinic, snapshot=snapshot, by=world.asker(world.gus), now=world.now)
    later = world.now + timedelta(days=1)
    again = sign_definitions(clinic=world.clinic, snapshot=snapshot, by=world.asker(world.gus), now=later)
    assert (first.pk, again.by, again.at) == (again.pk, world.gus.pk, world.now)
    assert Entry.objects.filter(action="sign_definitions").count() == 1


def test_a_long_job_never_holds_up_the_loop_of_the_clock(published):
    import threading

    go, done = threading.Event(), threading.Event()

    def long(*, now):
        assert go.wait(30)
        done.set()

    ticks = []
    rounds = Round((Job("long", 1, long, long=True), Job("short", 1, lambda *, now: ticks.append(now))), beside=True)
    rounds.tick(published.now, 0)
    rounds.tick(published.now, 2)
    assert len(ticks) == 2
    assert not done.is_set()
    go.set()
    rounds.threads["long"].join(30)
    assert done.is_set()
    assert [job.name for job in JOBS if job.long] == ["work-waiting"]


def test_a_job_of_an_unknown_kind_fails_with_its_name(published):
    from accord.service.outbox.actions import enqueue

    work = enqueue(kind="brew-tea", to=None, occasion="once", channel="job", now=published.now)
    assert work_waiting(now=published.now) == 0
    work.refresh_from_db()
    assert (work.state, "brew-tea" in work.reason) == (Work.State.FAILED, True)
