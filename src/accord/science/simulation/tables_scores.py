"""The table of scores, and the costs that are read off it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.simulation.columns import days, numbers, word, words
from accord.science.simulation.course import Course
from accord.science.simulation.design import Design
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream

Array = NDArray[Any]
DOES_NOT_KNOW, RIGHT = 0.35, 0.20  # of all; of those who guess, knowing rather than by chance


def scores_table(
    design: Design, people: People, course: Course, ids: pl.Series, scores: Array, answered: Array
) -> pl.DataFrame:
    """One row for every scale answered, or due at an assessment and not answered (then without a value)."""
    asked = ~np.array([occasion.monitoring for occasion in design.occasions])[design.of_occasion]
    real = np.array([design.constructs[c].informant != "record" or "synchrony" not in design.constructs[c].ref
                     for c in design.of_construct])  # fmt: skip
    due = course.due[:, design.of_occasion] & asked
    for place, cell in enumerate(design.cells):
        informant = design.constructs[cell.construct].informant
        if informant in ("member", "leader"):
            due[:, place] &= people.group >= 0
        elif informant in ("therapist", "observer"):
            due[:, place] &= people.therapist >= 0
    cells, persons = np.nonzero(((course.answered | due) & real).T)
    there = course.answered[persons, cells]
    value = np.where(there, scores[persons, cells], np.nan)
    gone = course.gone[persons, design.of_occasion[cells]]
    of = np.array([design.constructs[c].shape.of for c in design.of_construct], np.int32)
    occasion = design.of_occasion[cells]
    return pl.DataFrame({
        "participant": ids.gather(persons),
        "informant": words([design.constructs[c].informant for c in design.of_construct], cells),
        "instrument": words([design.constructs[c].ref.split(".")[0] for c in design.of_construct], cells),
        "scale": words([design.constructs[c].ref.split(".")[-1] for c in design.of_construct], cells),
        "wording": word("invented", len(cells)),
        "session": words([_session(one.anchor) for one in design.occasions], occasion),
        "time_point": words([one.name for one in design.occasions], occasion),
        "day": days(course.day[persons, occasion], ~gone),
        "value": numbers(value),
        "valid": pl.Series("", ~np.isnan(value)),
        "answered": pl.Series("", np.where(gone, 0, answered[persons, cells]).astype(np.int32)),
        "of": pl.Series("", of[cells]),
    })  # fmt: skip


def _session(anchor: str) -> str | None:
    return f"session_{anchor.removeprefix('session:')}" if anchor.startswith("session:") else None


def costs_table(design: Design, scores: pl.DataFrame) -> pl.DataFrame | None:
    """What the instruments of the cost clause counted, one row a resource; prices are not invented."""
    clause = design.protocol.endpoints.costs
    if clause is None:
        return None
    from accord.science.instruments import load_instrument

    units = {scale.id: scale.unit for name in clause.instruments
             for scale in load_instrument(name, site=design.site).scales.values()}  # fmt: skip
    rows = scores.filter(pl.col("instrument").cast(pl.String).is_in(clause.instruments), pl.col("value").is_not_null())
    return rows.select(
        "participant", "time_point", "day", category=pl.col("scale").cast(pl.String), quantity="value",
        unit=pl.col("scale").cast(pl.String).replace_strict(units, default="units", return_dtype=pl.String),
    )  # fmt: skip


def guesses(design: Design, people: People, scores: Array, seed: int) -> None:
    """Guesses of the arm: most do not know, some are right by more than chance. In place."""
    rng = stream(seed, "guesses", chunk=people.chunk)
    for place, cell in enumerate(design.cells):
        if design.constructs[cell.construct].ref == "arm_guess.guess":
            guess = (
                np.where(rng.random(people.n) < RIGHT, people.arm, rng.integers(len(design.arms), size=people.n)) + 1
            )
            scores[:, place] = np.where(rng.random(people.n) < DOES_NOT_KNOW, 0, guess)
