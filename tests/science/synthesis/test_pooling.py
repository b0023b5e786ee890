"""Properties that hold for every estimator: sign, scale, order, duplicates, one study, no spread, one huge study."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable
from accord.science.synthesis import pool, pool_many, tau2_interval
from accord.science.synthesis.tau2 import log_likelihood

METHODS = ("REML", "ML", "PM", "EB", "DL", "HE", "HS", "SJ", "FE")
TESTS = ("z", "knha", "knha-truncated")
Y = np.array([0.12, 0.55, 0.31, 0.90, -0.10, 0.44, 0.28, 0.71])
V = np.array([0.02, 0.05, 0.03, 0.09, 0.04, 0.01, 0.06, 0.08])
KEYS = ["k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "q_p", "pi_low", "pi_high", "method"]


@st.composite
def studies(draw, least=2, most=12):
    k = draw(st.integers(least, most))
    one = st.floats(-3, 3).map(lambda x: round(x, 3))
    y = draw(st.lists(one, min_size=k, max_size=k))
    v = draw(st.lists(st.floats(0.005, 2).map(lambda x: round(x, 4)), min_size=k, max_size=k))
    assume(max(y) - min(y) > 0.01)
    return np.array(y), np.array(v)


@pytest.mark.parametrize("method", METHODS)
class TestProperties:
    @settings(max_examples=40, deadline=None)
    @given(data=studies(), test=st.sampled_from(TESTS))
    def test_sign_scale_and_order(self, method, data, test):
        y, v = data
        one = pool(y, v, method=method, test=test)
        turned = pool(-y, v, method=method, test=test)
        larger = pool(10 * y, 100 * v, method=method, test=test)
        shuffled = pool(y[::-1], v[::-1], method=method, test=test)
        close = {"rel": 1e-6, "abs": 1e-7, "nan_ok": True}
        assert (turned.estimate, turned.se, turned.tau2, turned.p) == pytest.approx(
            (-one.estimate, one.se, one.tau2, one.p), **close
        )
        assert (turned.ci_low, turned.pi_low) == pytest.approx((-one.ci_high, -one.pi_high), **close)
        assert (larger.estimate, larger.se, larger.i2, larger.q) == pytest.approx(
            (10 * one.estimate, 10 * one.se, one.i2, one.q), **close
        )
        assert larger.tau2 == pytest.approx(100 * one.tau2, rel=1e-6, abs=1e-5)
        assert (shuffled.estimate, shuffled.se, shuffled.tau2) == pytest.approx(
            (one.estimate, one.se, one.tau2), **close
        )

    @settings(max_examples=30, deadline=None)
    @given(data=studies())
    def test_the_estimate_lies_among_the_studies(self, method, data):
        y, v = data
        one = pool(y, v, method=method)
        assert y.min() - 1e-9 <= one.estimate <= y.max() + 1e-9
        assert one.tau2 >= 0
        assert 0 <= one.i2 <= 100
        assert one.ci_low < one.estimate < one.ci_high

    def test_a_study_twice_is_flagged_and_narrows(self, method):
        once, twice = pool(Y, V, method=method), pool([*Y, Y[0]], [*V, V[0]], method=method)
        assert not once.warnings
        assert [f.rule for f in twice.warnings] == ["duplicate"]
        assert twice.warnings[0].where.row == 9
        assert "enter it once" in twice.warnings[0].cure

    def test_one_study_is_itself(self, method):
        for test in TESTS:
            one = pool([0.4], [0.04], method=method, test=test, labels=["Ito 2020"])
            assert (one.k, one.estimate, one.se) == (1, 0.4, pytest.approx(0.2))
            assert (one.ci_low, one.ci_high) == pytest.approx((0.4 - 0.3919928, 0.4 + 0.3919928))
            assert math.isnan(one.tau2)
            assert math.isnan(one.pi_low)
            assert "one study (Ito 2020)" in one.summary()
            assert one.to_dict()["tau2"] is None

    def test_like_effects_have_no_spread(self, method):
        one = pool([0.3] * 5, V[:5], method=method)
        assert (one.tau2, one.i2, one.q) == (0, 0, pytest.approx(0, abs=1e-12))
        assert one.estimate == pytest.approx(0.3)

    def test_one_huge_study(self, method):
        """A registry of millions among eight trials: it rules a fixed effect, is one of nine when effects differ."""
        one = pool([*Y, 0.05], [*V, 1e-8], method=method)
        fixed = pool([*Y, 0.05], [*V, 1e-8], method="FE")
        assert fixed.estimate == pytest.approx(0.05, abs=1e-4)
        assert np.isfinite([one.estimate, one.se, one.tau2]).all()
        if method not in ("FE", "HS", "DL"):
            assert 0.05 < one.estimate < 0.6


def test_likelihood_is_highest_where_reml_says():
    """Two clusters of effects with very unequal variances: more than one maximum may stand; ours is the highest."""
    rng = np.random.default_rng(7)
    for _ in range(60):
        k = int(rng.integers(3, 9))
        y, v = rng.normal(0, 1, k), 10.0 ** rng.uniform(-4, 1, k)
        for method in ("REML", "ML"):
            one = pool(y, v, method=method)
            grid = np.concatenate([[0.0], np.geomspace(1e-6, 100, 4000)])
            best = log_likelihood(one.data.expanded(), grid, restricted=method == "REML").max()
            assert one.log_likelihood >= best - 1e-9


def test_two_studies():
    """Two studies with like variances: τ² = (difference²/2 - v)⁺ by every moment estimator."""
    one = pool([0.0, 1.0], [0.1, 0.1], method="DL")
    assert one.tau2 == pytest.approx(0.4)
    assert one.estimate == pytest.approx(0.5)
    assert one.se == pytest.approx(0.5)


def test_hartung_knapp_truncated_is_never_narrower():
    close = pool([0.30, 0.31, 0.29, 0.30], [0.1, 0.1, 0.2, 0.3], test="knha")
    safe = pool([0.30, 0.31, 0.29, 0.30], [0.1, 0.1, 0.2, 0.3], test="knha-truncated")
    assert close.se < safe.se
    assert safe.se == pytest.approx(pool([0.30, 0.31, 0.29, 0.30], [0.1, 0.1, 0.2, 0.3]).se)
    assert (safe.df, close.df) == (3, 3)


def test_hartung_knapp_says_when_it_is_too_narrow():
    with pytest.raises(NotEstimable, match="no width") as caught:
        pool([0.3, 0.3], [0.1, 0.2], test="knha")
    assert "knha-truncated" in caught.value.finding.cure
    assert [f.rule for f in pool([0.30, 0.31, 0.29, 0.30], [0.1, 0.1, 0.2, 0.3], test="knha").warnings] == ["narrow"]
    assert not pool(Y, V, test="knha").warnings


def test_the_wanted_keys_come_first_and_are_json():
    for result in (pool(Y, V), pool(Y, V, method="FE"), pool(Y[:1], V[:1]), pool(Y, V, mods={"x": V})):
        assert list(result.to_dict())[:13] == KEYS
        assert "NaN" not in json.dumps(result.to_dict())


def test_prediction_conventions_are_named():
    names = {
        pool(Y, V, test=test, prediction=rule).pi_convention
        for test in ("z", "knha")
        for rule in ("metafor", "cochrane")
    }
    assert names == {"normal (metafor)", "t(k−p) (metafor)", "t(k−p−1) (Cochrane)"}
    assert math.isnan(pool(Y[:2], V[:2], prediction="cochrane").pi_low)
    assert math.isnan(pool(Y, V, method="FE").pi_low)


def test_interval_of_tau2():
    even = tau2_interval(pool([0.30, 0.301, 0.299, 0.3], [0.1, 0.1, 0.2, 0.3]))
    assert even.empty
    assert even.tau2[1:] == (0, 0)
    assert "holds no value" in even.summary()
    wide = tau2_interval(pool(Y, V))
    assert not wide.empty
    assert wide.plot().rows[0].high == wide.tau2[2]
    assert "95 % Q-profile interval" in wide.summary()
    assert wide.table()["quantity"].to_list() == ["τ²", "τ", "I² (%)", "H²"]
    assert wide.tau2[1] == 0 < wide.tau2[0] < wide.tau2[2]
    with pytest.raises(NotEstimable, match="One study"):
        tau2_interval(pool([1.0], [1.0]))


class TestBadInput:
    @pytest.mark.parametrize("bad", [0.0, -0.04])
    def test_variance(self, bad):
        with pytest.raises(BadInput, match="variance of Ito") as caught:
            pool([0.1, 0.2], [0.1, bad], labels=["Ada", "Ito"])
        assert caught.value.finding.where.row == 2
        assert "above zero" in caught.value.finding.cure

    @pytest.mark.parametrize(("y", "v"), [(np.inf, 0.1), (0.1, np.inf), (0.1, 1e-200), (1e200, 0.1)])
    def test_infinite_or_nearly(self, y, v):
        with pytest.raises(BadInput, match="too large or too small"):
            pool([0.1, y], [0.1, v])

    def test_variances_of_two_units(self):
        with pytest.raises(BadInput, match=r"variance of study 2 is 1e\+13 times that of study 1"):
            pool([0.1, 0.2], [1e-14, 0.1])
        with pytest.raises(BadInput, match="Check the units"):
            pool_many([[0.1, 0.2, np.nan]], [[1e-14, 0.1, 1.0]])

    @pytest.mark.parametrize("unit", [1e-20, 1e-9, 1e9, 1e20])
    def test_any_sensible_unit_will_do(self, unit):
        one, other = pool(Y, V), pool(unit * Y, unit**2 * V)
        assert (other.estimate / unit, other.tau2 / unit**2) == pytest.approx((one.estimate, one.tau2), rel=1e-9)

    def test_decimal_comma(self):
        with pytest.raises(BadInput, match="'0,35' is not a number") as caught:
            pool(["0.1", "0,35"], [0.1, 0.1])
        assert "decimal comma" in caught.value.finding.cure.lower()

    def test_nothing(self):
        with pytest.raises(NotEstimable, match="no study"):
            pool([], [])
        with pytest.raises(NotEstimable, match="no study"):
            pool([None, 0.2], [0.1, None])

    def test_lengths(self):
        with pytest.raises(BadInput, match="2 effects but 1 variances"):
            pool([0.1, 0.2], [0.1])
        with pytest.raises(BadInput, match="1 labels for 2"):
            pool([0.1, 0.2], [0.1, 0.1], labels=["a"])
        with pytest.raises(BadInput, match="pool_many"):
            pool([[0.1, 0.2]], [[0.1, 0.1]])

    @pytest.mark.parametrize(("option", "words"), [
        ({"method": "reml"}, "method 'reml'"), ({"test": "t"}, "test 't'"), ({"level": 95}, "level of 95"),
        ({"prediction": "normal"}, "prediction 'normal'"),
    ])  # fmt: skip
    def test_unknown_options(self, option, words):
        with pytest.raises(BadInput, match=words):
            pool(Y, V, **option)

    def test_moderators(self):
        with pytest.raises(NotEstimable, match="told apart"):
            pool(Y, V, mods={"a": V, "b": 2 * V})
        with pytest.raises(NotEstimable, match="leave nothing"):
            pool(Y[:2], V[:2], mods={"a": V[:2]})
        with pytest.raises(BadInput, match="Column 'a' has 2 values for 8 rows"):
            pool(Y, V, mods={"a": [1, 2]})

    def test_missing_rows_are_left_out_and_said(self):
        y = [0.1, np.nan, 0.3, 0.5]
        kept = pool(y, V[:4], labels=list("abcd"))
        assert (kept.k, kept.labels) == (3, ("a", "c", "d"))
        assert kept.warnings[0].what == "1 of 4 rows left out, because a value is missing: b."
        assert kept.effects.kept.tolist() == [0, 2, 3]


def test_views():
    one = pool(Y, V, test="knha", labels=[f"T{n} 2020" for n in range(8)])
    assert "8 studies, random effects (REML), Hartung-Knapp: the mean effect is 0.35" in one.summary()
    assert "prediction interval, t(k−p) (metafor)" in one.summary()
    assert one.plot().svg().startswith("<svg")
    assert [row.kind for row in one.plot().rows].count("summary") == 1
    assert one.studies()["weight"].sum() == pytest.approx(100)
    assert "<table>" in one._repr_html_()
    regression = pool(Y, V, mods={"dose": np.arange(8.0)})
    assert regression.estimate == pytest.approx(float(regression.combination([1, 3.5]).value))
    assert "The moderators together" in regression.summary()
    with pytest.raises(BadInput, match="No term 'x'"):
        regression.coefficient("x")


def test_coverage_of_the_intervals():
    """4,000 invented reviews of ten trials, τ² = .1: Hartung-Knapp holds its level nearly, the normal interval does
    not, a fixed effect far from it; the share of new true effects inside the prediction interval likewise."""
    rng = np.random.default_rng(1)
    v = rng.choice([0.02, 0.04, 0.08, 0.15, 0.25], size=(4000, 10))
    y = 0.3 + rng.normal(0, 0.1**0.5, v.shape) + rng.normal(0, np.sqrt(v))
    new = 0.3 + rng.normal(0, 0.1**0.5, 4000)

    def held(method, test):
        rows = pool_many(y, v, method=method, test=test)
        return np.mean((rows.ci_low <= 0.3) & (rows.ci_high >= 0.3)), np.mean(
            (rows.pi_low <= new) & (rows.pi_high >= new)
        )

    assert held("FE", "z")[0] < 0.70
    assert 0.88 < held("REML", "z")[0] < 0.92
    assert 0.91 < held("REML", "knha")[0] < 0.96
    assert 0.93 < held("REML", "knha-truncated")[0] < 0.97
    assert held("REML", "z")[1] < held("REML", "knha")[1] < 0.95
