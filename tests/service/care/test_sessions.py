"""Sessions: planned, moved, held, missed, cancelled; one contact for a held one; two people at once (C31)."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accord.service.audit.models import Entry
from accord.service.care import actions, queries
from accord.service.care.models import Contact, Session, SessionStep
from accord.service.care.rules.sessions import SessionState
from accord.service.episodes.queries import anchors
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.flows.check_message import Unwanted, check_message
from accord.service.flows.hand_over_patient import hand_over_patient
from accord.service.flows.hold_session import hold_session
from accord.service.outbox.models import Work

pytestmark = pytest.mark.both
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def plan(world, *, starts_in=DAY, by=None, now=None, key=None, **more):
    now = now or world.now
    assert world.episode
    said = {"mode": "phone", "minutes": 20, "place": "Zqplace 12", **more}
    return actions.plan_session(
        person_id=world.ana.pk, starts_at=now + starts_in, key=key or uuid.uuid4(), by=world.asker(by or world.bea),
        now=now, **said,
    )  # fmt: skip


def move(world, session, *, to, revision=1, by=None, key=None, **more):
    return actions.move_session(
        session_id=session.pk, revision=revision, starts_at=to, key=key or uuid.uuid4(),
        by=world.asker(by or world.bea), now=world.now, **more,
    )  # fmt: skip


def test_a_planned_session_is_the_next_one_and_she_sees_it_too(world):
    session = plan(world)
    (mine,) = queries.sessions_of(world.asker(world.bea), world.ana.pk)
    (hers,) = queries.sessions_of(world.asker(world.ana), world.ana.pk)
    assert mine.session.pk == hers.session.pk == session.pk
    assert (hers.last.mode, hers.last.minutes, hers.last.place) == ("phone", 20, "Zqplace 12")
    assert queries.open_sessions([world.ana.pk])[world.ana.pk][0].session.pk == session.pk
    assert Work.objects.filter(kind="session-changed", to=str(world.ana.pk)).count() == 1
    assert Entry.objects.filter(action="session.planned", resource_id=str(session.pk)).count() == 1


def test_u1_no_mail_about_a_session_that_was_changed_again_or_is_over(world):
    """The mail is decided when it leaves, says nothing about what it is, and goes to her page."""
    session = plan(world)
    work = Work.objects.get(kind="session-changed")
    assert check_message(work=work, now=world.now).text == "mail-plan-changed"
    assert isinstance(check_message(work=work, now=world.now + 2 * DAY), Unwanted)
    move(world, session, to=world.now + 2 * DAY)
    old, new = Work.objects.filter(kind="session-changed").order_by("pk")
    assert isinstance(check_message(work=old, now=world.now), Unwanted)
    assert not isinstance(check_message(work=new, now=world.now), Unwanted)


def test_u3_the_same_form_twice_is_one_session(world):
    key = uuid.uuid4()
    assert plan(world, key=key).pk == plan(world, key=key).pk
    assert Session.objects.count() == SessionStep.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"mode": "pigeon"}, "how you will meet"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 100_000}, "minutes"),
        ({"starts_in": -HOUR}, "has passed"),
        ({"starts_in": 800 * DAY}, "year"),
        ({"place": "a\0b"}, "NUL"),
        ({"place": "x" * 1_000_000}, "1000000"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(world, said, words):
    with pytest.raises(Refusal, match=words):
        plan(world, **said)
    assert not Session.objects.exists()


def test_nobody_meets_the_same_person_twice_at_once(world):
    plan(world)
    with pytest.raises(NotNow, match="already"):
        plan(world, starts_in=DAY + timedelta(minutes=10))
    plan(world, starts_in=DAY + timedelta(minutes=20))
    assert [one.session.number for one in queries.sessions_of(world.asker(world.bea), world.ana.pk)] == [1, 2]


def test_without_a_treatment_under_way_no_session_is_planned(world):
    with pytest.raises(NotNow, match="under way"):
        actions.plan_session(
            person_id=world.ivo.pk, mode="phone", starts_at=world.now + DAY, minutes=20, key=uuid.uuid4(),
            by=world.asker(world.eli), now=world.now,
        )  # fmt: skip


def test_moving_keeps_what_was_planned_before(world):
    session = plan(world)
    move(world, session, to=world.now + 2 * DAY, minutes=30)
    (one,) = queries.sessions_of(world.asker(world.bea), world.ana.pk)
    assert [(step.kind, step.minutes) for step in one.steps] == [("planned", 20), ("moved", 30)]
    assert (one.last.starts_at, one.last.place, one.moved) == (world.now + 2 * DAY, "Zqplace 12", 1)
    assert Work.objects.filter(kind="session-changed").count() == 2


def test_two_people_move_the_same_session_at_once(world):
    """U8: both have the same page open; the second is shown what stands now, and overwrites nothing."""
    session = plan(world)
    move(world, session, to=world.now + 2 * DAY, by=world.bea)
    with pytest.raises(Stale, match="Somebody else") as stale:
        move(world, session, to=world.now + 3 * DAY, by=world.fay)
    assert stale.value.held["starts_at"] == world.now + 2 * DAY
    assert stale.value.given["starts_at"] == world.now + 3 * DAY
    assert SessionStep.objects.filter(kind="moved").count() == 1


def test_two_who_move_in_the_same_instant_are_still_one(world):
    """Both have read the same revision before either wrote: the unique constraint decides."""
    from accord.service.care.actions.sessions import Kind, _add

    session, bea = plan(world), world.asker(world.bea)
    for hours, refused in ((30, False), (40, True)):
        step = SessionStep(mode="phone", starts_at=world.now + hours * HOUR, minutes=20)
        if refused:
            with pytest.raises(Stale):
                _add(session, Kind.MOVED, 2, step, uuid.uuid4(), bea, world.now)
        else:
            _add(session, Kind.MOVED, 2, step, uuid.uuid4(), bea, world.now)
    assert queries.session(bea, session.pk).last.starts_at == world.now + 30 * HOUR


def test_the_same_move_twice_is_one(world):
    session, key = plan(world), uuid.uuid4()
    first = move(world, session, to=world.now + 2 * DAY, key=key)
    assert move(world, session, to=world.now + 2 * DAY, key=key).pk == first.pk


def hold(world, session, *, minutes=25, key=None, by=None, now=None, **more):
    return hold_session(
        session_id=session.pk, minutes=minutes, key=key or uuid.uuid4(), by=world.asker(by or world.bea),
        now=now or world.now + DAY + HOUR, **more,
    )  # fmt: skip


def test_c31_a_held_session_writes_exactly_one_contact_with_its_minutes(world):
    session, key = plan(world), uuid.uuid4()
    assert hold(world, session, key=key, note="Zqsaid") == hold(world, session, key=key) == 1
    with pytest.raises(NotNow, match="was held"):
        hold(world, session)
    (contact,) = queries.contacts_of(world.asker(world.bea), world.ana.pk)
    assert (contact.mode, contact.minutes, contact.at) == ("phone", 25, world.now + DAY)
    assert (contact.outcome, contact.note, contact.episode_id) == ("reached", "Zqsaid", world.episode.pk)
    assert SessionStep.objects.get(kind="held").contact_id == contact.pk


def test_the_held_sessions_of_an_episode_are_counted_and_set_its_anchors(world):
    """A missed one between them counts for nothing: a protocol that asks after session 2 means the second held."""
    first, missed, second = (plan(world, starts_in=days * DAY) for days in (1, 2, 3))
    hold(world, first)
    actions.miss_session(
        session_id=missed.pk, reason="not-there", key=uuid.uuid4(), by=world.asker(world.bea), now=world.now + 2 * DAY
    )
    assert hold(world, second, now=world.now + 4 * DAY) == 2
    found = anchors(world.episode)
    assert found["session:1"] == world.now + DAY
    assert found["session:2"] == world.now + 3 * DAY
    assert "session:3" not in found


def test_a_session_that_has_not_begun_is_neither_held_nor_missed(world):
    session = plan(world)
    with pytest.raises(NotNow, match="not begun"):
        hold(world, session, now=world.now)
    with pytest.raises(NotNow, match="not come yet"):
        actions.miss_session(
            session_id=session.pk, reason="not-there", key=uuid.uuid4(), by=world.asker(world.bea), now=world.now
        )
    assert hold(world, session, now=world.now + HOUR, held_at=world.now, mode="in-person") == 1
    assert Contact.objects.get().mode == "in-person"


def test_a_missed_session_has_a_reason_and_no_minutes(world):
    session, bea = plan(world), world.asker(world.bea)
    with pytest.raises(Refusal, match="why you did not meet"):
        actions.miss_session(session_id=session.pk, reason="lazy", key=uuid.uuid4(), by=bea, now=world.now + 2 * DAY)
    actions.miss_session(
        session_id=session.pk, reason="she-could-not", note="Zqflare", key=uuid.uuid4(), by=bea, now=world.now + 2 * DAY
    )
    (one,) = queries.sessions_of(bea, world.ana.pk)
    assert (one.state, one.last.reason, one.last.note) == (SessionState.MISSED, "she-could-not", "Zqflare")
    assert not Contact.objects.exists()
    assert queries.open_sessions([world.ana.pk]) == {}


def test_a_cancelled_session_ends_and_she_is_told(world):
    session, bea = plan(world), world.asker(world.bea)
    actions.cancel_session(session_id=session.pk, reason="she-asked", key=uuid.uuid4(), by=bea, now=world.now)
    assert Work.objects.filter(kind="session-changed", to=str(world.ana.pk)).count() == 2
    with pytest.raises(NotNow, match="was cancelled"):
        move(world, session, to=world.now + 2 * DAY, revision=2)
    assert queries.sessions_between(bea, world.now, world.now + 3 * DAY) == []


def test_a_session_whose_time_passed_waits_for_a_word_and_ends_nothing_by_itself(world):
    session, bea = plan(world), world.asker(world.bea)
    week_later = world.now + 8 * DAY
    (one,) = queries.sessions_between(bea, week_later, week_later + DAY)
    assert one.session.pk == session.pk
    assert one.waits_for_word(week_later)
    assert one.state is SessionState.PLANNED


@pytest.mark.parametrize("who", ["carl", "dora", "gus", "hal", "joy", "ivo"])
def test_strangers_and_colleagues_see_and_change_nothing(world, who):
    session, asker = plan(world), world.asker(getattr(world, who))
    with pytest.raises(NotAllowed):
        plan(world, by=getattr(world, who), starts_in=3 * DAY)
    for act in (
        lambda: move(world, session, to=world.now + 2 * DAY, by=getattr(world, who)),
        lambda: hold(world, session, by=getattr(world, who)),
        lambda: actions.cancel_session(
            session_id=session.pk, reason="we-asked", key=uuid.uuid4(), by=asker, now=world.now
        ),
        lambda: queries.session(asker, session.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert queries.sessions_of(asker, world.ana.pk) == []
    assert SessionStep.objects.count() == 1


def test_she_herself_sees_her_sessions_and_plans_none(world):
    session = plan(world)
    with pytest.raises(NotAllowed):
        plan(world, by=world.ana, starts_in=3 * DAY)
    with pytest.raises(NotAllowed):
        actions.cancel_session(
            session_id=session.pk, reason="she-asked", key=uuid.uuid4(), by=world.asker(world.ana), now=world.now
        )


def test_open_sessions_go_with_the_patient(world):
    session = plan(world)
    hand_over_patient(person_id=world.ana.pk, to=world.carl.pk, by=world.asker(world.bea), now=world.now + HOUR)
    assert queries.sessions_of(world.asker(world.bea), world.ana.pk) == []
    assert hold(world, session, by=world.carl) == 1
    assert Contact.objects.get().by == world.carl.pk


@pytest.mark.parametrize("statement", ["UPDATE care_sessionstep SET mode = 'x'", "DELETE FROM care_sessionstep"])
def test_what_happened_to_a_session_is_never_rewritten(world, statement):
    from django.db import connection

    plan(world)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_reading_many_sessions_takes_as_many_queries_as_reading_one(world, django_assert_num_queries):
    for days in range(1, 9):
        plan(world, starts_in=days * DAY)
    with django_assert_num_queries(2):
        assert len(queries.open_sessions([world.ana.pk])[world.ana.pk]) == 8
