"""A two-arm trial with repeated visits, patients and, if wanted, therapists: power for a difference in slope.

Person i of therapist k in arm a, at time t from 0 to 1 (the whole course), in SDs of the outcome at baseline:

    y = u_i + t (d·a + w_k + s_i) + e,   u ~ N(0, σ_u²), w ~ N(0, τ²), s ~ N(0, σ_s²), e ~ N(0, σ²)

so d is the difference at the end. People leave at an even rate (`drop_out` by the last visit, at random). Each trial is
fitted by the mixed model that drew it (random intercept and slope of people; slope of therapists), Kenward-Roger.

Closed form where everybody stays: the difference of mean slopes has the variance

    2 (τ² / k + (σ_s² + σ² / S) / (k m)),   S = Σ (t - t̄)²,   k therapists of m people an arm (k = people without them)

and 2 k - 2 df. The simulation is checked against it, and against lme4 with lmerTest's df.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.power.closed_forms import two_sided
from accord.science.power.curve import PowerAt, PowerCurve

Array = NDArray[Any]
_BATCH = 25


@dataclass(frozen=True, slots=True)
class TrialDesign:
    """`people` an arm; `therapists` an arm (0: none), each with as many people as there are to share."""

    people: int
    difference: float
    visits: int = 5
    therapists: int = 0
    intercept_sd: float = 0.8
    slope_sd: float = 0.5
    therapist_slope_sd: float = 0.0
    residual_sd: float = 0.6
    drop_out: float = 0.0

    def checked(self) -> TrialDesign:
        """Raises BadInput for a design that no trial can have."""
        for wrong, what, cure in (
            (self.people < 3, f"{self.people} people an arm.", "Give at least 3."),
            (self.visits < 2, f"{self.visits} visit: a slope needs two.", "Give at least 2 visits."),
            (0 < self.therapists < 2, "One therapist per arm cannot be told apart from the arm.", "Give 2 or more."),
            (self.therapists > self.people, f"{self.therapists} therapists for {self.people} people.", "Give fewer."),
            (not 0 <= self.drop_out < 0.95, f"A drop-out of {self.drop_out:g}.", "Give a share below 0.95."),
            (min(self.intercept_sd, self.slope_sd, self.therapist_slope_sd) < 0 or self.residual_sd <= 0,
             "A negative SD.", "Give SDs of 0 or more, above 0 for the residual."),
            (self.therapist_slope_sd > 0 and not self.therapists, "Therapists differ, but there are none.",
             "Give their number."),
        ):  # fmt: skip
            if wrong:
                raise BadInput(what, cure=cure)
        return self

    def closed_form(self, alpha: float = 0.05) -> float:
        """Power if everybody stayed."""
        time = np.linspace(0, 1, self.visits)
        spread = float(((time - time.mean()) ** 2).sum())
        own = (self.slope_sd**2 + self.residual_sd**2 / spread) / self.people
        units = self.therapists or self.people
        between = self.therapist_slope_sd**2 / self.therapists if self.therapists else 0.0
        return two_sided(abs(self.difference) / math.sqrt(2 * (between + own)), 2 * units - 2, alpha)


def draw_trial(design: TrialDesign, random: np.random.Generator) -> tuple[Array, Array, Array, Array, Array]:
    """(outcome with NaN after leaving, person, therapist, arm, time), one row a visit."""
    n, visits = 2 * design.people, design.visits
    arm = np.repeat([0.0, 1.0], design.people)
    therapist = np.arange(n)
    slope = design.slope_sd * random.standard_normal(n)
    if design.therapists:
        therapist = np.tile(np.arange(design.people) % design.therapists, 2) + (arm * design.therapists).astype(int)
        slope = slope + (design.therapist_slope_sd * random.standard_normal(2 * design.therapists))[therapist]
    time = np.linspace(0, 1, visits)
    middle = (design.intercept_sd * random.standard_normal(n))[:, None] + (slope + design.difference * arm)[
        :, None
    ] * time
    y = middle + design.residual_sd * random.standard_normal((n, visits))
    if design.drop_out:
        hazard = 1 - (1 - design.drop_out) ** (1 / (visits - 1))
        gone = np.cumsum(random.random((n, visits - 1)) < hazard, axis=1) > 0
        y[:, 1:][gone] = np.nan
    person = np.repeat(np.arange(n), visits)
    return y.ravel(), person, therapist[person], arm[person], np.tile(time, n)


def fit_trial(
    design: TrialDesign, drawn: tuple[Array, Array, Array, Array, Array]
) -> tuple[float, float, float] | None:
    """(difference at the end, low, high) by the mixed model; None where it cannot be fitted."""
    y, person, therapist, arm, time = drawn
    factors = {"person": Factor(person, {"time": time})}
    if design.therapists:
        factors["therapist"] = Factor(therapist, {"time": time}, intercept=False)
    fixed = {"arm": arm, "time": time, "arm x time": arm * time}
    try:
        one = linear_mixed(y, factors, fixed=fixed).coefficient("arm x time")
    except NotEstimable:
        return None
    return one.value, one.ci_low, one.ci_high


def trial_power(
    design: TrialDesign,
    *,
    replicates: int = 1000,
    seed: int = 1,
    executor: Executor | None = None,
    said: Callable[[int, int], None] = lambda done, of: None,
) -> PowerCurve:
    """Power of one design, with its closed form beside it."""
    design.checked()
    if replicates < 1:
        raise BadInput(f"{replicates} replicates.", cure="Give at least 1.")
    tasks = [(design, seed, r, min(r + _BATCH, replicates)) for r in range(0, replicates, _BATCH)]
    found: list[tuple[float, float, float] | None] = []
    batches = map(fit_batch, tasks) if executor is None else _in_order(executor, tasks)
    for batch in batches:
        found += batch
        said(len(found), replicates)
    there = [one for one in found if one is not None]
    n = 2 * design.people
    point = PowerAt(
        n, replicates, sum(low * high > 0 for _, low, high in there), replicates - len(there),
        float(np.mean([one[0] for one in there])) if there else None,
        float(np.median([(one[2] - one[1]) / 2 for one in there])) if there else None, design.difference,
        sum(low <= design.difference <= high for _, low, high in there),
    )  # fmt: skip
    formula = [design.closed_form()] if not design.drop_out else [None]
    return PowerCurve(
        "slope", "a difference in change", [point], f"{replicates:,} trials, mixed model, Kenward-Roger, seed {seed}",
        comparison=True, unit="SD", formula=formula, invented_effect=f"{design.difference:g} SD at the end",
    )  # fmt: skip


def fit_batch(task: tuple[TrialDesign, int, int, int]) -> list[tuple[float, float, float] | None]:
    """Some replicates; at the top of a module, so that any executor can send it."""
    design, seed, first, last = task
    return [
        fit_trial(design, draw_trial(design, np.random.default_rng((seed, replicate))))
        for replicate in range(first, last)
    ]


def _in_order(executor: Executor, tasks: list[Any]) -> Iterator[list[tuple[float, float, float] | None]]:
    """In the order of the tasks, so that sums do not depend on who was first."""
    for future in [executor.submit(fit_batch, task) for task in tasks]:
        yield future.result()
