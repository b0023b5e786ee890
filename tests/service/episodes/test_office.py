"""Referrals by letter and telephone, re-referral, discharge, and the way on with its loop (C39)."""

import uuid
from datetime import timedelta

import pytest

from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.episodes import actions, queries
from accord.service.episodes.models import Acknowledgement, Episode, Onward, OnwardStep, Referral
from accord.service.episodes.rules import ONWARD_REASONS, State, StepKind, may_go_on, onward_next
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.flows.confirm_referral import confirm_referral
from accord.service.flows.discharge_person import discharge_person
from accord.service.flows.enter_referral import enter_referral
from accord.service.flows.refer_again import refer_again
from accord.service.flows.refer_person import refer_person
from accord.service.flows.send_link import send_link
from accord.service.outbox.models import Work
from accord.service.people import queries as people
from accord.service.people.models import Person

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(published):
    return published


def enter(world, *, by="dora", **more):
    given = {
        "clinic": world.clinic, "protocol": "routine-care", "source": "general_practitioner", "came": "letter",
        "name": "Zqnew Person", "phone": "+44 20 7000", "email": "zqnew@example.org", "referrer": "Zqdoctor, Zqroad 1",
        "key": uuid.uuid4(), "by": world.asker(world.people[by] if by else None), "now": world.now,
    }  # fmt: skip
    return enter_referral(**given | more)


def again(world, person, *, by="dora", **more):
    given = {
        "person_id": person.pk, "protocol": "routine-care", "source": "pain_clinic", "came": "letter",
        "key": uuid.uuid4(), "by": world.asker(world.people[by] if by else None), "now": world.now + DAY,
    }  # fmt: skip
    return refer_again(**given | more)


# ------------------------------------------------------------------------------------------------ by letter or phone


@pytest.mark.both
def test_a_referral_by_letter_is_entered_and_she_gets_her_link(world):
    row = enter(world)
    assert (row.came, row.source, row.made_by) == ("letter", "general_practitioner", world.dora.pk)
    assert Work.objects.filter(kind="confirm-referral", to=str(row.person_id)).count() == 1
    assert Entry.objects.filter(stream=f"person:{row.person_id}", action="make_referral").count() == 1
    assert not Entry.objects.filter(facts__icontains="Zqdoctor").exists()
    account = confirm_referral(token=queries.confirm_token(row.pk), password="marmot-lantern-42-q", now=world.now)
    assert account.person_id == row.person_id
    assert Acknowledgement.objects.count() == 0  # the doctor was told nothing by that


@pytest.mark.both
def test_the_same_form_twice_is_one_person(world):
    key, before = uuid.uuid4(), Person.objects.count()
    assert enter(world, key=key).pk == enter(world, key=key).pk
    assert Person.objects.count() == before + 1


@pytest.mark.both
@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "astrologer"}, {"came": "pigeon"}, {"name": " "}, {"phone": "", "email": ""},
        {"email": "zqanamail@example.org"}, {"note": "x" * 2001}, {"referrer": "a\0b"},
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_kept(world, wrong):
    before = (Person.objects.count(), Referral.objects.count(), Work.objects.count())
    with pytest.raises(Refusal) as caught:
        enter(world, **wrong)
    assert caught.value.cure
    assert (Person.objects.count(), Referral.objects.count(), Work.objects.count()) == before


@pytest.mark.both
@pytest.mark.parametrize("who", ["bea", "gus", "ana", "hal", None])
def test_only_a_coordinator_of_the_clinic_enters_one(world, who):
    with pytest.raises(NotAllowed):
        enter(world, by=who)


@pytest.mark.both
def test_a_link_can_be_sent_again_to_an_address_that_came_later(world):
    row = enter(world, email="")
    assert Work.objects.filter(kind="confirm-referral").count() == 0
    late = world.now + 30 * DAY
    dora = world.asker(world.dora)
    with pytest.raises(Refusal):
        send_link(referral_id=row.pk, email=" ", by=dora, now=late)
    with pytest.raises(NotNow):
        send_link(referral_id=row.pk, email="zqanamail@example.org", by=dora, now=late)
    for who in (world.bea, world.hal, world.ana):
        with pytest.raises(NotAllowed):
            send_link(referral_id=row.pk, email="zqnew@example.org", by=world.asker(who), now=late)
    send_link(referral_id=row.pk, email="zqnew@example.org", by=dora, now=late)
    assert people.address_of(row.person_id) == "zqnew@example.org"
    assert confirm_referral(token=queries.confirm_token(row.pk), password="marmot-lantern-42-q", now=late + DAY)
    with pytest.raises(NotNow):
        send_link(referral_id=row.pk, email="zqother@example.org", by=dora, now=late + DAY)


# ------------------------------------------------------------------------------------------------ acknowledgement


@pytest.mark.both
def test_c39_who_waits_for_word_stands_there_with_the_hour_it_was_promised_by(world):
    dora = world.asker(world.dora)
    first, second = enter(world), enter(world, email="zqtwo@example.org", now=world.now + HOUR)
    enter(world, email="zqthree@example.org", told=True)
    owed = queries.unacknowledged(dora)
    assert [one.referral.pk for one in owed] == [first.pk, second.pk]
    assert owed[0].due == first.made_at + timedelta(hours=48)
    actions.acknowledge_referral(referral=first, how="letter", by=dora, now=world.now)
    held = actions.acknowledge_referral(referral=first, how="phone", by=dora, now=world.now + DAY)
    assert (held.how, held.at) == ("letter", world.now)
    assert [one.referral.pk for one in queries.unacknowledged(dora)] == [second.pk]
    with pytest.raises(Refusal):
        actions.acknowledge_referral(referral=second, how="pigeon", by=dora, now=world.now)
    for who in (world.bea, world.kit if "kit" in world.people else world.hal):
        with pytest.raises(NotAllowed):
            actions.acknowledge_referral(referral=second, how="phone", by=world.asker(who), now=world.now)
        assert queries.unacknowledged(world.asker(who)) == []


@pytest.mark.both
def test_who_comes_through_a_page_is_acknowledged_by_it_or_by_the_mail(world):
    from accord.service.flows.sign_up import sign_up

    refer_person(email="zqa@example.org", source="pain_clinic", clinic=world.clinic, now=world.now)
    assert Acknowledgement.objects.get().how == "page"
    sign_up(email="zqb@example.org", clinic=world.clinic, now=world.now)
    row = Referral.objects.get(source="self")
    Work.objects.filter(subject_id=row.pk).update(state="done", done_at=world.now + HOUR)
    confirm_referral(token=queries.confirm_token(row.pk), password="marmot-lantern-42-q", now=world.now + DAY)
    said = Acknowledgement.objects.get(referral=row)
    assert (said.how, said.at) == ("email", world.now + HOUR)
    assert queries.unacknowledged(world.asker(world.dora)) == []


# ------------------------------------------------------------------------------------------------ once more


@pytest.mark.both
def test_somebody_who_was_here_comes_back_with_an_episode_of_her_own(world):
    first = world.episode
    with pytest.raises(NotNow, match="already") as caught:
        again(world, world.ana)
    assert "discharge" in caught.value.cure
    discharge_person(person_id=world.ana.pk, reason="referred_on", by=world.asker(world.bea), now=world.now + HOUR)
    key = uuid.uuid4()
    new = again(world, world.ana, key=key)
    assert again(world, world.ana, key=key).pk == new.pk
    assert Episode.objects.filter(person=world.ana).count() == 2
    assert queries.state(new) is State.REFERRED
    assert queries.state(first) is State.DISCHARGED
    assert queries.current_episode(SERVICE, world.ana.pk) == new
    assert people.accountability([world.ana.pk])[world.ana.pk].clinician_id == world.eli.pk
    assert new.referral.confirmed_at is not None
    assert Work.objects.filter(kind="referred-again", to=str(world.ana.pk)).count() == 1
    ways = queries.ways_of(world.asker(world.dora), world.ana.pk)
    assert [episode.pk for episode, _steps in ways] == [new.pk, first.pk]


@pytest.mark.both
def test_a_closed_log_in_is_opened_for_who_comes_back(world):
    from accord.service.people.actions import close_account

    assert world.episode
    close_account(person=world.ana, by=world.asker(world.ana), now=world.now)
    actions.add_step(episode=world.episode, kind=StepKind.WITHDRAWN, by=SERVICE, now=world.now + HOUR)
    assert people.address_of(world.ana.pk) == ""
    again(world, world.ana)
    assert people.address_of(world.ana.pk)
    assert not people.account_of(world.ana.pk).has_usable_password()


@pytest.mark.both
def test_who_may_not_or_cannot_be_referred_again(world):
    for who in ("bea", "gus", "hal", "ana", None):
        with pytest.raises(NotAllowed):
            again(world, world.ana, by=who)
    waiting = enter(world, email="")
    with pytest.raises(NotNow, match="link"):
        again(world, waiting.person)


# ------------------------------------------------------------------------------------------------ discharge


@pytest.mark.both
@pytest.mark.parametrize("who", ["bea", "dora", "fay"])
def test_therapist_coordinator_and_supervisor_discharge_with_a_reason_of_the_protocol(world, who):
    episode, by = world.episode, world.asker(world.people[who])
    with pytest.raises(Refusal):
        discharge_person(person_id=world.ana.pk, reason="bored", by=by, now=world.now + HOUR)
    step = discharge_person(
        person_id=world.ana.pk, reason="lost_contact", note="Zqthree letters", by=by, now=world.now + HOUR
    )
    assert (step.reason, queries.state(episode)) == ("lost_contact", State.DISCHARGED)
    with pytest.raises(NotNow):
        discharge_person(person_id=world.ana.pk, reason="lost_contact", by=by, now=world.now + HOUR)
    assert people.load_of([world.clinic.pk]) == {}
    told = Work.objects.filter(kind="person-left", to=str(world.bea.pk)).count()
    assert told == (0 if who == "bea" else 1)


@pytest.mark.both
@pytest.mark.parametrize("who", ["carl", "gus", "ana", "hal", None])
def test_nobody_else_discharges_or_sends_her_on(world, who):
    by = world.asker(world.people[who] if who else None)
    with pytest.raises(NotAllowed):
        discharge_person(person_id=world.ana.pk, reason="lost_contact", by=by, now=world.now + HOUR)
    with pytest.raises(NotAllowed):
        actions.refer_onward(
            episode=world.episode, to="pain_clinic", reason="needs-more", key=uuid.uuid4(), by=by, now=world.now
        )
    assert queries.state(world.episode) is State.ENROLLED


@pytest.mark.both
def test_who_was_never_enrolled_can_be_discharged_but_has_completed_nothing(world):
    from plugins.world import enrolled

    episode = enrolled(world.ivo, world.now, steps=("referred", "screening"))
    dora = world.asker(world.dora)
    with pytest.raises(Refusal):
        discharge_person(person_id=world.ivo.pk, reason="programme_completed", by=dora, now=world.now + HOUR)
    discharge_person(person_id=world.ivo.pk, reason="declined_further_care", by=dora, now=world.now + HOUR)
    assert queries.state(episode) is State.DISCHARGED


# ------------------------------------------------------------------------------------------------ the way on


def test_the_loop_can_only_close_in_order():
    assert onward_next([]) == ("sent", "not-wanted")
    assert onward_next(["sent"]) == ("received", "seen", "declined", "not-wanted")
    assert onward_next(["sent", "received"]) == ("seen", "declined", "not-wanted")
    for last in ("seen", "declined", "not-wanted"):
        assert onward_next(["sent", last]) == ()
    assert not may_go_on([], "seen")


@pytest.mark.both
def test_an_onward_referral_is_followed_until_its_loop_is_closed(world):
    bea, dora = world.asker(world.bea), world.asker(world.dora)
    key = uuid.uuid4()
    given = {"episode": world.episode, "to": "pain_clinic", "reason": "needs-more", "note": "Zqnote", "now": world.now}
    row = actions.refer_onward(**given, key=key, by=bea)
    assert actions.refer_onward(**given, key=key, by=bea).pk == row.pk
    for wrong in ({"to": "spa"}, {"reason": "bored"}):
        with pytest.raises(Refusal):
            actions.refer_onward(**given | wrong, key=uuid.uuid4(), by=bea)
    step = uuid.uuid4()
    with pytest.raises(NotNow):
        actions.add_onward_step(onward=row, kind="seen", key=uuid.uuid4(), by=dora, now=world.now)
    for _time in range(2):
        actions.add_onward_step(onward=row, kind="sent", key=step, by=dora, now=world.now + DAY)
    (shown,) = queries.onward_open(dora, world.now + 15 * DAY)
    assert (shown.late, [one.kind for one in shown.steps]) == (False, ["sent"])
    assert queries.onward_open(dora, world.now + 16 * DAY)[0].late
    actions.add_onward_step(onward=row, kind="seen", key=uuid.uuid4(), by=bea, now=world.now + 20 * DAY)
    assert queries.onward_open(dora, world.now + 40 * DAY) == []
    with pytest.raises(NotNow):
        actions.add_onward_step(onward=row, kind="declined", key=uuid.uuid4(), by=bea, now=world.now + 21 * DAY)
    assert (Onward.objects.count(), OnwardStep.objects.count()) == (1, 2)
    assert not Entry.objects.filter(facts__icontains="Zqnote").exists()
    with pytest.raises(NotAllowed):
        actions.add_onward_step(onward=row, kind="sent", key=uuid.uuid4(), by=world.asker(world.carl), now=world.now)


def test_every_reason_has_its_words():
    from accord.service.ui.pathway import REASONS_ON

    assert set(REASONS_ON) == set(ONWARD_REASONS)


# ------------------------------------------------------------------------------------------------ lists


def test_who_waits_longest_stands_first_and_who_has_a_therapist_does_not(world):
    from plugins.world import enrolled

    enrolled(world.ivo, world.now)
    later = world.add("jan", Role.APPLICANT)
    enrolled(later, world.now - 3 * DAY, steps=("referred", "screening", "eligible"))
    assert world.episode
    rows = queries.who_waits(world.asker(world.dora))
    assert [row.episode.person_id for row in rows[0:50]] == [later.pk, world.ivo.pk]
    assert rows.count() == 2
    counted = queries.how_many(world.asker(world.dora))
    assert (counted[State.ENROLLED], counted[State.ELIGIBLE]) == (2, 1)
    assert queries.who_waits(world.asker(world.carl)).count() == 0
