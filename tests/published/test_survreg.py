"""Censored regression against survival::survreg (tests/published/r/survreg.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.errors import NotEstimable
from accord.science.estimates.censored import censored_regression

R = json.loads((Path(__file__).parent / "r" / "survreg.json").read_text())


def columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y = np.array([np.nan if value is None else value for value in R["y"]], dtype=float)
    X = np.column_stack([np.ones(len(y)), R["x"], R["arm"]])
    return y, X, np.isnan(y)


def test_coefficients_errors_and_scale_are_those_of_survreg() -> None:
    y, X, below = columns()
    fit = censored_regression(y, X, R["limit"], below)
    assert fit.below == sum(value is None for value in R["y"]) > 10
    np.testing.assert_allclose(fit.coefficients, R["coefficients"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), R["se"], rtol=1e-5)
    assert fit.sigma == pytest.approx(R["scale"], rel=1e-6)


def test_without_censoring_it_is_least_squares() -> None:
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(40), rng.normal(size=40)])
    y = X @ [1.0, 0.5] + rng.normal(size=40)
    fit = censored_regression(y, X, -99.0, np.zeros(40, dtype=bool))
    np.testing.assert_allclose(fit.coefficients, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-9)


def test_values_put_at_the_limit_would_be_biased_and_this_is_not() -> None:
    rng = np.random.default_rng(3)
    slopes, naive = [], []
    for _ in range(300):
        X = np.column_stack([np.ones(80), np.repeat([0.0, 1.0], 40)])
        y = X @ [0.0, -0.8] + rng.normal(size=80)
        below = y < -0.6
        slopes.append(censored_regression(y, X, -0.6, below).coefficients[1])
        naive.append(np.linalg.lstsq(X, np.maximum(y, -0.6), rcond=None)[0][1])
    error = np.std(slopes) / np.sqrt(300)
    assert abs(np.mean(slopes) + 0.8) < 4 * error
    assert abs(np.mean(naive) + 0.8) > 10 * error


def test_nearly_everything_below_the_limit_is_refused() -> None:
    y, X, _ = columns()
    with pytest.raises(NotEstimable, match="below the detection limit"):
        censored_regression(np.nan_to_num(y), X, 9.0, np.arange(len(y)) > 2)
