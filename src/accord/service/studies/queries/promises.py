"""What the service owed and did: alerts, answers to messages, rescues, complaints; each with its hours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from accord.service.care.queries import bulk as care
from accord.service.care.rules import complaints as complaint
from accord.service.care.rules import rescue
from accord.service.care.rules.handling import OUTCOMES, REASONS
from accord.service.messaging.queries import promises_until
from accord.service.studies.queries.cast import Cast
from accord.service.studies.queries.ways import Ways
from accord.service.studies.rules.counting import code, days, hours

Row = dict[str, Any]


def alerts(ways: Ways, number: int) -> Iterator[Row]:
    """Alerts about these people, numbered from `number` on: what was handled is not what she told us."""
    for one in care.alerts(ways.people, ways.now):
        way = ways.at(one.person, one.raised_at, one.episode)
        if way is None:
            continue
        number += 1
        yield {
            "participant": way.name, "alert": f"a{number}", "track": code(one.track), "tier": code(one.tier),
            "day": way.count.day(one.raised_at), "acknowledged_hours": hours(one.raised_at, one.acknowledged_at),
            "contacted_hours": hours(one.raised_at, one.contacted_at),
            "closed_hours": hours(one.raised_at, one.closed_at),
            "promised_hours": hours(one.raised_at, one.acknowledge_by),
            "promised_contact_hours": hours(one.raised_at, one.contact_by),
            "open_hours": None if one.closed_at else hours(one.raised_at, ways.now),
            "reason": code(one.reason, REASONS),
        }  # fmt: skip


def replies(ways: Ways) -> Iterator[Row]:
    """One row for each message that waits, or waited, for an answer. Nothing of what was written."""
    for person, promised in promises_until(ways.people, ways.now).items():
        for one in promised:
            if (way := ways.at(person, one.sent_at)) is not None:
                yield {
                    "participant": way.name, "day": way.count.day(one.sent_at),
                    "promised_hours": hours(one.sent_at, one.due_at),
                    "answered_hours": hours(one.sent_at, one.answered_at),
                    "waiting_hours": None if one.answered_at else hours(one.sent_at, ways.now),
                }  # fmt: skip


def rescues(ways: Ways) -> Iterator[Row]:
    """What was done for who had not started or had gone quiet; help before the course is not among them."""
    for one in care.rescues(ways.episodes, ways.now):
        if one.why not in rescue.IN_A_COURSE or one.kind not in rescue.KINDS:
            continue
        way = ways.by_episode[one.episode]
        yield {
            "participant": way.name, "day": way.count.day(one.at), "why": code(one.why, rescue.IN_A_COURSE),
            "kind": code(one.kind, rescue.KINDS), "reason": code(one.reason, rescue.REASONS),
            "outcome": code(one.outcome, OUTCOMES), "minutes": float(one.minutes),
        }  # fmt: skip


def complaints(
    clinic_ids: Sequence[uuid.UUID], cast: Cast, names: Mapping[uuid.UUID, str], first: datetime | None
) -> Iterator[Row]:
    """Complaints at these clinics, counted from the first moment of the cohort. `names`: person -> pseudonym."""
    for place, one in enumerate(care.complaints(clinic_ids, cast.now)):
        yield {
            "complaint": f"c{place + 1}", "participant": names.get(one.person) if one.person else None,
            "site": cast.sites[one.clinic], "day": (one.made_at - (first or one.made_at)).days,
            "about": code(one.about, complaint.ABOUT) or "something_else",
            "acknowledged_days": days(one.made_at, one.acknowledged_at),
            "answered_days": days(one.made_at, one.answered_at), "closed_days": days(one.made_at, one.closed_at),
            "promised_days": days(one.made_at, one.answer_by),
            "open_days": None if one.closed_at else days(one.made_at, cast.now),
            "outcome": code(one.outcome, complaint.OUTCOMES),
        }  # fmt: skip
