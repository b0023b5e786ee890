"""Cost and effect of two arms against R (r/costs.R: lm, sandwich, clubSandwich, a bootstrap by hand)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.estimates.health_economics import ValueSet, cost_effectiveness, fieller, qalys

R = json.loads((Path(__file__).parent / "r/costs.json").read_text("utf-8"))
DATA = {name: np.array(values, float) for name, values in R["data"].items()}


@pytest.fixture(scope="module")
def found():
    return _compared()


def _compared(**more):
    return cost_effectiveness(
        DATA["cost"], DATA["effect"], DATA["arm"], for_cost={"c0": DATA["c0"]}, for_effect={"u0": DATA["u0"]},
        prices=(10_000, 20_000), draws=20_000, seed=7, **more,
    )  # fmt: skip


def test_differences_are_those_of_lm(found):
    assert found.cost.value == pytest.approx(R["adjusted"]["cost"], rel=1e-9)
    assert found.effect.value == pytest.approx(R["adjusted"]["effect"], rel=1e-9)
    plain = cost_effectiveness(DATA["cost"], DATA["effect"], DATA["arm"], draws=200)
    assert plain.cost.value == pytest.approx(R["plain"]["cost"], rel=1e-9)
    assert plain.effect.value == pytest.approx(R["plain"]["effect"], rel=1e-9)


def test_net_benefit_regression_is_lm_with_hc2_and_with_cr2(found):
    at = found.net_benefit[1]
    assert (at.value, at.se) == pytest.approx(tuple(R["nb_hc2"]), rel=1e-6)
    over = _compared(clusters=DATA["therapist"].astype(int)).net_benefit[1]
    assert (over.value, over.se, over.df) == pytest.approx(tuple(R["nb_cr2"]), rel=1e-6)


def test_the_joint_bootstrap_is_that_of_r_within_its_error(found):
    draws = R["draws"]
    assert found.draws.std(axis=0, ddof=1) == pytest.approx(draws["sd"], rel=0.025)
    # The error of a tail quantile of 20,000 draws is about .019 SD; of two of them .026.
    for one, limits, sd in zip((found.cost, found.effect), (draws["limits_cost"], draws["limits_effect"]), draws["sd"],
                               strict=True):  # fmt: skip
        assert abs(one.ci_low - limits[0]) < 3 * 0.026 * sd
        assert abs(one.ci_high - limits[1]) < 3 * 0.026 * sd
    assert np.corrcoef(found.draws.T)[0, 1] == pytest.approx(draws["cor"], abs=0.03)
    assert found.acceptable == pytest.approx((draws["worth_10000"], draws["worth_20000"]), abs=0.015)


def test_fieller_and_the_trapezium():
    case = R["fieller"]
    assert fieller(case["top"], case["bottom"], case["v"]) == pytest.approx(tuple(case["limits"]), rel=1e-10)
    own = ValueSet(value_set="x", title="x", instrument="i", version="v", country="c", year=2020, source="s")
    case = R["qaly"]
    assert qalys([case["u"]], case["days"], own, instrument="i", version="v")[0] == pytest.approx(case["value"], 1e-12)
