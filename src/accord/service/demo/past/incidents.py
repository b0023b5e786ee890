"""What went wrong in the past, and what was done: alerts and their handling, harms, complaints, rescues."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accord.service.care.models import Alert, AlertStep, Complaint, ComplaintStep, Contact, Decided, Harm, Rescue
from accord.service.care.rules.deadlines import acknowledge_by, contact_by, promise_of
from accord.service.care.rules.handling import HANDED, OTHER, REASONS, SAFE
from accord.service.demo.past.life import Life
from accord.service.demo.past.words import CLOSING, COMPLAINTS

if TYPE_CHECKING:
    from accord.service.demo.past.histories import Fact

TRACKS = {"r": "risk", "d": "change", "i": "silence"}
ANSWER_DAYS = 20.0  # days within which a complaint is answered, where the record does not say
REACHED_AFTER = 15  # minutes of the call


def write_incidents(one: Life) -> None:
    alerts = one.history.of.get("alerts") or [_alert_of(one, event) for event in one.history.events("alert")]
    for number, alert in enumerate(alerts, start=1):
        _alert(one, alert, number)
    for harm in one.history.events("adverse_event"):
        _harm(one, harm)
    for rescue in one.history.of.get("rescues", ()):
        _rescue(one, rescue)
    for complaint in one.history.of.get("complaints", ()):
        _complaint(one, complaint)


def _alert_of(one: Life, event: Fact) -> Fact:
    """An alert whose handling the record does not tell: taken within the hour, called, closed."""
    drawn = one.chance(f"alert {event['day']}")
    tier = drawn.choices(("r1", "r2", "r3"), (6, 3, 1))[0]
    taken = drawn.expovariate(1 / 0.5)
    return {
        "day": event["day"], "track": "risk", "tier": tier, "acknowledged_hours": taken, "contacted_hours": taken + 0.5,
        "closed_hours": taken + 0.5 + drawn.uniform(0.3, 30), "reason": SAFE if drawn.random() < 0.9 else HANDED,
    }  # fmt: skip


def _alert(one: Life, told: Fact, number: int) -> None:
    scene, tier = one.scene, told["tier"]
    if tier not in scene.ladder.tiers:
        return
    raised = one.days.at(told["day"], 19.25)
    promise = promise_of(scene.ladder, tier)
    said = scene.ladder.tiers[tier]
    occasion, by = f"earlier-record:{number}", one.therapist or scene.on_duty
    reasons = [rule.because for rule in list(said.rules.values())[:1]]
    alert = one.put(
        Alert, raised, person_id=one.person, clinic=scene.clinic, episode_id=one.episode, occasion=occasion,
        track=told["track"], tier=tier, clock=tier, reasons=reasons, rules=[], ladder=scene.ladder.name,
        promise=promise.to_json(), raised_at=raised, acknowledge_by=acknowledge_by(promise, scene.calendar, raised),
        contact_by=contact_by(promise, scene.calendar, raised),
    )  # fmt: skip
    if alert is None:
        return
    one.put(Decided, raised, person_id=one.person, occasion=occasion, track=told["track"], tier=tier, clock=tier,
            ladder=scene.ladder.name, at=raised)  # fmt: skip
    taken, reached, closed = (told.get(f"{name}_hours") for name in ("acknowledged", "contacted", "closed"))
    if taken is not None:
        at = raised + timedelta(hours=taken)
        one.put(AlertStep, at, alert=alert, kind="acknowledged", at=at, by=by)
    if reached is not None:
        at, key = raised + timedelta(hours=max(reached, taken or 0)), scene.keys.free()
        one.put(AlertStep, at, alert=alert, kind="contact", at=at, by=by, key=key, outcome="reached", reason="phone")
        one.put(Contact, at, person_id=one.person, episode_id=one.episode, alert=alert, mode="phone",
                outcome="reached", minutes=REACHED_AFTER, at=at, by=by, key=key)  # fmt: skip
    if closed is not None:
        at = raised + timedelta(hours=max(closed, reached or 0, taken or 0))
        reason = (told.get("reason") or SAFE).replace("_", "-")
        one.put(AlertStep, at, alert=alert, kind="closed", at=at, by=by, note=CLOSING,
                reason=reason if reason in REASONS else OTHER)  # fmt: skip


def _harm(one: Life, harm: Fact) -> None:
    at = one.days.at(harm["day"], 16)
    one.put(
        Harm, at, person_id=one.person, episode_id=one.episode, what=harm["reason"], severity=harm["severity"],
        causality=harm["causality"], on=one.days.on(harm["day"]), at=at, by=one.therapist or one.scene.on_duty,
        key=one.scene.keys.free(),
    )  # fmt: skip


def _rescue(one: Life, rescue: Fact) -> None:
    at = one.days.at(rescue["day"], 11)
    one.put(
        Rescue, at, person_id=one.person, episode_id=one.episode, why=rescue["why"].replace("_", "-"),
        kind=rescue["kind"].replace("_", "-"), reason=(rescue["reason"] or "").replace("_", "-"),
        outcome=(rescue["outcome"] or "").replace("_", "-"), minutes=round(rescue["minutes"] or 0), at=at,
        by=one.scene.coordinator, key=one.scene.keys.free(),
    )  # fmt: skip


def _complaint(one: Life, told: Fact) -> None:
    """A complaint counts its days from the first day of the cohort; here it comes half way through her own time."""
    scene, drawn = one.scene, one.chance("complaint")
    at = one.came + (one.end[2] - one.came) * drawn.uniform(0.2, 0.9)
    promised = told.get("promised_days") or ANSWER_DAYS
    row = one.put(
        Complaint, at, clinic=scene.clinic, person_id=one.person, about=told["about"],
        text=COMPLAINTS.get(told["about"], COMPLAINTS["information"]), made_at=at, by=one.person,
        answer_by=at + timedelta(days=promised), key=scene.keys.free(),
    )  # fmt: skip
    steps = [(kind, told.get(f"{kind}_days")) for kind in ("acknowledged", "answered", "closed")]
    later = 0.0
    for revision, (kind, days) in enumerate([(kind, days) for kind, days in steps if days is not None], start=1):
        later = max(later, days)
        then = at + timedelta(days=later)
        if row is not None:
            reason = (told.get("outcome") or "").replace("_", "-") if kind == "closed" else ""
            one.put(ComplaintStep, then, complaint=row, kind=kind, revision=revision, reason=reason, at=then,
                    by=scene.coordinator, key=scene.keys.free())  # fmt: skip
