"""C40: nobody treats people, takes one over or is on duty without certificate and place, or with the reason kept."""

import uuid
from datetime import date, timedelta

import pytest

from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people import actions, queries
from accord.service.people.models import Accountability, Capacity, Certificate, Override
from accord.service.people.policies import check_certified, covers_in_words
from accord.service.people.queries import bulk
from accord.service.people.rules.fitness import can_be_certified, counts, free, runs_out

ROUTINE = "protocol:routine-care"


def enter(world, who, by="dora", **more):
    given = {
        "person": who, "clinic": world.clinic, "covers": ROUTINE, "given_on": world.now.date() - timedelta(days=1),
        "expires_on": None, "key": uuid.uuid4(), "by": world.asker(world.people[by] if by else None), "now": world.now,
    }  # fmt: skip
    return actions.enter_certificate(**given | more)


def assign(world, clinician, *, by=SERVICE, covers=(ROUTINE,), **more):
    return actions.make_accountable(
        person=world.ivo, clinician=clinician, reason="therapist", covers=covers, by=by, now=world.now, **more
    )


def named(person):
    return Accountability.objects.get(person=person, until=None).clinician_id


@pytest.fixture
def new(world):
    """A therapist who was never certified for anything."""
    person = world.add("nan", Role.THERAPIST)
    Certificate.objects.filter(person=person).update(withdrawn_at=world.now)
    return person


# ------------------------------------------------------------------------------------------------ rules

D = date(2026, 3, 10)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "expires", "valid", "soon"),
    [
        (D, None, True, False), (D + DAY, None, False, False), (D - DAY, D, False, True), (D, D + DAY, True, True),
        (D, D + 60 * DAY, True, True), (D, D + 61 * DAY, True, False), (D - 9 * DAY, D - DAY, False, True),
    ],
)  # fmt: skip
def test_a_certificate_counts_from_its_day_to_the_day_before_it_runs_out(given, expires, valid, soon):
    assert (counts(given, expires, D), runs_out(expires, D)) == (valid, soon)


def test_what_one_can_be_certified_for():
    good = ("protocol:routine-care", "programme:living-with-pain", "risk-duty", "protocol:a1")
    bad = ("", "protocol:", "protocol:Routine", "protocol:a b", "drug:x", "risk-duty ", "protocol:a-", "x" * 300)
    assert all(can_be_certified(one) for one in good)
    assert not any(can_be_certified(one) for one in bad)
    assert covers_in_words("protocol:routine-care") == "protocol routine care"


def test_free_places_are_never_below_none():
    assert (free(None, 3), free(3, 1), free(3, 3), free(3, 5)) == (None, 2, 0, 0)


# ------------------------------------------------------------------------------------------------ certificates


@pytest.mark.both
def test_a_coordinator_enters_and_withdraws_and_both_are_audited(world, new):
    row = enter(world, new, note="Zqexamined by Fay", expires_on=world.now.date() + timedelta(days=365))
    check_certified(new, ROUTINE, world.now)
    said = [entry.action for entry in Entry.objects.filter(stream=f"person:{new.pk}").order_by("id")]
    assert said[-1] == "enter_certificate"
    assert not Entry.objects.filter(facts__icontains="Zqexamined").exists()
    actions.withdraw_certificate(certificate=row, by=world.asker(world.dora), now=world.now)
    again = actions.withdraw_certificate(certificate=row, by=world.asker(world.dora), now=world.now + DAY)
    assert again.withdrawn_at == world.now
    with pytest.raises(NotNow, match="no certificate"):
        check_certified(new, ROUTINE, world.now)


@pytest.mark.both
@pytest.mark.parametrize("who", ["bea", "fay", "gus", "ana", "hal", None])
def test_nobody_else_enters_withdraws_or_sets_places(world, who):
    by = world.asker(world.people[who] if who else None)
    before = Certificate.objects.count()
    row = Certificate.objects.filter(person=world.carl).first()
    with pytest.raises(NotAllowed):
        enter(world, world.carl, by=who)
    with pytest.raises(NotAllowed):
        actions.withdraw_certificate(certificate=row, by=by, now=world.now)
    with pytest.raises(NotAllowed):
        actions.set_places(person=world.carl, clinic=world.clinic, places=3, by=by, now=world.now)
    assert (Certificate.objects.count(), Capacity.objects.count()) == (before, 0)


@pytest.mark.both
def test_the_same_form_twice_is_one_certificate(world, new):
    key = uuid.uuid4()
    assert enter(world, new, key=key).pk == enter(world, new, key=key).pk
    with pytest.raises(NotNow):
        enter(world, new, key=key, covers="risk-duty")


@pytest.mark.parametrize(
    "wrong",
    [
        {"covers": "everything"}, {"given_on": date(2999, 1, 1)}, {"expires_on": date(2001, 1, 1)},
        {"note": "x" * 501}, {"note": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_certificate_is_refused(world, new, wrong):
    with pytest.raises(Refusal):
        enter(world, new, **wrong)


def test_only_who_works_at_the_clinic_is_certified_there(world):
    for who in (world.ana, world.hal):
        with pytest.raises(NotAllowed):
            enter(world, who)


# ------------------------------------------------------------------------------------------------ who may treat


@pytest.mark.both
def test_without_certificate_nobody_is_assigned_and_the_refusal_says_who_can_mend_it(world, new):
    with pytest.raises(NotNow) as caught:
        assign(world, new)
    assert new.name in caught.value.message
    assert "coordinator" in caught.value.cure
    assert named(world.ivo) == world.eli.pk
    enter(world, new)
    assign(world, new)
    assert named(world.ivo) == new.pk


@pytest.mark.both
def test_a_coordinator_overrides_with_a_reason_that_is_kept_and_audited(world, new):
    dora = world.asker(world.dora)
    with pytest.raises(NotNow):
        assign(world, new, by=dora, override="   ")
    assign(world, new, by=dora, override="Zqnobody else speaks her language")
    row = Override.objects.get()
    assert (row.clinician_id, row.patient_id, row.covers) == (new.pk, world.ivo.pk, ROUTINE)
    assert Entry.objects.filter(stream=f"person:{world.ivo.pk}", action="override").count() == 1
    seen = queries.overrides(dora, patient_id=world.ivo.pk)
    assert [one.reason for one in seen] == ["Zqnobody else speaks her language"]
    assert queries.overrides(world.asker(world.bea)) == []


@pytest.mark.both
def test_a_therapist_cannot_override(world, new):
    with pytest.raises(NotNow, match="no certificate"):
        actions.make_accountable(
            person=world.ana, clinician=new, reason="handover", covers=(ROUTINE,), override="I want to",
            by=world.asker(world.bea), now=world.now,
        )  # fmt: skip
    assert (named(world.ana), Override.objects.count()) == (world.bea.pk, 0)


@pytest.mark.both
def test_a_certificate_that_ran_out_does_not_count(world, new):
    enter(world, new, given_on=world.now.date() - timedelta(days=9), expires_on=world.now.date() - timedelta(days=1))
    with pytest.raises(NotNow):
        assign(world, new)


@pytest.mark.both
def test_who_has_no_place_is_not_assigned_but_with_a_reason(world):
    dora = world.asker(world.dora)
    actions.set_places(person=world.bea, clinic=world.clinic, places=1, by=dora, now=world.now)
    with pytest.raises(NotNow, match="no free place"):
        assign(world, world.bea, by=dora)
    actions.set_places(person=world.bea, clinic=world.clinic, places=2, by=dora, now=world.now)
    assign(world, world.bea, by=dora)
    assert queries.load_of([world.clinic.pk]) == {world.bea.pk: 2}
    assert Capacity.objects.filter(person=world.bea, until=None).get().places == 2
    with pytest.raises(Refusal):
        actions.set_places(person=world.bea, clinic=world.clinic, places=999, by=dora, now=world.now)


@pytest.mark.both
def test_somebody_discharged_holds_no_place_and_keeps_who_is_named(world):
    actions.give_place_back(person=world.ana, by=SERVICE, now=world.now)
    assert named(world.ana) == world.bea.pk
    assert queries.load_of([world.clinic.pk]) == {}
    assert queries.answers_for(world.bea.pk) == 0
    told = {one.person: one.people_now for one in bulk.clinicians_at([world.clinic.pk], world.now)}
    assert (told[world.bea.pk], told[world.carl.pk]) == (0, 0), "nor in what is counted for the manager"
    assert actions.give_place_back(person=world.ana, by=SERVICE, now=world.now) is None
    assert queries.accountable_for(world.ana.pk, world.now) == world.bea


def test_therapists_are_listed_by_whether_they_can_and_how_free_they_are(world, new):
    dora = world.asker(world.dora)
    actions.set_places(person=world.carl, clinic=world.clinic, places=5, by=dora, now=world.now)
    actions.set_places(person=world.bea, clinic=world.clinic, places=1, by=dora, now=world.now)
    rows = {row.person.pk: row for row in queries.therapists(world.clinic, ROUTINE, world.now)}
    assert next(iter(rows)) == world.carl.pk
    assert (rows[world.bea.pk].free, rows[world.bea.pk].missing) == (0, ("place",))
    assert (rows[new.pk].free, rows[new.pk].missing) == (None, ("certificate",))
    assert queries.missing_in_words(rows[new.pk]) == "no certificate"


# ------------------------------------------------------------------------------------------------ duty, hand-over


@pytest.mark.both
def test_duty_needs_its_certificate_or_a_reason(world):
    dora = world.asker(world.dora)
    Certificate.objects.filter(person=world.fay, covers="risk-duty").update(withdrawn_at=world.now)
    with pytest.raises(NotNow, match="duty for alerts of risk"):
        actions.set_duty(clinic=world.clinic, person=world.fay, by=dora, now=world.now)
    assert queries.duty_of(world.clinic.pk, world.now) == world.eli
    actions.set_duty(clinic=world.clinic, person=world.fay, override="Eli is ill", by=dora, now=world.now)
    assert queries.duty_of(world.clinic.pk, world.now) == world.fay
    assert Override.objects.get().patient_id is None


@pytest.mark.both
def test_a_whole_caseload_goes_to_nobody_who_may_not_have_one_of_it(world, new):
    needs = {world.ana.pk: (ROUTINE,)}
    with pytest.raises(NotNow):
        actions.hand_over(clinician=world.bea, to=new, covers=needs, by=SERVICE, now=world.now)
    assert named(world.ana) == world.bea.pk
    enter(world, new)
    assert actions.hand_over(clinician=world.bea, to=new, covers=needs, by=SERVICE, now=world.now) == 1


def test_the_flows_ask_for_the_certificate_of_the_protocol_she_is_in(world, new):
    from accord.service.flows.assign_therapist import assign_therapist
    from accord.service.flows.hand_over_patient import hand_over_patient
    from plugins.world import enrolled

    enrolled(world.ivo, world.now)
    assert world.episode
    dora, bea = world.asker(world.dora), world.asker(world.bea)
    with pytest.raises(NotNow, match="protocol routine care"):
        assign_therapist(person_id=world.ivo.pk, therapist_id=new.pk, by=dora, now=world.now)
    with pytest.raises(NotNow, match="protocol routine care"):
        hand_over_patient(person_id=world.ana.pk, to=new.pk, by=bea, now=world.now)
    assign_therapist(person_id=world.ivo.pk, therapist_id=new.pk, override="Agreed", by=dora, now=world.now)
    assert (named(world.ivo), named(world.ana)) == (new.pk, world.bea.pk)
