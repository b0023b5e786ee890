"""The clocks of an alert: by when somebody acknowledges, who is told next when nobody does, by when she is reached.

A promise is what the ladder says of a tier, kept with the alert as it was when it was raised (`Promise.to_json`), so
that a later version of the ladder never moves a deadline that was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accord.science.protocols.ladder import Ladder, Outcome
from accord.service.care.rules.calendar import Calendar, add_minutes, add_working_days, closing, is_open

DUTY_SUPERVISOR, SERVICE_LEAD = "duty supervisor", "service lead"
FAIL_SAFE = "fail-safe"  # the ladder's name in an alert that was raised because the rules themselves failed


@dataclass(frozen=True, slots=True)
class Promise:
    """A tier's clock: minutes or working days to acknowledge, when to reach her, and the rungs above."""

    minutes: int | None = None
    working_days: int | None = None
    contact: str = ""
    rungs: tuple[tuple[int, str], ...] = ()  # minutes after the rung before, who
    at_any_hour: bool = False  # where the clinic has somebody on call, the clock also runs at night

    def to_json(self) -> dict[str, Any]:
        return {
            "minutes": self.minutes, "working_days": self.working_days, "contact": self.contact,
            "rungs": [list(rung) for rung in self.rungs], "at_any_hour": self.at_any_hour,
        }  # fmt: skip


def promise_from(stored: dict[str, Any]) -> Promise:
    """The promise as it was stored with an alert."""
    rungs = tuple((int(minutes), str(who)) for minutes, who in stored["rungs"])
    return Promise(stored["minutes"], stored["working_days"], stored["contact"], rungs, stored["at_any_hour"])


FAIL_SAFE_PROMISE = Promise(60, None, "same working day", ((60, DUTY_SUPERVISOR), (60, SERVICE_LEAD)))
FAIL_SAFE_HIGHEST = Promise(15, None, "at once", ((15, DUTY_SUPERVISOR), (15, SERVICE_LEAD)), at_any_hour=True)
# What the button means even where no ladder can be read.
HELP_NOW = Outcome("r3", ("The button 'I need help now' was used.",), "r3", rules=("r3.help_now",))


def promise_of(ladder: Ladder | None, clock: str) -> Promise:
    """What the ladder promises at a tier's clock; fixed times when there is no ladder, or no such clock in it."""
    if ladder is None or clock not in ladder.tiers:
        return FAIL_SAFE_HIGHEST if clock == "r3" else FAIL_SAFE_PROMISE
    said = ladder.tiers[clock].clock
    rungs = tuple((rung.after_minutes, rung.to) for rung in said.escalate)
    days = said.acknowledge_working_days
    return Promise(said.acknowledge_minutes, days, said.contact, rungs, bool(said.out_of_hours))


def acknowledge_by(promise: Promise, calendar: Calendar, raised_at: datetime) -> datetime:
    """By when somebody must have said that she has it."""
    if promise.minutes is not None:
        return _later(promise, calendar, raised_at, promise.minutes)
    return add_working_days(calendar, raised_at, promise.working_days or 1)


def _later(promise: Promise, calendar: Calendar, moment: datetime, minutes: int) -> datetime:
    """Working time, or simply later where somebody is on call for alerts of this height."""
    if promise.at_any_hour and calendar.on_call:
        return moment + timedelta(minutes=minutes)
    return add_minutes(calendar, moment, minutes)


def contact_by(promise: Promise, calendar: Calendar, raised_at: datetime) -> datetime | None:
    """By when she is reached, where the ladder says so: "at once" or "same working day"."""
    if promise.contact == "at once":
        return acknowledge_by(promise, calendar, raised_at)
    if promise.contact == "same working day":
        return max(closing(calendar, raised_at), acknowledge_by(promise, calendar, raised_at))
    return None


def rung_due(promise: Promise, calendar: Calendar, raised_at: datetime, level: int) -> tuple[datetime, str]:
    """When rung `level` (from 1) is reached if nobody has acted, and who is told then.

    A tier without rungs has one all the same, when its time has passed: the duty supervisor. Above the highest rung
    the same person is told again every working day: an alert that nobody takes never falls silent.
    """
    rungs = promise.rungs
    if not rungs:
        due = acknowledge_by(promise, calendar, raised_at)
        return (due, DUTY_SUPERVISOR) if level == 1 else (add_working_days(calendar, due, level - 1), SERVICE_LEAD)
    due = raised_at
    for minutes, _ in rungs[:level]:
        due = _later(promise, calendar, due, minutes)
    beyond = level - len(rungs)
    return (add_working_days(calendar, due, beyond) if beyond > 0 else due), rungs[min(level, len(rungs)) - 1][1]


def draft_minutes(ladder: Ladder | None, clock: str) -> int:
    """After how many minutes an answer in an unsent draft carries its tier (C3)."""
    said = ladder.tiers[clock].clock.draft_minutes if ladder and clock in ladder.tiers else None
    return 30 if said is None else said


def reply_due(calendar: Calendar, sent_at: datetime, *, last_tier: int) -> datetime:
    """By when a patient's message is answered: one working day; R2's hour when her last known tier was R2 (C15)."""
    if last_tier >= 2:
        return add_minutes(calendar, sent_at, 60)
    return add_working_days(calendar, sent_at, 1)


def open_now(calendar: Calendar, promise: Promise, moment: datetime) -> bool:
    """Whether somebody looks at alerts of this height now."""
    return (promise.at_any_hour and calendar.on_call) or is_open(calendar, moment)
