"""Mediation: truth recovered, limits that hold, peers' faults, and what is refused."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.mediation.causal import causal_mediation
from accord.science.estimates.mediation.gaps import mediate_with_gaps
from accord.science.estimates.mediation.indirect import mediate, sobel
from accord.science.estimates.mediation.limits import corrected, percentile
from accord.science.estimates.mediation.sensitivity import sensitivity


def study(n=400, seed=1, *, a=0.5, b=0.4, direct=0.2, hidden=0.0):
    random = np.random.default_rng(seed)
    x, u = random.integers(0, 2, n).astype(float), random.normal(size=n)
    m = a * x + hidden * u + random.normal(size=n)
    return x, m, direct * x + b * m + hidden * u + random.normal(size=n)


@pytest.mark.parametrize("limits", ["percentile", "bc", "bca", "monte-carlo", "delta"])
def test_limits_hold_the_truth_as_often_as_they_say(limits):
    held = 0
    for seed in range(200):
        x, m, y = study(120, seed)
        one = mediate(x, {"m": m}, y, limits=limits, draws=600, seed=seed).indirect[0]
        held += one.ci_low < 0.2 < one.ci_high
    assert 182 <= held <= 199  # .95 of 200, three standard errors, and bootstraps of 600 are a little short


def test_no_effect_is_called_one_rarely():
    called = 0
    for seed in range(200):
        x, m, y = study(100, seed, a=0.0, b=0.4)
        one = mediate(x, {"m": m}, y, draws=400, seed=seed).indirect[0]
        called += one.ci_low * one.ci_high > 0
    assert called <= 20


def test_paths_and_direct_effect_are_the_total():
    x, m, y = study()
    second = 0.5 * m + np.random.default_rng(2).normal(size=len(m))
    for serial in (False, True):
        found = mediate(x, {"m": m, "second": second}, y, serial=serial, draws=200)
        assert found.sum.value + found.direct.value == pytest.approx(found.total.value, abs=1e-12)
        assert sum(one.value for one in found.indirect) == pytest.approx(found.sum.value, abs=1e-12)
        assert len(found.paths) == (3 if serial else 2)


def test_units_do_not_matter():
    x, m, y = study()
    plain, scaled = mediate(x, {"m": m}, y, draws=300), mediate(x, {"m": 1000 * m + 5e5}, 3 * y - 7, draws=300)
    assert scaled.indirect[0].value == pytest.approx(3 * plain.indirect[0].value)
    assert scaled.indirect[0].ci_low == pytest.approx(3 * plain.indirect[0].ci_low)


def test_the_bootstrap_is_that_of_drawing_people_one_by_one():
    """The weights of cross-products are the same samples: refit each of them plainly."""
    x, m, y = study(60)
    found = mediate(x, {"m": m}, y, draws=50, seed=4)
    random = np.random.default_rng(4)
    drawn = random.integers(0, 60, (50, 60))
    values = []
    for rows in drawn:
        one = np.column_stack([np.ones(60), x[rows]])
        a = np.linalg.lstsq(one, m[rows], rcond=None)[0][1]
        b = np.linalg.lstsq(np.column_stack([one, m[rows]]), y[rows], rcond=None)[0][2]
        values.append(a * b)
    low, high = np.quantile(values, [0.025, 0.975])
    assert (found.indirect[0].ci_low, found.indirect[0].ci_high) == pytest.approx((low, high), abs=1e-10)


def test_whole_clusters_are_drawn():
    """People of a group are alike: limits that know it are wider."""
    random = np.random.default_rng(3)
    group = np.repeat(np.arange(20), 15)
    x = (group % 2).astype(float)
    m = 0.5 * x + random.normal(size=20)[group] + random.normal(size=300)
    y = 0.4 * m + random.normal(size=300)
    alone = mediate(x, {"m": m}, y, draws=1000).indirect[0]
    whole = mediate(x, {"m": m}, y, draws=1000, clusters=group).indirect[0]
    assert whole.value == alone.value
    assert whole.se > 1.5 * alone.se


def test_joint_significance_is_the_weakest_leg():
    x, m, y = study()
    found = mediate(x, {"m": m}, y, draws=100)
    assert found.joint[0] == max(found.legs["treatment -> m"].p, found.legs["m -> outcome"].p)


def test_corrected_limits_without_bias_are_percentiles():
    draws = np.arange(-500.0, 501.0)[:, None]
    assert np.allclose(corrected(draws, np.array([0.0])), percentile(draws), atol=1e-6)


def test_sobel_from_printed_slopes():
    one = sobel(0.5, 0.1, 0.4, 0.08)
    assert (one.value, one.se) == pytest.approx((0.2, np.hypot(0.5 * 0.08, 0.4 * 0.1)))


# --- peers' faults ------------------------------------------------------------------------------------------------


def binary_mediator(n, seed=7):
    random = np.random.default_rng(seed)
    x = random.integers(0, 2, n).astype(float)
    m = (random.random(n) < 1 / (1 + np.exp(0.5 - 0.8 * x))).astype(float)
    return x, m, 0.3 * x - 1.0 * m + random.normal(size=n)


def test_a_binary_mediator_is_not_a_log_odds_ratio_times_a_slope():
    """What pingouin does: it multiplies the logistic slope (.8) with the outcome's (-1) and gives -.8; it is -.197."""
    truth = -(1 / (1 + np.exp(-0.3)) - 1 / (1 + np.exp(0.5)))
    x, m, y = binary_mediator(200_000)
    acme = causal_mediation(x, m, y, mediator_model="logit", draws=20).effect("acme")
    assert acme.value == pytest.approx(truth, abs=0.008)
    x, m, y = binary_mediator(900)
    acme = causal_mediation(x, m, y, mediator_model="logit").effect("acme")
    assert acme.ci_low < truth < acme.ci_high
    assert acme.ci_low > -0.5


def test_both_treatments_share_their_noise():
    """statsmodels draws separate noise for M(0) and M(1), so its limits are too wide; ours have the error of a·b."""
    from statsmodels.api import OLS
    from statsmodels.stats.mediation import Mediation

    x, m, y = study(300, a=0.1, b=0.4)
    exact = mediate(x, {"m": m}, y, limits="delta").indirect[0]
    ours = causal_mediation(x, m, y, draws=4000).effect("acme")
    assert ours.se == pytest.approx(exact.se, rel=0.05)
    one = np.ones(300)
    peer = Mediation(OLS(y, np.column_stack([one, x, m])), OLS(m, np.column_stack([one, x])), (1, 1), 2)
    np.random.seed(1)  # the peer draws from the global generator
    theirs = np.asarray(peer.fit(n_rep=300).ACME_ctrl).std(ddof=1)
    assert theirs > 1.1 * exact.se  # √(6/4) of it in theory, less what the error of b brings to both


# --- causal -------------------------------------------------------------------------------------------------------


def test_linear_models_without_interaction_are_the_product():
    x, m, y = study()
    product, causal = mediate(x, {"m": m}, y, limits="delta"), causal_mediation(x, m, y)
    assert causal.effect("acme").value == pytest.approx(product.indirect[0].value, abs=1e-12)
    assert causal.effect("ade").value == pytest.approx(product.direct.value, abs=1e-12)
    assert causal.effect("acme.0").value == pytest.approx(causal.effect("acme.1").value, abs=1e-12)


def test_bootstrap_and_draws_of_slopes_agree():
    x, m, y = study(600)
    for mediator, outcome, kinds in (
        (m, (y > 0).astype(float), ("linear", "logit")),
        ((m > 0) * 1.0, y, ("logit", "linear")),
    ):
        made = [
            causal_mediation(x, mediator, outcome, mediator_model=kinds[0], outcome_model=kinds[1], how=how, draws=600)
            for how in ("quasi-bayesian", "bootstrap")
        ]
        first, second = (one.effect("acme") for one in made)
        assert first.value == second.value
        assert first.se == pytest.approx(second.se, rel=0.15)


def test_a_hidden_cause_is_found_by_the_sensitivity():
    """b = 0: all of the slope is the hidden cause, and the effect vanishes at the correlation that it makes."""
    x, m, y = study(40_000, b=0.0, hidden=1.0)
    found = sensitivity(x, m, y, draws=50)
    assert mediate(x, {"m": m}, y, draws=50).indirect[0].ci_low > 0
    assert found.rho_at_zero == pytest.approx(0.5, abs=0.02)  # var of the cause over that of each error, 1 of 2
    assert found.acme[np.argmin(np.abs(found.rho))] == pytest.approx(mediate(x, {"m": m}, y, draws=9).indirect[0].value)
    assert "vanish" in found.summary()


def test_a_result_reads_and_draws_itself():
    x, m, y = study()
    for found in (mediate(x, {"worry": m}, y, draws=100), causal_mediation(x, m, y, draws=100)):
        html = found._repr_html_()
        assert "<svg" in html
        assert found.summary()[:20] in html
    assert "mediates" not in mediate(x, {"worry": m}, y, draws=100).summary()


# --- refused ------------------------------------------------------------------------------------------------------


def refused(error, words, x, mediators, y, **more):
    with pytest.raises(error) as told:
        mediate(x, mediators, y, **more)
    assert words in told.value.finding.what
    assert told.value.finding.cure


def test_what_cannot_be_is_refused_with_the_cure():
    x, m, y = study(50)
    refused(BadInput, "is the outcome itself", x, {"m": y}, y)
    refused(BadInput, "is the outcome itself", x, {"m": -2 * y + 3}, y)
    refused(BadInput, "No mediator", x, {}, y)
    refused(BadInput, "holds words", ["a"] * 50, {"m": m}, y)
    refused(BadInput, "has 49 values for 50 people", x, {"m": m[:-1]}, y)
    refused(BadInput, "no limits called", x, {"m": m}, y, limits="wishful")
    refused(BadInput, "know no clusters", x, {"m": m}, y, limits="delta", clusters=np.arange(50))
    refused(BadInput, "5 mediators in a row", x, {f"m{k}": m + k * y**k for k in range(1, 6)}, y, serial=True)
    refused(NotEstimable, "treatment has one value only", np.ones(50), {"m": m}, y)
    refused(NotEstimable, "column m has one value only", x, {"m": np.ones(50)}, y)
    refused(NotEstimable, "3 people with all values are too few", x[:3], {"m": m[:3]}, y[:3])
    refused(NotEstimable, "0 people", x, {"m": np.full(50, np.nan)}, y)
    refused(NotEstimable, "cannot be told apart", x, {"m": m, "again": m}, y)
    with pytest.raises(BadInput):
        mediate(x, {"m": m}, y, draws=50).path("n")


def test_a_class_of_one_and_perfect_separation_are_refused():
    x, m, y = study(80)
    with pytest.raises(NotEstimable, match="a share needs zeros and ones"):
        causal_mediation(x, m, y, outcome_model="logit")
    with pytest.raises(NotEstimable, match="told apart perfectly"):
        causal_mediation(x, m, (x > 0).astype(float), outcome_model="logit")
    with pytest.raises(BadInput, match="no mediator model"):
        causal_mediation(x, m, y, mediator_model="poisson")


def test_gaps_at_random_are_not_mistaken_for_answers():
    """Outcomes missing where the mediator is low: complete cases of the product are biased, full information is not."""
    x, m, y = study(4000, seed=8)
    gone = np.where(m < np.median(m), np.nan, y)
    second = 0.8 * m + 0.3 * np.random.default_rng(1).normal(size=len(m))
    holed = np.where(y > np.median(y), np.nan, second)
    found = mediate_with_gaps(x, {"m": m}, gone).indirect[0]
    assert found.ci_low < 0.2 < found.ci_high
    assert mediate_with_gaps(x, {"m": m, "second": holed}, y).n == 4000
