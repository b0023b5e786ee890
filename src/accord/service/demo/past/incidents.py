"""What went wrong in the past, and what was done: alerts and their handling, harms, complaints, rescues."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accord.service.care.models import Alert, AlertStep, Complaint, ComplaintStep, Contact, Decided, Harm, Rescue
from accord.service.care.rules.complaints import OUTCOMES, answer_by
from accord.service.care.rules.deadlines import acknowledge_by, contact_by, promise_of
from accord.service.care.rules.handling import HANDED, MISTAKE, OTHER, SAFE, UNREACHED
from accord.service.care.rules.harm import ALWAYS_SERIOUS, SERIOUS, WHAT
from accord.service.demo.past.life import Life
from accord.service.demo.past.words import CLOSING, COMPLAINTS

if TYPE_CHECKING:
    from accord.service.demo.past.histories import Fact

# The simulation's codes in the words of the rooms.
CLOSED_AS = {
    "reached_and_safe": SAFE,
    "plan_made": SAFE,
    "no_action_needed": MISTAKE,
    "handed": HANDED,
    "letter": UNREACHED,
}
SAID = {"technical": "technical-trouble", "health": "pain-too-bad"}
ABOUT = {"contact": "letter-or-call", "content": "lessons", "other": "something-else"}
AT_LAST = 48.0  # hours
SIGN, WORSE = 0.03, 0.05  # shares who say yes to a sign, who get worse
RAISED = 19.25  # the hour
NOTED = "Brought in from an earlier record."
REACHED_AFTER = 15  # minutes of the call


def write_incidents(one: Life) -> None:
    of = one.history.of
    for number, alert in enumerate([*of.get("alerts", ()), *_slow(one)], start=1):
        _alert(one, alert, number)
    for harm in one.history.events("adverse_event"):
        _harm(one, harm)
    for rescue in of.get("rescues", ()):
        _rescue(one, rescue)
    for complaint in of.get("complaints", ()):
        _complaint(one, complaint)


def _slow(one: Life) -> list[Fact]:
    """What the simulation does not tell of: a sign for a doctor, getting worse, two weeks of silence; each seen to."""
    found: list[Fact] = []
    drawn, lost = one.chance("slow alerts"), one.history.day("lost")
    if one.started is None:
        return []
    days: list[tuple[int, str, str]] = [(drawn.randrange(2), "health", "d2")] if drawn.random() < SIGN else []
    days += [(drawn.randrange(30, 80), "change", "d1")] if drawn.random() < WORSE else []
    days += [(lost + 15, "silence", "i2")] if lost is not None else []
    for day, track, tier in days:
        taken = drawn.expovariate(1 / 20)
        found.append({
            "day": day, "track": track, "tier": tier, "acknowledged_hours": taken, "contacted_hours": None,
            "closed_hours": taken + drawn.uniform(1, 90), "reason": "letter" if track == "silence" else "handed",
        })  # fmt: skip
    return [alert for alert in found if one.days.at(alert["day"], RAISED) < one.end[2]]


def _alert(one: Life, told: Fact, number: int) -> None:
    scene, tier = one.scene, told["tier"]
    if tier not in scene.ladder.tiers:
        return
    raised = one.days.at(told["day"], RAISED)
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
    closed = closed if closed is not None else (taken or 0) + AT_LAST  # the record leaves nothing open
    if taken is not None:
        at = raised + timedelta(hours=taken)
        one.put(AlertStep, at, alert=alert, kind="acknowledged", at=at, by=by)
    if reached is not None:
        at, key = raised + timedelta(hours=max(reached, taken or 0)), scene.keys.free()
        one.put(AlertStep, at, alert=alert, kind="contact", at=at, by=by, key=key, outcome="reached", reason="phone")
        one.put(Contact, at, person_id=one.person, episode_id=one.episode, alert=alert, mode="phone",
                outcome="reached", minutes=REACHED_AFTER, at=at, by=by, key=key)  # fmt: skip
    at = raised + timedelta(hours=max(closed, reached or 0, taken or 0))
    one.put(AlertStep, at, alert=alert, kind="closed", at=at, by=by, note=CLOSING,
            reason=CLOSED_AS.get(told.get("reason") or "", OTHER))  # fmt: skip


def _harm(one: Life, harm: Fact) -> None:
    at, what = one.days.at(harm["day"], 16), harm["reason"].replace("_", "-")
    one.put(
        Harm, at, person_id=one.person, episode_id=one.episode, what=what if what in WHAT else "other",
        severity=SERIOUS if what in ALWAYS_SERIOUS else harm["severity"], causality=harm["causality"],
        on=one.days.on(harm["day"]), note=NOTED, at=at, by=one.therapist or one.scene.on_duty,
        key=one.scene.keys.free(),
    )  # fmt: skip


def _rescue(one: Life, rescue: Fact) -> None:
    at, said = one.days.at(rescue["day"], 11), rescue["reason"] or ""
    if at < one.end[2]:
        one.put(
            Rescue, at, person_id=one.person, episode_id=one.episode, why=_code(rescue["why"]),
            kind=_code(rescue["kind"]), reason=SAID.get(said, _code(said)), outcome=_code(rescue["outcome"]),
            minutes=round(rescue["minutes"] or 0), on=one.days.on(rescue["day"]), at=at, by=one.scene.coordinator,
            key=one.scene.keys.free(),
        )  # fmt: skip


def _complaint(one: Life, told: Fact) -> None:
    """A complaint counts its days from the first day of the cohort; here it comes half way through her own time."""
    scene, drawn = one.scene, one.chance("complained")
    at = one.came + (one.end[2] - one.came) * drawn.uniform(0.2, 0.9)
    about = ABOUT.get(told["about"], _code(told["about"]))
    row = one.put(
        Complaint, at, clinic=scene.clinic, person_id=one.person, about=about, made_at=at, by=one.person,
        text=COMPLAINTS[about], answer_by=answer_by(scene.calendar, at),
        key=scene.keys.free(),
    )  # fmt: skip
    later = 0.0
    steps = [(kind, told.get(f"{kind}_days")) for kind in ("acknowledged", "answered", "closed")]
    for revision, (kind, days) in enumerate([(kind, days) for kind, days in steps if days is not None], start=1):
        later = max(later, days)
        then, reason = (
            at + timedelta(days=later),
            {"closed": drawn.choice(OUTCOMES), "answered": "letter"}.get(kind, ""),
        )
        if row is not None:
            one.put(ComplaintStep, then, complaint=row, kind=kind, revision=revision, reason=reason, at=then,
                    by=scene.coordinator, key=scene.keys.free())  # fmt: skip


def _code(word: str | None) -> str:
    """A code of the cohort as the service writes it."""
    return (word or "").replace("_", "-")
