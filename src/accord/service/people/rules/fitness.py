"""Who may take a person, a protocol or the duty: what she is certified for, and how many places she has (C40)."""

from __future__ import annotations

import re
from datetime import date, timedelta

RISK_DUTY = "risk-duty"
PLACE = "place"  # what is missing when every place is taken
TREATING = ("therapist", "handover")  # reasons of accountability that mean: she is treated, and holds a place
DISCHARGED = "discharged"  # the reason once she is not treated any more: named still, and no place is held
SOON = timedelta(days=60)  # certificates that run out within this time stand first
_COVERS = re.compile(r"(?:protocol|programme):[a-z0-9]+(?:-[a-z0-9]+)*|risk-duty")


def for_protocol(slug: str) -> str:
    """What a certificate for this protocol covers."""
    return f"protocol:{slug}"


def can_be_certified(covers: str) -> bool:
    """`protocol:<slug>`, `programme:<slug>` or `risk-duty`."""
    return bool(_COVERS.fullmatch(covers))


def counts(given_on: date, expires_on: date | None, day: date) -> bool:
    """Whether a certificate counts on a day: from the day it was given to the day before it runs out."""
    return given_on <= day and (expires_on is None or day < expires_on)


def runs_out(expires_on: date | None, day: date) -> bool:
    """It runs out within the next 60 days, or has run out."""
    return expires_on is not None and expires_on <= day + SOON


def free(places: int | None, taken: int) -> int | None:
    """How many more she can take, never below 0; None while nobody has set her places."""
    return None if places is None else max(places - taken, 0)
