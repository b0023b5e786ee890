"""How far best and worst tenths of therapists lie apart, also when therapists do not differ at all (C18).

Raw response rates of extreme tenths are far apart by chance alone. For a study's own case loads and response rate this
simulates the ratio best / worst under an assumed share of variance (0: no differences), on the probit scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from accord.science.errors import NotEstimable


@dataclass(frozen=True, slots=True)
class ExtremeGroups:
    """Median over replicates of the best and worst tenth's response rate, and of their ratio with its middle 95 %."""

    best: float
    worst: float
    ratio: float
    ratio_low: float
    ratio_high: float
    share: float


def extreme_groups(
    case_loads: Sequence[int],
    response_rate: float,
    *,
    share: float = 0.0,
    tail: float = 0.1,
    replicates: int = 2000,
    seed: int = 20_240_120,
) -> ExtremeGroups:
    """Sort therapists by observed rate in each replicate; pool the people of the best and of the worst tenth."""
    loads = np.asarray(case_loads, int)
    group = max(1, round(tail * len(loads)))
    if len(loads) < 2 * group or not 0 < response_rate < 1 or not 0 <= share < 1:
        raise NotEstimable(
            "Extreme groups need two therapists or more and a response rate between 0 and 1.", cure="Check the counts."
        )
    rng = np.random.default_rng(seed)
    limit = special.ndtri(response_rate)
    effects = rng.standard_normal((replicates, len(loads))) * np.sqrt(share)
    events = rng.binomial(loads, special.ndtr((limit + effects) / np.sqrt(1 - share)))
    order = np.argsort(events / loads, axis=1)

    def rate(which: np.ndarray) -> np.ndarray:
        people = loads[which].sum(axis=1)
        found: np.ndarray = np.take_along_axis(events, which, axis=1).sum(axis=1) / people
        return found

    best, worst = rate(order[:, -group:]), rate(order[:, :group])
    with np.errstate(divide="ignore"):
        ratios = best / worst
    low, middle, high = (float(v) for v in np.quantile(ratios, [0.025, 0.5, 0.975], method="nearest"))
    return ExtremeGroups(float(np.median(best)), float(np.median(worst)), middle, low, high, share)
