"""Indirect effects of a treatment through one or more mediators, parallel or in a row, with honest limits.

Total c = Σ paths + direct c'. Path effects are products of slopes; a product is not normal, so the default limits are
percentiles of the bootstrap; also BC, BCa, Monte Carlo (normal draws of the slopes; Preacher and Selig 2012), and
the delta method. Joint significance (MacKinnon 2002): every leg of a path significant; its p is the largest of theirs.

The arithmetic makes no mediation: mediators were not allocated. What changes both mediator and outcome looks the same,
and a mediator measured with or after the outcome says nothing about order (C24). `causal` names the assumptions and
asks how strong such a cause would have to be. Checked against lavaan (estimates, delta and bootstrap limits, BCa).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value, wald
from accord.science.estimates.mediation.design import Design, design
from accord.science.estimates.mediation.fit import PathFit, fit, spread
from accord.science.estimates.mediation.limits import accelerated, corrected, percentile
from accord.science.estimates.mediation.moments import left_out, resampled, standardised
from accord.science.estimates.mediation.paths import chains, coefficients, effects
from accord.science.figures.mechanism_map import Leg, MechanismMap

Array = NDArray[Any]
Limits = Literal["percentile", "bc", "bca", "monte-carlo", "delta"]
_NAMES = {"percentile": "percentile bootstrap", "bc": "bias-corrected bootstrap", "bca": "BCa bootstrap",
          "monte-carlo": "Monte Carlo", "delta": "delta method"}  # fmt: skip
_LOST = 0.05  # more singular samples than this, and the bootstrap does not describe these data


@dataclass(frozen=True, slots=True)
class Mediation:
    """`indirect`: one estimate a path, in the order of `paths` (names of mediators); their `sum`; `direct`; `total`.

    `legs` are the slopes by name ("treatment -> m", "m -> outcome"); `joint` the p of joint significance per path.
    """

    paths: tuple[tuple[str, ...], ...]
    indirect: tuple[Estimate, ...]
    sum: Estimate
    direct: Estimate
    total: Estimate
    legs: dict[str, Estimate]
    joint: tuple[float, ...]
    n: int
    missing: int
    method: str

    @property
    def estimates(self) -> list[Estimate]:
        return [*self.legs.values(), *self.indirect, self.sum, self.direct, self.total]

    def path(self, *mediators: str) -> Estimate:
        """The effect along one path, by the names of its mediators in order."""
        if mediators not in self.paths:
            known = "; ".join(" then ".join(path) for path in self.paths)
            raise BadInput(f"There is no path {' then '.join(mediators)}.", cure=f"There are: {known}.")
        return self.indirect[self.paths.index(mediators)]

    def summary(self) -> str:
        """What can be said, path by path, without a claim of cause."""
        said = [_sentence(" then ".join(path), one) for path, one in zip(self.paths, self.indirect, strict=True)]
        return " ".join([*said, f"{self.n:,} people; {self.method}."])

    def plot(self, *, title: str = "Paths to the outcome", outcome: str = "outcome") -> MechanismMap:
        """Boxes and arrows with their slopes and limits."""
        ends = {name: name.split(" -> ") for name in self.legs}
        legs = [
            Leg(ends[name][0], ends[name][1], one.value, one.ci_low, one.ci_high) for name, one in self.legs.items()
        ]
        legs.append(Leg("treatment", "outcome", self.direct.value, self.direct.ci_low, self.direct.ci_high))
        return MechanismMap(title, self.summary(), legs, labels={"outcome": outcome})

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def mediate(
    treatment: ArrayLike,
    mediators: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    serial: bool = False,
    limits: Limits = "percentile",
    draws: int = 5000,
    seed: int = 1,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
    unit: str = "",
) -> Mediation:
    """Effects of `treatment` (N numbers, usually 0 and 1) on `outcome` through `mediators` (name -> N numbers).

    Complete cases; `serial` puts the mediators in a row in the order given; `clusters` (groups, therapists) are drawn
    whole by the bootstraps. For gaps use `mediate_with_gaps` or multiple imputation. Raises BadInput for a mediator
    that is the outcome, NotEstimable for columns that do not vary or too few people.
    """
    if limits not in _NAMES:
        raise BadInput(f"There are no limits called {limits!r}.", cure=f"Use one of: {', '.join(_NAMES)}.")
    if clusters is not None and limits in ("monte-carlo", "delta"):
        raise BadInput(f"{_NAMES[limits]} limits know no clusters.", cure="Use limits='percentile', 'bc' or 'bca'.")
    made = design(treatment, mediators, outcome, covariates, clusters)
    every = chains(made, serial=serial)
    fitted = fit(made, serial=serial)
    value = spread(fitted.theta(), fitted.found.into.shape, every)
    low, high, se, note = _limits(made, fitted, every, value, serial, limits, draws, seed, level)
    how = _NAMES[limits] + ("" if limits == "delta" else f", {draws:,} draws, seed {seed}")
    method = f"least squares, {'serial' if serial else 'parallel'} paths, {how}; complete cases"
    return assembled(made, every, fitted, value, (low, high, se), method, note, unit, level)


def assembled(
    made: Design, every: list[tuple[int, ...]], fitted: PathFit, value: Array, ends: tuple[Array, Array, Array],
    method: str, note: str, unit: str, level: float,
) -> Mediation:  # fmt: skip
    """The result from its numbers: effects in the order of `paths.effects`."""
    low, high, se = ends
    names = [made.names[place] for place in made.mediators]
    context: dict[str, Any] = {"n": made.n, "missing": made.missing, "unit": unit, "method": method, "note": note}

    def one(place: int, id: str, label: str) -> Estimate:
        return Estimate(
            id=id, label=label, value=float(value[place]), ci_low=float(low[place]), ci_high=float(high[place]),
            se=float(se[place]), **context,
        )  # fmt: skip

    paths = tuple(tuple(names[j] for j in chain) for chain in every)
    indirect = tuple(
        one(place, f"mediation.{'.'.join(path)}", f"through {' then '.join(path)}") for place, path in enumerate(paths)
    )
    k = len(every)
    return Mediation(
        paths, indirect, one(k, "mediation.indirect", "all paths together"), one(k + 1, "mediation.direct", "direct"),
        one(k + 2, "mediation.total", "total"), _legs(fitted, names, every, context, level),
        tuple(_joint(fitted, chain) for chain in every), made.n, made.missing, method,
    )  # fmt: skip


def _limits(
    made: Design, fitted: PathFit, every: list[tuple[int, ...]], value: Array, serial: bool, limits: str,
    draws: int, seed: int, level: float,
) -> tuple[Array, Array, Array, str]:  # fmt: skip
    if limits == "delta":
        se = fitted.delta(every)
        half = critical_value(level) * se
        return value - half, value + half, se, ""
    if limits == "monte-carlo":
        random = np.random.default_rng(seed)
        theta = random.multivariate_normal(fitted.theta(), fitted.covariance, draws, method="eigh")
        found = spread(theta, fitted.found.into.shape, every)
        return *percentile(found, level), found.std(axis=0, ddof=1), ""
    found, lost = bootstrapped(made, every, serial, draws, seed)
    note = f"{lost} of {draws} samples could not be computed." if lost else ""
    if limits == "percentile":
        low, high = percentile(found, level)
    else:
        speed: Array | float = 0.0
        if limits == "bca":
            speed = accelerated(_effects(made, left_out(_plain(made), made.clusters), every, serial))
        low, high = corrected(found, value, acceleration=speed, level=level)
    return low, high, found.std(axis=0, ddof=1), note


def bootstrapped(
    made: Design, every: list[tuple[int, ...]], serial: bool, draws: int, seed: int
) -> tuple[Array, int]:  # fmt: skip
    """(B, paths + 3) effects in bootstrap samples, and how many samples were singular and left out."""
    z, size = standardised(made.z)
    parts = [_effects(made, sums, every, serial) for sums in resampled(z, draws, seed, made.clusters)]
    # Every effect is of the treatment on the outcome: one unit of each turns the standardised ones back.
    found = np.concatenate(parts) * size[made.outcome] / size[1]
    good = np.isfinite(found).all(axis=1)
    if (~good).mean() > _LOST:
        raise NotEstimable(
            f"{(~good).mean():.0%} of the bootstrap samples held too few different people.",
            cure="Use limits='monte-carlo', or fewer covariates.",
        )
    return found[good], int((~good).sum())


def _plain(made: Design) -> Array:
    z, size = standardised(made.z)
    z[:, made.outcome] *= size[made.outcome]
    z[:, 1] *= size[1]
    return z


def _effects(made: Design, sums: Array, every: list[tuple[int, ...]], serial: bool) -> Array:
    return effects(coefficients(made, sums, serial=serial), every)


def _legs(
    fitted: PathFit, names: list[str], every: list[tuple[int, ...]], context: dict[str, Any], level: float
) -> dict[str, Estimate]:  # fmt: skip
    legs = {f"treatment -> {name}": fitted.into(j, 0, level) for j, name in enumerate(names)}
    for first, second in sorted({pair for chain in every for pair in pairwise(chain)}):
        legs[f"{names[first]} -> {names[second]}"] = fitted.into(second, 1 + first, level)
    legs |= {f"{name} -> outcome": fitted.onto(1 + j, level) for j, name in enumerate(names)}
    more = {**context, "method": "least squares, t", "note": ""}
    return {
        name: one.estimate(f"mediation.leg.{name.replace(' -> ', '.')}", name, **more) for name, one in legs.items()
    }


def _joint(fitted: PathFit, chain: tuple[int, ...]) -> float:
    """The largest p of the legs of a path."""
    legs = [fitted.into(chain[0], 0), fitted.onto(1 + chain[-1])]
    legs += [fitted.into(after, 1 + before) for before, after in pairwise(chain)]
    return max(leg.p for leg in legs)


def _sentence(name: str, one: Estimate) -> str:
    assert one.value is not None
    assert one.ci_low is not None
    assert one.ci_high is not None
    verdict = "away from zero" if one.ci_low * one.ci_high > 0 else "not shown"
    return f"Through {name}: {one.value:.3g} ({one.ci_low:.3g} to {one.ci_high:.3g}), {verdict}."


def sobel(a: float, se_a: float, b: float, se_b: float, *, level: float = 0.95) -> Estimate:
    """a·b with SE √(a² se_b² + b² se_a²), from printed slopes alone; a product is skew, and these limits are not."""
    value, se = a * b, float(np.hypot(a * se_b, b * se_a))
    low, high, p = wald(value, se, level=level)
    return Estimate(
        "mediation.sobel", "product of two slopes", value, low, high, se, p=p, method="delta method (Sobel)"
    )
