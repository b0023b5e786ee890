"""What may learn to predict: our ridge, and two of scikit-learn (the extra 'predict'): elastic net and boosted trees.

Each takes a training part, chooses its own strength by folds inside it, and predicts rows it has not seen. The choice
is by log-likelihood of held-out people; of settings that do alike the more cautious one is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import BadInput, MissingExtra

Array = NDArray[Any]
Learner = Literal["ridge", "elastic-net", "boosting"]
LEARNERS: dict[str, str] = {
    "ridge": "logistic regression", "elastic-net": "elastic-net logistic regression", "boosting": "boosted trees",
}  # fmt: skip
# Cautious first: a later setting has to do better.
_STRENGTHS = tuple(product((0.01, 0.03, 0.1, 0.3, 1.0), (1.0, 0.3)))
_TREES = ((25, 1), (75, 1), (75, 2))


def known_learner(name: str) -> None:
    """Refuse a learner that is not known, or whose extra is not installed."""
    if name not in LEARNERS:
        raise BadInput(f"There is no learner called {name!r}.", cure=f"Use one of: {', '.join(LEARNERS)}.")
    if name != "ridge":
        _sklearn(LEARNERS[name])


def learned(
    name: str, y: Array, x: Array, new: Array, folds: NDArray[np.int64], seed: int
) -> Array:  # fmt: skip
    """Probabilities for the rows `new` from a learner of scikit-learn, its setting chosen over `folds` of the training
    rows. `x` has no intercept column."""
    settings, make = _SETTINGS[name]
    best, score = settings[0], -np.inf
    for setting in settings:
        found = _held_out(make, setting, y, x, folds, seed)
        if found > score + 1e-9:
            best, score = setting, found
    return _predicted(make(best, seed), y, x, new)


def _held_out(make: Callable[..., Any], setting: Any, y: Array, x: Array, folds: Array, seed: int) -> float:
    total = 0.0
    for k in range(int(folds.max()) + 1):
        train = folds != k
        if len(np.unique(y[train])) < 2:
            continue
        guess = np.clip(_predicted(make(setting, seed), y[train], x[train], x[~train]), 1e-9, 1 - 1e-9)
        total += float(special.xlogy(y[~train], guess).sum() + special.xlog1py(1 - y[~train], -guess).sum())
    return total


def _predicted(model: Any, y: Array, x: Array, new: Array) -> Array:
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a path that has not settled to the last digit predicts the same
        model.fit((x - centre) / spread, y)
        guess: Array = model.predict_proba((new - centre) / spread)[:, 1]
    return guess


def _net(setting: tuple[float, float], seed: int) -> Any:
    linear = _sklearn(LEARNERS["elastic-net"]).linear_model
    return linear.LogisticRegression(C=setting[0], l1_ratio=setting[1], solver="saga", max_iter=500, tol=1e-3,
                                     random_state=seed)  # fmt: skip


def _boosted(setting: tuple[int, int], seed: int) -> Any:
    ensemble = _sklearn(LEARNERS["boosting"]).ensemble
    return ensemble.GradientBoostingClassifier(n_estimators=setting[0], max_depth=setting[1], learning_rate=0.05,
                                               subsample=0.7, random_state=seed)  # fmt: skip


_SETTINGS: dict[str, tuple[tuple[Any, ...], Callable[..., Any]]] = {
    "elastic-net": (_STRENGTHS, _net), "boosting": (_TREES, _boosted),
}  # fmt: skip


def _sklearn(needed_for: str) -> Any:
    try:
        import sklearn
        import sklearn.ensemble
        import sklearn.linear_model
    except ImportError:
        raise MissingExtra("predict", needed_for=needed_for[:1].upper() + needed_for[1:]) from None
    return sklearn
