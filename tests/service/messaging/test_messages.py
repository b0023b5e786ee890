"""One conversation: sent once, in order, read by those who may, kept while it is being typed."""

import uuid
from datetime import timedelta

import pytest

from accord.service.errors import NotAllowed, Refusal, Stale
from accord.service.messaging import actions, queries
from accord.service.messaging.models import Message
from accord.service.messaging.policies import can_write

pytestmark = pytest.mark.both


def send(world, by, text="Hello", key=None, due=None, about=None):
    person = about or world.ana
    return actions.send(
        person_id=person.pk, text=text, key=key or uuid.uuid4(), reply_due_at=due, by=world.asker(by), now=world.now
    )


def test_both_write_and_both_read(world):
    send(world, world.ana, "Friday was hard", due=world.now + timedelta(days=1))
    mine = queries.conversation(world.asker(world.bea), world.ana.pk)
    assert [(line.text, line.from_patient, line.new) for line in mine.lines] == [("Friday was hard", True, True)]
    assert mine.reply_due_at == world.now + timedelta(days=1)
    send(world, world.bea, "Thank you for telling me")
    hers = queries.conversation(world.asker(world.ana), world.ana.pk)
    assert [line.sequence for line in hers.lines] == [1, 2]
    assert hers.reply_due_at is None
    assert queries.unread_by(world.asker(world.ana)) == 1
    actions.mark_read(person_id=world.ana.pk, up_to=2, by=world.asker(world.ana), now=world.now)
    assert queries.unread_by(world.asker(world.ana)) == 0


def test_the_same_post_twice_is_one_message(world):
    key = uuid.uuid4()
    assert not send(world, world.ana, key=key).replayed
    assert send(world, world.ana, key=key).replayed
    with pytest.raises(Stale):
        send(world, world.ana, "something else", key=key)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("who", ["carl", "hal", "joy", "dora", "gus", "ivo", None])
def test_nobody_else_reads_or_writes(world, who):
    send(world, world.ana)
    person = getattr(world, who) if who else None
    assert not can_write(world.ana.pk, world.asker(person))
    with pytest.raises(NotAllowed):
        send(world, person)
    with pytest.raises(NotAllowed):
        queries.conversation(world.asker(person), world.ana.pk)


def test_an_empty_conversation_is_empty_and_a_stranger_s_is_not_there(world):
    assert queries.conversation(world.asker(world.bea), world.ana.pk).lines == ()
    with pytest.raises(NotAllowed):
        queries.conversation(world.asker(world.carl), world.ana.pk)
    with pytest.raises(NotAllowed):
        queries.conversation(world.asker(world.bea), uuid.uuid4())


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "x" * 1_000_000])
def test_what_cannot_be_sent_is_refused_in_words(world, text):
    with pytest.raises(Refusal):
        send(world, world.ana, text)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("text", ["ما زلت أتألم", "痛みがあります", "มันเจ็บ", "‮right to left‬", "👩🏽‍🦽 hurts", "ĳ̣̂"])
def test_any_script_comes_back_as_it_was_written(world, text):
    send(world, world.ana, text)
    assert queries.conversation(world.asker(world.bea), world.ana.pk).lines[0].text == text


def test_a_draft_is_kept_and_two_tabs_never_overwrite_silently(world):
    ana = world.asker(world.ana)
    keep = lambda text, revision: actions.keep_draft(  # noqa: E731
        person_id=world.ana.pk, text=text, revision=revision, by=ana, now=world.now
    )
    first = keep("I wanted to", 0)
    assert keep("I wanted to say", first) == 2
    with pytest.raises(Stale) as stale:
        keep("from the other tab", 0)
    assert stale.value.held == "I wanted to say"
    shown = queries.conversation(ana, world.ana.pk)
    assert (shown.draft, shown.draft_revision) == ("I wanted to say", 2)
    send(world, world.ana, "I wanted to say this")
    assert queries.conversation(ana, world.ana.pk).draft == ""


def test_who_waits_for_an_answer(world):
    due = world.now + timedelta(hours=2)
    send(world, world.ana, due=due)
    (row,) = queries.waiting([world.ana.pk, world.ivo.pk]).values()
    assert (row.person_id, row.reply_due_at, row.read) == (world.ana.pk, due, False)
    assert queries.unread_past(world.now) == []
    assert [one.person_id for one in queries.unread_past(due + timedelta(minutes=1))] == [world.ana.pk]
    actions.mark_read(person_id=world.ana.pk, up_to=1, by=world.asker(world.bea), now=world.now)
    assert queries.unread_past(due + timedelta(minutes=1)) == []
    assert queries.waiting([world.ana.pk])[world.ana.pk].read
    send(world, world.bea)
    assert queries.waiting([world.ana.pk]) == {}


def test_a_later_message_never_moves_the_promise_of_an_earlier_one(world):
    """Who writes every hour must not be answered later than who writes once."""
    first, second = world.now + timedelta(hours=1), world.now + timedelta(hours=5)
    send(world, world.ana, "one", due=first)
    send(world, world.ana, "two", due=second)
    assert queries.waiting([world.ana.pk])[world.ana.pk].reply_due_at == first
    assert queries.conversation(world.asker(world.bea), world.ana.pk).reply_due_at == first
    assert len(queries.unread_past(first + timedelta(minutes=1))) == 1
    actions.mark_read(person_id=world.ana.pk, up_to=1, by=world.asker(world.bea), now=world.now)
    assert not queries.waiting([world.ana.pk])[world.ana.pk].read
    assert queries.unread_past(first + timedelta(minutes=1)) == []
    assert len(queries.unread_past(second + timedelta(minutes=1))) == 1


def test_a_long_conversation_shows_its_end(world):
    for number in range(6):
        send(world, world.ana, f"{number}")
    shown = queries.conversation(world.asker(world.bea), world.ana.pk, shown=4)
    assert ([line.text for line in shown.lines], shown.earlier) == (["2", "3", "4", "5"], 2)
