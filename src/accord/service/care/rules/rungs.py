"""Who stands on a rung of the escalation: roles in a ladder are names, here they become a person who is there."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from accord.service.care.rules.deadlines import SERVICE_LEAD


@dataclass(frozen=True, slots=True)
class Member:
    """A clinician as the rungs see her; `here`: has an open log-in and is not away."""

    id: uuid.UUID
    supervisor: bool = False
    duty: bool = False
    lead: bool = False
    here: bool = True
    cover: uuid.UUID | None = None


def next_up(rung: str, members: Sequence[Member], told: Collection[uuid.UUID]) -> uuid.UUID | None:
    """The person to tell. Never nobody while the clinic has a clinician.

    "duty supervisor": a supervisor on duty, a supervisor, the duty clinician, anybody: the first who is there and was
    not told yet. "service lead": she, whether told before or not, or her cover, or as above.
    """
    here = {member.id for member in members if member.here}
    if rung == SERVICE_LEAD:
        lead = next((member for member in members if member.lead), None)
        standing = [one for one in (lead.id, lead.cover) if one in here] if lead else []
        if standing:
            return standing[0]
    order = sorted(members, key=lambda m: (not m.here, m.id in told, not m.supervisor, not m.duty))
    return order[0].id if order else None
