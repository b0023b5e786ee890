"""Two programs fit random intercepts: sums of clusters (`mixed_model`, which the exact share of variance and its
bootstrap read) and cross-products (`linear_mixed`, which knows slopes). They must give the same numbers."""

import numpy as np
import pytest

from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.estimates.mixed_model import mixed_model

SHARES = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.4), (0.5, 0.3)]


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("seed", range(3))
def test_both_programs_agree(seed, shares, df):
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(36), random.integers(2, 12, 36))
    therapist = group // 3
    x, arm = random.normal(size=len(group)), (therapist % 2).astype(float)
    y = 3 + 0.5 * x + shares[0] * random.normal(size=12)[therapist] + shares[1] * random.normal(size=36)[group]
    y += random.normal(size=len(group))
    y[random.random(len(y)) < 0.1] = np.nan
    fixed = {"x": x, "arm": arm}
    one = mixed_model(y, {"therapist": therapist, "group": group}, fixed=fixed, df=df)
    other = linear_mixed(y, {"therapist": Factor(therapist), "group": Factor(group)}, fixed=fixed, df=df)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(one.coefficients, other.coefficients, rtol=1e-5, atol=1e-7)
    for level in ("therapist", "group"):
        assert one.variances[level] == pytest.approx(float(other.covariances[level][0, 0]), rel=2e-4, abs=1e-6)
    for name in one.names:
        mine, theirs = one.coefficient(name), other.coefficient(name)
        assert mine.se == pytest.approx(theirs.se, rel=1e-4)
        if bool(one.boundary) == bool(other.boundary):
            assert mine.df == pytest.approx(theirs.df, rel=1e-2)
    assert one.missing == other.missing
