"""Questions that hang together, scores that repeat themselves, people at the ends; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.psychometrics import agreement, consistency, feldt, floor_and_ceiling, one_factor

LOADINGS = np.array([0.8, 0.7, 0.6, 0.75, 0.5])


def answers(seed: int, n: int = 200, loadings: np.ndarray = LOADINGS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    own = np.sqrt(1 - loadings**2)
    return rng.normal(size=(n, 1)) * loadings + rng.normal(size=(n, len(loadings))) * own


# --- consistency --------------------------------------------------------------------------------------------------


def test_equal_loadings_make_alpha_and_omega_one_figure():
    equal = np.full(6, 0.7)
    found = consistency(answers(1, 20_000, equal))
    truth = (6 * 0.7) ** 2 / ((6 * 0.7) ** 2 + 6 * 0.51)
    assert found.alpha.value == pytest.approx(truth, abs=0.01)
    assert found.omega.value == pytest.approx(truth, abs=0.01)


def test_alpha_falls_short_of_omega_when_loadings_differ():
    found = consistency(answers(2, 20_000, np.array([0.95, 0.9, 0.2, 0.2, 0.1])))
    assert found.omega.value - found.alpha.value > 0.05


def test_the_intervals_hold_the_truth():
    omega = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    k, variance = 5, np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)
    alpha = k / (k - 1) * (1 - np.trace(variance) / variance.sum())
    held = np.zeros(2)
    for seed in range(400):
        found = consistency(answers(seed))
        held += [one.ci_low < truth < one.ci_high for one, truth in ((found.alpha, alpha), (found.omega, omega))]
    assert ((held / 400 > 0.92) & (held / 400 < 0.98)).all(), held


def test_a_question_that_was_not_turned_is_named():
    x = answers(3)
    x[:, 2] *= -1
    found = consistency(x, names=["a", "b", "c", "d", "e"])
    assert [one.name for one in found.questions if one.runs_against] == ["c"]
    assert "c runs against the rest" in found.summary()
    assert "runs against" not in consistency(answers(3)).summary()


def test_gaps_are_counted_and_the_unit_does_not_matter():
    x = answers(4)
    x[:7, 0] = np.nan
    found = consistency(x)
    assert (found.n, found.missing) == (193, 7)
    assert consistency(10 * x + 3).omega.value == pytest.approx(found.omega.value, rel=1e-8)


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda x: x[:, :2], BadInput, "at least 3 questions"),
    (lambda x: x[0], BadInput, "People by questions"),
    (lambda x: x[:3], NotEstimable, "3 people answered everything"),
    (lambda x: np.c_[x, np.ones(len(x))], NotEstimable, "one answer to question 6"),
    (lambda x: np.c_[x, x[:, 0] + x[:, 1]], NotEstimable, "repeat each other"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        consistency(make(answers(5)))


def test_names_of_another_number_and_a_factor_that_is_a_question():
    with pytest.raises(BadInput, match="2 names for 5"):
        consistency(answers(1), names=["a", "b"])
    rng = np.random.default_rng(1)
    f = rng.normal(size=400)
    # Two questions agree less with each other than the third would allow: its own variance runs to nothing.
    x = np.column_stack([f + 0.02 * rng.normal(size=400), f + rng.normal(size=400), f - 0.6 * rng.normal(size=400)])
    x[:, 2] -= 0.5 * (x[:, 1] - f)
    with pytest.raises(NotEstimable, match="Heywood"):
        one_factor(x)


def test_feldt_narrows_with_people():
    wide, narrow = feldt(0.8, 20, 8), feldt(0.8, 500, 8)
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]


# --- agreement ----------------------------------------------------------------------------------------------------


def repeated(seed: int, n: int = 60, shift: float = 0.0) -> np.ndarray:
    """True SD 4, error SD 2: an ICC of .8."""
    rng = np.random.default_rng(seed)
    return rng.normal(20, 4, (n, 1)) + rng.normal(0, 2, (n, 2)) + np.array([0.0, shift])


def test_a_shift_counts_for_agreement_and_not_for_consistency():
    still, moved = agreement(repeated(1)), agreement(repeated(1, shift=6.0))
    assert moved.icc_3_1.value == pytest.approx(still.icc_3_1.value)
    assert moved.icc_2_1.value < still.icc_2_1.value - 0.2
    assert moved.sem > 2 * moved.sem_consistency
    assert moved.shift == pytest.approx(still.shift + 6)


def test_limits_hold_and_the_error_is_found():
    held = np.zeros(2)
    errors = []
    for seed in range(400):
        found = agreement(repeated(seed))
        held += [one.ci_low < 0.8 < one.ci_high for one in (found.icc_2_1, found.icc_3_1)]
        errors.append(found.sem_consistency)
    assert ((held / 400 > 0.92) & (held / 400 < 0.98)).all(), held
    assert np.mean(errors) == pytest.approx(2.0, abs=0.05)


def test_too_few_people_one_occasion_and_no_variance_are_refused():
    with pytest.raises(NotEstimable, match="3 people"):
        agreement(repeated(1)[:3])
    with pytest.raises(BadInput, match="at least 2 occasions"):
        agreement(repeated(1)[:, :1])
    with pytest.raises(NotEstimable, match="one answer to occasion 1"):
        agreement(np.ones((10, 2)))
    assert "within the error of two" in agreement(repeated(1)).summary()


# --- floor and ceiling --------------------------------------------------------------------------------------------


def test_the_ends_are_counted_with_their_limits():
    found = floor_and_ceiling([0] * 4 + [5] * 14 + [27, 27] + [np.nan], 0, 27)
    assert (found.floor.value, found.ceiling.value, found.n, found.missing) == (0.2, 0.1, 20, 1)
    assert found.crowded == ("floor",)
    assert found.floor.ci_low < 0.2 < found.floor.ci_high
    assert "15 % at the floor" in found.summary()
    with pytest.raises(BadInput, match="outside 0 to 27"):
        floor_and_ceiling([28], 0, 27)
    with pytest.raises(BadInput, match="below the highest"):
        floor_and_ceiling([1], 5, 5)
    with pytest.raises(NotEstimable, match="no scores"):
        floor_and_ceiling([np.nan], 0, 27)
