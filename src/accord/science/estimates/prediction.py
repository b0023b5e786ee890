"""How well predictors tell an outcome in people that were not used to fit: cross-validated AUC, calibration, Brier.

Every number is computed from predictions of people (or whole sites) that the model had not seen. Folds are drawn with a
seed within events and non-events; with `site` each site is predicted from all others, with `groups` whole therapists or
sites go to one fold. Nested: predictors are standardised, and the learner's strength is chosen, inside each training
part only, over inner folds that split no site or group either. A predictor that knows too much is flagged (`leaks`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.auc import auc
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.decision_curve import Decision, decision_curve
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import FixedEffects, fixed_effects
from accord.science.estimates.leaks import Leak, leaks, leaks_said
from accord.science.estimates.learners import LEARNERS, Learner, known_learner, learned
from accord.science.estimates.logistic import fit_logistic, ridge_path
from accord.science.estimates.prediction_folds import group_codes, grouped_folds, random_folds
from accord.science.estimates.proportions import Proportion, proportion

Array = NDArray[Any]
RIDGES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_ENOUGH_TO_CHOOSE = 5000


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """People of like predicted probability: the mean prediction and the observed share with Wilson limits."""

    predicted: float
    observed: Proportion


@dataclass(frozen=True, slots=True)
class Prediction:
    """Performance out of sample. `predictions` are NaN for rows left out.

    `calibration_intercept` is 0 and `calibration_slope` 1 when predictions are right on average and neither too bold
    (slope below 1) nor too timid. `brier_skill` is 1 - Brier / Brier of predicting the overall share for everybody.
    """

    auc: Contrast
    calibration_intercept: Contrast
    calibration_slope: Contrast | None
    brier: float
    brier_skill: float
    bins: tuple[CalibrationBin, ...]
    predictions: Array
    n: int
    events: int
    missing: int
    ridge: float | Literal["chosen"]
    how: str
    leaks: tuple[Leak, ...] = ()
    decision: Decision | None = None

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        return self.auc.estimate(
            id, label, **{"n": self.n, "missing": self.missing, "unit": "AUC", "method": self.how,
                          "note": self.summary(), **context},
        )  # fmt: skip

    def summary(self) -> str:
        """What this means, in two or three sentences that promise nothing."""
        pairs = f"{100 * self.auc.value:.0f} of 100 pairs of people are put in the right order (chance: 50)"
        limits = f"between {100 * self.auc.ci_low:.0f} and {100 * self.auc.ci_high:.0f}"
        if self.auc.ci_low <= 0.5:
            verdict = "Nothing here predicts the outcome better than chance, as far as these data show."
        elif self.auc.value < 0.6:
            verdict = "Nothing here predicts much: too little to tell anything about a single person."
        elif self.auc.value < 0.7:
            verdict = "The prediction is weak: it says something about groups, little about a single person."
        elif self.auc.value < 0.8:
            verdict = "The prediction is moderate."
        else:
            verdict = "The prediction is good in these data; another service may see less."
        slope = self.calibration_slope
        bold = slope is not None and slope.ci_high < 1
        said = f"{verdict} {pairs}, {limits}." + (" High and low predictions are too extreme." if bold else "")
        return f"{leaks_said(self.leaks)} {said}".strip()


def cross_validate(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    *,
    folds: int = 10,
    seed: int = 20_240_118,
    ridge: float | Literal["chosen"] = "chosen",
    site: Sequence[Any] | ArrayLike | None = None,
    groups: Sequence[Any] | ArrayLike | None = None,
    learner: Learner = "ridge",
    measured: Mapping[str, float] | None = None,
    outcome_starts: float | None = None,
    bins: int = 10,
) -> Prediction:
    """Out-of-sample performance of a `learner`. `site`: leave one site out in turn instead of random folds; `groups`:
    folds of whole groups (therapists), never split.

    Rows with a missing outcome or predictor are left out and counted. `ridge="chosen"`: by five folds inside each
    training part, among `RIDGES`. `measured` (day of each predictor) and `outcome_starts` flag what was known too late.
    Raises NotEstimable when fewer than five people have the rarer outcome (or none: a one-class outcome), MissingExtra
    without scikit-learn for elastic net and boosting.
    """
    known_learner(learner)
    y = np.asarray(outcome, float)
    x = fixed_effects(predictors, len(y))
    keep = np.isfinite(y) & x.complete
    y, x = y[keep], x.kept(keep)
    few = int(min(y.sum(), len(y) - y.sum()))
    if few < 5:
        raise NotEstimable(
            f"Only {few} people have the rarer outcome; cross-validation needs five.", cure="Report the counts instead."
        )
    folds = min(folds, few)
    part, codes = _outer(y, folds, seed, _kept(site, keep), _kept(groups, keep))
    guess = np.full(len(y), np.nan)
    for k in range(int(part.max()) + 1):
        train = part != k
        guess[~train] = _guessed(learner, y, x, train, ridge, seed, codes)
    whole = np.full(len(keep), np.nan)
    whole[keep] = guess
    base = float(np.mean((y - y.mean()) ** 2))
    brier = float(np.mean((y - guess) ** 2))
    intercept, slope = calibration(y, guess)
    return Prediction(
        auc(y, guess), intercept, slope, brier, 1 - brier / base, calibration_bins(y, guess, bins), whole, len(y),
        int(y.sum()), int((~keep).sum()), ridge, _how(learner, ridge, int(part.max()) + 1, seed, site, groups),
        leaks(outcome, predictors, measured=measured, outcome_starts=outcome_starts), decision_curve(y, guess),
    )  # fmt: skip


def _kept(labels: Sequence[Any] | ArrayLike | None, keep: Array) -> Array | None:
    return None if labels is None else np.asarray(labels)[keep]


def _outer(
    y: Array, folds: int, seed: int, site: Array | None, groups: Array | None
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """The fold of each row, and the codes of what must not be split inside either."""
    if site is not None and groups is not None:
        raise BadInput("Folds go by site or by groups, not by both.", cure="Give the larger units: sites.")
    if site is not None:
        codes = group_codes(site)
        return codes, codes
    if groups is not None:
        codes = group_codes(groups)
        return grouped_folds(y, codes, folds, seed), codes
    return random_folds(y, folds, seed), None


def _guessed(
    learner: Learner, y: Array, x: FixedEffects, train: Array, ridge: float | Literal["chosen"], seed: int,
    codes: NDArray[np.int64] | None,
) -> Array:  # fmt: skip
    """Predictions for the rows left out, by a model whose strength was chosen among the training rows alone."""
    own = None if codes is None else codes[train]
    if learner != "ridge":
        if len(np.unique(y[train])) < 2:
            raise NotEstimable("A training part holds one outcome only.", cure="Use random folds, or fewer of them.")
        inner = inner_folds(y[train], seed, own)
        return learned(learner, y[train], x.matrix[train, 1:], x.matrix[~train, 1:], inner, seed)
    penalty = best_ridge(y[train], x.kept(train), seed, groups=own) if ridge == "chosen" else float(ridge)
    return fit_logistic(y[train], x.kept(train), penalty).predict(x.matrix[~train])


def inner_folds(y: Array, seed: int, groups: NDArray[np.int64] | None, folds: int = 5) -> NDArray[np.int64]:
    """Folds of a training part: of whole groups where it has at least two."""
    if groups is not None and len(np.unique(groups)) > 1:
        return grouped_folds(y, groups, folds, seed + 1)
    return random_folds(y, min(folds, int(min(y.sum(), len(y) - y.sum()))), seed + 1)


def _how(learner: str, ridge: float | Literal["chosen"], parts: int, seed: int, site: object, groups: object) -> str:
    model = LEARNERS[learner]
    if site is not None:
        how = f"{model}, each of {parts} sites predicted from the others"
    elif groups is not None:
        how = f"{model}, {parts}-fold cross-validation of whole groups, seed {seed}"
    else:
        how = f"{model}, {parts}-fold cross-validation, seed {seed}"
    if learner != "ridge":
        return f"{how}, its strength chosen in the training part"
    return how + (", ridge penalty chosen in the training part" if ridge == "chosen" else
                  f", ridge {ridge:g}" if ridge else "")  # fmt: skip


def best_ridge(
    y: Array, x: FixedEffects, seed: int, folds: int = 5, *, groups: NDArray[np.int64] | None = None
) -> float:
    """The penalty among `RIDGES` with the highest log-likelihood of held-out people; ties go to the larger one. Many
    people need little penalty: the choice is made on 5,000 of them."""
    if len(y) > _ENOUGH_TO_CHOOSE:
        some = np.random.default_rng(seed + 2).permutation(len(y)) < _ENOUGH_TO_CHOOSE
        if min(y[some].sum(), (1 - y[some]).sum()) >= folds:
            y, x = y[some], x.kept(some)
            groups = None if groups is None else groups[some]
    part = inner_folds(y, seed, groups, folds)
    falling = RIDGES[::-1]
    scores = np.zeros(len(falling))
    for k in range(int(part.max()) + 1):
        train = part != k
        if len(np.unique(y[train])) < 2:
            continue
        try:
            fits = ridge_path(y[train], x.kept(train), falling)
        except NotEstimable:
            fits = ridge_path(y[train], x.kept(train), falling[:-1])
            scores[-1] = -math.inf
        for place, fit in enumerate(fits):
            guess = fit.predict(x.matrix[~train])
            scores[place] += float(special.xlogy(y[~train], guess).sum() + special.xlog1py(1 - y[~train], -guess).sum())
    return falling[int(np.argmax(scores))]


def calibration(outcome: ArrayLike, predicted: ArrayLike) -> tuple[Contrast, Contrast | None]:
    """Intercept (with the slope fixed at 1) and slope of the outcome on the log odds of the prediction.

    The slope is None when all predictions are the same.
    """
    y, logit = np.asarray(outcome, float), special.logit(np.clip(np.asarray(predicted, float), 1e-12, 1 - 1e-12))
    shift = 0.0
    for _ in range(50):
        mean = special.expit(logit + shift)
        information = float((mean * (1 - mean)).sum())
        move = float((y - mean).sum()) / information
        shift += move
        if abs(move) < 1e-12:
            break
    intercept = contrast(shift, 1 / math.sqrt(information))
    if np.ptp(logit) < 1e-12:
        return intercept, None
    try:
        slope = fit_logistic(y, FixedEffects(np.column_stack([np.ones(len(y)), logit]), ("intercept", "logit")))
    except NotEstimable:
        return intercept, None
    return intercept, slope.coefficient("logit")


def calibration_bins(outcome: ArrayLike, predicted: ArrayLike, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Bins of equal size by prediction (fewer where predictions are tied), for a picture."""
    y, guess = np.asarray(outcome, float), np.asarray(predicted, float)
    edges = np.unique(np.quantile(guess, np.linspace(0, 1, bins + 1)))
    place = np.clip(np.searchsorted(edges, guess, side="right") - 1, 0, max(len(edges) - 2, 0))
    found = []
    for k in range(max(len(edges) - 1, 1)):
        here = place == k
        if here.any():
            found.append(CalibrationBin(float(guess[here].mean()), proportion(int(y[here].sum()), int(here.sum()))))
    return tuple(found)
