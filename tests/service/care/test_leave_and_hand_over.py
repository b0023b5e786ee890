"""Leave cover and leaving: what a cover sees and does, and that nothing about a patient stays behind (safety 4.5)."""

import uuid
from datetime import timedelta

import pytest

from accord.science.protocols.ladder import load_ladder
from accord.service.access.table import SERVICE
from accord.service.care import actions, queries
from accord.service.care.models import Contact
from accord.service.care.rules.needs import Need
from accord.service.episodes.models import Step
from accord.service.errors import NotAllowed, NotNow
from accord.service.flows.close_account import close_account
from accord.service.flows.hand_over_patient import hand_over_patient
from accord.service.flows.hold_session import hold_session
from accord.service.flows.send_message import send_message
from accord.service.messaging import queries as messages
from accord.service.outbox.models import Work
from accord.service.people import actions as people
from accord.service.people import queries as people_queries
from plugins.world import enrolled

pytestmark = pytest.mark.both
DAY = timedelta(days=1)


def open_things(world, person, episode):
    """A session tomorrow, a flag, an alert in hand, a message that waits, a note."""
    bea, now = world.asker(world.bea), world.now
    session = actions.plan_session(
        person_id=person.pk, mode="phone", starts_at=now + DAY, minutes=20, key=uuid.uuid4(), by=bea, now=now
    )
    flag = actions.raise_flag(
        person=person, episode=episode, kind="frightened", occasion="practice:1", reasons=["Zqfrightened"], by=SERVICE,
        now=now,
    )  # fmt: skip
    alert = actions.raise_alert_by_hand(
        person_id=person.pk, track="risk", tier="r1", note="Zqread", key=uuid.uuid4(), ladder=load_ladder(), by=bea,
        now=now,
    )  # fmt: skip
    actions.acknowledge(alert_id=alert.pk, by=bea, now=now)
    send_message(person_id=person.pk, text="Are you there?", key=uuid.uuid4(), by=world.asker(person), now=now)
    actions.add_note_about(person_id=person.pk, text="Zqnote", key=uuid.uuid4(), by=bea, now=now)
    return session, flag, alert


def away(world, *, since, until):
    people.set_absence(
        person=world.bea, since=world.now + since * DAY, until=world.now + until * DAY, cover=world.carl,
        by=world.asker(world.bea), now=world.now,
    )  # fmt: skip


def asker(world, person, day):
    return people_queries.asker_for(person.pk, world.now + day * DAY, strong=True)


def test_a_cover_sees_and_does_what_the_therapist_would_and_only_meanwhile(world):
    session, flag, _alert = open_things(world, world.ana, world.episode)
    away(world, since=1, until=8)
    before, during, after = (asker(world, world.carl, day) for day in (0.5, 2, 9))
    assert queries.caseload(before, world.now + 0.5 * DAY) == []
    (row,) = queries.caseload(during, world.now + 2 * DAY)
    assert row.mine
    assert {one.need for one in row.needs} >= {Need.ALERT_IN_HAND, Need.FLAG, Need.SESSION}
    assert [note.text for note in queries.notes_of(during, world.ana.pk)] == ["Zqnote"]
    hold_session(session_id=session.pk, minutes=20, key=uuid.uuid4(), by=during, now=world.now + 2 * DAY)
    actions.choose_support(flag_id=flag.pk, option="reach-out", key=uuid.uuid4(), by=during, now=world.now + 2 * DAY)
    assert Contact.objects.get().by == world.carl.pk
    assert queries.caseload(after, world.now + 9 * DAY) == []
    with pytest.raises(NotAllowed):
        queries.session(after, session.pk)
    (mine,) = queries.caseload(asker(world, world.bea, 9), world.now + 9 * DAY)
    assert mine.flags[0].steps[0].by == world.carl.pk, "back from leave she sees what was chosen"


def test_the_promise_names_who_answers_meanwhile(world):
    away(world, since=-1, until=8)
    sent = send_message(
        person_id=world.ana.pk, text="Who reads this?", key=uuid.uuid4(), by=world.asker(world.ana), now=world.now
    )
    assert Work.objects.get(kind="message-waiting").to == str(world.carl.pk)
    assert people_queries.accountable_for(world.ana.pk, world.now).pk == world.carl.pk
    carl = asker(world, world.carl, 0)
    send_message(person_id=world.ana.pk, text="I do, for Bea", key=uuid.uuid4(), by=carl, now=world.now)
    (kept,) = messages.promises([world.ana.pk], since=world.now - DAY)[world.ana.pk]
    assert (kept.due_at, kept.in_time(world.now)) == (sent.message.reply_due_at, True)


def test_a_therapist_who_leaves_hands_over_everything_that_is_open_and_then_may_go(world):
    nia = world.add_patient("nia", world.bea)
    others = {person.pk: open_things(world, person, way) for person, way in (
        (world.ana, world.episode), (nia, enrolled(nia, world.now)),
    )}  # fmt: skip
    with pytest.raises(NotNow):
        close_account(person_id=world.bea.pk, by=SERVICE, now=world.now)
    due = messages.waiting(others)[world.ana.pk].reply_due_at
    for person in others:
        hand_over_patient(person_id=person, to=world.carl.pk, by=world.asker(world.bea), now=world.now + DAY / 24)
    carl, later = world.asker(world.carl), world.now + DAY / 12
    rows = {row.person_id: row for row in queries.caseload(carl, later)}
    assert set(rows) == set(others)
    for person, (session, flag, alert) in others.items():
        row = rows[person]
        assert row.next_session.session.pk == session.pk
        assert [one.flag.pk for one in row.flags] == [flag.pk]
        assert (row.alert.alert.pk, row.alert.state.offered_to) == (alert.pk, world.carl.pk)
        assert (row.reply_due, row.waiting.person_id) == (due, person), "a change of hands moves no promise"
        assert len(queries.notes_of(carl, person)) == 1
    assert queries.caseload(world.asker(world.bea), later) == []
    for _session, _flag, alert in others.values():
        actions.confirm_receipt(alert_id=alert.pk, key=uuid.uuid4(), by=carl, now=later)
    close_account(person_id=world.bea.pk, by=SERVICE, now=later)


def test_who_has_gone_is_not_listed_but_while_something_is_open(world):
    """Discharged: for a month, or while a message of hers has no answer; not eligible: again once decided anew."""
    bea, eli, later = world.asker(world.bea), world.asker(world.eli), world.now + 40 * DAY
    ivo = enrolled(world.ivo, world.now, ("referred", "screening", "not-eligible"))
    Step.objects.create(episode=world.episode, kind="discharged", at=world.now + DAY)

    def listed(asker, at):
        return {row.person_id for row in queries.caseload(asker, at)}

    assert (listed(bea, world.now + 2 * DAY), listed(bea, later)) == ({world.ana.pk}, set())
    assert world.ivo.pk in listed(eli, world.now + DAY)
    assert world.ivo.pk not in listed(eli, later)
    Step.objects.create(episode=ivo, kind="eligible", at=world.now + 2 * DAY)
    assert world.ivo.pk in listed(eli, later)
    send_message(person_id=world.ana.pk, text="One thing", key=uuid.uuid4(), by=world.asker(world.ana), now=later)
    assert listed(bea, later) == {world.ana.pk}
