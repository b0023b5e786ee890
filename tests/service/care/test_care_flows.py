"""What happens across rooms around an alert: escalation, the help button, unfinished answers, messages, hand-over."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.table import SERVICE
from accord.service.assessments.models import Answer, Assessment
from accord.service.care import actions, queries
from accord.service.care.models import Alert, AlertStep
from accord.service.care.rules.handling import Stage
from accord.service.errors import NotAllowed, NotNow
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.close_account import close_account
from accord.service.flows.escalate_alerts import escalate_alerts
from accord.service.flows.hand_over_patient import hand_over_patient
from accord.service.flows.record_help_now import record_help_now
from accord.service.flows.send_message import send_message
from accord.service.flows.sweep_unfinished import sweep_unfinished
from accord.service.flows.sweep_unread import sweep_unread
from accord.service.outbox.models import Work
from accord.service.people import actions as people
from accord.service.people import queries as people_queries

LADDER = load_ladder()
pytestmark = pytest.mark.both


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


MONDAY = at("2026-11-23T10:00")


def raise_at(world, now, tier="r3", person=None):
    facts = {"help_now": True} if tier == "r3" else {"safety_check.item_1": 2, "follow_up_minutes": 0}
    said = tier_of(LADDER, facts)
    assert said.tier == tier
    return actions.raise_alert(
        person=person or world.ana, episode=None, assessment_id=None, occasion=f"x:{uuid.uuid4()}", track="risk",
        outcome=said, ladder=LADDER, by=SERVICE, now=now,
    )  # fmt: skip


def rungs(alert):
    steps = AlertStep.objects.filter(alert=alert, kind="escalated").order_by("level")
    return [(step.level, step.to) for step in steps]


# ------------------------------------------------------------------------------------------------ escalation


def test_nobody_acts_and_one_after_the_other_is_told(world):
    alert = raise_at(world, MONDAY)
    escalate_alerts(now=MONDAY + timedelta(minutes=14))
    assert rungs(alert) == []
    escalate_alerts(now=MONDAY + timedelta(minutes=15))
    escalate_alerts(now=MONDAY + timedelta(minutes=16))
    assert rungs(alert) == [(1, world.fay.pk)]
    escalate_alerts(now=MONDAY + timedelta(minutes=30))
    assert rungs(alert) == [(1, world.fay.pk), (2, world.fay.pk)]
    assert Work.objects.filter(kind="alert-escalated", to=str(world.fay.pk)).count() == 2
    escalate_alerts(now=MONDAY + timedelta(days=1, minutes=31))
    assert [level for level, _ in rungs(alert)] == [1, 2, 3]


def test_after_a_pause_of_the_clock_every_rung_is_climbed_once(world):
    alert = raise_at(world, MONDAY)
    escalate_alerts(now=MONDAY + timedelta(days=4, hours=1))
    levels = [level for level, _ in rungs(alert)]
    assert levels[:2] == [1, 2]
    assert len(levels) == 3
    escalate_alerts(now=MONDAY + timedelta(days=4, hours=2))
    assert [level for level, _ in rungs(alert)] == levels


def test_an_acknowledged_alert_climbs_no_further_until_contact_is_overdue(world):
    alert = raise_at(world, MONDAY, "r2")
    actions.acknowledge(alert_id=alert.pk, by=world.asker(world.bea), now=MONDAY + timedelta(minutes=5))
    escalate_alerts(now=MONDAY + timedelta(hours=5))
    assert rungs(alert) == []
    assert not queries.wanted(alert.pk, MONDAY + timedelta(hours=5))
    escalate_alerts(now=MONDAY + timedelta(days=1))
    assert rungs(alert) == [(1, world.fay.pk)]
    assert queries.wanted(alert.pk, MONDAY + timedelta(days=1))


def test_out_of_hours_the_clock_waits_for_the_opening_unless_somebody_is_on_call(world):
    night = at("2026-11-23T23:00")
    alert = raise_at(world, night)
    assert alert.acknowledge_by == at("2026-11-24T09:15")
    world.ana.clinic.on_call = True
    on_call = raise_at(world, night)
    assert on_call.acknowledge_by == night + timedelta(minutes=15)
    assert raise_at(world, night, "r2").acknowledge_by == at("2026-11-24T10:00")


def test_the_supervisor_is_away_and_the_next_one_who_is_there_is_told(world):
    people.set_absence(
        person=world.fay, since=MONDAY - timedelta(days=1), until=MONDAY + timedelta(days=7), cover=world.eli,
        by=world.asker(world.dora), now=MONDAY - timedelta(days=1),
    )  # fmt: skip
    alert = raise_at(world, MONDAY)
    escalate_alerts(now=MONDAY + timedelta(minutes=31))
    assert rungs(alert) == [(1, world.eli.pk), (2, world.eli.pk)]


def test_a_hand_over_nobody_confirms_rises_again(world):
    alert = raise_at(world, MONDAY)
    actions.hand_over_alert(
        alert_id=alert.pk, to=world.carl.pk, note="", key=uuid.uuid4(), by=world.asker(world.bea), now=MONDAY
    )
    escalate_alerts(now=MONDAY + timedelta(minutes=14))
    assert rungs(alert) == []
    escalate_alerts(now=MONDAY + timedelta(minutes=16))
    assert rungs(alert) == [(1, world.fay.pk)]
    actions.confirm_receipt(
        alert_id=alert.pk, key=uuid.uuid4(), by=world.asker(world.carl), now=MONDAY + timedelta(minutes=17)
    )
    state = queries.standing([alert], MONDAY + timedelta(minutes=18))[0].state
    assert (state.stage, state.holder) == (Stage.ACKNOWLEDGED, world.carl.pk)


def test_nothing_closes_by_itself(world):
    alert = raise_at(world, MONDAY)
    for days in range(1, 60, 7):
        escalate_alerts(now=MONDAY + timedelta(days=days))
    assert not AlertStep.objects.filter(alert=alert, kind="closed").exists()
    assert queries.open_alerts(world.asker(world.bea), MONDAY + timedelta(days=60))[0].state.late


# ------------------------------------------------------------------------------------------------ help now


def test_help_now_is_the_highest_tier_at_once_and_twice_is_once(world):
    key, ana = uuid.uuid4(), world.asker(world.ana)
    first = record_help_now(person_id=world.ana.pk, key=key, by=ana, now=MONDAY)
    assert Alert.objects.get(pk=first).tier == "r3"
    assert record_help_now(person_id=world.ana.pk, key=key, by=ana, now=MONDAY) == first
    again = record_help_now(person_id=world.ana.pk, key=uuid.uuid4(), by=ana, now=MONDAY + timedelta(minutes=5))
    assert again == first
    assert Alert.objects.count() == 1
    actions.acknowledge(alert_id=first, by=world.asker(world.bea), now=MONDAY + timedelta(minutes=6))
    later = record_help_now(person_id=world.ana.pk, key=uuid.uuid4(), by=ana, now=MONDAY + timedelta(hours=2))
    assert later != first


def test_help_now_works_without_any_ladder(world):
    """No episode, nothing published: the alert is raised at the highest clock all the same."""
    raised = record_help_now(person_id=world.ivo.pk, key=uuid.uuid4(), by=world.asker(world.ivo), now=MONDAY)
    alert = Alert.objects.get(pk=raised)
    assert (alert.tier, alert.ladder, alert.promise["minutes"]) == ("r3", "fail-safe", 15)


def test_nobody_presses_the_button_for_somebody_else(world):
    with pytest.raises(NotAllowed):
        record_help_now(person_id=world.ana.pk, key=uuid.uuid4(), by=world.asker(world.joy), now=MONDAY)


# ------------------------------------------------------------------------------------------------ C3


def unfinished(world, answers, now=MONDAY):
    assessment = Assessment.objects.create(
        episode=world.episode, person=world.ana, time_point="weekly", instruments=["safety_check"], opens_at=now,
        made_at=now,
    )  # fmt: skip
    for item, value in answers.items():
        Answer.objects.create(
            assessment=assessment, instrument="safety_check", item=item, revision=1, key=uuid.uuid4(), value=value,
            at=now,
        )  # fmt: skip
    return assessment


def minutes_until(world, assessment, clock):
    """After how many minutes the sweep has raised an alert at this clock; sweeping every minute, as the clock does."""
    for minute in range(121):
        sweep_unfinished(now=MONDAY + timedelta(minutes=minute))
        if Alert.objects.filter(occasion=f"assessment:{assessment.pk}", clock=clock).exists():
            return minute
    return None


@pytest.mark.parametrize(
    ("answers", "clock", "minutes"),
    [
        ({"item_1": 3}, "r3", 10),  # almost all the time, follow-ups open: counts until they say otherwise
        ({"item_1": 2}, "r3", 10),  # the follow-ups count as yes after ten minutes, "safe today" too
        ({"item_1": 2, "item_2": 0, "item_3": 0, "item_4": 0}, "r2", 30),
        ({"item_1": None}, "r1", 60),  # left out, then left
        ({"item_1": 0}, "r1", None),
        ({}, "r1", None),
    ],
)
def test_c3_an_unsent_answer_carries_its_tier_after_its_minutes(world, answers, clock, minutes):
    assessment = unfinished(world, answers)
    assert minutes_until(world, assessment, clock) == minutes
    sweep_unfinished(now=MONDAY + timedelta(days=3))
    raised = Alert.objects.filter(occasion=f"assessment:{assessment.pk}", clock=clock).count()
    assert raised == (0 if minutes is None else 1)


# ------------------------------------------------------------------------------------------------ messages (C15)


def write(world, by, now=MONDAY, text="Are you there?"):
    return send_message(person_id=world.ana.pk, text=text, key=uuid.uuid4(), by=world.asker(by), now=now)


def test_a_reply_is_promised_by_a_date_and_the_therapist_is_told(world):
    sent = write(world, world.ana)
    assert sent.message.reply_due_at == at("2026-11-24T10:00")
    assert Work.objects.filter(kind="message-waiting", to=str(world.bea.pk)).count() == 1
    write(world, world.bea)
    assert Work.objects.filter(kind="message-waiting", to=str(world.ana.pk)).count() == 1


def test_c15_an_unread_message_of_somebody_at_risk_rises_by_r2s_clock(world):
    raise_at(world, MONDAY - timedelta(hours=1), "r2")
    sent = write(world, world.ana)
    assert sent.message.reply_due_at == MONDAY + timedelta(hours=1)
    assert sweep_unread(now=MONDAY + timedelta(minutes=59)) == 0
    assert sweep_unread(now=MONDAY + timedelta(minutes=61)) == 1
    assert sweep_unread(now=MONDAY + timedelta(minutes=62)) == 0
    alert = Alert.objects.get(occasion=f"message:{sent.message.pk}")
    assert (alert.clock, alert.promise["minutes"]) == ("r2", 60)


def test_a_late_message_of_anybody_else_raises_nothing(world):
    write(world, world.ana)
    assert sweep_unread(now=MONDAY + timedelta(days=9)) == 0


# ------------------------------------------------------------------------------------------------ hands change


def test_open_alerts_go_with_the_patient(world):
    held, fresh = raise_at(world, MONDAY), raise_at(world, MONDAY)
    actions.acknowledge(alert_id=held.pk, by=world.asker(world.bea), now=MONDAY)
    moved = hand_over_patient(
        person_id=world.ana.pk, to=world.carl.pk, by=world.asker(world.bea), now=MONDAY + timedelta(minutes=5)
    )
    assert moved == 2
    assert people_queries.accountable_for(world.ana.pk, MONDAY + timedelta(minutes=6)).pk == world.carl.pk
    carl = {one.alert.pk: one for one in queries.open_alerts(world.asker(world.carl), MONDAY + timedelta(minutes=6))}
    assert carl[held.pk].state.offered_to == world.carl.pk
    assert carl[fresh.pk].state.due == fresh.acknowledge_by
    assert Work.objects.filter(kind="alert-raised", to=str(world.carl.pk)).count() == 2


def test_a_coordinator_assigns_and_a_therapist_of_elsewhere_cannot_be(world):
    dora = world.asker(world.dora)
    raise_at(world, MONDAY, person=world.ivo)
    assert assign_therapist(person_id=world.ivo.pk, therapist_id=world.carl.pk, by=dora, now=MONDAY) == 1
    with pytest.raises(NotNow):
        assign_therapist(person_id=world.ivo.pk, therapist_id=world.hal.pk, by=dora, now=MONDAY)
    with pytest.raises(NotAllowed):
        assign_therapist(person_id=world.ivo.pk, therapist_id=world.bea.pk, by=world.asker(world.ana), now=MONDAY)


def test_nobody_leaves_with_an_open_alert_in_hand(world):
    alert = raise_at(world, MONDAY, person=world.ivo)
    actions.hand_over_alert(
        alert_id=alert.pk, to=world.carl.pk, note="", key=uuid.uuid4(), by=world.asker(world.eli), now=MONDAY
    )
    with pytest.raises(NotNow, match="1 open alerts"):
        close_account(person_id=world.carl.pk, by=SERVICE, now=MONDAY)
