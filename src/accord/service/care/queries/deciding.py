"""What the ladder knows of a person, and the times that a clinic keeps."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from accord.science.errors import AccordError
from accord.science.protocols.ladder import Ladder
from accord.service.access.table import SERVICE
from accord.service.care.models import Alert, Decided
from accord.service.care.rules import deadlines
from accord.service.care.rules.calendar import Calendar, calendar_of
from accord.service.episodes.queries import current_episode
from accord.service.library import queries as library

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Clinic, Person

KNOWN = {"none": 0, "r1": 1, "r2": 2, "r3": 3}


def last_tier(person_id: uuid.UUID) -> int:
    """The last known tier of risk, 0 to 3 (the ladder's fact `last_tier`): what was last decided and not unknown."""
    tiers = Decided.objects.filter(person=person_id, track="risk", tier__in=KNOWN).order_by("-at", "-id")
    tier = tiers.values_list("tier", flat=True).first()
    return KNOWN[tier] if tier else 0


def last_tiers(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """`last_tier` of many people in one query."""
    rows = Decided.objects.filter(person__in=set(ids), track="risk", tier__in=KNOWN).order_by("at", "id")
    return {person: KNOWN[tier] for person, tier in rows.values_list("person_id", "tier")}


def ladder_of(episode: Episode | None) -> Ladder | None:
    """The safety ladder of an episode as it was published; None when it cannot be read: the fail-safe applies."""
    if episode is None:
        return None
    try:
        return library.ladder(episode.ladder_id)
    except AccordError:
        return None


def ladder_for(person_id: uuid.UUID) -> Ladder | None:
    """The ladder of a person's latest episode, or else the service's own; None when neither can be read."""
    if found := ladder_of(current_episode(SERVICE, person_id)):
        return found
    try:
        return library.ladder(library.ladder_snapshot("service-default"))
    except AccordError:
        return None


def told_to_her(person_id: uuid.UUID) -> list[str]:
    """The texts that the ladder shows to a patient while a change for the worse waits for her therapist (tier d1).

    For her own page. They end when somebody has chosen what to do: then her therapist speaks with her.
    """
    clocks = set(Alert.objects.open().filter(person=person_id, track="change").values_list("clock", flat=True))
    ladder = ladder_for(person_id) if clocks else None
    found = [
        slug for clock in sorted(clocks) if ladder and clock in ladder.tiers for slug in ladder.tiers[clock].screen
    ]
    return list(dict.fromkeys(found))


def reply_due(person: Person, now: datetime) -> datetime:
    """By when a message that she sends now is answered, as the page promises it."""
    return deadlines.reply_due(calendar_for(person.clinic), now, last_tier=last_tier(person.pk))


def calendar_for(clinic: Clinic) -> Calendar:
    """The working-time calendar of a clinic."""
    return calendar_of(
        time_zone=clinic.time_zone, hours=clinic.hours, country=clinic.country, region=clinic.region,
        on_call=clinic.on_call,
    )  # fmt: skip
