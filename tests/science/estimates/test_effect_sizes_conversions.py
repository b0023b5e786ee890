"""From d to r to odds ratios and back: nothing is lost on the way, and each assumption holds where it is true."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes import MEASURES, YiVi, effect_size
from accord.science.estimates.effect_sizes.conversions import (
    d_to_log_odds,
    d_to_r,
    log_odds_to_d,
    log_odds_to_r,
    r_to_d,
    r_to_log_odds,
    r_to_z,
    risk_from_odds_ratio,
    z_to_r,
)
from accord.science.estimates.effect_sizes.direction import signs, turned

effects = st.floats(-3, 3)
variances = st.floats(1e-4, 2)
sizes = st.integers(2, 500)


def same(found, yi, vi):
    assert (float(found.yi), float(found.vi)) == pytest.approx((yi, vi), rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(effects, variances, sizes, sizes, st.sampled_from(["logistic", "normal"]))
def test_there_and_back(d, v, n1, n2, assumption):
    odds = d_to_log_odds(d, v, assumption=assumption)
    same(log_odds_to_d(*odds, assumption=assumption), d, v)
    r = d_to_r(d, v, n1, n2)
    same(r_to_d(*r, n1, n2), d, v)
    same(z_to_r(*r_to_z(*r)), float(r.yi), float(r.vi))
    through = log_odds_to_r(*odds, n1, n2, assumption=assumption)
    same(through, float(r.yi), float(r.vi))
    same(r_to_log_odds(*r, n1, n2, assumption=assumption), float(odds.yi), float(odds.vi))


def test_borenstein_2009_chapter_7():
    """His worked examples: log OR .9069, v .0676 gives d .5000, v .0205; r .50, v .0058 gives d 1.1547, v .0550."""
    d = log_odds_to_d(0.9069, 0.0676)
    assert (round(float(d.yi), 4), round(float(d.vi), 4)) == (0.5, 0.0205)
    d = r_to_d(0.5, 0.0058)
    assert (round(float(d.yi), 4), round(float(d.vi), 4)) == (1.1547, 0.055)
    r = d_to_r(1.1547, 0.055, 1, 1)
    assert (round(float(r.yi), 4), round(float(r.vi), 4)) == (0.5, 0.0058)


def test_a_logistic_outcome_cut_anywhere_has_the_odds_ratio_of_its_d():
    """The SDs are those of the logistic, so that the conversion is exact at every cut."""
    shift = 0.9
    d = shift / (math.pi / math.sqrt(3))
    for cut in (-1.0, 0.0, 2.5):
        p1, p2 = 1 / (1 + math.exp(cut - shift)), 1 / (1 + math.exp(cut))
        assert math.log(p1 / (1 - p1) / (p2 / (1 - p2))) == pytest.approx(float(d_to_log_odds(d, 1.0).yi), rel=1e-12)


def test_point_biserial_of_the_conversion_is_that_of_the_groups_in_large_samples():
    columns = {"m1i": 20.0, "sd1i": 5.0, "n1i": 4000, "m2i": 22.0, "sd2i": 5.0, "n2i": 6000}
    direct = MEASURES["RPB"](columns)
    d = MEASURES["SMD"](columns, correction="none")
    converted = d_to_r(d.yi, d.vi, 4000, 6000)
    assert float(converted.yi) == pytest.approx(float(direct.yi), rel=1e-3)
    assert float(converted.vi) == pytest.approx(float(direct.vi), rel=1e-3)


def test_a_risk_from_an_odds_ratio_and_the_risk_of_the_controls():
    log_odds = math.log((8 / 12) / (3 / 18))
    assert risk_from_odds_ratio(log_odds, 3 / 21) == pytest.approx(8 / 20, rel=1e-12)
    with pytest.raises(BadInput, match="between 0 and 1"):
        risk_from_odds_ratio(log_odds, 1.0)
    with pytest.raises(BadInput, match="not offered"):
        d_to_log_odds(0.5, 0.1, assumption="cox")


def test_the_direction_of_the_scale_turns_the_sign():
    found = YiVi(np.array([-0.5, -0.5, 0.2]), np.array([0.1, 0.1, 0.1]))
    assert turned(found, "higher_worse").yi.tolist() == [0.5, 0.5, -0.2]
    assert turned(found, ["higher worse", "higher-better", None]).yi.tolist() == [0.5, -0.5, 0.2]
    assert turned(found, None).yi.tolist() == found.yi.tolist()
    with pytest.raises(BadInput, match=r"row 2.*higher_worse or higher_better"):
        signs(["higher_worse", "up"], 2)
    with pytest.raises(BadInput, match="1 directions for 2"):
        signs(["higher_worse"], 2)


def test_one_effect_as_an_object():
    found = effect_size("SMD", m1i=20, sd1i=5, n1i=40, m2i=23, sd2i=6, n2i=38, direction="higher_worse", label="Doe")
    assert found.yi == pytest.approx(-float(MEASURES["SMD"](
        {"m1i": 20, "sd1i": 5, "n1i": 40, "m2i": 23, "sd2i": 6, "n2i": 38}).yi))  # fmt: skip
    assert found.n == 78
    assert found.se**2 == pytest.approx(found.vi)
    assert found.summary().startswith("Doe: Hedges g 0.54 standard deviations (95 % interval 0.09 to 0.99")
    assert found.table().columns == ["label", "measure", "yi", "vi", "se", "n", "note"]
    assert "<svg" in found._repr_html_()
    estimate = found.estimate("effect.doe")
    assert estimate.ci_low < estimate.value < estimate.ci_high


def test_a_ratio_is_told_as_a_ratio():
    found = effect_size("OR", ai=8, n1i=20, ci=3, n2i=21)
    assert found.summary().startswith("odds ratio 4.00")


def test_an_assumed_correlation_is_noted():
    found = effect_size("d_baseline", m_pre=30, sd_pre=8, m_post=22, ni=50, correlation=0.5)
    assert found.note == "Pre-post correlation of 0.5 assumed."
    assert found.measure == "SMCR"
