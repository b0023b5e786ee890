"""True paces of weekly series, who stays how long, what is counted, and how well arms are guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.estimates import ids
from accord.science.protocols.timing import planned_window
from accord.science.simulation.course import NEVER, treats
from accord.science.simulation.design import Design
from accord.science.simulation.population import EVERYBODY, Population, sides
from accord.science.simulation.tables_people import AFTER_THE_END
from accord.science.simulation.tables_scores import DOES_NOT_KNOW, RIGHT

Array = NDArray[Any]


def slope_truths(population: Population) -> Iterator[tuple[str, float]]:
    """`slope` and `slope_contrast`: least squares of the true mean improvement on the weeks, as the complete series of
    people with lines of their own would give it."""
    design = population.design
    for clause in design.protocol.endpoints.courses:
        place = design.construct(clause.scale, clause.informant)
        cells = [c for c in design.cells_of(place) if _of(design, c, clause.points)] if place is not None else []
        if len(cells) < 3:
            continue
        first = design.occasions[design.cells[cells[0]].occasion]
        weeks = np.array(
            [(design.occasions[design.cells[c].occasion].window.middle - first.window.middle) / 7 for c in cells]
        )
        slopes: dict[str, float] = {}
        for arm in (EVERYBODY, *design.arms):
            known = [(arm, c) in population.counted for c in cells[1:]]
            if not all(known):
                continue
            means = np.array([0.0, *(population.counted[arm, c].mean for c in cells[1:])])
            slope = float(((weeks - weeks.mean()) @ means) / ((weeks - weeks.mean()) ** 2).sum())
            if arm is EVERYBODY:
                yield ids.slope(clause.scale, clause.series), slope
            else:
                slopes[arm] = slope
        if len(design.arms) > 1:
            yield from ((ids.slope(clause.scale, clause.series, arm), slope) for arm, slope in slopes.items())
        for name, contrast in design.protocol.endpoints.contrasts.items():
            one, other = sides(design.protocol, contrast)
            if one and other and {*one, *other} <= set(slopes):
                difference = np.mean([slopes[a] for a in one]) - np.mean([slopes[a] for a in other])
                yield ids.slope_contrast(clause.scale, clause.series, name), float(difference)


def _of(design: Design, cell: int, points: list[str]) -> bool:
    return design.occasions[design.cells[cell].occasion].time_point in points


def days_left(design: Design, arm: Array, course: Any) -> Array:
    """The day on which each person leaves, as the table of events has it; infinite for who stays."""
    promised = np.array([treats(one) for one in design.protocol.arms.values()])[arm]
    leaves = course.left != -NEVER
    never = ~leaves & ~course.started & promised
    return np.where(leaves, course.left, np.where(never, course.allocated_day + AFTER_THE_END, np.inf)).astype(float)


def stay_truths(design: Design, arm: Array, left: Array) -> Iterator[tuple[str, float]]:
    """`stay`: the share of people who have not left after the last planned day of the primary time-point."""
    at = design.protocol.endpoints.primary.at
    place = design.occasion(at)
    if place is None:
        return
    windows = {name: planned_window(design.protocol, design.occasions[place], name) for name in design.arms}
    last = {name: window.last for name, window in windows.items() if window is not None}
    if not last:
        return
    yield ids.stay(at), float((left > max(last.values())).mean())
    for k, name in enumerate(design.arms if len(design.arms) > 1 else ()):
        if name in last and (arm == k).any():
            yield ids.stay(at, name), float((left[arm == k] > last[name]).mean())


def counted_truths(design: Design) -> Iterator[tuple[str, float]]:
    """Adverse events per person, and Bang's index of two arms: constants of the simulator."""
    several = design.arms if len(design.arms) > 1 else []
    for arm in (None, *several):
        yield ids.mean_count("adverse_events", arm), design.simulate.adverse_events
    if len(design.arms) != 2:
        return
    for cell in design.cells:
        construct = design.constructs[cell.construct]
        if construct.ref == "arm_guess.guess":
            for arm in design.arms:
                yield (
                    ids.blinding(construct.informant, design.occasions[cell.occasion].name, arm),
                    ((1 - DOES_NOT_KNOW) * RIGHT),
                )
