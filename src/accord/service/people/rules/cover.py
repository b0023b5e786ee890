"""Decisions about people in plain values: who stands in for whom."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Away:
    """When somebody is away, and who covers."""

    who: uuid.UUID
    since: datetime
    until: datetime
    cover: uuid.UUID


def cover_of(clinician: uuid.UUID, away: Sequence[Away], now: datetime) -> uuid.UUID | None:
    """Who acts for a clinician now: herself, or whoever her cover leads to.

    A cover who is away herself passes on to hers. None when the chain comes back to where it was: then everybody in it
    is away, and somebody else must be found.
    """
    gone: Mapping[uuid.UUID, uuid.UUID] = {row.who: row.cover for row in away if row.since <= now < row.until}
    seen: set[uuid.UUID] = set()
    at = clinician
    while at in gone:
        if at in seen:
            return None
        seen.add(at)
        at = gone[at]
    return at


def covered_by(person: uuid.UUID, away: Sequence[Away], now: datetime) -> frozenset[uuid.UUID]:
    """The clinicians who are away now and whose cover leads to `person`."""
    gone = {row.who for row in away if row.since <= now < row.until}
    return frozenset(who for who in gone if who != person and cover_of(who, away, now) == person)


def first_present(
    candidates: Sequence[uuid.UUID | None], able: frozenset[uuid.UUID], away: Sequence[Away], now: datetime
) -> uuid.UUID | None:
    """The first candidate, or her cover, who may act (`able`) and is there; else the first whose cover chain ends.

    Nobody is left alone: when none is able, somebody who is told late is better than nobody who is told.
    """
    standing = [stand for one in candidates if one is not None and (stand := cover_of(one, away, now)) is not None]
    return next((one for one in standing if one in able), next(iter(standing), None))
