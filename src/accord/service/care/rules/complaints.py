"""A complaint: what it can be about, by when it is acknowledged and answered, where it stands. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accord.service.care.rules.calendar import Calendar, add_working_days

ABOUT = (
    "therapist", "waiting", "lessons", "questions", "technical", "privacy", "letter-or-call", "something-else",
)  # fmt: skip
ACKNOWLEDGE_DAYS, ANSWER_DAYS = 3, 10  # working days of the clinic
WAYS = ("page", "letter", "phone")  # how she was answered
OUTCOMES = ("put-right", "explained", "partly-right", "not-agreed", "taken-back", "passed-on")
LONGEST = 5000
CAUTION = timedelta(days=2)  # an answer that is due so soon is shown as such


class ComplaintStage(StrEnum):
    """Where a complaint stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where it stands, what is due next by when, and whether that has passed."""

    stage: ComplaintStage
    due: datetime | None  # acknowledge by, then answer by; nothing once it was answered
    late: bool


def answer_by(calendar: Calendar, made_at: datetime) -> datetime:
    """By when she has an answer."""
    return add_working_days(calendar, made_at, ANSWER_DAYS)


def acknowledge_by(calendar: Calendar, made_at: datetime) -> datetime:
    """By when somebody has said that it arrived."""
    return add_working_days(calendar, made_at, ACKNOWLEDGE_DAYS)


def standing(kinds: Sequence[str], *, acknowledge: datetime, answer: datetime, now: datetime) -> Standing:
    """Where a complaint stands, from the kinds of its steps."""
    for stage in (ComplaintStage.CLOSED, ComplaintStage.ANSWERED):
        if stage in kinds:
            return Standing(stage, None, False)
    if ComplaintStage.ACKNOWLEDGED in kinds:
        return Standing(ComplaintStage.ACKNOWLEDGED, answer, answer < now)
    return Standing(ComplaintStage.NEW, acknowledge, acknowledge < now)


def urgency(one: Standing, made_at: datetime) -> tuple[int, datetime]:
    """The order of a list: what is overdue, what is due next, what waits only to be closed, what is closed."""
    if one.stage is ComplaintStage.CLOSED:
        return 3, made_at
    if one.due is None:
        return 2, made_at
    return int(not one.late), one.due


def wrong_complaint(*, about: str, text: str) -> str:
    """What is wrong with a complaint as it was given: a field's name with the fault, or nothing."""
    if about not in ABOUT:
        return "about"
    if "\0" in text:
        return "nul"
    if not text.strip():
        return "empty"
    return "long" if len(text) > LONGEST else ""
