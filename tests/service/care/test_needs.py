"""Why somebody stands on the list, and in which order: one table. Reasons are facts, and after the end of her way only
alerts and messages count."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accord.service.care.rules.needs import FlagFact, Need, SessionFact, Situation, needs_of, place
from accord.service.care.rules.support import SupportStage

NOW = datetime(2026, 4, 14, 9, 10, tzinfo=UTC)
TONIGHT = datetime(2026, 4, 14, 23, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ID = uuid.UUID(int=4)


def flag(kind="worse", stage="open", **more):
    return FlagFact(ID, kind, NOW - DAY, SupportStage(stage), words=("Mood: 9.0 at the start.",), **more)


def situation(**more):
    return Situation(**{"day_ends": TONIGHT, "course_began": NOW - 20 * DAY, "begun_first_lesson": True} | more)


WAITS = {"wrote_at": NOW - DAY}
TABLE = [
    ("an alert that nobody has", {"alert": (0, -3, NOW)}, ["alert"]),
    ("an alert in hand", {"alert": (1, -3, NOW)}, ["alert-in-hand"]),
    ("a reply that is late", {**WAITS, "reply_due": NOW - HOUR}, ["late-reply"]),
    ("a reply that is due later today", {**WAITS, "reply_due": NOW + HOUR}, ["reply"]),
    ("a message without a promise", WAITS, ["reply"]),
    ("a flag that nobody took up", {"flags": (flag(),)}, ["flag"]),
    ("a new kind of pain", {"flags": (flag("new-pain"),)}, ["flag"]),
    ("a flag with something chosen", {"flags": (flag(stage="waiting"),)}, []),
    ("three weeks later", {"flags": (flag(stage="look-again", look_at=NOW),)}, ["look-again"]),
    ("about the same half way", {"flags": (flag("not-on-track"),)}, ["same"]),
    ("a session today", {"sessions": (SessionFact(ID, NOW + HOUR),)}, ["session"]),
    ("a session tomorrow", {"sessions": (SessionFact(ID, NOW + DAY),)}, []),
    ("a session nobody spoke of", {"sessions": (SessionFact(ID, NOW - DAY, waits_for_word=True),)}, ["session"]),
    ("not started for three days", {"begun_first_lesson": False}, ["not-started"]),
    ("not started since yesterday", {"begun_first_lesson": False, "course_began": NOW - DAY}, []),
    ("not started, in a flare", {"begun_first_lesson": False, "in_flare": True}, []),
    ("not started, being tried", {"begun_first_lesson": False, "flags": (flag("not-started", "waiting"),)}, []),
    ("flagged as not started", {"begun_first_lesson": False, "flags": (flag("not-started"),)}, ["not-started"]),
    ("flagged, and begun since", {"flags": (flag("not-started"),)}, ["came-back"]),
    ("quiet", {"flags": (flag("quiet"),), "last_heard": NOW - 9 * DAY}, ["quiet"]),
    ("quiet, and heard since", {"flags": (flag("quiet"),), "last_heard": NOW - HOUR}, ["came-back"]),
    ("quiet before there is a course", {"course_began": None, "last_heard": NOW - 8 * DAY}, ["quiet"]),
    ("in a course silence is the flag's", {"last_heard": NOW - 8 * DAY}, []),
    ("began to answer", {"begun": NOW - 4 * DAY}, ["unfinished"]),
    ("no contact yet", {"treated_since": NOW - 4 * DAY}, ["no-contact"]),
    ("an answer nobody read", {"unread": 2, "last_heard": NOW - DAY}, ["unread"]),
    ("nothing", {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("about", "facts", "needs"), TABLE, ids=[row[0] for row in TABLE])
def test_one_reason_for_each_fact(about, facts, needs):
    assert [str(reason.need) for reason in needs_of(situation(**facts), NOW)] == needs


EVERY = {
    "alert": (0, -3, NOW), "wrote_at": NOW - DAY, "reply_due": NOW - HOUR,
    "flags": tuple(flag(kind) for kind in ("not-on-track", "quiet", "worse", "new-pain", "not-started")),
    "sessions": (SessionFact(ID, NOW),), "begun_first_lesson": False, "begun": NOW - 9 * DAY,
    "treated_since": NOW - 9 * DAY, "unread": 1,
}  # fmt: skip


def test_the_order_of_need():
    """Alert, reply late, flag with the weightiest first, session, not started, quiet, …, unread."""
    found = needs_of(situation(**EVERY), NOW)
    assert [str(one.need) for one in found] == [
        "alert", "late-reply", "flag", "flag", "session", "not-started", "quiet", "unfinished", "no-contact", "same",
        "unread",
    ]  # fmt: skip
    assert [one.kind for one in found if one.need is Need.FLAG] == ["worse", "new-pain"]


def test_after_the_end_of_her_way_only_alerts_and_messages_count():
    found = needs_of(situation(**EVERY, active=False), NOW)
    assert [str(one.need) for one in found] == ["alert", "late-reply"]


def test_people_stand_by_their_first_reason_then_by_who_waits_longest():
    people = {
        "nothing": situation(),
        "unread": situation(unread=1),
        "reply later": situation(**WAITS, reply_due=NOW + 2 * HOUR),
        "reply soon": situation(**WAITS, reply_due=NOW + HOUR),
        "late": situation(**WAITS, reply_due=NOW - HOUR),
        "worse": situation(flags=(flag(),)),
        "frightened": situation(flags=(flag("frightened"),)),
        "r2": situation(alert=(0, -2, NOW - DAY)),
        "r3": situation(alert=(0, -3, NOW)),
    }
    order = sorted(people, key=lambda name: place(needs_of(people[name], NOW), people[name], NOW))
    assert order == [
        "r3", "r2", "late", "worse", "frightened", "reply soon", "reply later", "unread", "nothing",
    ]  # fmt: skip


def test_c38_a_reason_repeats_the_flag_s_facts_and_adds_no_claim():
    (reason,) = needs_of(situation(flags=(flag(),)), NOW)
    assert reason.words == ("Mood: 9.0 at the start.",)
    assert reason.about == ID
