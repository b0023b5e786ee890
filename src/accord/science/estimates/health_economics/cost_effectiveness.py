"""Is it worth its price: difference in cost, difference in effect, and what follows for what one is ready to pay.

    ΔC, ΔE     coefficients of the arm in least squares of cost and effect
    ICER       ΔC / ΔE: a price per unit of effect, only where more effect is bought for more money (north-east)
    NB(λ)      λΔE - ΔC, net benefit at a price λ per unit of effect: regression of λE_i - C_i on the arm (Hoch 2002)
    P(λ)       share of joint bootstrap draws with λΔE > ΔC: the acceptability curve

Where the quadrants differ the same ratio means the opposite, so it is printed in one of them only, and limits of the
ratio (Fieller) only where the effect is apart from zero. A comparison of arms is needed: in one group a cost per
improved person is a description (C29). Checked against R (lm and a bootstrap by hand).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import ClusterRobust, cluster_robust
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import FixedEffects, fixed_effects
from accord.science.estimates.health_economics.joint import Equations, differences, drawn
from accord.science.estimates.health_economics.tariff import refuse_negative
from accord.science.estimates.interval import critical_value
from accord.science.figures.acceptability_curve import AcceptabilityCurve
from accord.science.figures.cost_plane import CostPlane

Array = NDArray[Any]
Quadrant = Literal["north-east", "south-east", "south-west", "north-west"]
_FEWEST = 5
_MEANING: dict[Quadrant, str] = {
    "north-east": "It does more and costs more: the ratio is what one unit more costs.",
    "south-east": "It does more and costs less: no ratio is needed, and none is given.",
    "south-west": "It does less and costs less: the ratio would be money saved per unit lost, and is not given.",
    "north-west": "It does less and costs more: no ratio is given.",
}


@dataclass(frozen=True, slots=True)
class CostEffectiveness:
    """`cost` and `effect`: first minus second arm. `icer.value` is None where a ratio means nothing. `draws` (B, 2)."""

    cost: Estimate
    effect: Estimate
    icer: Estimate
    quadrant: Quadrant
    draws: Array
    net_benefit: tuple[Estimate, ...]
    prices: tuple[float, ...]
    acceptable: tuple[float, ...]
    currency: str
    unit: str
    n: int
    missing: int
    method: str

    @property
    def shares(self) -> dict[Quadrant, float]:
        """The share of draws in each quadrant."""
        places = [_quadrant(c, e) for c, e in self.draws.tolist()]
        return {name: places.count(name) / len(places) for name in _MEANING}

    @property
    def estimates(self) -> list[Estimate]:
        return [self.cost, self.effect, self.icer, *self.net_benefit]

    def probability(self, price: float) -> float:
        """P(λΔE > ΔC) at a price λ, over the draws."""
        return float((price * self.draws[:, 1] > self.draws[:, 0]).mean())

    def summary(self) -> str:
        """What was found, and how sure it is at each price; nothing on what should be paid."""
        said = (f"{_amount(self.cost, self.currency)} and {_figure(self.effect)} {self.unit} per person. "
                f"{_MEANING[self.quadrant]}")  # fmt: skip
        if self.icer.value is not None:
            said += f" {self.icer.value:,.0f} {self.currency} per {self.unit}. {self.icer.note}"
        sure = ", ".join(f"{share:.0%} at {price:,.0f}" for price, share in
                         zip(self.prices, self.acceptable, strict=True))  # fmt: skip
        return f"{said.strip()} Draws in which it is worth its price per {self.unit}: {sure} {self.currency}."

    def plot(self, *, title: str = "Difference in cost and effect", invented: bool = False) -> CostPlane:
        """The plane of differences with the joint draws."""
        assert self.cost.value is not None
        assert self.effect.value is not None
        some = self.draws[:: max(len(self.draws) // 1000, 1)]
        shares = {str(name): share for name, share in self.shares.items()}
        return CostPlane(
            title, self.summary(), [(e, c) for c, e in some.tolist()], (self.effect.value, self.cost.value),
            f"difference in {self.unit}", f"difference in cost, {self.currency}", shares, invented,
        )  # fmt: skip

    def curve(
        self, *, title: str = "How sure it is to be worth its price", invented: bool = False
    ) -> AcceptabilityCurve:
        """The acceptability curve from nothing to twice the highest price asked about."""
        most = 2 * max(self.prices) or 1.0
        points = [(price, self.probability(price)) for price in np.linspace(0, most, 61).tolist()]
        return AcceptabilityCurve(title, self.summary(), points, f"price of one {self.unit}, {self.currency}", invented)

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}{self.curve().svg()}"


def cost_effectiveness(
    cost: ArrayLike,
    effect: ArrayLike,
    treated: ArrayLike,
    *,
    prices: Sequence[float] = (0.0, 20_000.0, 30_000.0),
    for_cost: Mapping[str, ArrayLike] | None = None,
    for_effect: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    draws: int = 5000,
    seed: int = 1,
    currency: str = "EUR",
    unit: str = "QALY",
) -> CostEffectiveness:
    """`cost` and `effect` (N,) per person, `treated` 1 (first arm) or 0. Complete cases; the rest are counted.

    `for_effect` should hold the baseline utility: arms differ a little at baseline, and a QALY carries it over the
    whole time. Raises BadInput for negative costs or prices or an arm that is neither 0 nor 1, NotEstimable with fewer
    than five complete people in an arm.
    """
    y_cost, y_effect, arm = (np.asarray(one, float) for one in (cost, effect, treated))
    refuse_negative(y_cost, "A cost")
    if not prices or min(prices) < 0:
        raise BadInput("A price one is ready to pay is 0 or more.", cure="Give prices such as 0, 20000, 30000.")
    arms = arm[np.isfinite(arm)]
    if not np.isin(arms, (0, 1)).all() or len(np.unique(arms)) < 2:
        raise BadInput("A cost per effect needs two arms, 1 and 0.",
                       cure="In one group report the cost per person: a description, no cost per benefit.")  # fmt: skip
    x, own_cost, own_effect = _columns(arm, for_cost or {}, for_effect or {})
    keep = x.complete & np.isfinite(y_cost) & np.isfinite(y_effect)
    if min((arm[keep] == 1).sum(), (arm[keep] == 0).sum()) < _FEWEST:
        raise NotEstimable(
            f"{int((arm[keep] == 1).sum())} and {int((arm[keep] == 0).sum())} people have cost and effect; each arm "
            f"needs {_FEWEST}.", cure="Report the costs of each arm, or impute what is missing first.",
        )  # fmt: skip
    made = Equations(x.matrix[keep], y_cost[keep], y_effect[keep], own_cost, own_effect)
    labels = None if clusters is None else np.asarray(clusters)[keep].astype(str)
    found, lost = drawn(made, draws, seed, labels)
    cost_found, effect_found = differences(made, np.ones((1, int(keep.sum()))))[0].tolist()
    return _assembled(made, x, labels, found, lost, cost_found, effect_found, list(prices), currency, unit,
                      int((~keep).sum()), seed)  # fmt: skip


def _columns(
    arm: Array, for_cost: Mapping[str, ArrayLike], for_effect: Mapping[str, ArrayLike]
) -> tuple[FixedEffects, tuple[int, ...], tuple[int, ...]]:
    """Intercept, arm and the covariates of both equations, and the places each equation uses."""
    x = fixed_effects({"treated": arm, **for_cost, **for_effect}, len(arm))

    def places(mine: Mapping[str, ArrayLike]) -> tuple[int, ...]:
        own = {name for name in x.names if name.partition("=")[0] in mine}
        return tuple(k for k, name in enumerate(x.names) if k < 2 or name in own)

    return x, places(for_cost), places(for_effect)


def _assembled(
    made: Equations, x: FixedEffects, clusters: Array | None, found: Array, lost: int, cost: float, effect: float,
    prices: list[float], currency: str, unit: str, missing: int, seed: int,
) -> CostEffectiveness:  # fmt: skip
    over = "people within arms" if clusters is None else f"{len(np.unique(clusters))} whole clusters"
    method = f"least squares, joint bootstrap of {over}, {len(found):,} draws, seed {seed}; complete cases"
    context: dict[str, Any] = {"n": len(made.cost), "missing": missing, "method": method,
                               "note": f"{lost} samples could not be computed." if lost else ""}  # fmt: skip
    ends = np.quantile(found, [0.025, 0.975], axis=0)
    spread = found.std(axis=0, ddof=1)
    names = (("cost.difference", "difference in cost", currency), ("effect.difference", f"difference in {unit}", unit))
    both = [Estimate(id=id, label=label, value=value, ci_low=float(ends[0, k]), ci_high=float(ends[1, k]),
                     se=float(spread[k]), unit=of, **context)
            for k, ((id, label, of), value) in enumerate(zip(names, (cost, effect), strict=True))]  # fmt: skip
    quadrant = _quadrant(cost, effect)
    worth = tuple(_net_benefit(made, x, clusters, price, currency, unit, missing) for price in prices)
    shares = tuple(float((price * found[:, 1] > found[:, 0]).mean()) for price in prices)
    return CostEffectiveness(
        both[0], both[1], _icer(cost, effect, found, quadrant, currency, unit, context), quadrant, found, worth,
        tuple(prices), shares, currency, unit, len(made.cost), missing, method,
    )  # fmt: skip


def _quadrant(cost: float, effect: float) -> Quadrant:
    if effect > 0:
        return "north-east" if cost > 0 else "south-east"
    return "north-west" if cost > 0 else "south-west"


def _icer(
    cost: float, effect: float, found: Array, quadrant: Quadrant, currency: str, unit: str, context: dict[str, Any]
) -> Estimate:
    empty = Estimate(id="icer", label=f"{currency} per {unit}", value=None, unit=f"{currency} per {unit}",
                     **{**context, "note": _MEANING[quadrant]})  # fmt: skip
    if quadrant != "north-east":
        return empty
    low, high = fieller(cost, effect, np.cov(found.T)) or (None, None)
    note = "Limits by Fieller's theorem." if low is not None else (
        "The difference in effect is not apart from zero, so this ratio has no interval: read the acceptability curve."
    )  # fmt: skip
    return empty.renamed(value=cost / effect, ci_low=low, ci_high=high, note=note)


def fieller(
    top: float, bottom: float, covariance: ArrayLike, *, level: float = 0.95
) -> tuple[float, float] | None:  # fmt: skip
    """Limits of top/bottom for two jointly normal numbers; None where they are no interval (bottom may be zero).

    The roots r of (top - r·bottom)² = z² var(top - r·bottom); an interval only if bottom² > z² var(bottom).
    """
    v = np.asarray(covariance, float)
    z2 = critical_value(level) ** 2
    a, b, c = bottom**2 - z2 * v[1, 1], top * bottom - z2 * v[0, 1], top**2 - z2 * v[0, 0]
    if a <= 0:
        return None
    root = math.sqrt(max(b * b - a * c, 0.0))
    return float((b - root) / a), float((b + root) / a)


def _net_benefit(
    made: Equations, x: FixedEffects, clusters: Array | None, price: float, currency: str, unit: str, missing: int
) -> Estimate:
    """Net benefit regression at one price, all covariates of both equations in it."""
    fitted = _robust(price * made.effect - made.cost, made.matrix, x.names, clusters)
    label = f"net benefit at {price:,.0f} {currency} per {unit}"
    found = fitted.coefficient("treated")
    return found.estimate(f"net_benefit.{price:g}", label, n=fitted.rows, missing=missing, unit=currency,
                          method=fitted.method)  # fmt: skip


def _robust(y: Array, matrix: Array, names: tuple[str, ...], clusters: Array | None) -> ClusterRobust:
    return cluster_robust(y, clusters, fixed=dict(zip(names[1:], matrix[:, 1:].T, strict=True)))


def _amount(one: Estimate, currency: str) -> str:
    assert one.value is not None
    limits = f" (95 % {one.ci_low:,.0f} to {one.ci_high:,.0f})"
    return f"{one.value:+,.0f} {currency}{limits}"


def _figure(one: Estimate) -> str:
    return f"{one.value:+.4f} (95 % {one.ci_low:.4f} to {one.ci_high:.4f})"
