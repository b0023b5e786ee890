"""Start and stay: who has not started, went quiet or is stuck before the course; whose turn it is; what may be done.

Plain values in, plain values out. Nobody is contacted twice on one day; nobody is called quiet during a flare; whoever
the therapist has to reach because of a tier of risk is reached by her, not by a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from accord.service.care.rules.handling import OUTCOMES, REACHED
from accord.service.care.rules.needs import START
from accord.service.care.rules.support import NOT_STARTED, QUIET
from accord.service.care.rules.watching import QUIET_DAYS, Watched, overdue_since

NO_CONSENT, NO_BASELINE = "no-consent", "no-baseline"
IN_A_COURSE = (NOT_STARTED, QUIET)  # what a cohort counts; the other two are before the course
WHYS = (*IN_A_COURSE, NO_BASELINE, NO_CONSENT)

TECHNICAL_HELP, CALL, MESSAGE, LATER = KINDS = "technical-help", "call", "message", "later"
REASONS = (
    "no-time", "technical-trouble", "pain-too-bad", "unsure", "feeling-better", "other-help", "changed-mind", "unknown",
)  # fmt: skip
AGAIN, START_MOVED, STOP = THEN = "again", "start", "stop"
ON_A_DAY = (AGAIN, START_MOVED)  # she comes back to the list on that day, not before
LONG_QUIET = 14  # days
REST = timedelta(days=3)  # after an attempt without an agreed day
LATEST = timedelta(days=92)  # a start is not moved for longer
ATTEMPTS = 3  # without having reached her: then a letter, or her doctor where that was agreed


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why somebody stands on the list, since when, and for how many days."""

    why: str
    since: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What was done before, in plain values (a row of `Rescue`)."""

    kind: str
    on: date
    at: datetime
    outcome: str = ""
    then: str = ""
    again_on: date | None = None
    reason: str = ""


class Turn(StrEnum):
    """Whether it is her turn."""

    NOW = "now"
    TODAY = "today"  # somebody has contacted her today
    LATER = "later"  # on a day that was agreed, or after a rest
    THERAPIST = "therapist"  # her therapist reaches her, by the clock of an alert


def stuck(
    *, eligible_since: datetime | None, baseline_since: datetime | None, watched: Watched | None, now: datetime
) -> Stuck | None:
    """Why she is on the list; None while nothing waits for her for long enough.

    `eligible_since`: she could say yes since then and has not; `baseline_since`: she has said yes and not sent the
    first questions; `watched`: what is known of her course.
    """
    for why, since in ((NO_CONSENT, eligible_since), (NO_BASELINE, baseline_since)):
        if since is not None and now - since >= START:
            return Stuck(why, since, (now - since).days)
    return _in_course(watched, now) if watched else None


def _in_course(one: Watched, now: datetime) -> Stuck | None:
    if not one.begun_first_lesson:
        waited = now - one.course_began
        return Stuck(NOT_STARTED, one.course_began, waited.days) if waited >= START and not one.in_flare else None
    if one.in_flare:
        return None  # also after R2: then her therapist has the alert, and no list does
    since = overdue_since(one, now)
    days = (now - since).days if since else 0
    return Stuck(QUIET, since, days) if since and days >= QUIET_DAYS else None


def of_this_time(one: Stuck, tried: Sequence[Tried]) -> list[Tried]:
    """Of what was tried what belongs to this silence, the newest first."""
    return sorted((row for row in tried if row.at >= one.since), key=lambda row: row.at, reverse=True)


def turn(
    one: Stuck, tried: Sequence[Tried], *, therapist_has: bool, contacted_on: date | None, today: date
) -> tuple[Turn, date | None]:
    """Whether it is her turn, and if it is not, from which day on it is."""
    if therapist_has:
        return Turn.THERAPIST, None
    last = next(iter(of_this_time(one, tried)), None)
    back = back_on(last)
    if contacted_on is not None and contacted_on >= today:
        return Turn.TODAY, max(back, today + timedelta(days=1)) if back else today + timedelta(days=1)
    return (Turn.LATER, back) if back and back > today else (Turn.NOW, None)


def back_on(last: Tried | None) -> date | None:
    """The day on which she comes back to the list after the last attempt; who wants to stop stays on it."""
    if last is None or last.then == STOP:
        return None
    return last.again_on or last.on + REST


def unreached(one: Stuck, tried: Sequence[Tried]) -> int:
    """How many attempts of this time did not reach her; 0 once one did."""
    mine = [row for row in of_this_time(one, tried) if row.kind != LATER]
    return 0 if any(row.outcome == REACHED for row in mine) else len(mine)


def place(one: Stuck, tried: Sequence[Tried], today: date) -> tuple[int, int, datetime]:
    """The order: who was promised a call for today or wants to stop, then by need, then who has waited longest."""
    last = next(iter(of_this_time(one, tried)), None)
    promised = last is not None and (last.then == STOP or (last.again_on is not None and last.again_on <= today))
    return int(not promised), _need(one), one.since


def _need(one: Stuck) -> int:
    if one.why == QUIET and one.days >= LONG_QUIET:
        return 0
    return 1 + (NOT_STARTED, QUIET, NO_BASELINE, NO_CONSENT).index(one.why)


def known_reason(tried: Sequence[Tried]) -> str:
    """Her reason as it was last said; empty while nobody knows it."""
    said = sorted((row for row in tried if row.reason and row.reason != "unknown"), key=lambda row: row.at)
    return said[-1].reason if said else ""


def wrong_rescue(
    *, kind: str, outcome: str, reason: str, then: str, again_on: date | None, minutes: int, today: date
) -> str:
    """What is wrong with a logged attempt: a field's name, or nothing."""
    if kind not in KINDS:
        return "kind"
    if kind in (CALL, MESSAGE) and outcome not in OUTCOMES:
        return "outcome"
    if reason and reason not in REASONS:
        return "reason"
    if then and then not in THEN:
        return "then"
    needs_day = then in ON_A_DAY or kind == LATER
    if needs_day and (again_on is None or not today < again_on <= today + LATEST):
        return "again_on"
    return "minutes" if not 0 <= minutes <= 600 else ""
