"""Who was referred, and what happened to them: participants, events, allocation, deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.simulation.background import Variable
from accord.science.simulation.cast import Cast
from accord.science.simulation.columns import REFUSED_FROM, days, numbers, pseudonyms, word, words
from accord.science.simulation.course import NEVER, Course, treats
from accord.science.simulation.design import Design
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream
from accord.science.simulation.tables_service import of_service, office_events

Array = NDArray[Any]
# Constants of the simulator (docs/explanation/simulation.md).
LEAVES = {"no_time": 0.30, "no_benefit": 0.18, "feels_better": 0.15, "health": 0.17, "other": 0.20}
NEVER_BEGINS = {"no_time": 0.35, "other_help": 0.20, "health": 0.15, "other": 0.30}
LOST = 0.45  # of who leaves: cannot be reached any more
ONWARD = 0.5  # of who is refused: helped to another service
HARM = {"mild": 0.62, "moderate": 0.30, "severe": 0.06, "serious": 0.02}
CAUSE = {"unrelated": 0.45, "possible": 0.38, "probable": 0.15, "definite": 0.02}
HARM_KINDS = ("more_pain", "distress", "fall", "new_illness", "hospital")
OUTSIDE_WINDOW, WRONGLY_ENROLLED = 0.03, 0.003
ALERT_FROM = 2  # of the safety check
AFTER_THE_END = 14  # days from the last session or lesson to discharge


@dataclass
class Refused:
    """People of a chunk who were referred and not enrolled. `criterion` -1: eligible, and declined."""

    ids: pl.Series
    criterion: Array

    def __len__(self) -> int:
        return len(self.criterion)


def refused(design: Design, people: People, seed: int) -> Refused:
    """For every enrolled person a number of others who were turned away or declined, by the shares of the funnel."""
    rng = stream(seed, "referred", chunk=people.chunk)
    funnel = design.simulate.funnel
    ineligible, declines = funnel.get("ineligible", 0.0), funnel.get("declines", 0.0)
    declined = int(rng.negative_binomial(people.n, 1 - declines)) if declines else 0
    turned = int(rng.negative_binomial(people.n + declined, 1 - ineligible)) if ineligible else 0
    criteria = max(1, len(design.protocol.population.eligible_if))
    criterion = np.concatenate([np.full(declined, -1), rng.integers(criteria, size=turned)])
    return Refused(pseudonyms(seed, people.chunk, REFUSED_FROM, len(criterion)), criterion)


def participants_table(
    design: Design,
    cast: Cast,
    people: People,
    others: Refused,
    ids: pl.Series,
    names: tuple[pl.Series, pl.Series],
    seed: int,
) -> pl.DataFrame:
    """One row per referred person, in the order of the pseudonyms. `names`: of therapists and groups."""
    rng = stream(seed, "background", chunk=people.chunk)
    count = people.n + len(others)
    nobody = np.full(len(others), -1)
    therapist = np.concatenate([people.therapist, nobody])
    group = np.concatenate([people.group, nobody])
    site = np.concatenate([people.site, rng.integers(cast.sites, size=len(others))])
    referral = design.protocol.referral
    columns = {
        "participant": pl.concat([ids, others.ids]),
        "role": word("patient", count),
        "site": words([f"s{number + 1}" for number in range(cast.sites)], site),
        "therapist": names[0].gather(np.where(therapist < 0, len(names[0]) - 1, therapist)),
        "group": names[1].gather(np.where(group < 0, len(names[1]) - 1, group)),
    }
    if referral:
        columns["referral_source"] = words(referral.sources, rng.integers(len(referral.sources), size=count))
    for variable in people.background.asked:
        theirs = _of_refused(design, people, others, variable, rng)
        columns[variable.name] = _joined(people.column(variable.name), theirs, variable)
    return pl.DataFrame(columns).sort("participant")


def _of_refused(
    design: Design, people: People, others: Refused, variable: Variable, rng: np.random.Generator
) -> pl.Series:
    """A background variable of who was not enrolled; who was turned away for it has a value that breaks the rule."""
    drawn = variable.drawn(rng.standard_normal(len(others))).cast(pl.Float64 if variable.numeric else pl.String)
    for place, criterion in enumerate(design.protocol.population.eligible_if):
        outside = people.background.refused.get(criterion.ask, {}).get(variable.name)
        if criterion.ask == variable.name and outside:
            here = others.criterion == place
            values = outside.drawn(rng.standard_normal(int(here.sum()))).cast(drawn.dtype)
            drawn = drawn.scatter(np.flatnonzero(here), values)
    return drawn


def _joined(first: pl.Series, second: pl.Series, variable: Variable) -> pl.Series:
    if variable.numeric:
        return pl.concat([first.cast(pl.Float64), second.rename(first.name)])
    kind = pl.Enum(list(variable.values))
    return pl.concat([first.cast(pl.String), second.rename(first.name)]).cast(kind)


def reference_table(design: Design, seed: int) -> pl.DataFrame | None:
    """People who are measured and not treated (C28)."""
    clause = design.protocol.population.reference_group
    if clause is None:
        return None
    ids = pseudonyms(seed, 0, REFUSED_FROM + REFUSED_FROM // 2, clause.size)
    rng = stream(seed, "reference")
    age = np.clip(np.rint(rng.normal(46, 12, size=clause.size)), 18, 75)
    return pl.DataFrame({"participant": ids, "role": word("reference", clause.size), "age": numbers(age)})


# --- events -----------------------------------------------------------------------------------------------------------


def events_table(
    design: Design, people: People, others: Refused, course: Course, ids: pl.Series, scores: Array, seed: int
) -> pl.DataFrame:
    """What happened, person by person in time."""
    rng = stream(seed, "events", chunk=people.chunk)
    everybody = np.arange(people.n)
    promised = np.array([treats(arm) for arm in design.protocol.arms.values()])[people.arm]
    came = -rng.integers(8, 40, size=people.n)
    parts = [
        _event(ids, everybody, "referral", came),
        _event(ids, everybody, "screening", came // 2),
        _event(ids, everybody, "consent", np.minimum(came // 4, -1)),
        _event(ids, everybody, "enrolment", np.zeros(people.n, int)),
        _event(ids, np.flatnonzero(course.started), "start", course.start_day),
        *_departures(ids, course, promised, rng),
        _harms(design, ids, people, course, rng),
        _alerts(design, ids, course, scores),
        *_refusals(design, others, rng),
    ]
    if of_service(design):
        parts.append(office_events(design, ids, came, others.ids, seed, people.chunk))
    return pl.concat(parts, how="diagonal_relaxed").sort("participant", "day", maintain_order=True)


def _event(ids: pl.Series, who: Array, kind: str, day: Array, **more: pl.Series) -> pl.DataFrame:
    """Events of one kind; `day` belongs to everybody and is taken for `who`."""
    frame = {
        "participant": ids.gather(who),
        "kind": pl.Series("", [kind]).new_from_index(0, len(who)),
        "day": days(day[who]),
    }
    return pl.DataFrame(frame | {name: column.cast(pl.String) for name, column in more.items()})


def _pick(shares: dict[str, float], n: int, rng: np.random.Generator) -> pl.Series:
    total = np.cumsum(list(shares.values()))
    return words(list(shares), np.searchsorted(total[:-1] / total[-1], rng.random(n)))


def _departures(ids: pl.Series, course: Course, promised: Array, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Who never begins withdraws from what was promised; who leaves withdraws or is lost; the others are discharged."""
    leaves = course.left != -NEVER
    lost = rng.random(len(leaves)) < LOST
    withdrawn, gone = np.flatnonzero(leaves & ~lost), np.flatnonzero(leaves & lost)
    stays = np.flatnonzero(~leaves & course.started)
    end = course.start_day + np.maximum(course.sessions, 8) * course.every + AFTER_THE_END
    never = np.flatnonzero(~leaves & ~course.started & promised)
    return [
        _event(
            ids, never, "withdrawal", course.allocated_day + AFTER_THE_END, reason=_pick(NEVER_BEGINS, len(never), rng)
        ),
        _event(ids, withdrawn, "withdrawal", course.left, reason=_pick(LEAVES, len(withdrawn), rng)),
        _event(ids, gone, "lost", course.left),
        _event(ids, stays, "discharge", end, reason=word("programme_completed", len(stays))),
    ]


def _harms(design: Design, ids: pl.Series, people: People, course: Course, rng: np.random.Generator) -> pl.DataFrame:
    counts = rng.poisson(design.simulate.adverse_events, size=people.n)
    who = np.repeat(np.arange(people.n), counts)
    last = np.minimum(course.day.max(axis=1, initial=1), course.left)
    day = (rng.random(len(who)) * np.maximum(last[who], 1)).astype(int)
    kinds = words(HARM_KINDS, rng.integers(len(HARM_KINDS), size=len(who)))
    return _event(
        ids.gather(who), np.arange(len(who)), "adverse_event", day, reason=kinds,
        severity=_pick(HARM, len(who), rng), causality=_pick(CAUSE, len(who), rng),
    )  # fmt: skip


def _alerts(design: Design, ids: pl.Series, course: Course, scores: Array) -> pl.DataFrame:
    place = design.construct("safety_check.total", "patient")
    cells = design.cells_of(place) if place is not None else []
    column, who = np.nonzero((course.answered[:, cells] & (scores[:, cells] >= ALERT_FROM)).T)
    day = (
        course.day[who, design.of_occasion[np.array(cells, dtype=np.intp)[column]]] if len(cells) else np.zeros(0, int)
    )
    reason = word("safety_check", len(who))
    return _event(ids.gather(who), np.arange(len(who)), "alert", day, reason=reason)


def _refusals(design: Design, others: Refused, rng: np.random.Generator) -> list[pl.DataFrame]:
    """They have no day of enrolment: their days count from the referral."""
    everybody = np.arange(len(others))
    screened = rng.integers(1, 12, size=len(others))
    turned, declined = np.flatnonzero(others.criterion >= 0), np.flatnonzero(others.criterion < 0)
    asked = [one.ask for one in design.protocol.population.eligible_if] or ["other"]
    helped = turned[rng.random(len(turned)) < ONWARD]
    onward = design.protocol.onward or ["general_practitioner"]
    return [
        _event(others.ids, everybody, "referral", np.zeros(len(others), int)),
        _event(others.ids, everybody, "screening", screened),
        _event(others.ids, turned, "ineligible", screened, reason=words(asked, others.criterion[turned])),
        _event(others.ids, declined, "withdrawal", screened + 7, reason=word("declined", len(declined))),
        _event(
            others.ids,
            helped,
            "onward",
            screened + 1,
            reason=words(onward, rng.integers(len(onward), size=len(helped))),
        ),
    ]


# --- allocation and deviations ----------------------------------------------------------------------------------------


def allocation_table(design: Design, people: People, course: Course, ids: pl.Series, first: int) -> pl.DataFrame | None:
    """Who got which arm. Without allocation only where the arm cannot be told otherwise (groups, or the only arm)."""
    formats = [arm.format == "group" for arm in design.protocol.arms.values()]
    if not people.draws and formats.count(True) <= 1 and formats.count(False) <= 1:
        return None
    drawn = people.draws
    batches = [f"{people.chunk + 1}.{batch + 1}" if batch >= 0 else None for batch in people.batch]
    return pl.DataFrame({
        "participant": ids, "day": days(course.allocated_day), "arm": words(design.arms, people.arm),
        "sequence": pl.Series("", np.arange(first + 1, first + people.n + 1, dtype=np.int32)),
        "stratum": pl.Series("", [draw.stratum or None for draw in drawn] or [None] * people.n, dtype=pl.String),
        "method": pl.Series("", [draw.method for draw in drawn] or ["not randomised"] * people.n, dtype=pl.String),
        "batch": pl.Series("", batches, dtype=pl.String),
    })  # fmt: skip


def deviations_table(people: People, course: Course, ids: pl.Series, seed: int) -> pl.DataFrame:
    rng = stream(seed, "deviations", chunk=people.chunk)
    late = np.flatnonzero(rng.random(people.n) < OUTSIDE_WINDOW)
    wrong = np.flatnonzero(rng.random(people.n) < WRONGLY_ENROLLED)
    day = np.maximum(course.day.max(axis=1, initial=0), 0)
    who = np.concatenate([late, wrong])
    kinds = np.repeat([0, 1], [len(late), len(wrong)])
    return pl.DataFrame({
        "participant": ids.gather(who), "day": days(np.where(kinds == 0, day[who], 0)),
        "kind": words(["assessment_outside_window", "eligibility_overlooked"], kinds),
        "severity": words(["minor", "major"], kinds),
    })  # fmt: skip
