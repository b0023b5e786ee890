"""An adverse event: what can be written down, how bad, whether the treatment had to do with it; what a correction may
say. Plain values in, plain values out."""

from __future__ import annotations

from datetime import date

IN_ERROR = "entered-in-error"  # only of a correction: it did not happen, or not to her
WHAT = (
    "more-pain", "distress", "fall", "new-illness", "medicine", "self-harm", "hospital", "death", "other",
)  # fmt: skip
SEVERITIES = MILD, MODERATE, SEVERE, SERIOUS = "mild", "moderate", "severe", "serious"
CAUSALITIES = "unrelated", "possible", "probable", "definite"
ALWAYS_SERIOUS = frozenset({"death", "hospital"})  # by what the word means in every guideline
NEED_NOTE = frozenset({"other", IN_ERROR})


def wrong_harm(
    *, what: str, severity: str, causality: str, on: date | None, note: str, today: date, correction: bool
) -> str:
    """What is wrong with an event as it was given: a field's name, or nothing."""
    if what not in WHAT and not (correction and what == IN_ERROR):
        return "what"
    if on is None or on > today:
        return "on"
    if severity not in SEVERITIES:
        return "severity"
    if what in ALWAYS_SERIOUS and severity != SERIOUS:
        return "serious"
    if causality not in CAUSALITIES:
        return "causality"
    return "note" if what in NEED_NOTE and not note.strip() else ""


def must_be_told(what: str, severity: str) -> bool:
    """Whether somebody besides the writer must hear of it at once."""
    return severity == SERIOUS and what != IN_ERROR
