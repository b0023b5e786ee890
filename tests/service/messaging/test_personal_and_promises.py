"""Templates must be made personal, what staff type is kept, reading is said on purpose, promises are measured."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.errors import Refusal
from accord.service.messaging import actions, queries
from accord.service.messaging.models import Message, Thread
from accord.service.messaging.rules import Promised, gaps, impersonal, kept
from plugins.standing import out_of_step

pytestmark = pytest.mark.both
HOUR = timedelta(hours=1)


def send(world, by, text, *, now=None, due=None):
    return actions.send(
        person_id=world.ana.pk, text=text, key=uuid.uuid4(), reply_due_at=due, by=world.asker(by), now=now or world.now
    )


def filled(template, words="about Friday and the walk you took by the canal with your sister"):
    text = template
    for number, gap in enumerate(template_gaps(template)):
        text = text.replace(f"[[{gap}]]", f"{words} {number}")
    return text


def template_gaps(text):
    import re

    return re.findall(r"\[\[(.+?)\]\]", text, re.DOTALL)


# ------------------------------------------------------------------------------------------------ templates


def test_every_published_template_has_gaps_and_cannot_be_sent_as_it_stands(published):
    found = queries.templates()
    assert len(found) >= 8
    for one in found:
        assert one.gaps, one.slug
        with pytest.raises(Refusal, match="Not everything is filled in"):
            send(published, published.bea, one.body)
        bare = one.body
        for gap in template_gaps(one.body):
            bare = bare.replace(f"[[{gap}]]", "")
        with pytest.raises(Refusal, match="template as it stands"):
            send(published, published.bea, bare)
        named = one.body.replace("[[name]]", "Ana").replace("[[your name]]", "Bea Okafor")
        for gap in template_gaps(named):
            named = named.replace(f"[[{gap}]]", "")
        with pytest.raises(Refusal, match="template as it stands"):
            send(published, published.bea, named)
        send(published, published.bea, filled(one.body))
    assert Message.objects.count() == len(found)


def test_what_a_patient_writes_is_never_held_back(published):
    send(published, published.ana, "[[I do not know what to say]]")
    send(published, published.ana, queries.templates()[0].body)


def test_a_text_of_her_own_is_personal(published):
    send(published, published.bea, "Yes.")
    send(published, published.bea, "Friday at ten is fine. Bring your plan.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hello [[name]]", "gaps"),
        ("Hello  there,\nhow ARE you today my friend of old times", "unchanged"),
        ("Hello there, how are you today my friend of old times, Ana", "unchanged"),
        ("Hello there, how are you today after the long walk on Friday by the canal", ""),
        ("", ""),
    ],
)
def test_when_a_text_counts_as_personal(text, problem):
    assert impersonal(text, ["Hello there, how are you today [[gap]] my friend of old times"]) == problem


def test_gaps_come_once_and_in_order():
    assert gaps("[[name]], you wrote [[one\nline]]. [[name]]") == ["name", "one line"]


# ------------------------------------------------------------------------------------------------ drafts, reading


def test_the_box_of_a_therapist_keeps_what_is_typed_and_nobody_else_sees_it(world):
    kept_at = actions.keep_draft(
        person_id=world.ana.pk, text="What stayed with me [[gap]]", revision=0, by=world.asker(world.bea), now=world.now
    )
    mine = queries.conversation(world.asker(world.bea), world.ana.pk)
    assert (mine.draft, mine.draft_revision) == ("What stayed with me [[gap]]", kept_at)
    for other in (world.ana, world.fay):
        assert queries.conversation(world.asker(other), world.ana.pk).draft == ""
    send(world, world.bea, "What stayed with me is the walk")
    assert queries.conversation(world.asker(world.bea), world.ana.pk).draft == ""


def test_looking_at_a_conversation_reads_nothing_until_somebody_says_so_or_answers(world):
    send(world, world.ana, "Are you there?", due=world.now + HOUR)
    bea = world.asker(world.bea)
    for _ in range(2):
        assert queries.conversation(bea, world.ana.pk).lines[0].new
    assert not queries.waiting([world.ana.pk])[world.ana.pk].read
    actions.mark_read(person_id=world.ana.pk, up_to=1, by=bea, now=world.now)
    assert not queries.conversation(bea, world.ana.pk).lines[0].new
    assert queries.waiting([world.ana.pk])[world.ana.pk].read, "read, and still waiting for an answer"
    send(world, world.ana, "Hello?", due=world.now + HOUR)
    send(world, world.bea, "I am here")
    assert not any(line.new for line in queries.conversation(bea, world.ana.pk).lines)


# ------------------------------------------------------------------------------------------------ promises


def test_each_promise_is_measured_by_its_first_message(world):
    at = lambda hours: world.now + hours * HOUR  # noqa: E731
    send(world, world.ana, "one", now=at(0), due=at(24))
    send(world, world.ana, "and another thing", now=at(3), due=at(27))
    send(world, world.bea, "in time", now=at(20))
    send(world, world.ana, "two", now=at(30), due=at(54))
    send(world, world.bea, "late", now=at(60))
    send(world, world.bea, "and one more", now=at(61))
    send(world, world.ana, "three", now=at(70), due=at(94))
    found = queries.promises([world.ana.pk, world.ivo.pk], since=at(0))[world.ana.pk]
    assert [(one.sent_at, one.answered_at) for one in found] == [
        (at(0), at(20)), (at(30), at(60)), (at(70), None),
    ]  # fmt: skip
    assert [one.in_time(at(80)) for one in found] == [True, False, None]
    assert [one.in_time(at(95)) for one in found] == [True, False, False]
    assert len(queries.promises([world.ana.pk], since=at(40))[world.ana.pk]) == 1
    midway = queries.promises([world.ana.pk], since=at(1))[world.ana.pk]  # what goes on then was promised before
    assert [one.sent_at for one in midway] == [at(30), at(70)]


def test_promises_counted():
    now = datetime(2026, 4, 14, tzinfo=UTC)
    rows = [Promised(now - 48 * HOUR, now - 24 * HOUR, now - (48 - hours) * HOUR) for hours in (1, 2, 3, 30)]
    rows += [Promised(now - HOUR, now + HOUR, None), Promised(now - 48 * HOUR, now - HOUR, None)]
    found = kept(rows, now)
    assert (found.promised, found.in_time, found.late, found.open) == (6, 3, 2, 1)
    assert found.share == pytest.approx(0.6)
    assert (found.median_hours, found.slowest_hours) == (2.5, None)
    assert kept([], now).share is None
    twenty = [Promised(now, now + 24 * HOUR, now + hours * HOUR) for hours in range(1, 21)]
    assert kept(twenty, now).slowest_hours == pytest.approx(19.05)


def test_promises_of_many_take_one_query(world, django_assert_num_queries):
    send(world, world.ana, "one", due=world.now + HOUR)
    with django_assert_num_queries(1):
        queries.promises([world.ana.pk, world.joy.pk, world.ivo.pk], since=world.now)


def test_a_thread_repeats_who_wrote_last_and_when_she_did(world):
    assert queries.last_written([world.ana.pk]) == {}
    for hour, who in enumerate((world.ana, world.bea, world.ana)):
        send(world, who, f"word {hour}", now=world.now + hour * HOUR, due=world.now + 30 * HOUR)
        assert Thread.objects.get(person=world.ana).wrote_last == who.pk
        assert (world.ana.pk in queries.who_waits(SERVICE)) == (who == world.ana)
        assert queries.last_written([world.ana.pk]) == {world.ana.pk: world.now + (hour if hour == 2 else 0) * HOUR}
    assert out_of_step() == []
