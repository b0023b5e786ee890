"""What a service of routine care adds: when referrals were acknowledged, alerts, replies, rescues, complaints, load.

Everything is drawn from streams of its own, so that what a seed gives elsewhere stays as it was. A time until something
is done is log-normal, placed so that a known share of it lies within what was promised; a few things are so new that
it is not done yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort.tables import RESCUED_FOR
from accord.science.simulation.columns import days, numbers, word, words
from accord.science.simulation.course import NEVER, Course
from accord.science.simulation.design import Design
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream

Array = NDArray[Any]
# Constants of the simulator (docs/explanation/simulation.md).
SPREAD = 0.8  # SD of the logarithm of a time until something is done
HOUR = 24.0


@dataclass(frozen=True)
class Promise:
    """`hours` promised; `kept`: share of times within them; `new`: share of things so new that their age is spread
    evenly from 0 to `age` hours, all others being as old as it takes."""

    hours: float
    kept: float
    new: float = 0.0
    age: float = 0.0

    @property
    def middle(self) -> float:
        """The median time in hours."""
        from scipy.special import ndtri

        return self.hours * math.exp(-SPREAD * float(ndtri(self.kept)))

    def drawn(self, n: int, rng: np.random.Generator) -> Array:
        """How long each takes, whether or not somebody is there to see it done."""
        taken: Array = self.middle * np.exp(SPREAD * rng.standard_normal(n))
        return taken

    def ages(self, n: int, rng: np.random.Generator) -> Array:
        """The age of each on the day of counting, infinite for what is old."""
        return np.where(rng.random(n) < self.new, rng.random(n) * self.age, np.inf)


ACKNOWLEDGED, REPLIED = 0.93, 0.91  # shares in the promised time
REPLY = Promise(24.0, REPLIED, new=0.02, age=72.0)
MESSAGES = 4.0  # a person who began writes, on average
WRITES_FOR = 56  # days from the start
ALERTS = {  # tier -> track, promise to take it, promise to try the person (kept as often)
    "r3": ("risk", Promise(0.25, 0.95, 0.03, 672.0), 0.25), "r2": ("risk", Promise(1.0, 0.93, 0.03, 672.0), 8.0),
    "i1": ("silence", Promise(24.0, 0.90, 0.03, 672.0), None),
}  # fmt: skip
R3_FROM, SILENT_AFTER = 3, 21  # of the safety check; days without a start
CLOSED_AFTER = 48.0  # hours from taking to closing, median
CLOSINGS = ("reached_and_safe", "plan_made", "no_action_needed")
RESCUE_DAY, RESCUED, QUIET_AFTER, QUIET_RESCUED = 12, 0.5, 21, 0.08
RESCUES, REASONS = ("call", "message", "technical_help"), ("no_time", "technical", "health", "unsure")
OUTCOMES = ("reached", "not_reached", "left_message")
COMPLAINTS = 0.01  # a person
COMPLAINT = Promise(28 * HOUR, 0.9, new=0.1, age=42 * HOUR)
ABOUT = ("waiting", "contact", "content", "privacy", "other")
PLACES, FULL, AWAY, COVERED = (20, 61), 0.8, 0.06, 0.8


def of_service(design: Design) -> bool:
    """Only routine care has an office that is counted."""
    return design.protocol.kind == "routine-care"


def acknowledgement(design: Design) -> Promise | None:
    """What a protocol promises to who refers."""
    referral = design.protocol.referral
    hours = referral.acknowledgement_hours if referral else None
    return Promise(float(hours), ACKNOWLEDGED) if hours else None


def office_events(
    design: Design, ids: pl.Series, came: Array, others: pl.Series, seed: int, chunk: int
) -> pl.DataFrame:
    """Acknowledgements of all referrals (`others` were referred on their day 0), and assignments of the enrolled."""
    rng = stream(seed, "office", chunk=chunk)
    promise = acknowledgement(design)
    assigned = pl.DataFrame({
        "participant": ids, "kind": word("assigned", len(ids)).cast(pl.String),
        "day": days(rng.integers(0, 3, size=len(ids))),
    })  # fmt: skip
    if promise is None:
        return assigned
    who = pl.concat([ids, others])
    hours = promise.drawn(len(who), rng)
    referred = np.concatenate([came, np.zeros(len(others), int)])
    day = referred + np.floor(rng.random(len(who)) + hours / HOUR).astype(int)
    heard = pl.DataFrame({
        "participant": who, "kind": word("acknowledged", len(who)).cast(pl.String), "day": days(day),
        "hours": numbers(hours),
    })  # fmt: skip
    return pl.concat([heard, assigned], how="diagonal_relaxed")


# --- alerts and replies -----------------------------------------------------------------------------------------------


def alerts_table(
    design: Design, people: People, course: Course, ids: pl.Series, scores: Array, seed: int
) -> pl.DataFrame:
    """An alert for each safety check that asks for one, and for whoever has not begun after three weeks."""
    rng = stream(seed, "alerts", chunk=people.chunk)
    who, day, tier = _raised(design, course, scores)
    order = np.lexsort((day, who))
    who, day, tier = who[order], day[order], tier[order]
    columns: dict[str, Array] = {name: np.full(len(who), np.nan) for name in _ALERT_HOURS}
    for place, (_, promise, to_try) in enumerate(ALERTS.values()):
        mine = np.flatnonzero(tier == place)
        for name, values in _handled(promise, to_try, len(mine), rng).items():
            columns[name][mine] = values
    first = np.concatenate([[0], np.flatnonzero(np.diff(who)) + 1]) if len(who) else np.zeros(0, int)
    number = np.arange(len(who)) - np.repeat(first, np.diff([*first, len(who)])) + 1
    names = ids.gather(who)
    reason = words([*CLOSINGS, None], np.where(np.isfinite(columns["closed_hours"]), rng.integers(3, size=len(who)), 3))
    return pl.DataFrame({
        "participant": names, "alert": "a." + names + "." + pl.Series("", number).cast(pl.String),
        "track": words([track for track, *_ in ALERTS.values()], tier), "tier": words(list(ALERTS), tier),
        "day": days(day), **{name: numbers(values) for name, values in columns.items()}, "reason": reason,
    })  # fmt: skip


_ALERT_HOURS = ("acknowledged_hours", "contacted_hours", "closed_hours", "promised_hours", "promised_contact_hours",
                "open_hours")  # fmt: skip


def _raised(design: Design, course: Course, scores: Array) -> tuple[Array, Array, Array]:
    """Whose alerts, on which day, of which place in ALERTS."""
    place = design.construct("safety_check.total", "patient")
    cells = np.array(design.cells_of(place) if place is not None else [], dtype=np.intp)
    who, column = np.nonzero(course.answered[:, cells] & (scores[:, cells] >= R3_FROM - 1))
    day = course.day[who, design.of_occasion[cells][column]] if len(cells) else np.zeros(0, int)
    tier = np.where(scores[who, cells[column]] >= R3_FROM, 0, 1) if len(cells) else np.zeros(0, int)
    late = np.flatnonzero((course.start_day == NEVER) | (course.start_day > SILENT_AFTER))
    late = late[course.left[late] > SILENT_AFTER]
    return (
        np.concatenate([who, late]), np.concatenate([day, np.full(len(late), SILENT_AFTER)]),
        np.concatenate([tier, np.full(len(late), 2)]),
    )  # fmt: skip


def _handled(promise: Promise, to_try: float | None, n: int, rng: np.random.Generator) -> dict[str, Array]:
    age = promise.ages(n, rng)
    taken, tried = promise.drawn(n, rng), Promise(to_try or HOUR, promise.kept).drawn(n, rng)
    closed = taken + Promise(CLOSED_AFTER, 0.5).drawn(n, rng)
    done = {"acknowledged_hours": taken, "contacted_hours": tried, "closed_hours": closed}
    columns = {name: np.where(time <= age, time, np.nan) for name, time in done.items()}
    columns["open_hours"] = np.where(closed <= age, np.nan, age)
    columns["promised_hours"] = np.full(n, promise.hours)
    columns["promised_contact_hours"] = np.full(n, np.nan if to_try is None else to_try)
    return columns


def replies_table(people: People, course: Course, ids: pl.Series, seed: int) -> pl.DataFrame:
    """Messages of who began, until she left."""
    rng = stream(seed, "replies", chunk=people.chunk)
    count = np.where(course.started, rng.poisson(MESSAGES, size=people.n), 0)
    who = np.repeat(np.arange(people.n), count)
    day = course.start_day[who] + rng.integers(0, WRITES_FOR, size=len(who))
    kept = day < course.left[who]
    time, age = REPLY.drawn(len(who), rng), REPLY.ages(len(who), rng)
    order = np.lexsort((day, who))[kept[np.lexsort((day, who))]]
    return pl.DataFrame({
        "participant": ids.gather(who[order]), "day": days(day[order]),
        "promised_hours": numbers(np.full(len(order), REPLY.hours)),
        "answered_hours": numbers(np.where(time <= age, time, np.nan)[order]),
        "waiting_hours": numbers(np.where(time <= age, np.nan, age)[order]),
    })  # fmt: skip


# --- rescues, complaints, load ----------------------------------------------------------------------------------------


def rescues_table(people: People, course: Course, ids: pl.Series, seed: int) -> pl.DataFrame:
    """Who is called is drawn here, so that the true difference is none."""
    rng = stream(seed, "rescues", chunk=people.chunk)
    waits = ((course.start_day == NEVER) | (course.start_day > RESCUE_DAY)) & (course.left > RESCUE_DAY)
    first = np.flatnonzero(waits & (rng.random(people.n) < RESCUED))
    there = course.started & (course.left > course.start_day + QUIET_AFTER)
    second = np.flatnonzero(there & (rng.random(people.n) < QUIET_RESCUED))
    who = np.concatenate([first, second])
    day = np.concatenate([np.full(len(first), RESCUE_DAY), course.start_day[second] + QUIET_AFTER])
    why = np.repeat([0, 1], [len(first), len(second)])
    n = len(who)
    return pl.DataFrame({
        "participant": ids.gather(who), "day": days(day), "why": words(RESCUED_FOR, why),
        "kind": words(RESCUES, rng.integers(len(RESCUES), size=n)),
        "reason": words(REASONS, rng.integers(len(REASONS), size=n)),
        "outcome": words(OUTCOMES, rng.integers(len(OUTCOMES), size=n)),
        "minutes": numbers(rng.integers(2, 16, size=n)),
    }).sort("participant", "day", maintain_order=True)  # fmt: skip


def complaints_table(people: People, ids: pl.Series, seed: int) -> pl.DataFrame:
    rng = stream(seed, "complaints", chunk=people.chunk)
    n = int(rng.poisson(COMPLAINTS * people.n))
    who = rng.integers(people.n, size=n)
    age, taken = COMPLAINT.ages(n, rng), COMPLAINT.drawn(n, rng)
    heard = np.minimum(rng.random(n) * 3 * HOUR, taken)
    columns = {"acknowledged_days": heard, "answered_days": taken, "closed_days": taken + HOUR}
    return pl.DataFrame({
        "complaint": [f"c{people.chunk}.{k + 1}" for k in range(n)], "participant": ids.gather(who),
        "day": days(rng.integers(0, 1500, size=n)), "about": words(ABOUT, rng.integers(len(ABOUT), size=n)),
        **{name: numbers(np.where(time <= age, time, np.nan) / HOUR) for name, time in columns.items()},
        "promised_days": numbers(np.full(n, COMPLAINT.hours / HOUR)),
        "open_days": numbers(np.where(taken + HOUR <= age, np.nan, age) / HOUR),
    })  # fmt: skip


def with_load(therapists: pl.DataFrame | None, seed: int) -> pl.DataFrame | None:
    """Places, people now, who is away and covered."""
    if therapists is None:
        return None
    rng, n = stream(seed, "load"), therapists.height
    places = rng.integers(*PLACES, size=n)
    away = rng.random(n) < AWAY
    return therapists.with_columns(
        places=days(places), people_now=days(rng.poisson(FULL * places)), away=pl.Series("", away),
        covered=pl.Series("", away & (rng.random(n) < COVERED)),
    )  # fmt: skip
