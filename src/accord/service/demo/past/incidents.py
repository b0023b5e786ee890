"""What went wrong in the past, and what was done: alerts and their handling, harms, complaints, rescues."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accord.service.care.models import Alert, AlertStep, Complaint, ComplaintStep, Contact, Decided, Harm, Rescue
from accord.service.care.rules.complaints import OUTCOMES as OUTCOMES_OF_COMPLAINTS
from accord.service.care.rules.complaints import answer_by
from accord.service.care.rules.deadlines import acknowledge_by, contact_by, promise_of
from accord.service.care.rules.handling import HANDED, OTHER, OUTCOMES, REACHED, SAFE
from accord.service.care.rules.handling import REASONS as CLOSED_BECAUSE
from accord.service.care.rules.harm import ALWAYS_SERIOUS, SERIOUS, WHAT
from accord.service.care.rules.rescue import CALL, MESSAGE, REASONS, TECHNICAL_HELP
from accord.service.care.rules.support import NOT_STARTED, QUIET
from accord.service.demo.past.life import Life
from accord.service.demo.past.words import CLOSING, COMPLAINTS

if TYPE_CHECKING:
    import random

    from accord.service.demo.past.histories import Fact

COMPLAIN = 1 / 80
LATE_START = 14  # days; who begins later had been called
NOTED = "Brought in from an earlier record."
REACHED_AFTER = 15  # minutes of the call


def write_incidents(one: Life) -> None:
    alerts = one.history.of.get("alerts") or [_alert_of(one, event) for event in one.history.events("alert")]
    for number, alert in enumerate(alerts, start=1):
        _alert(one, alert, number)
    for harm in one.history.events("adverse_event"):
        _harm(one, harm)
    for rescue in one.history.of.get("rescues") or _rescues_of(one):
        _rescue(one, rescue)
    for complaint in one.history.of.get("complaints") or _complaints_of(one):
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
        reason = _code(told.get("reason") or SAFE)
        one.put(AlertStep, at, alert=alert, kind="closed", at=at, by=by, note=CLOSING,
                reason=reason if reason in CLOSED_BECAUSE else OTHER)  # fmt: skip


def _harm(one: Life, harm: Fact) -> None:
    at, what = one.days.at(harm["day"], 16), harm["reason"].replace("_", "-")
    one.put(
        Harm, at, person_id=one.person, episode_id=one.episode, what=what if what in WHAT else "other",
        severity=SERIOUS if what in ALWAYS_SERIOUS else harm["severity"], causality=harm["causality"],
        on=one.days.on(harm["day"]), note=NOTED, at=at, by=one.therapist or one.scene.on_duty,
        key=one.scene.keys.free(),
    )  # fmt: skip


def _rescues_of(one: Life) -> list[Fact]:
    """Where the record does not tell: who had not started, or was lost, was called, and most said why."""
    drawn, found = one.chance("rescue"), []
    lost, start = one.history.day("lost"), one.history.day("start")
    if start is None or start > LATE_START:
        found.append(
            _call(drawn, (one.start_day or 2) + 4 if start is None else 7, NOT_STARTED, reached=start is not None)
        )
    if lost is not None:
        found.append(_call(drawn, lost + 9, QUIET, reached=False))
    return found if one.started else []


def _call(drawn: random.Random, day: int, why: str, *, reached: bool) -> Fact:
    """One attempt; `reached`: it worked, since she began afterwards."""
    outcome = REACHED if reached else drawn.choice(OUTCOMES)
    kind = drawn.choices((CALL, MESSAGE, TECHNICAL_HELP), (6, 2, 2))[0]
    said = drawn.choice(REASONS) if outcome == REACHED else ""
    return {"day": day, "why": why, "kind": kind, "reason": said, "outcome": outcome, "minutes": drawn.randint(3, 14)}


def _rescue(one: Life, rescue: Fact) -> None:
    at = one.days.at(rescue["day"], 11)
    if at < one.end[2]:
        one.put(
            Rescue, at, person_id=one.person, episode_id=one.episode, why=_code(rescue["why"]),
            kind=_code(rescue["kind"]), reason=_code(rescue["reason"]), outcome=_code(rescue["outcome"]),
            minutes=round(rescue["minutes"] or 0), on=one.days.on(rescue["day"]), at=at, by=one.scene.coordinator,
            key=one.scene.keys.free(),
        )  # fmt: skip


def _complaints_of(one: Life) -> list[Fact]:
    """Where the record does not tell: one in eighty said that something was not right, and had an answer."""
    drawn = one.chance("complaint")
    if drawn.random() >= COMPLAIN:
        return []
    taken = drawn.uniform(0.1, 4)
    answered = taken + drawn.expovariate(1 / 6)
    return [{
        "about": drawn.choice(list(COMPLAINTS)), "acknowledged_days": taken, "answered_days": answered,
        "closed_days": answered + drawn.uniform(1, 10), "outcome": drawn.choice(OUTCOMES_OF_COMPLAINTS),
    }]  # fmt: skip


def _complaint(one: Life, told: Fact) -> None:
    """A complaint counts its days from the first day of the cohort; here it comes half way through her own time."""
    scene, drawn = one.scene, one.chance("complained")
    at = one.came + (one.end[2] - one.came) * drawn.uniform(0.2, 0.9)
    about = _code(told["about"]) if _code(told["about"]) in COMPLAINTS else "something-else"
    row = one.put(
        Complaint, at, clinic=scene.clinic, person_id=one.person, about=about, made_at=at, by=one.person,
        text=COMPLAINTS.get(about, COMPLAINTS["waiting"]), answer_by=answer_by(scene.calendar, at),
        key=scene.keys.free(),
    )  # fmt: skip
    later = 0.0
    steps = [(kind, told.get(f"{kind}_days")) for kind in ("acknowledged", "answered", "closed")]
    for revision, (kind, days) in enumerate([(kind, days) for kind, days in steps if days is not None], start=1):
        later = max(later, days)
        then, reason = (
            at + timedelta(days=later),
            {"closed": _code(told["outcome"]), "answered": "letter"}.get(kind, ""),
        )
        if row is not None:
            one.put(ComplaintStep, then, complaint=row, kind=kind, revision=revision, reason=reason, at=then,
                    by=scene.coordinator, key=scene.keys.free())  # fmt: skip


def _code(word: str | None) -> str:
    """A code of the cohort as the service writes it."""
    return (word or "").replace("_", "-")
