"""Groups: the mean of all pairs. Reliability: odd against even stretches over sessions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from accord.science.errors import BadInput, NotEstimable
from accord.science.synchrony import group_synchrony, odd_even_reliability, synchrony


def group(seed: int, shared: float, size: int = 4) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(2400)
    smooth = np.hanning(11)
    return {f"p{i}": np.convolve(shared * common + rng.standard_normal(2400), smooth, mode="same") for i in range(size)}


def test_a_group_is_the_mean_of_its_pairs() -> None:
    people = group(1, 1.0)
    found = group_synchrony(people, rate_hz=4, max_lag=1, surrogates=99)
    single = synchrony(people["p1"], people["p3"], rate_hz=4, max_lag=1, surrogates=0).synchrony
    assert_allclose(found.pairs["p1", "p3"], single)
    assert_allclose(found.synchrony, np.mean(list(found.pairs.values())))
    assert len(found.pairs) == 6
    assert_allclose(found.members["p0"], np.mean([z for pair, z in found.pairs.items() if "p0" in pair]))
    assert found.p == 0.02
    assert found.to_dict()["pairs"][0]["first"] == "p0"


def test_a_group_of_strangers_is_within_chance() -> None:
    p = [group_synchrony(group(seed, 0.0, 3), rate_hz=4, surrogates=39).p for seed in range(20)]
    assert sum(value <= 0.05 for value in p) <= 3
    assert max(p) > 0.5


@pytest.mark.parametrize(
    ("people", "options", "text"),
    [
        (dict(list(group(1, 0.0).items())[:2]), {}, "A group of 2"),
        ({**group(1, 0.0), "x": np.ones(5) + np.arange(5)}, {}, "differ in length"),
        (group(1, 0.0), {"surrogate": "pseudo-dyads"}, "no surrogate 'pseudo-dyads'"),
    ],
)
def test_what_is_no_group(people: dict[str, np.ndarray], options: dict[str, str], text: str) -> None:
    with pytest.raises(BadInput, match=text):
        group_synchrony(people, rate_hz=4, **options)


def test_reliability_of_sessions_that_differ() -> None:
    rng = np.random.default_rng(2)
    sessions = []
    for share in np.linspace(0.0, 0.9, 24):
        common, own = rng.standard_normal(7200), rng.standard_normal((2, 7200))
        a, b = (np.sqrt(share) * common + np.sqrt(1 - share) * x for x in own)
        sessions.append(synchrony(a, b, rate_hz=4, max_lag=0, surrogates=0))
    found = odd_even_reliability(sessions)
    odd, even = np.array([(s.odd, s.even) for s in sessions]).T
    r = np.corrcoef(odd, even)[0, 1]
    assert_allclose(found.value, 2 * r / (1 + r))
    assert found.value > 0.95
    assert found.ci_low < found.value < found.ci_high
    assert found.n == 24


def test_reliability_needs_five_sessions() -> None:
    people = group(3, 0.5)
    one = synchrony(people["p0"], people["p1"], rate_hz=4, surrogates=0)
    with pytest.raises(NotEstimable, match="reliability needs 5"):
        odd_even_reliability([one] * 4)
    with pytest.raises(NotEstimable, match="the same in every session"):
        odd_even_reliability([one] * 6)
