"""What several of her pages say: who answers, what is promised, a published text."""

from __future__ import annotations

from typing import Any

from accord.science.errors import NotFound
from accord.service.care import queries as care
from accord.service.care.rules.calendar import next_opening
from accord.service.errors import NotNow
from accord.service.library.queries import text
from accord.service.people.queries import accountable_for


def may_be_text(slug: str) -> Any:
    """A published text; None while it is not published, so that no page falls over for it."""
    try:
        return text(slug)
    except NotFound:
        return None


def promise_to(person: Any, now: Any) -> dict[str, Any] | None:
    """What is promised about her most urgent open alert of risk: by when it is read, or since when it is in hand.

    `called`: it is her request to be called, not an answer of hers.
    """
    for one in care.open_alerts_of(person.pk, now):
        if one.alert.track == "risk":
            taken = next((step for step in reversed(one.steps) if step.kind == "acknowledged"), None)
            opens = next_opening(care.calendar_for(person.clinic), now)
            watched = person.clinic.on_call and one.alert.acknowledge_by < opens
            return {
                "by": one.alert.acknowledge_by, "tier": one.alert.clock, "taken_at": taken.at if taken else None,
                "closed": opens > now and not watched, "opens": opens,
                "called": one.alert.occasion.startswith("help-now:"),
            }  # fmt: skip
    return None


def who_answers(person: Any, now: Any) -> str:
    """The name of who answers for her; the clinic's own where it has nobody at the moment."""
    try:
        return accountable_for(person.pk, now).name
    except NotNow:
        return str(person.clinic.name)
