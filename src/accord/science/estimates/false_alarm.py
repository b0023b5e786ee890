"""How often a deterioration rule would flag a person who is stable (C16).

A stable person's scores vary by measurement error alone: x_t = T + e_t, var(e) = (1 - r) SD². A flag compares each
occasion with the baseline; the baseline's own error is in every comparison, so that flags come in runs. `once` flags at
the first occasion beyond the threshold; `twice running` needs two occasions in a row on the same scale; either may also
flag at once at a very large step.

Simulated for any number of scales; for one scale and independent errors the rate is also had by quadrature over the
baseline's error, which is the check of the simulation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.interval import critical_value

Array = NDArray[Any]
Rule = Literal["once", "twice running"]


@dataclass(frozen=True, slots=True)
class FalseAlarmRate:
    """The share of stable people flagged at least once over all occasions, and its Monte Carlo standard error."""

    rate: float
    monte_carlo_se: float
    occasions: int
    scales: int
    rule: Rule
    threshold: float
    text: str


def false_alarm_rate(
    r: float,
    occasions: int,
    scales: int,
    rule: Rule = "twice running",
    *,
    threshold: float | None = None,
    large_step: float | None = None,
    between_scales: float = 0.5,
    carry_over: float = 0.0,
    replicates: int = 100_000,
    seed: int = 20_240_116,
) -> FalseAlarmRate:
    """By simulation. `r`: test-retest reliability; `threshold` and `large_step` in SDs of the scale (None: reliable
    change at 95 %, and no large step); `between_scales`: correlation of the errors of two scales at one occasion;
    `carry_over`: correlation of the errors of neighbouring occasions."""
    _check(r, occasions, scales, between_scales, carry_over)
    limit = threshold if threshold is not None else critical_value() * math.sqrt(2 * (1 - r))
    rng = np.random.default_rng(seed)
    flagged = np.zeros(replicates, dtype=bool)
    shared, own = math.sqrt(between_scales), math.sqrt(1 - between_scales)

    def errors() -> Array:
        common = rng.standard_normal((replicates, 1))
        return math.sqrt(1 - r) * (shared * common + own * rng.standard_normal((replicates, scales)))

    start = current = errors()
    before = np.zeros((replicates, scales), dtype=bool)
    for _ in range(occasions):
        current = carry_over * current + math.sqrt(1 - carry_over**2) * errors()
        step = current - start
        beyond = step > limit
        flagged |= (beyond if rule == "once" else beyond & before).any(axis=1)
        if large_step is not None:
            flagged |= (step > large_step).any(axis=1)
        before = beyond
    rate = float(flagged.mean())
    error = math.sqrt(rate * (1 - rate) / replicates)
    text = (
        f"{100 * rate:.1f} % of stable people would be flagged at least once over {occasions} occasions "
        f"({scales} scale{'s' if scales > 1 else ''}, {rule}, threshold {limit:.2f} SD)."
    )
    return FalseAlarmRate(rate, error, occasions, scales, rule, limit, text)


def false_alarm_rate_of_one_scale(
    r: float,
    occasions: int,
    rule: Rule = "twice running",
    *,
    threshold: float | None = None,
    large_step: float | None = None,
) -> float:
    """The same by quadrature, for one scale and independent errors: given the baseline's error the occasions are
    independent, and the chance of no flag follows by recursion over occasions."""
    _check(r, occasions, 1, 0.0, 0.0)
    sd = math.sqrt(1 - r)
    limit = (threshold if threshold is not None else critical_value() * math.sqrt(2) * sd) / sd
    large = math.inf if large_step is None else large_step / sd
    points, weights = np.polynomial.hermite_e.hermegauss(200)
    weights = weights / weights.sum()
    far = special.ndtr(-(large + points))
    near = np.maximum(special.ndtr(-(limit + points)) - far, 0.0)
    calm = 1 - near - far
    quiet, after_one = np.ones_like(points), np.zeros_like(points)
    for _ in range(occasions):
        if rule == "once":
            quiet = quiet * calm
        else:
            quiet, after_one = (quiet + after_one) * calm, quiet * near
    return float(1 - weights @ (quiet + after_one))


def _check(r: float, occasions: int, scales: int, between: float, carry_over: float) -> None:
    if not 0 < r < 1 or occasions < 1 or scales < 1 or not 0 <= between <= 1 or not 0 <= carry_over < 1:
        raise BadInput(
            "A false-alarm rate needs 0 < r < 1, one occasion and one scale at least, and correlations from 0 to 1.",
            cure="Check the values given.",
        )
