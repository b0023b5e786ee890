"""Replacement by completion, and weights for who was observed: they find the mean that the observed alone miss."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.completion_replacement import completion_replacement
from accord.science.estimates.inverse_probability import observation_weights
from accord.science.estimates.multiple_imputation import pool


def people(seed, n=300):
    """Those who complete more improve more and answer more often; the true mean after is 4."""
    random = np.random.default_rng([3, seed])
    baseline = random.normal(6, 1.5, n)
    share = random.integers(0, 6, n) / 5
    after = 4 + 0.6 * (baseline - 6) - 2 * (share - 0.5) + random.normal(0, 1, n)
    seen = random.random(n) < 1 / (1 + np.exp(-(-1 + 3 * share)))
    return baseline, share, np.where(seen, after, np.nan)


def test_the_observed_alone_look_better_and_replacement_by_completion_does_not():
    naive, replaced, covered = [], [], 0
    for seed in range(120):
        baseline, share, after = people(seed)
        found = completion_replacement(after, baseline, share, seed=seed)
        pooled = pool(found.sets.mean(axis=1), found.sets.var(axis=1, ddof=1) / found.n)
        naive.append(np.nanmean(after))
        replaced.append(pooled.contrast.value)
        covered += pooled.contrast.ci_low <= 4 <= pooled.contrast.ci_high
        assert found.fitted.mean() == pytest.approx(pooled.contrast.value, abs=0.2)
    assert np.mean(naive) < 3.8
    assert np.mean(replaced) == pytest.approx(4, abs=0.03)
    assert 0.89 <= covered / 120 <= 0.99
    assert found.slope == pytest.approx(-2, abs=0.5)


def test_weights_find_the_mean_and_their_intervals_cover_it():
    values, covered = [], 0
    for seed in range(150):
        baseline, share, after = people(seed)
        weights = observation_weights(np.isfinite(after), {"baseline": baseline, "share": share})
        mean = weights.mean(after)
        values.append(mean.value)
        covered += mean.ci_low <= 4 <= mean.ci_high
    assert np.mean(values) == pytest.approx(4, abs=0.03)
    assert 0.89 <= covered / 150 <= 0.99
    assert weights.effective < np.isfinite(after).sum()


def test_weights_that_are_drawn_in_are_counted():
    baseline, share, after = people(1)
    plain = observation_weights(np.isfinite(after), {"share": share, "baseline": baseline})
    drawn = observation_weights(np.isfinite(after), {"share": share, "baseline": baseline}, draw_in=0.05)
    assert plain.drawn_in == 0
    assert drawn.drawn_in > 0
    assert drawn.weight.max() < plain.weight.max() == plain.largest == drawn.largest


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda b, s, a: completion_replacement(a, b, s * 5), BadInput, "0 to 1"),
        (lambda b, s, a: completion_replacement(a, b * np.nan, s), BadInput, "gaps"),
        (
            lambda b, s, a: completion_replacement(np.where(np.arange(300) < 3, 1.0, np.nan), b, s),
            NotEstimable,
            "3 people",
        ),
        (lambda b, s, a: observation_weights(np.ones(300), {"b": b}), NotEstimable, "Everybody"),
        (lambda b, s, a: observation_weights(np.isfinite(a), {"a": a}), BadInput, "gaps"),
    ],
)
def test_what_cannot_be_done_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call(*people(1))
