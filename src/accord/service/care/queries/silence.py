"""Signs of life of many people, in a number of queries that does not grow with them: for the clock and for lists."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from accord.service.assessments.queries import Asked, Asking, askings
from accord.service.care.queries.contacts import last_reached
from accord.service.care.queries.deciding import last_tiers
from accord.service.care.rules.watching import RHYTHM, Watched
from accord.service.messaging.queries import last_written
from accord.service.programmes.queries import Pulse, finished, flares_of, pulses

if TYPE_CHECKING:
    from accord.service.programmes.models import Flare

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heard:
    """The last sign of life: answers, lesson, message, talk (she was reached), flare."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of one person; `watched` where she has a course, `open` where questions wait for her."""

    watched: Watched | None
    last: Heard | None
    open: Asking | None
    tier: int  # the last known tier of risk

    @property
    def begun(self) -> bool:
        """She has begun the questions that wait for her."""
        return self.open is not None and self.open.begun


def signs_of(ways: Mapping[uuid.UUID, uuid.UUID], now: datetime) -> dict[uuid.UUID, Signs]:
    """What is known of each of these people (person -> the key of her episode); scoped before."""
    courses, asked = pulses(list(ways), now), askings(list(ways.values()))
    flares, written, reached = flares_of(list(courses), LONG_AGO), last_written(ways), last_reached(ways)
    tiers = last_tiers(ways)
    last = {
        who: max(_heard(courses.get(who), asked[way], flares.get(who, []), written.get(who), reached.get(who)),
                 key=lambda one: one.at, default=None)
        for who, way in ways.items()
    }  # fmt: skip
    # only after a week of silence it matters whether anything of her course is left
    silent = {who for who, one in courses.items() if max(_at(last[who]), one.began_at) + RHYTHM <= now}
    done = finished(silent, now)
    found = {}
    for who, way in ways.items():
        course, mine, tier = courses.get(who), asked[way], tiers.get(who, 0)
        still = next(iter(mine.open), None)
        watched = _watched(course, mine, flares[who], last[who], tier, who in done, now) if course else None
        found[who] = Signs(watched, last[who], still, tier)
    return found


def _at(last: Heard | None) -> datetime:
    return last.at if last else LONG_AGO


def _heard(
    course: Pulse | None, asked: Asked, flares: list[Flare], written: datetime | None,
    reached: datetime | None,
) -> list[Heard]:  # fmt: skip
    found = [("answers", asked.last_sent)] + [("flare", flare.began_at) for flare in flares]
    found += [("lesson", course.last_active_at if course else None), ("message", written), ("talk", reached)]
    return [Heard(what, at) for what, at in found if at is not None]


def _watched(
    course: Pulse, asked: Asked, flares: list[Flare], last: Heard | None, tier: int, done: bool,
    now: datetime,
) -> Watched:  # fmt: skip
    ends = [min(flare.ended_at or flare.ends_at, flare.ends_at) for flare in flares]
    return Watched(
        course_began=course.began_at, begun_first_lesson=course.begun_first_lesson,
        last_heard=last.at if last else None,
        unanswered=tuple(one.due_at for one in asked.unsent if one.due_at and one.due_at <= now),
        finished=done, in_flare=course.in_flare,
        flare_ended=max((at for at in ends if at <= now), default=None), last_tier=tier,
    )  # fmt: skip
