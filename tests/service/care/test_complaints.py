"""Complaints: who says and who reads them, the clock, the steps, the answer; a therapist as such reads none."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.service.access.table import Role
from accord.service.audit.models import Entry
from accord.service.care import actions, queries
from accord.service.care.models import Complaint, ComplaintStep
from accord.service.care.rules.complaints import ComplaintStage, standing, urgency, wrong_complaint
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.flows.check_message import KINDS
from accord.service.outbox.models import Work

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
BY = {"acknowledge": NOON + timedelta(days=3), "answer": NOON + timedelta(days=14)}


def say(world, by=None, **more):
    by = by or world.ana
    given_ = {"about": "therapist", "text": "Zqcomplaint", "key": uuid.uuid4(), "person_id": by.pk, **more}
    return actions.make_complaint(by=world.asker(by), now=world.now, **given_)


def step(world, name, complaint, by=None, **more):
    do = {"acknowledge": actions.acknowledge_complaint, "answer": actions.answer_complaint,
          "close": actions.close_complaint}[name]  # fmt: skip
    given_ = {"key": uuid.uuid4(), "by": world.asker(by or world.dora), "now": world.now, **more}
    return do(complaint_id=complaint.pk, **given_)


@pytest.mark.parametrize(
    ("steps", "later", "expected"),
    [
        ([], 0, ("new", "acknowledge", False)), ([], 4, ("new", "acknowledge", True)),
        (["acknowledged"], 4, ("acknowledged", "answer", False)),
        (["acknowledged"], 15, ("acknowledged", "answer", True)),
        (["acknowledged", "answered"], 99, ("answered", None, False)), (["answered"], 99, ("answered", None, False)),
        (["answered", "closed"], 99, ("closed", None, False)),
    ],
)  # fmt: skip
def test_where_it_stands_and_what_is_due(steps, later, expected):
    one = standing(steps, **BY, now=NOON + timedelta(days=later))
    assert (one.stage, one.due, one.late) == (expected[0], BY.get(expected[1]), expected[2])


@given(st.lists(st.tuples(st.sampled_from([(), ("acknowledged",), ("answered",), ("closed",)]), st.integers(0, 30))))
def test_the_overdue_ones_come_first(rows):
    found = [(standing(steps, **BY, now=NOON + timedelta(days=ago)), NOON - timedelta(days=ago)) for steps, ago in rows]
    order = sorted(found, key=lambda pair: urgency(*pair))
    late = [one.late for one, _made in order]
    assert late == sorted(late, reverse=True)
    closed = [one.stage is ComplaintStage.CLOSED for one, _made in order]
    assert closed == sorted(closed)


@pytest.mark.parametrize(
    ("about", "text", "wrong"),
    [("pigeon", "x", "about"), ("waiting", " ", "empty"), ("waiting", "a\0b", "nul"), ("waiting", "x" * 5001, "long"),
     ("waiting", "x" * 5000, "")],
)  # fmt: skip
def test_what_can_be_said(about, text, wrong):
    assert wrong_complaint(about=about, text=text) == wrong


@pytest.mark.both
def test_she_says_it_once_and_is_promised_an_answer_within_working_days(world):
    key = uuid.uuid4()
    first = say(world, key=key)
    assert say(world, key=key, text="another").pk == first.pk
    days = (first.answer_by - first.made_at).days
    assert 11 <= days <= 20, "ten working days"
    assert (first.clinic, first.person) == (world.clinic, world.ana)
    assert "Zqcomplaint" not in str(Entry.objects.get(action="complaint.made").facts)


@pytest.mark.both
def test_nobody_who_treats_her_reads_it(world):
    complaint = say(world)
    seen = {name: [row.complaint for row in queries.complaints_at(world.asker(getattr(world, name)), world.now)]
            for name in ("bea", "carl", "eli", "fay", "hal", "joy", "ana", "dora", "gus")}  # fmt: skip
    assert {name for name, rows in seen.items() if rows == [complaint]} == {"dora", "gus"}
    for who in (world.bea, world.carl, world.eli, world.fay, world.hal, world.ana):
        with pytest.raises(NotAllowed):
            queries.complaint_page(world.asker(who), complaint.pk, world.now)
        with pytest.raises(NotAllowed):
            step(world, "acknowledge", complaint, who)
    assert [row.complaint for row in queries.own_complaints(world.asker(world.ana), world.now)] == [complaint]
    assert queries.own_complaints(world.asker(world.ivo), world.now) == []


@pytest.mark.both
def test_from_what_was_said_to_what_came_of_it(world):
    complaint = say(world)
    step(world, "acknowledge", complaint)
    with pytest.raises(NotNow, match="acknowledged this before"):
        step(world, "acknowledge", complaint, world.gus)
    with pytest.raises(NotNow, match="no answer yet"):
        step(world, "close", complaint, outcome="explained")
    key = uuid.uuid4()
    first = step(world, "answer", complaint, world.gus, way="page", text="We are sorry", key=key)
    assert step(world, "answer", complaint, world.gus, way="page", text="We are sorry", key=key).pk == first.pk
    work = Work.objects.get(kind="complaint-answered")
    assert (work.to, KINDS[work.kind].page) == (str(world.ana.pk), "patient:say")
    step(world, "close", complaint, outcome="put-right", note="Call back sooner")
    with pytest.raises(NotNow, match="was closed"):
        step(world, "answer", complaint, way="page", text="more")
    assert [row.kind for row in ComplaintStep.objects.order_by("revision")] == ["acknowledged", "answered", "closed"]
    assert queries.complaints_at(world.asker(world.dora), world.now) == []
    row = queries.complaints_at(world.asker(world.gus), world.now, closed=True)[0]
    assert queries.counted_by_about([row]) == [("therapist", 1, 0, 0)]


@pytest.mark.both
def test_what_came_by_telephone_is_entered_for_somebody_or_for_nobody_by_name(world):
    named = say(world, world.dora, person_id=world.ana.pk)
    nameless = say(world, world.dora, person_id=None, clinic=world.clinic)
    assert (named.person, nameless.person) == (world.ana, None)
    with pytest.raises(Refusal, match="Nobody is named"):
        step(world, "answer", nameless, way="page", text="Sorry")
    step(world, "answer", nameless, way="phone", text="Sorry")
    assert Work.objects.filter(kind="complaint-answered").count() == 0
    for who, person in (
        (world.gus, world.ana),
        (world.bea, world.ana),
        (world.ana, world.ivo),
        (world.dora, world.joy),
    ):
        with pytest.raises(NotAllowed):
            say(world, who, person_id=person.pk)
    with pytest.raises(NotAllowed):
        say(world, world.gus, person_id=None, clinic=world.clinic)
    assert Complaint.objects.count() == 2


@pytest.mark.both
def test_a_coordinator_elsewhere_sees_none(world):
    kit = world.add("kit", Role.COORDINATOR, clinic=world.elsewhere)
    complaint = say(world)
    assert queries.complaints_at(world.asker(kit), world.now) == []
    with pytest.raises(NotAllowed):
        step(world, "answer", complaint, kit, way="page", text="x")


@pytest.mark.parametrize(
    ("name", "given_", "words"),
    [("answer", {"way": "page", "text": " "}, "Write the answer"), ("answer", {"way": "pigeon", "text": "x"}, "how"),
     ("close", {"outcome": ""}, "what came of it")],
)  # fmt: skip
def test_a_step_without_what_it_needs_is_refused(world, name, given_, words):
    complaint = say(world)
    with pytest.raises(Refusal, match=words):
        step(world, name, complaint, **given_)
    assert ComplaintStep.objects.count() == 0
