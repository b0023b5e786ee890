"""A share of people in clusters: Wilson's interval where clusters do not matter, an honest one where they do."""

import numpy as np
import pytest

from accord.science.errors import NotEstimable
from accord.science.estimates.clustered_proportion import clustered_proportion
from accord.science.estimates.proportions import proportion


def test_wilson_where_everybody_stands_alone():
    """Without clusters the design effect is 1 (never below); only the t quantile is a little wider."""
    flags = np.arange(200) % 5 == 0
    found, effect, _ = clustered_proportion(flags, np.array([None] * 200, dtype=object))
    plain = proportion(40, 200)
    assert effect == pytest.approx(1, abs=0.01)
    assert (found.ci_low, found.ci_high) == pytest.approx((plain.ci_low, plain.ci_high), abs=0.002)


def test_clusters_that_are_all_or_nothing_count_as_one_person_each():
    """Twenty clusters of ten, half of them wholly in: what is known is what twenty people would tell."""
    flags = np.repeat(np.arange(20) % 2 == 0, 10)
    found, effect, _ = clustered_proportion(flags, np.repeat([f"c{k}" for k in range(20)], 10))
    assert effect == pytest.approx(10, rel=0.1)
    twenty = proportion(10, 20)
    assert found.ci_low == pytest.approx(twenty.ci_low, abs=0.02)


def test_nobody_and_everybody_have_wilson_s_limits():
    for flags in (np.zeros(50), np.ones(50)):
        found, effect, note = clustered_proportion(flags, np.repeat(["a", "b"], 25))
        plain = proportion(int(flags.sum()), 50)
        assert (found.ci_low, found.ci_high, effect) == (plain.ci_low, plain.ci_high, 1.0)
        assert "independent" in note


def test_too_few_clusters_say_so():
    found, _, note = clustered_proportion(np.arange(40) % 4 == 0, np.repeat(["a", "b"], 20))
    assert "independent" in note
    assert found.ci_low == proportion(10, 40).ci_low


def test_nobody_at_all():
    with pytest.raises(NotEstimable, match="nobody"):
        clustered_proportion([], np.array([], dtype=object))


def test_intervals_hold_where_wilson_s_do_not():
    """Thirty clusters of thirty, shares from a beta distribution with mean .3 and correlation .1: of 300 samples."""
    rng = np.random.default_rng(11)
    labels = np.repeat([f"c{k}" for k in range(30)], 30)
    ours = wilson = 0
    for _ in range(300):
        shares = rng.beta(0.3 * 9, 0.7 * 9, 30)
        flags = rng.random(900) < np.repeat(shares, 30)
        found, _, _ = clustered_proportion(flags, labels)
        plain = proportion(int(flags.sum()), 900)
        ours += found.ci_low <= 0.3 <= found.ci_high
        wilson += plain.ci_low <= 0.3 <= plain.ci_high
    assert 0.92 <= ours / 300 <= 0.98
    assert wilson / 300 < 0.8
