"""Writes about people: who may, what is refused, what the audit keeps of it."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections

from accord.service.access.table import ANYBODY, SERVICE, Action, Resource, Role
from accord.service.audit.models import Entry
from accord.service.errors import NotAllowed, NotNow
from accord.service.people import actions, queries
from accord.service.people.models import Absence, Account, Accountability, Duty, Person, RoleHeld

pytestmark = pytest.mark.both


def open_rows(person):
    return list(Accountability.objects.filter(person=person, until=None).values_list("clinician_id", flat=True))


# ------------------------------------------------------------------------------------------------ who answers


def test_a_hand_over_closes_and_opens_in_one(world):
    row = actions.make_accountable(
        person=world.ana, clinician=world.carl, reason="handover", by=world.asker(world.bea), now=world.now
    )
    assert open_rows(world.ana) == [world.carl.pk]
    first = Accountability.objects.get(person=world.ana, clinician=world.bea)
    assert (first.until, row.since) == (world.now, world.now)


def test_the_same_clinician_again_changes_nothing(world):
    before = Entry.objects.count()
    actions.make_accountable(person=world.ana, clinician=world.bea, reason="x", by=SERVICE, now=world.now)
    assert (Accountability.objects.filter(person=world.ana).count(), Entry.objects.count()) == (1, before)


@pytest.mark.parametrize("who", ["carl", "hal", "ana", "gus", None])
def test_only_who_answers_or_leads_hands_over(world, who):
    by = world.asker(world.people[who] if who else None)
    with pytest.raises(NotAllowed):
        actions.make_accountable(person=world.ana, clinician=world.carl, reason="handover", by=by, now=world.now)
    assert open_rows(world.ana) == [world.bea.pk]


@pytest.mark.parametrize("who", ["bea", "dora", "eli", "fay"])
def test_therapist_coordinator_duty_and_supervisor_may(world, who):
    by = world.asker(world.people[who])
    actions.make_accountable(person=world.ana, clinician=world.carl, reason="handover", by=by, now=world.now)
    assert open_rows(world.ana) == [world.carl.pk]


@pytest.mark.parametrize("to", ["dora", "hal", "joy"])
def test_only_a_clinician_of_the_clinic_can_answer(world, to):
    with pytest.raises(NotNow):
        actions.make_accountable(person=world.ana, clinician=world.people[to], reason="x", by=SERVICE, now=world.now)


def test_two_open_rows_cannot_stand(world):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Accountability.objects.create(person=world.ana, clinician=world.carl, since=world.now, reason="x")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_exactly_one(world):
    world.add("kim", Role.THERAPIST)
    results = []

    def assign(clinician):
        try:
            actions.make_accountable(person=world.ivo, clinician=clinician, reason="x", by=SERVICE, now=world.now)
            results.append("done")
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=assign, args=(one,)) for one in (world.bea, world.carl, world.kim)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_rows(world.ivo)) == 1
    assert "done" in results


def test_everybody_of_a_clinician_is_handed_over_at_once(world):
    world.add_patient("lea", world.bea)
    count = actions.hand_over(clinician=world.bea, to=world.carl, by=world.asker(world.fay), now=world.now)
    assert count == 2
    assert open_rows(world.ana) == open_rows(world.lea) == [world.carl.pk]


def test_one_refusal_undoes_the_whole_hand_over(world):
    world.add_patient("lea", world.bea)
    with pytest.raises(NotNow):
        actions.hand_over(clinician=world.bea, to=world.dora, by=world.asker(world.fay), now=world.now)
    assert open_rows(world.ana) == open_rows(world.lea) == [world.bea.pk]


# ------------------------------------------------------------------------------------------------ cover and duty


def set_away(world, who, cover):
    day = timedelta(days=1)
    return actions.set_absence(
        person=who, since=world.now - day, until=world.now + day, cover=cover, by=SERVICE, now=world.now
    )


def test_alerts_go_to_the_cover_and_come_back(world):
    absence = set_away(world, world.bea, world.carl)
    assert queries.accountable_for(world.ana.pk, world.now) == world.carl
    actions.end_absence(absence=absence, by=world.asker(world.bea), now=world.now)
    assert queries.accountable_for(world.ana.pk, world.now) == world.bea


def test_the_cover_may_act_while_she_covers_and_no_longer(world):
    assert not Person.objects.for_(world.asker(world.carl), Action.ACT, Resource.ALERT).filter(pk=world.ana.pk)
    absence = set_away(world, world.bea, world.carl)
    assert Person.objects.for_(world.asker(world.carl), Action.ACT, Resource.ALERT).filter(pk=world.ana.pk)
    actions.end_absence(absence=absence, by=SERVICE, now=world.now)
    assert not Person.objects.for_(world.asker(world.carl), Action.ACT, Resource.ALERT).filter(pk=world.ana.pk)


def test_when_all_of_a_circle_are_away_the_duty_clinician_answers(world):
    set_away(world, world.bea, world.carl)
    set_away(world, world.carl, world.bea)
    assert queries.accountable_for(world.ana.pk, world.now) == world.eli


def test_when_the_duty_is_away_too_the_service_lead_answers(world):
    for who, cover in ((world.bea, world.carl), (world.carl, world.bea), (world.eli, world.carl)):
        set_away(world, who, cover)
    assert queries.accountable_for(world.ana.pk, world.now) == world.fay


def test_who_has_no_named_clinician_has_the_duty_clinician(world):
    new = world.add("mia", Role.APPLICANT)
    assert queries.accountable_for(new.pk, world.now) == world.eli


def test_a_clinician_whose_role_ended_behind_our_back_is_passed_over(world):
    RoleHeld.objects.filter(person=world.bea).update(until=world.now)
    assert queries.accountable_for(world.ana.pk, world.now) == world.eli


def test_a_clinic_with_nobody_says_so(world):
    new = world.add("mia", Role.APPLICANT)
    RoleHeld.objects.update(until=world.now)
    Duty.objects.update(until=world.now)
    type(world.clinic).objects.update(service_lead=None)
    with pytest.raises(NotNow, match="Nobody answers"):
        queries.accountable_for(new.pk, world.now)


def test_duty_changes_hands_in_one_step(world):
    actions.set_duty(clinic=world.clinic, person=world.fay, by=world.asker(world.dora), now=world.now)
    assert queries.duty_of(world.clinic.pk, world.now) == world.fay
    assert Duty.objects.filter(clinic=world.clinic, until=None).count() == 1


@pytest.mark.parametrize("who", ["bea", "dora", "gus"])
def test_duty_goes_only_to_who_may_take_it(world, who):
    with pytest.raises(NotNow):
        actions.set_duty(clinic=world.clinic, person=world.people[who], by=SERVICE, now=world.now)


@pytest.mark.parametrize("who", ["bea", "gus", "ana", "hal"])
def test_only_a_coordinator_gives_the_duty(world, who):
    with pytest.raises(NotAllowed):
        actions.set_duty(clinic=world.clinic, person=world.fay, by=world.asker(world.people[who]), now=world.now)


@pytest.mark.parametrize(
    ("cover", "hours", "refusal"),
    [("bea", 8, NotNow), ("carl", 0, NotNow), ("carl", -1, NotNow), ("dora", 8, NotNow), ("hal", 8, NotNow)],
)
def test_an_absence_needs_an_end_and_somebody_who_can_cover(world, cover, hours, refusal):
    with pytest.raises(refusal):
        actions.set_absence(
            person=world.bea, since=world.now, until=world.now + timedelta(hours=hours), cover=world.people[cover],
            by=world.asker(world.bea), now=world.now,
        )  # fmt: skip
    assert not Absence.objects.exists()


def test_a_patient_sets_no_absence_even_her_own(world):
    with pytest.raises(NotAllowed):
        actions.set_absence(
            person=world.ana, since=world.now, until=world.now + timedelta(hours=1), cover=world.carl,
            by=world.asker(world.ana), now=world.now,
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------ roles, leaving


def test_a_manager_gives_and_ends_roles_of_others(world):
    by = world.asker(world.gus)
    actions.give_role(person=world.carl, role=Role.SUPERVISOR, clinic=world.clinic, by=by, now=world.now)
    actions.give_role(person=world.carl, role=Role.SUPERVISOR, clinic=world.clinic, by=by, now=world.now)
    assert queries.roles_of(world.carl.pk) == {Role.THERAPIST, Role.SUPERVISOR}
    actions.end_role(person=world.carl, role=Role.SUPERVISOR, clinic=world.clinic, by=by, now=world.now)
    assert queries.roles_of(world.carl.pk) == {Role.THERAPIST}


def test_nobody_gives_a_role_to_herself(world):
    with pytest.raises(NotNow):
        actions.give_role(
            person=world.gus, role=Role.SUPERVISOR, clinic=world.clinic, by=world.asker(world.gus), now=world.now
        )


@pytest.mark.parametrize("who", ["bea", "dora", "fay", "ana", "hal", None])
def test_nobody_else_gives_roles_of_staff(world, who):
    by = world.asker(world.people[who] if who else None)
    with pytest.raises(NotAllowed):
        actions.give_role(person=world.ivo, role=Role.THERAPIST, clinic=world.clinic, by=by, now=world.now)


def test_a_manager_gives_no_role_at_another_clinic(world):
    with pytest.raises(NotAllowed):
        actions.give_role(
            person=world.carl, role=Role.THERAPIST, clinic=world.elsewhere, by=world.asker(world.gus), now=world.now
        )


def test_her_last_clinical_role_stays_while_she_answers_for_somebody(world):
    with pytest.raises(NotNow, match="still answers for 1"):
        actions.end_role(person=world.bea, role=Role.THERAPIST, clinic=world.clinic, by=SERVICE, now=world.now)
    actions.hand_over(clinician=world.bea, to=world.carl, by=SERVICE, now=world.now)
    actions.end_role(person=world.bea, role=Role.THERAPIST, clinic=world.clinic, by=SERVICE, now=world.now)
    assert not queries.roles_of(world.bea.pk)


def test_an_account_is_not_closed_while_people_depend_on_it(world):
    for who, why in ((world.bea, "answers for"), (world.eli, "answers for")):
        with pytest.raises(NotNow, match=why):
            actions.close_account(person=who, by=SERVICE, now=world.now)
    actions.hand_over(clinician=world.eli, to=world.bea, by=SERVICE, now=world.now)
    with pytest.raises(NotNow, match="on duty"):
        actions.close_account(person=world.eli, by=SERVICE, now=world.now)
    assert Account.objects.filter(is_active=False).count() == 0


@pytest.mark.parametrize(
    ("who", "may"), [("gus", True), ("carl", True), ("dora", False), ("bea", False), ("hal", False)]
)
def test_an_account_of_staff_is_closed_by_a_manager_or_by_herself(world, who, may):
    by = world.asker(world.people[who])
    if may:
        actions.close_account(person=world.carl, by=by, now=world.now)
    else:
        with pytest.raises(NotAllowed):
            actions.close_account(person=world.carl, by=by, now=world.now)
    assert Account.objects.get(person=world.carl).is_active is not may


def test_one_account_per_person_and_address(world):
    with pytest.raises(NotNow):
        actions.open_account(person=world.ivo, email="other@example.org", by=SERVICE, now=world.now)
    new = actions.add_person(clinic=world.clinic, by=SERVICE, now=world.now)
    with pytest.raises(NotNow):
        actions.open_account(person=new, email="ZQANAmail@example.org ", by=SERVICE, now=world.now)


# ------------------------------------------------------------------------------------------------ contact


def test_she_changes_how_to_reach_her(world):
    actions.change_contact(
        person=world.ana, phone="+44 99", where="Zqnewplace", by=world.asker(world.ana), now=world.now
    )
    row = Person.objects.get(pk=world.ana.pk)
    assert (row.phone, row.where) == ("+44 99", "Zqnewplace")


@pytest.mark.parametrize("who", ["bea", "carl", "joy", "gus", None])
def test_others_do_not(world, who):
    with pytest.raises(NotAllowed):
        actions.change_contact(
            person=world.ana, phone="1", by=world.asker(world.people[who] if who else None), now=world.now
        )


def test_nobody_adds_people_but_coordinators_and_the_service(world):
    for by in (ANYBODY, world.asker(world.bea), world.asker(world.ana)):
        with pytest.raises(NotAllowed):
            actions.add_person(clinic=world.clinic, by=by, now=world.now)
    assert actions.add_person(clinic=world.clinic, by=world.asker(world.dora), now=world.now).pk
    with pytest.raises(NotAllowed):
        actions.add_person(clinic=world.elsewhere, by=world.asker(world.dora), now=world.now)


def test_the_audit_holds_commitments_and_no_personal_value(world):
    actions.change_contact(person=world.ana, phone="+4477", by=world.asker(world.ana), now=world.now)
    entries = list(Entry.objects.filter(stream=f"person:{world.ana.pk}").order_by("sequence"))
    assert [entry.action for entry in entries][:3] == ["add_person", "change_contact", "give_role"]
    assert entries[-1].by == world.ana.pk
    assert "phone" in entries[-1].commitments
    told = json.dumps([[entry.facts, entry.commitments] for entry in entries])
    assert not [canary for canary in [*world.canaries(world.ana), "+4477"] if canary in told]


def test_the_number_of_reads_does_not_grow(world, django_assert_num_queries):
    ids = [world.ana.pk]
    with django_assert_num_queries(7):
        queries.accountable_among(ids, world.now)
    clinician = world.bea
    for number in range(30):
        person = actions.add_person(clinic=world.clinic, by=SERVICE, now=world.now)
        actions.make_accountable(person=person, clinician=clinician, reason="x", by=SERVICE, now=world.now)
        ids.append(person.pk)
        clinician = (world.bea, world.carl)[number % 2]
    with django_assert_num_queries(7):
        assert len(queries.accountable_among(ids, world.now)) == 31
    dora = world.asker(world.dora)
    with django_assert_num_queries(5):
        counts = {row.person.pk: row.answers_for for row in queries.staff(dora, world.now)}
    assert (counts[world.bea.pk], counts[world.carl.pk], counts[world.gus.pk]) == (17, 14, 0)


def test_the_list_of_staff_shows_the_clinic_of_who_asks(world):
    rows = queries.staff(world.asker(world.gus), world.now)
    assert [row.person.pk for row in rows] == [
        world.people[name].pk for name in ("bea", "carl", "dora", "eli", "fay", "gus")
    ]
    assert queries.staff(world.asker(world.bea), world.now) == []
