"""What the protocol asks of each person opens on her day, and what was not sent in its window is closed.

A window never moves (C7). While a flare runs, what she has not begun shrinks to the protocol's minimum. What was
missed blocks nothing that comes after it. Running twice changes nothing.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from accord.service.access.table import SERVICE
from accord.service.assessments import actions, queries
from accord.service.assessments.policies import check_can_open
from accord.service.assessments.rules.occasions import (
    MINIMUM,
    WHOLE,
    Asked,
    Opening,
    next_sitting,
    openings,
    parts,
    shorter,
)
from accord.service.care.actions import raise_alert
from accord.service.care.queries import last_tier
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.errors import NotNow
from accord.service.library.queries import protocol
from accord.service.programmes import queries as courses

if TYPE_CHECKING:
    from accord.science.protocols import Protocol
    from accord.service.assessments.models import Assessment
    from accord.service.episodes.models import Episode

log = logging.getLogger(__name__)
BASELINE = "baseline"  # the treatment waits for it, so it stays open until it is sent


def open_due_assessments(*, now: datetime, person_id: uuid.UUID | None = None) -> int:
    """Open, shorten and close what is due for everybody, or for one person; returns how many rows changed.

    One failure stops no other. In production an occasion whose official wording is missing stays shut (C6); the log
    says so, and it opens as soon as the wording is there while its window lasts.
    """
    late = [one for one in queries.past_their_window(now) if person_id in (None, one.person_id)]
    changed = sum(_safely(_close, one, now) for one in late)
    found = episodes.asked_now(person_id)
    rows = [row.episode for row in found]
    stopped = {row.episode.pk for row in found if row.state is State.STOPPED}
    asked = queries.of_episodes([episode.pk for episode in rows])
    flares = _in_a_flare([episode.person_id for episode in rows], now)
    for episode in rows:
        changed += _safely(
            _bring_up_to_date, episode, asked[episode.pk], episode.person_id in flares, episode.pk in stopped, now
        )
    return changed


def _in_a_flare(person_ids: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Those whose flare runs now."""
    found = courses.flares_of(person_ids, now)
    return {one for one, rows in found.items() if any(row.ended_at is None and row.ends_at > now for row in rows)}


def _safely(step: object, *given: object) -> int:
    try:
        with transaction.atomic(durable=True):
            return int(step(*given))  # type: ignore[operator]
    except NotNow as refusal:
        log.warning("A questionnaire does not open: %s", refusal.message)
    except DatabaseError:
        log.error("The assessments of one person could not be brought up to date; it is tried again.")
    return 0


def _bring_up_to_date(episode: Episode, asked: Sequence[Assessment], flare: bool, stopped: bool, now: datetime) -> int:
    """One person's occasions: those that open, and those not begun in the extent that fits her day."""
    described, zone = protocol(episode.snapshot_id), episode.person.zone()
    due = openings(described, episodes.anchors(episode), _answered(asked), now, zone)
    due = [one for one in due if not (stopped and one.occasion.monitoring)]  # what follows a treatment ends with it
    changed = sum(_open(episode, described, one, asked, flare, now) for one in due)
    waiting = [row for row in asked if not (row.submitted_at or row.closed_at or row.begun)]  # type: ignore[attr-defined]
    return changed + sum(_fit(row, described, flare, now) for row in waiting if row.time_point in described.schedule)


def _answered(asked: Sequence[Assessment]) -> dict[tuple[str, int], datetime]:
    """(time-point, repeat) -> when its last sitting was sent; one that was asked again counts by the newest."""
    single = {row.time_point for row in asked if row.occasion == 0}
    return {
        (row.time_point, 0 if row.time_point in single else row.occasion): row.submitted_at
        for row in asked
        if row.submitted_at and row.sitting == row.sittings
    }


def _open(
    episode: Episode, described: Protocol, one: Opening, asked: Sequence[Assessment], flare: bool, now: datetime
) -> int:
    number, rows = _rows_of(one, asked)
    sittings = parts(
        described, one.occasion, queries.count, also=queries.asked_of_her(one.occasion.asked.get("record", ()))
    )
    known = [Asked(row.sitting, row.sittings, row.submitted_at, row.closed_at is not None) for row in rows]
    sitting = next_sitting(known, now, episode.person.zone(), of=len(sittings), last_day=one.last_day, flare=flare)
    if sitting is None:
        return 0
    names = list(sittings[sitting - 1])
    wordings = queries.wordings_for(names, episode.person.language)
    check_can_open(wordings)
    opened = actions.open_assessment(
        episode=episode, time_point=one.time_point, occasion=number, sitting=sitting, sittings=len(sittings),
        instruments=names, wordings=wordings, opens_at=one.opens_at if sitting == 1 else now, due_at=one.closes_at,
        closes_at=None if one.time_point == BASELINE else one.closes_at, by=SERVICE, now=now,
    )  # fmt: skip
    _fit(opened, described, flare, now)
    return 1


def _rows_of(one: Opening, asked: Sequence[Assessment]) -> tuple[int, list[Assessment]]:
    """Which occasion this is in our rows, and its sittings so far."""
    rows = [row for row in asked if row.time_point == one.time_point]
    if one.again:
        newest = max(row.occasion for row in rows)
        rows = [row for row in rows if row.occasion == newest]
        return (newest + 1, []) if newest == 0 or all(row.submitted_at for row in rows) else (newest, rows)
    return one.number, [row for row in rows if row.occasion == one.number]


def _fit(row: Assessment, described: Protocol, flare: bool, now: datetime) -> int:
    """The whole set, or the minimum while a flare runs."""
    least = described.schedule[row.time_point].minimum or described.minimum
    short = shorter(row.planned, least, queries.count)
    fits = list(short) if flare else row.planned
    if not row.planned or row.instruments == fits:
        return 0
    extent = MINIMUM if flare else WHOLE
    return int(actions.set_extent(assessment=row, instruments=fits, extent=extent, by=SERVICE, now=now))


def _close(assessment: Assessment, now: datetime) -> int:
    """Close what was missed. What its answers still mean by then is told: nothing more will come (C2, C3)."""
    closed = actions.close_missed(assessment=assessment, by=SERVICE, now=now)
    for one in queries.decisions(assessment, lambda: last_tier(assessment.person_id), now) if closed else ():
        raise_alert(
            person=assessment.person, episode=assessment.episode, assessment_id=assessment.pk,
            occasion=f"assessment:{assessment.pk}", track=one.track, outcome=one.outcome, ladder=one.ladder,
            by=SERVICE, now=now,
        )  # fmt: skip
    return int(closed)
