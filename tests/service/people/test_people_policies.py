"""Every permission about people as a truth table: the check refuses what its question answers with no."""

from datetime import timedelta

import pytest

from accord.service.access.table import ANYBODY, SERVICE, Action, Resource, Role
from accord.service.errors import NotAllowed, Refusal
from accord.service.people import actions, policies, queries

pytestmark = pytest.mark.both
EVERYBODY = ("ana", "ivo", "joy", "bea", "carl", "dora", "eli", "fay", "gus", "hal", None)


def asker(world, name):
    return world.asker(world.people[name]) if name else ANYBODY


def refused(work):
    try:
        work()
    except Refusal as error:
        return type(error)
    return None


def allowed(world, work):
    """Who of everybody is not refused."""
    return {name for name in EVERYBODY if refused(lambda name=name: work(asker(world, name))) is None}


def test_who_sets_the_service_lead(world):
    for person in (world.fay, world.bea):
        assert allowed(world, lambda by, person=person: actions.set_service_lead(
            clinic=world.clinic, person=person, by=by, now=world.now
        )) == {"gus"}  # fmt: skip


def test_who_opens_a_clinic(world):
    def work(by):
        actions.open_clinic(name="x", country="GB", time_zone="UTC", by=by, now=world.now)

    assert allowed(world, work) == set()
    assert refused(lambda: work(SERVICE)) is None


def test_who_ends_an_absence(world):
    absence = actions.set_absence(
        person=world.bea, since=world.now, until=world.now + timedelta(days=1), cover=world.carl, by=SERVICE,
        now=world.now,
    )  # fmt: skip
    assert allowed(world, lambda by: actions.end_absence(absence=absence, by=by, now=world.now)) == {"bea", "dora"}


def test_who_sets_an_absence(world):
    def work(by):
        until = world.now + timedelta(days=1)
        actions.set_absence(person=world.bea, since=world.now, until=until, cover=world.carl, by=by, now=world.now)

    assert allowed(world, work) == {"bea", "dora"}


def test_who_opens_an_account(world):
    new = actions.add_person(clinic=world.clinic, by=SERVICE, now=world.now)

    def work(by):
        actions.open_account(person=new, email="zqnew@example.org", by=by, now=world.now)

    assert {name for name in EVERYBODY if refused(lambda name=name: work(asker(world, name))) is not NotAllowed} == {
        "dora"
    }


def test_who_closes_the_account_of_a_patient(world):
    assert allowed(world, lambda by: actions.close_account(person=world.ivo, by=by, now=world.now)) >= {"dora", "ivo"}
    closes = {
        name
        for name in EVERYBODY
        if refused(lambda name=name: actions.close_account(person=world.ana, by=asker(world, name), now=world.now))
        is None
    }
    assert closes == {"ana", "dora"}


def test_who_gives_and_ends_a_patients_role(world):
    for change in (actions.give_role, actions.end_role):
        assert allowed(world, lambda by, change=change: change(
            person=world.ivo, role=Role.PATIENT, clinic=world.clinic, by=by, now=world.now
        )) == {"dora"}  # fmt: skip


def test_the_pairs_agree(world):
    for name in EVERYBODY:
        by = asker(world, name)
        for role in (Role.THERAPIST, Role.PATIENT):
            check = refused(lambda by=by, role=role: policies.check_can_give_role(by, world.gus, role, world.clinic))
            assert policies.can_give_role(by, world.gus, role, world.clinic) is (check is None)
        assert policies.can_at(by, Resource.DUTY, Action.ASSIGN, world.clinic) is (name == "dora")
    assert [name for name in EVERYBODY if name and policies.can_answer_for(world.people[name], world.clinic)] == [
        "bea", "carl", "eli", "fay",
    ]  # fmt: skip
    assert [name for name in EVERYBODY if name and not policies.can_leave(world.people[name])] == ["bea", "eli", "hal"]
    assert policies.can_leave(world.bea, world.elsewhere)


def test_a_closed_account_answers_for_nobody(world):
    actions.close_account(person=world.carl, by=SERVICE, now=world.now)
    assert not policies.can_answer_for(world.carl, world.clinic)
    assert world.carl not in queries.clinicians_of(world.clinic.pk)


def test_who_reads_who_answered_for_somebody(world):
    seen = {name for name in EVERYBODY if queries.accountability_history(asker(world, name), world.ana.pk)}
    assert seen == {"bea", "dora", "eli", "fay"}


def test_who_finds_a_person(world):
    assert allowed(world, lambda by: queries.person(by, world.ana.pk)) == {"ana", "bea", "dora", "eli", "fay"}
    assert allowed(world, lambda by: queries.person(by, world.ana.pk, Action.ACT)) == {"dora"}


def test_who_is_nobody_has_no_self(world):
    assert queries.me(world.asker(world.ana)) == world.ana
    for by in (ANYBODY, SERVICE):
        with pytest.raises(NotAllowed):
            queries.me(by)


def test_where_a_mail_goes(world):
    assert queries.address_of(world.ana.pk) == "zqanamail@example.org"
    new = actions.add_person(clinic=world.clinic, email="zqpaper@example.org", by=SERVICE, now=world.now)
    assert queries.address_of(new.pk) == "zqpaper@example.org"
    actions.close_account(person=world.ana, by=SERVICE, now=world.now)
    assert queries.address_of(world.ana.pk) == ""
