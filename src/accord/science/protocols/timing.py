"""When things are planned to happen: nominal days from enrolment, arm by arm, and from real anchors once they exist."""

from __future__ import annotations

from collections.abc import Mapping

from accord.science.protocols.model import Protocol, TimePoint, Window
from accord.science.protocols.occasions import Occasion

DAYS_BETWEEN_SESSIONS = 7  # when an arm's contact plan does not say
REFERRAL_DAY = -14  # a nominal referral two weeks before enrolment


def planned_anchors(protocol: Protocol, arm: str) -> dict[str, int]:
    """Anchor -> nominal day from enrolment for one arm; an anchor that this arm never reaches is absent.

    Baseline is answered first; allocation and start follow on the last day of its window. Session n comes
    (n − 1) × `every_days` after the start, the end of a group with its last session.
    """
    plan, start = protocol.arms[arm], _end_of_baseline(protocol)
    days = {"referral": REFERRAL_DAY, "enrolment": 0, "calendar": 0}
    if protocol.allocation:
        days["allocation"] = start
    if plan.contact.mode != "none" and plan.role != "waiting-list":
        days["treatment-start"] = start
        every = plan.contact.every_days or DAYS_BETWEEN_SESSIONS
        sessions = {f"session:{n + 1}": start + n * every for n in range(plan.contact.sessions or 0)}
        days |= sessions
        if plan.format == "group":
            days |= {"group-start": start, "group-end": max([start, *sessions.values()])}
    return days


def _end_of_baseline(protocol: Protocol) -> int:
    baseline: TimePoint | None = protocol.schedule.get("baseline")
    return max(baseline.days.last, 0) if baseline and baseline.anchor == "enrolment" else 0


def planned_window(protocol: Protocol, occasion: Occasion, arm: str) -> Window | None:
    """The occasion's window in nominal days from enrolment; None where this arm never reaches its anchor."""
    return window_on(occasion, planned_anchors(protocol, arm)) if arm in occasion.arms else None


def window_on(occasion: Occasion, anchors: Mapping[str, int]) -> Window | None:
    """The occasion's window in days from enrolment, once the day of its anchor is known."""
    day = anchors.get(occasion.anchor)
    if day is None:
        return None
    return Window(first=day + occasion.window.first, last=day + occasion.window.last)
