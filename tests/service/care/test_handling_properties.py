"""Whatever people do about an alert, in whatever order and with whatever pauses of the clock.

Hypothesis makes up a history: raising, answers that rise or fall, acknowledging, calls, hand-overs, receipts, notes,
closing, minutes and days that pass, a clock that stands still. After every step it must hold that nothing closed by
itself, that nothing that is nobody's has been silent for longer than it may, and that the same step twice is one.
"""

import contextlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.table import SERVICE
from accord.service.care import actions, queries
from accord.service.care.models import Alert, AlertStep
from accord.service.care.rules.handling import REASONS, Stage
from accord.service.errors import Refusal
from accord.service.flows.escalate_alerts import escalate_alerts
from accord.service.outbox.models import Work

LADDER = load_ladder()
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
FACTS = [
    {"safety_check.item_1": 0},
    {"safety_check.item_1": None},
    {"safety_check.item_1": 1, "previous.safety_check.item_1": 1, "follow_up_minutes": 0},
    {"safety_check.item_1": 2, "follow_up_minutes": 0},
    {"safety_check.item_1": 3},
]
STAFF = st.sampled_from(["bea", "fay", "eli"])
STEPS = st.one_of(
    st.tuples(st.just("answer"), st.integers(0, len(FACTS) - 1)),
    st.tuples(st.just("acknowledge"), STAFF),
    st.tuples(st.just("call"), STAFF, st.sampled_from(["reached", "not-reached", "left-message"])),
    st.tuples(st.just("hand"), STAFF, st.sampled_from(["carl", "eli", "outside"])),
    st.tuples(st.just("confirm"), st.sampled_from(["carl", "eli", "bea"])),
    st.tuples(st.just("note"), STAFF),
    st.tuples(st.just("close"), STAFF, st.sampled_from(REASONS)),
    st.tuples(st.just("wait"), st.sampled_from([1, 14, 16, 61, 500, 3000])),
    st.tuples(st.just("escalate")),
)


class _UndoError(Exception):
    """Ends an example: everything it wrote is rolled back."""


def do(world, step, now):
    """One step; a refusal is an answer like any other."""
    what, *more = step
    if what == "answer":
        said = tier_of(LADDER, FACTS[more[0]])
        actions.raise_alert(
            person=world.ana, episode=None, assessment_id=None, occasion="assessment:1", track="risk", outcome=said,
            ladder=LADDER, by=SERVICE, now=now,
        )  # fmt: skip
    elif what == "escalate":
        escalate_alerts_inside(now)
    elif what != "wait" and (alert := Alert.objects.order_by("-pk").first()) is not None:
        by, key = world.asker(getattr(world, more[0])), uuid.uuid4()
        if what == "acknowledge":
            actions.acknowledge(alert_id=alert.pk, by=by, now=now)
        elif what == "call":
            actions.log_contact(
                person_id=alert.person_id, alert_id=alert.pk, mode="phone", outcome=more[1], minutes=1, key=key, by=by,
                now=now,
            )  # fmt: skip
        elif what == "hand":
            to = None if more[1] == "outside" else getattr(world, more[1]).pk
            actions.hand_over_alert(alert_id=alert.pk, to=to, note="agreed", key=key, by=by, now=now)
        elif what == "confirm":
            actions.confirm_receipt(alert_id=alert.pk, key=key, by=by, now=now)
        elif what == "note":
            actions.add_note(alert_id=alert.pk, text="seen", key=key, by=by, now=now)
        elif what == "close":
            actions.close_alert(alert_id=alert.pk, reason=more[1], note="why", by=by, now=now)


def escalate_alerts_inside(now):
    """What the flow does, without its own outermost transaction."""
    for alert, rung, _told in queries.escalations_due(now):
        actions.escalate(alert_id=alert.pk, level=rung.level, to=None, now=now)


def check(world, now, closed):
    """What must hold after every step; returns the alerts that a person has closed."""
    alerts = list(Alert.objects.select_related("clinic"))
    standing = {one.alert.pk: one for one in queries.standing(alerts, now)}
    for one in standing.values():
        by_hand = [step for step in one.steps if step.kind == "closed"]
        assert (one.state.stage is Stage.CLOSED) == bool(by_hand)
        assert all(step.by is not None and step.reason in REASONS for step in by_hand)
        if closed.get(one.alert.pk):
            assert one.steps == closed[one.alert.pk], "something was added to a closed alert"
        levels = [step.level for step in one.steps if step.kind == "escalated"]
        assert levels == sorted(set(levels))
        acknowledged = [step for step in one.steps if step.kind == "acknowledged"]
        assert len(acknowledged) <= 1
        if one.state.stage is Stage.ACKNOWLEDGED:
            assert one.state.holder is not None or one.state.received
    assert Work.objects.filter(kind="alert-raised", occasion__regex=r"^alert:[^:]+$").count() == len(alerts)
    shown = queries.open_alerts(world.asker(world.bea), now)
    assert len(shown) == len({(one.alert.occasion, one.alert.track) for one in shown})
    heights = [(row.occasion, row.tier, row.clock) for row in sorted(alerts, key=lambda row: row.pk)]
    assert len(heights) == len(set(heights))
    return {pk: one.steps for pk, one in standing.items() if one.state.stage is Stage.CLOSED}


@pytest.mark.both
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=1, max_size=14))
def test_whatever_people_do(world, history):
    try:
        with transaction.atomic():
            now, closed = MONDAY, {}
            for step in history:
                now += timedelta(minutes=step[1] if step[0] == "wait" else 1)
                with contextlib.suppress(Refusal):  # said in words; nothing was stored
                    do(world, step, now)
                closed = check(world, now, closed)
            _nobody_is_left_alone(now)
            raise _UndoError
    except _UndoError:
        pass


def _nobody_is_left_alone(now):
    """Once the clock runs again, every alert that nobody has in hand was told one rung higher for each time that
    passed, and once more changes nothing."""
    escalate_alerts_inside(now)
    assert queries.escalations_due(now) == []
    for one in queries.standing(Alert.objects.open().highest().select_related("clinic"), now):
        if one.state.stage is Stage.RAISED and one.state.late:
            assert one.state.level >= 1


def test_the_flow_and_the_parts_climb_the_same_rungs(world):
    """The property test above uses the flow's parts; this one the flow, so that they cannot drift apart."""
    said = tier_of(LADDER, FACTS[4])
    actions.raise_alert(
        person=world.ana, episode=None, assessment_id=None, occasion="assessment:1", track="risk", outcome=said,
        ladder=LADDER, by=SERVICE, now=MONDAY,
    )  # fmt: skip
    later = MONDAY + timedelta(hours=1)
    due = [rung.level for _alert, rung, _told in queries.escalations_due(later)]
    assert escalate_alerts(now=later) == len(due) == 2
    assert list(AlertStep.objects.filter(kind="escalated").order_by("level").values_list("level", flat=True)) == due
