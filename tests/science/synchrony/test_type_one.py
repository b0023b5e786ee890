"""C25: 1,000 independent pairs with autocorrelation, a common falling trend and turns to speak are called synchronous
in 3 to 7 of 100. And what the labels of the surrogates warn of does happen."""

from __future__ import annotations

import numpy as np
import pytest
from null_pairs import null_pairs

from accord.science.synchrony import METHODS, SURROGATES, synchrony
from accord.science.synchrony.chance import against
from accord.science.synchrony.measure import asked, trend_span, trendless

RATE = 2.0
DYADS = 10  # people of ten dyads are each other's pseudo dyads
SURROGATE_COUNT = 39  # two-sided 5 % is 1 of 40 on either side


@pytest.fixture(scope="module")
def thousand() -> np.ndarray:
    return null_pairs(1000, np.random.default_rng(25), rate_hz=RATE)


def study_p(pairs: np.ndarray, method: str, **options: bool) -> list[float]:
    """p of each dyad of a study against all n(n − 1) pseudo dyads: what `synchrony` gives one dyad at a time."""
    way, settings = asked(method, RATE, **options)
    span = trend_span(way, settings, True)
    people = [[way.prepare(trendless(x, span, settings.width), settings) for x in pair] for pair in pairs]
    index = np.array([[way.measure(a, b, settings).overall for _, b in people] for a, _ in people])
    pseudo = index[~np.eye(len(pairs), dtype=bool)]
    one_sided = way.one_sided or settings.absolute
    return [against(real, pseudo, one_sided=one_sided).p for real in np.diag(index)]


def test_one_dyad_at_a_time_gives_the_same(thousand: np.ndarray) -> None:
    pairs = thousand[:DYADS]
    together = study_p(pairs, "wlcc")
    for i, (a, b) in enumerate(pairs):
        others = [tuple(pair) for j, pair in enumerate(pairs) if j != i]
        alone = synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=others)
        assert alone.n_surrogates == DYADS * (DYADS - 1)
        assert alone.p == together[i]


def called(p: list[float] | np.ndarray) -> float:
    """Calls in 100."""
    return 100 * float(np.mean(np.asarray(p) <= 0.05))


def test_pseudo_dyads_call_three_to_seven_of_100(thousand: np.ndarray) -> None:
    p = [value for study in thousand.reshape(-1, DYADS, *thousand.shape[1:]) for value in study_p(study, "wlcc")]
    assert len(p) == 1000
    assert 3 <= called(p) <= 7


def test_absolute_values_call_no_more_than_seven_of_100(thousand: np.ndarray) -> None:
    """Fewer than five are right here: who listens breathes otherwise than who speaks, so that |Z| of the two is
    smaller by chance than |Z| of strangers, who at times breathe alike."""
    p = [value for study in thousand[:400].reshape(-1, DYADS, *thousand.shape[1:])
         for value in study_p(study, "wlcc", absolute=True)]  # fmt: skip
    assert 1.5 <= called(p) <= 7


def test_a_session_by_itself_calls_three_to_seven_of_100_and_names_no_leader(thousand: np.ndarray) -> None:
    """The default of `synchrony`: detrended, against shifts of the same session (300 of the pairs; all 1,000 and longer
    sessions in benchmarks/synchrony_type_one.py)."""
    found = [synchrony(a, b, rate_hz=RATE, surrogates=SURROGATE_COUNT) for a, b in thousand[:300]]
    assert 3 <= called([one.p for one in found]) <= 7
    assert 2 <= called([one.peak_p for one in found]) <= 8
    assert 2 <= called([one.convergence.p for one in found]) <= 8
    assert np.mean([one.leader != "none" for one in found]) < 0.03


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("wlcc", "amico")])
def test_other_methods_keep_their_level(thousand: np.ndarray, method: str) -> None:
    p = [value for first in range(0, 200, DYADS) for value in study_p(thousand[first : first + DYADS], method)]
    assert 1.5 <= called(p) <= 8


def test_a_shared_trend_fools_shuffling_and_neither_detrending_nor_pseudo_dyads() -> None:
    """Windows of two minutes in which everybody settles, with nothing between the two."""
    pairs = null_pairs(40, np.random.default_rng(26), rate_hz=1.0, fall=25.0, settle_s=240.0)
    options = {"rate_hz": 1.0, "window": 120.0, "step": 60.0, "surrogates": SURROGATE_COUNT}
    found = {
        (kind, detrend): called([synchrony(a, b, surrogate=kind, detrend=detrend, **options).p for a, b in pairs])
        for kind, detrend in [("segment-shuffle", False), ("circular-shift", False), ("circular-shift", 90.0)]
    }
    studies = [pairs[i : i + DYADS] for i in range(0, 40, DYADS)]
    pseudo = called([
        synchrony(*study[i], surrogate="pseudo-dyads", detrend=False, others=[tuple(study[j]) for j in range(DYADS)
                  if j != i], **{**options, "surrogates": 90}).p
        for study in studies for i in range(DYADS)
    ])  # fmt: skip
    assert found["segment-shuffle", False] > 20
    assert found["circular-shift", 90.0] <= 15
    assert pseudo <= 15
    assert "shared trend" in SURROGATES["segment-shuffle"].caution
    assert "shared trend" in SURROGATES["circular-shift"].caution
    assert SURROGATES["pseudo-dyads"].caution == ""


def test_talking_by_turns_that_moves_the_heart_is_found_and_is_not_closeness() -> None:
    """Each speaker's heart beats faster: coupled against each other, beyond chance, by speech alone."""
    pairs = null_pairs(20, np.random.default_rng(27), rate_hz=RATE, talk=4.0)
    found = [synchrony(a, b, rate_hz=RATE, surrogates=SURROGATE_COUNT) for a, b in pairs]
    assert called([one.p for one in found]) > 60
    assert all(one.synchrony < 0 for one in found if one.p <= 0.05)
