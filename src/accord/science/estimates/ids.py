"""The ids of estimates: the same number has the same id in an analysis, in an export and in a simulator's truth.

`change` is the mean improvement from baseline in points of the scale (positive = better, whichever way the scale
runs); `g` the same in baseline SDs; `contrast` the improvement of one arm or level minus that of another.
"""

from __future__ import annotations


def _id(*parts: str | None) -> str:
    return ".".join(part for part in parts if part)


def change(scale: str, at: str, arm: str | None = None) -> str:
    return _id("change", scale, at, arm)


def change_g(scale: str, at: str, arm: str | None = None) -> str:
    return _id("g", scale, at, arm)


def contrast(scale: str, at: str, name: str) -> str:
    return _id("contrast", scale, at, name)


def contrast_g(scale: str, at: str, name: str) -> str:
    return _id("contrast_g", scale, at, name)


def share(level: str, scale: str, at: str, arm: str | None = None) -> str:
    """Share of the variance of the outcome, adjusted for baseline, that lies between clusters of this level."""
    return _id("icc", level, scale, at, arm)


def association(name: str, part: str) -> str:
    """`part` is within, between, reverse_within or reverse_between."""
    return _id("association", name, part)


def responders(scale: str, at: str, arm: str | None = None) -> str:
    return _id("responders", scale, at, arm)


def reliably_improved(scale: str, at: str, arm: str | None = None) -> str:
    return _id("reliably_improved", scale, at, arm)


def reliably_worse(scale: str, at: str, arm: str | None = None) -> str:
    return _id("reliably_worse", scale, at, arm)


def funnel(stage: str) -> str:
    return _id("funnel", stage)


def minutes(mode: str) -> str:
    """Mean therapist minutes per started person, by mode of contact; `all` over all modes."""
    return _id("minutes", mode)


def marker(name: str, at: str, contrast_name: str | None = None) -> str:
    return _id("marker", name, at, contrast_name)


def slope(scale: str, over: str, arm: str | None = None) -> str:
    """Improvement a week over a repeated time-point."""
    return _id("slope", scale, over, arm)


def slope_contrast(scale: str, over: str, name: str) -> str:
    return _id("slope_contrast", scale, over, name)


def stay(at: str, arm: str | None = None) -> str:
    """Share still there on the last planned day of a time-point."""
    return _id("stay", at, arm)


def leaving_ratio(arm: str) -> str:
    return _id("hazard_ratio", "leaving", arm)


def blinding(informant: str, at: str, arm: str | None = None) -> str:
    """Bang's index of an arm; without one James's."""
    return _id("blinding", informant, at, arm)


def mean_count(what: str, arm: str | None = None) -> str:
    """Mean number per person of what is counted."""
    return _id("mean_count", what, arm)


# --- what a service counts of itself ----------------------------------------------------------------------------------


def reached(stage: str) -> str:
    """How many people are in a stage of the funnel."""
    return _id("reached", stage)


def stage_wait(stage: str) -> str:
    """Median days to a stage from the stage it is `of`, over those who reached it."""
    return _id("stage_wait", stage)


def wait(step: str, what: str) -> str:
    """Days from referral to a step (acknowledged, enrolment, assigned, start): median, p90, now, longest."""
    return _id("wait", step, what)


def acknowledged_in_time() -> str:
    return "acknowledged.in_time"


def replies(what: str) -> str:
    """messages, in_time, median_hours, p90_hours, waiting, overdue."""
    return _id("replies", what)


def alerts(what: str, tier: str | None = None) -> str:
    """raised, acknowledged_in_time, contacted_in_time, open, overdue; of all alerts or of a tier."""
    return _id("alerts", what, tier)


def alerts_open(age: str) -> str:
    """Open alerts of an age."""
    return _id("alerts_open", age)


def alerts_closed(reason: str) -> str:
    """Alerts closed with this reason."""
    return _id("alerts_closed", reason)


def complaints(what: str, about: str | None = None) -> str:
    return _id("complaints", what, about)


def rescue(why: str, kind: str, what: str) -> str:
    """given, came (share that came back), others (of those for whom it was not done), difference."""
    return _id("rescue", why, kind, what)


def load(therapist: str) -> str:
    """People whom one therapist answers for now."""
    return _id("load", therapist)


def cover(what: str) -> str:
    """therapists, people, places, fewest, median, most, over, away, uncovered."""
    return _id("cover", what)


def equity(outcome: str, variable: str, level: str) -> str:
    """Share of a group of people that began, completed or improved."""
    return _id("equity", outcome, variable, level)


def harm_events(by: str, code: str | None = None) -> str:
    """Adverse events counted: all, by severity, by relation to the treatment, serious ones by what happened."""
    return _id("harm_events", by, code)
