"""Bayesian random effects by quadrature, against independent integration of the joint density over μ and τ."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special, stats

from accord.science.errors import BadInput, NotFound
from accord.science.synthesis.bayesian import bayesian
from accord.science.synthesis.bayesian_priors import tau_prior
from accord.science.synthesis.fitting import pool
from accord.science.synthesis.quadrature import panels

Y = np.array([0.71, 0.35, 1.79, 0.18, 0.42, 0.63])
V = np.array([0.068, 0.039, 0.119, 0.014, 0.021, 0.065])

DENSITIES = {
    "half-normal": lambda t: stats.halfnorm.pdf(t, scale=0.5),
    "half-cauchy": lambda t: stats.halfcauchy.pdf(t, scale=0.5),
    "uniform": lambda t: stats.uniform.pdf(t, 0, 0.5),
    "rhodes-2015": lambda t: 2 / t * stats.t.pdf(2 * np.log(t), 5, -3.44, 2.59),
    "turner-2015": lambda t: 2 / t * stats.norm.pdf(2 * np.log(t), -2.56, 1.74),
}


def joint_moments(y, v, density, mean_prior):
    """E μ, SD μ, E τ, P(μ > .3) and the log marginal likelihood, by Simpson's rule over a grid of μ and τ."""
    mu, tau = np.linspace(-9.7, 10.3, 4001), np.linspace(1e-12, 0.5 if density(0.6) == 0 else 3.5, 701)
    log_l = sum(stats.norm.logpdf(one, mu[:, None], np.sqrt(var + tau**2)) for one, var in zip(y, v, strict=True))
    prior = 1.0 if mean_prior is None else stats.norm.pdf(mu, *mean_prior)[:, None]
    joint = np.exp(log_l) * prior * density(tau)

    def over(function):
        return integrate.simpson(integrate.simpson(function * joint, x=tau, axis=1), x=mu)

    total = over(1.0)
    mean = over(mu[:, None]) / total
    spread = np.sqrt(over((mu[:, None] - mean) ** 2) / total)
    upper = mu >= 0.3 - 1e-9
    above = integrate.simpson(integrate.simpson(joint, x=tau, axis=1)[upper], x=mu[upper]) / total
    return mean, spread, over(tau) / total, above, np.log(total)


@pytest.mark.parametrize(("prior", "mean_prior"), [("half-normal", None), ("uniform", (0.0, 1.0))])
def test_against_integration_over_both(prior, mean_prior):
    found = bayesian(Y, V, prior=prior, mean_prior=mean_prior)
    mean, sd, tau, above, total = joint_moments(Y, V, DENSITIES[prior], mean_prior)
    assert (found.estimate, found.se, found.tau_mean) == pytest.approx((mean, sd, tau), rel=1e-6)
    assert found.probability_above(0.3) == pytest.approx(above, abs=1e-6)
    if mean_prior:
        assert found.log_marginal == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("prior", list(DENSITIES))
def test_quantiles_against_integration_over_tau(prior):
    """Prior densities written out here, adaptive integration over τ itself."""
    found = bayesian(Y, V, prior=prior, scale=0.5)

    def conditional(t):
        w = 1 / (V + t**2)
        centre = w @ Y / w.sum()
        level = np.log(w).sum() - w @ (Y - centre) ** 2 - np.log(w.sum())
        return centre, w.sum() ** -0.5, DENSITIES[prior](t) * np.exp(level / 2)

    def over(function, end=np.inf):
        cuts = [1e-10, 1e-4, 0.01, 0.1, 0.4999999, 0.5000001, 2, 20, 400]
        cuts = [*[cut for cut in cuts if cut < end], min(end, 4000)]
        return sum(integrate.quad(function, a, b, epsabs=1e-12, epsrel=1e-8)[0] for a, b in pairwise(cuts))

    total = over(lambda t: conditional(t)[2])
    for value, probability in ((found.ci_low, 0.025), (found.median, 0.5), (found.ci_high, 0.975)):
        below = over(lambda t, x=value: stats.norm.cdf(x, *conditional(t)[:2]) * conditional(t)[2])
        assert below / total == pytest.approx(probability, abs=2e-6)
    for value, probability in ((found.pi_low, 0.025), (found.pi_high, 0.975)):
        below = over(
            lambda t, x=value: stats.norm.cdf(x, conditional(t)[0], np.hypot(conditional(t)[1], t)) * conditional(t)[2]
        )
        assert below / total == pytest.approx(probability, abs=2e-6)
    for value, probability in ((found.tau_low, 0.025), (found.tau, 0.5), (found.tau_high, 0.975)):
        assert over(lambda t: conditional(t)[2], value) / total == pytest.approx(probability, abs=2e-6)


@pytest.mark.parametrize("prior", list(DENSITIES))
def test_each_prior_is_the_density_it_is_named_after(prior):
    named = tau_prior(prior, 0.5)
    u = np.array([0.05, 0.3, 0.5, 0.8, 0.95])
    tau = named.quantile(u)
    slope = (named.quantile(u + 1e-6) - named.quantile(u - 1e-6)) / 2e-6
    np.testing.assert_allclose(1 / slope, [DENSITIES[prior](t) for t in tau], rtol=1e-6)


def test_a_sharp_prior_at_zero_is_the_fixed_effect():
    found, fixed = bayesian(Y, V, scale=1e-8), pool(Y, V, method="FE")
    assert (found.estimate, found.se) == pytest.approx((fixed.estimate, fixed.se), rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx((fixed.ci_low, fixed.ci_high), rel=1e-8)


def test_many_studies_leave_the_prior_nothing_to_say():
    rng = np.random.default_rng(1)
    v = rng.uniform(0.01, 0.05, 1500)
    y = rng.normal(0.4, np.sqrt(v + 0.09))
    found, reml = bayesian(y, v), pool(y, v)
    assert found.estimate == pytest.approx(reml.estimate, abs=1e-4)
    assert found.tau == pytest.approx(reml.tau2**0.5, abs=2e-3)
    assert bayesian(y, v, prior="turner-2015").tau == pytest.approx(found.tau, abs=1e-3)


def test_sign_scale_and_order():
    base = bayesian(Y, V)
    turned = bayesian(-Y, V)
    assert (turned.ci_low, turned.tau, turned.pi_high) == pytest.approx((-base.ci_high, base.tau, -base.pi_low))
    scaled = bayesian(10 * Y, 100 * V, scale=5)
    assert (scaled.ci_low, scaled.tau_high) == pytest.approx((10 * base.ci_low, 10 * base.tau_high), rel=1e-9)
    mixed = bayesian(Y[::-1], V[::-1])
    assert (mixed.median, mixed.tau) == pytest.approx((base.median, base.tau), rel=1e-9)


def test_one_study_lets_the_prior_speak():
    found = bayesian([0.5], [0.04], scale=0.3)
    prior = tau_prior("half-normal", 0.3).quantile(np.array([0.025, 0.5, 0.975]))
    assert (found.tau_low, found.tau, found.tau_high) == pytest.approx(tuple(prior), rel=1e-9)
    assert found.ci_high - found.ci_low > 2 * 1.96 * 0.2


def test_moments_that_do_not_exist_are_not_given():
    found = bayesian(Y[:2], V[:2], prior="half-cauchy")
    assert np.isnan(found.se)
    assert found.to_dict()["se"] is None
    assert found.ci_low < found.median < found.ci_high
    assert np.isfinite(bayesian(Y[:2], V[:2], prior="half-cauchy", mean_prior=(0, 1)).se)
    assert np.isnan(bayesian(Y[:1], V[:1], prior="rhodes-2015").tau_mean)


def test_bayes_factor_is_the_ratio_of_marginal_likelihoods():
    """Against a mean held at 0 by an all but certain prior."""
    found = bayesian(Y, V, mean_prior=(0, 1))
    held = bayesian(Y, V, mean_prior=(0, 1e-6))
    assert found.bayes_factor == pytest.approx(np.exp(found.log_marginal - held.log_marginal), rel=1e-6)
    assert np.isnan(bayesian(Y, V).bayes_factor)


def test_shrunken_effects_lie_between():
    found = bayesian(Y, V)
    table = found.shrunken()
    pulled = table["mean"].to_numpy()
    assert ((pulled - Y) * (found.estimate - Y) > 0).all()
    assert np.abs(pulled - found.estimate).max() < np.abs(Y - found.estimate).max()
    usual = Y < 1
    assert (table["sd"].to_numpy() < np.sqrt(V))[usual].all()
    assert (table["sd"].to_numpy() > np.sqrt(V))[~usual].all(), "an outlier is less certain than it looks"


def test_density_of_the_mean_integrates_to_one():
    found = bayesian(Y, V)
    at = np.linspace(-3, 5, 8001)
    density = found.density(at)
    assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(density * at, at) == pytest.approx(found.estimate, abs=1e-5)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (200.0, 300.0), (3.0, 4000.0), (900.0, 2.0), (1.0, 1e5)])
def test_panels_on_integrals_that_are_known(a, b):
    """∫ u^(a−1) (1−u)^(b−1) du = B(a, b), and the quantiles of the beta distribution."""
    found = panels(lambda u: special.xlogy(a - 1, u) + special.xlog1py(b - 1, -u))
    assert found.log_total == pytest.approx(special.betaln(a, b), abs=1e-9)
    for probability in (0.001, 0.3, 0.5, 0.975):
        assert found.quantile(probability) == pytest.approx(special.betaincinv(a, b, probability), rel=1e-8)


def test_what_a_result_shows():
    found = bayesian(Y, V)
    assert "half-normal(0.5)" in found.summary()
    assert "mean flat" in found.summary()
    values = found.to_dict()
    assert values["probability_above_0"] == found.probability_above()
    assert values["method"] == "Bayes, quadrature"
    assert found.table()["what"].to_list() == ["mean effect", "tau", "effect in a new study"]
    assert len(found.plot().rows) == 8
    assert found.plot().svg().startswith("<svg")
    assert "<table>" in found._repr_html_()
    assert found.probability_new_above(0) < found.probability_above(0)


def test_what_is_refused():
    with pytest.raises(NotFound, match="half-normal"):
        bayesian(Y, V, prior="gamma")
    with pytest.raises(BadInput, match="scale"):
        bayesian(Y, V, scale=0)
    with pytest.raises(BadInput, match="SD above 0"):
        bayesian(Y, V, mean_prior=(0, 0))
    with pytest.raises(BadInput, match="level"):
        bayesian(Y, V, level=95)
