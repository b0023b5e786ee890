"""Does treatment do more for some than for others? Effects predicted from people who did not help to fit them.

Half of the people learn a prediction s(x) of the effect; on the other half (Chernozhukov, Demirer, Duflo and
Fernández-Val 2018), with p the share treated and d - p in place of d,

    y = a0 + a1·b(x) + β1·(d - p) + β2·(d - p)·(s(x) - mean s) + e,     HC2 errors

β1 is the average effect; β2 is 0 when nobody differs or s sees no difference, 1 when s is right. Repeated over random
halves; the medians of estimate and limits are given, the limits at 97.5 % and the p doubled, which pays for the choice
of halves. s(x) is a ridge: T-learner (one fit per arm, subtracted) or DR-learner (ridge of doubly robust values). For
allocated arms only. Nothing is searched: one test, not one per subgroup (C27).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import fixed_effects
from accord.science.estimates.mean import mean

Array = NDArray[Any]
Method = Literal["dr", "t"]
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
_FEWEST = 40
_SAME = 0.02  # of the SD of the outcome: predictions that differ by less are one prediction
_GROUPS = 4
_NAMES = {"dr": "DR-learner", "t": "T-learner"}


@dataclass(frozen=True, slots=True)
class EffectGroup:
    """A quarter of people by predicted effect: the mean prediction, and what was seen (doubly robust, t limits)."""

    predicted: float
    seen: Contrast
    n: int


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """`average` is β1, `slope` β2, `groups` the calibration of predicted effects, `predicted` (N,) out of sample."""

    average: Estimate
    slope: Estimate
    groups: tuple[EffectGroup, ...]
    predicted: Array
    n: int
    missing: int
    method: str

    @property
    def shown(self) -> bool:
        """Whether a difference in effect between people is shown at all."""
        return self.slope.ci_low is not None and self.slope.ci_low > 0

    def summary(self) -> str:
        """The answer in words: mostly, that nothing is shown."""
        assert self.slope.ci_low is not None
        if math.isinf(self.slope.ci_low):
            return ("That treatment does more for some than for others is not shown: in most halves one effect was "
                    "predicted for everybody. Use the average effect.")  # fmt: skip
        found = f"slope {self.slope.value:.2f} (95 % {self.slope.ci_low:.2f} to {self.slope.ci_high:.2f}; 0: none seen)"
        if not self.shown:
            return f"That treatment does more for some than for others is not shown: {found}. Use the average effect."
        return (f"People who were predicted to gain more did: {found}. It says little on one person, and another "
                "service may see less.")  # fmt: skip


def effect_heterogeneity(
    outcome: ArrayLike,
    treated: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    *,
    method: Method = "dr",
    clusters: ArrayLike | None = None,
    splits: int = 25,
    seed: int = 1,
    unit: str = "",
) -> Heterogeneity:
    """`outcome` (N,), `treated` 1 or 0 by allocation, `predictors` known before (numbers or words).

    Halves split no cluster. Raises NotEstimable with fewer than 40 complete people, BadInput for an arm that is not 0
    or 1, a predictor that is the outcome, or an unknown method.
    """
    if method not in _NAMES:
        raise BadInput(f"There is no learner called {method!r}.", cure="Use 'dr' or 't'.")
    y, d, x, keep, labels = _complete(outcome, treated, predictors, clusters)
    rng = np.random.default_rng(seed)
    found = [_best_linear(y, d, x, _half(rng, len(y), labels), method, labels) for _ in range(splits)]
    average, slope = (_median([one[k] for one in found]) for k in range(2))
    how = (f"{_NAMES[method]} by ridge, best linear prediction of the effect on held-out halves, median of {splits} "
           f"splits, seed {seed}, limits at 97.5 %")  # fmt: skip
    context: dict[str, Any] = {"n": len(y), "missing": int((~keep).sum()), "method": how}
    guess, groups = _calibrated(y, d, x, _fifths(rng, len(y), labels), method)
    whole = np.full(len(keep), np.nan)
    whole[keep] = guess
    return Heterogeneity(
        average.estimate("heterogeneity.average", "average difference", unit=unit, **context),
        slope.estimate("heterogeneity.slope", "slope of the effect on its prediction", **context),
        groups, whole, len(y), context["missing"], how,
    )  # fmt: skip


def _complete(
    outcome: ArrayLike, treated: ArrayLike, predictors: Mapping[str, ArrayLike], clusters: ArrayLike | None
) -> tuple[Array, Array, Array, Array, Array | None]:
    y, d = np.asarray(outcome, float), np.asarray(treated, float)
    if not np.isin(d[np.isfinite(d)], (0, 1)).all():
        raise BadInput("The arm is 1 or 0.", cure="Code it as 1 and 0.")
    if not predictors:
        raise BadInput("Nothing is known of people.", cure="Name what was known before treatment.")
    for name, values in predictors.items():
        if np.array_equal(np.asarray(values), y):
            raise BadInput(f"The predictor {name!r} is the outcome.", cure="Give what was known before treatment.")
    made = fixed_effects(predictors, len(y), intercept=False)
    keep = np.isfinite(y) & np.isfinite(d) & made.complete
    if keep.sum() < _FEWEST or min((d[keep] == 1).sum(), (d[keep] == 0).sum()) < _FEWEST // 4:
        raise NotEstimable(f"{int(keep.sum())} complete people; looking for differences in effect needs {_FEWEST}, ten "
                           "of them in each arm.", cure="Report the average effect.")  # fmt: skip
    x = made.matrix[keep]
    varies = np.ptp(x, axis=0) > 0
    if not varies.any():
        raise NotEstimable("No predictor varies.", cure="Report the average effect.")
    labels = (
        None if clusters is None else np.unique(np.asarray(clusters)[keep].astype(str), return_inverse=True)[1].ravel()
    )
    return y[keep], d[keep], x[:, varies], keep, labels


# --- what learns --------------------------------------------------------------------------------------------------


def ridge_fit(x: Array, y: Array) -> tuple[float, Array]:
    """Intercept and slopes of a ridge over standardised columns, its penalty by leave-one-out in closed form."""
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    z, middle = (x - centre) / spread, float(y.mean())
    u, s, vt = np.linalg.svd(z, full_matrices=False)
    turned = u.T @ (y - middle)
    best, chosen = math.inf, PENALTIES[-1]
    for penalty in reversed(PENALTIES):
        shrink = s**2 / (s**2 + penalty)
        error = (y - middle - u @ (shrink * turned)) / (1 - 1 / len(y) - (u**2) @ shrink)
        loss = float((error**2).mean())
        if loss < best * (1 - 1e-9):
            best, chosen = loss, penalty
    slopes = (vt.T @ (s / (s**2 + chosen) * turned)) / spread
    return middle - float(centre @ slopes), slopes


def _predict(fitted: tuple[float, Array], x: Array) -> Array:
    found: Array = fitted[0] + x @ fitted[1]
    return found


def _arms(y: Array, d: Array, x: Array, new: Array) -> tuple[Array, Array]:
    """Predictions for both arms from a ridge of each."""
    if min((d == 1).sum(), (d == 0).sum()) < 2:
        raise NotEstimable("A training part holds one arm only.", cure="Report the average effect.")
    return tuple(_predict(ridge_fit(x[d == arm], y[d == arm]), new) for arm in (1, 0))  # type: ignore[return-value]


def _robust_values(y: Array, d: Array, treated: Array, control: Array, p: float) -> Array:
    """μ1 - μ0 + d(y - μ1)/p - (1 - d)(y - μ0)/(1 - p): right on average whatever the two fits are, since p is known."""
    found: Array = treated - control + d * (y - treated) / p - (1 - d) * (y - control) / (1 - p)
    return found


def _effects(y: Array, d: Array, x: Array, new: Array, method: Method) -> Array:
    """Predicted effects for new rows, from the training rows alone."""
    if method == "t":
        treated, control = _arms(y, d, x, new)
        return treated - control
    half = _every_second(d)
    values = np.empty(len(y))
    for train in (half, ~half):
        treated, control = _arms(y[train], d[train], x[train], x[~train])
        values[~train] = _robust_values(y[~train], d[~train], treated, control, float(d.mean()))
    return _predict(ridge_fit(x, values), new)


def _every_second(d: Array) -> Array:
    """Half of the people of each arm: every second of an arm, so that both halves hold both arms."""
    half = np.empty(len(d), dtype=bool)
    for arm in (0, 1):
        rows = np.flatnonzero(d == arm)
        half[rows] = np.arange(len(rows)) % 2 == 0
    return half


# --- what is judged -----------------------------------------------------------------------------------------------


def _half(rng: np.random.Generator, n: int, labels: Array | None) -> Array:
    """Who learns: half of the people, or of the clusters, at random."""
    units = n if labels is None else int(labels.max()) + 1
    chosen = np.zeros(units, dtype=bool)
    chosen[rng.permutation(units)[: units // 2]] = True
    found: Array = chosen if labels is None else chosen[labels]
    return found


def _fifths(rng: np.random.Generator, n: int, labels: Array | None) -> Array:
    units = n if labels is None else int(labels.max()) + 1
    dealt = rng.permutation(units) % 5
    found: Array = dealt if labels is None else dealt[labels]
    return found


def _best_linear(
    y: Array, d: Array, x: Array, learn: Array, method: Method, labels: Array | None
) -> tuple[Contrast, Contrast]:
    """β1 and β2 on the half that did not learn, with limits at 97.5 %. A prediction that does not vary has slope 0."""
    if min(d[learn].sum(), (1 - d[learn]).sum(), d[~learn].sum(), (1 - d[~learn]).sum()) < 5:
        raise NotEstimable("A half holds fewer than five people of an arm.", cure="Report the average effect.")
    s = _effects(y[learn], d[learn], x[learn], x[~learn], method)
    control = ridge_fit(x[learn][d[learn] == 0], y[learn][d[learn] == 0])
    centred = d[~learn] - d[~learn].mean()
    columns = {"base": _predict(control, x[~learn]), "arm": centred}
    own = None if labels is None else labels[~learn]
    varies = s.std() > _SAME * y.std()
    if varies:
        columns["product"] = centred * (s - s.mean())
    if columns["base"].std() <= 1e-9 * y.std():
        del columns["base"]
    fitted = cluster_robust(y[~learn], own, fixed=columns)
    average = fitted.coefficient("arm", level=0.975)
    none = Contrast(0.0, math.inf, None, -math.inf, math.inf, 1.0)
    return average, fitted.coefficient("product", level=0.975) if varies else none


def _median(found: list[Contrast]) -> Contrast:
    value, se, low, high, p = (
        float(np.median([getattr(one, name) for one in found])) for name in ("value", "se", "ci_low", "ci_high", "p")
    )
    return Contrast(value, se, None, low, high, min(1.0, 2 * p))


def _calibrated(y: Array, d: Array, x: Array, part: Array, method: Method) -> tuple[Array, tuple[EffectGroup, ...]]:
    """Predicted effects over five folds, and by quarters of them what was seen in the same people."""
    guess, seen = np.empty(len(y)), np.empty(len(y))
    for k in range(int(part.max()) + 1):
        train = part != k
        guess[~train] = _effects(y[train], d[train], x[train], x[~train], method)
        treated, control = _arms(y[train], d[train], x[train], x[~train])
        seen[~train] = _robust_values(y[~train], d[~train], treated, control, float(d[train].mean()))
    order = np.array_split(np.argsort(guess, kind="stable"), _GROUPS)
    return guess, tuple(EffectGroup(float(guess[rows].mean()), mean(seen[rows])[0], len(rows)) for rows in order)
