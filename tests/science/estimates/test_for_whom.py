"""For whom: the region of a moderator, and differences of effect without fishing."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.effect_heterogeneity import PENALTIES, effect_heterogeneity, ridge_fit
from accord.science.estimates.moderation import moderation


def arms(seed: int, n: int = 300, size: float = 0.0):
    """`size`: how much the effect rises with b. The average effect is .3."""
    rng = np.random.default_rng(seed)
    x = {name: rng.normal(size=n) for name in "abcd"}
    d = (rng.permutation(n) % 2).astype(float)
    return 0.5 * x["a"] + 0.3 * d + size * d * x["b"] + rng.normal(size=n), d, x


# --- Johnson-Neyman -----------------------------------------------------------------------------------------------


def test_the_region_begins_where_the_interval_touches_zero():
    y, d, x = arms(1, size=1.0)
    found = moderation(y, d, x["b"])
    assert found.interaction.ci_low > 0
    for low, high in found.apart:
        for edge in {low, high} - set(found.seen):
            c = found.at(edge)
            assert min(abs(c.ci_low), abs(c.ci_high)) < 1e-9
    assert len(found.apart) == 2
    assert found.apart[0][0] == found.seen[0]
    assert "varies with it" in found.summary()
    assert "<svg" in found._repr_html_()


def test_without_a_difference_nothing_is_apart_and_that_is_said():
    rng = np.random.default_rng(3)
    found = moderation(rng.normal(size=80), np.arange(80) % 2, rng.normal(size=80))
    assert found.apart == ()
    assert "not shown" in found.summary()
    assert "At no value seen" in found.summary()


def test_it_does_not_hang_on_the_unit_of_the_moderator():
    y, d, x = arms(5, size=0.6)
    one, ten = moderation(y, d, x["b"]), moderation(y, d, 10 * x["b"] + 100)
    assert ten.interaction.value == pytest.approx(one.interaction.value / 10)
    assert ten.apart[0][1] == pytest.approx(10 * one.apart[0][1] + 100)


def test_bad_moderators_are_refused():
    y, d, x = arms(1, n=60)
    with pytest.raises(BadInput, match="is the outcome"):
        moderation(y, d, y)
    with pytest.raises(BadInput, match="is the arm"):
        moderation(y, d, d)
    with pytest.raises(BadInput, match="1 or 0"):
        moderation(y, d + 1, x["a"])
    with pytest.raises(NotEstimable, match="does not vary"):
        moderation(y, d, np.ones(60))
    with pytest.raises(NotEstimable, match="fewer than 5"):
        moderation(y[:3], d[:3], x["a"][:3])


def test_its_limits_hold_at_the_mean_of_the_moderator():
    held = sum(abs(c.value - 0.3) < c.ci_high - c.value for c in
               (moderation(*arms(s, n=80)[:2], arms(s, n=80)[2]["b"]).at(0.0) for s in range(300)))  # fmt: skip
    assert 0.92 <= held / 300 <= 0.98


# --- heterogeneity ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["dr", "t"])
def test_none_is_claimed_where_there_is_none(method):
    """60 trials without heterogeneity: the test at 5 % (made strict by the splits) speaks up in 3 at most."""
    shown = sum(effect_heterogeneity(*arms(s), method=method, seed=s, splits=15).shown for s in range(60))
    assert shown <= 3


@pytest.mark.parametrize("method", ["dr", "t"])
def test_what_was_put_in_is_found_and_calibrated(method):
    found = effect_heterogeneity(*arms(2, n=500, size=0.8), method=method)
    assert found.shown
    assert found.slope.ci_low < 1 < found.slope.ci_high
    assert found.average.ci_low < 0.3 < found.average.ci_high
    predicted = [group.predicted for group in found.groups]
    assert predicted == sorted(predicted)
    assert all(group.seen.ci_low - 0.25 < group.predicted < group.seen.ci_high + 0.25 for group in found.groups)
    truth = 0.3 + 0.8 * arms(2, n=500, size=0.8)[2]["b"]
    assert np.corrcoef(found.predicted, truth)[0, 1] > 0.9


def test_the_sentence_for_nothing_and_the_same_seed():
    y, d, x = arms(4)
    first, again = (effect_heterogeneity(y, d, x, seed=6, splits=9) for _ in range(2))
    assert "not shown" in first.summary()
    assert "average effect" in first.summary()
    assert first.slope.value == again.slope.value


def test_clusters_are_never_split_between_halves():
    """The effect differs by therapist only, and so does the predictor: people of known therapists would tell it."""
    rng = np.random.default_rng(7)
    therapist = np.repeat(np.arange(20), 20)
    d = (np.arange(400) % 2).astype(float)
    gain = rng.normal(0, 1.0, 20)
    y = d * gain[therapist] + rng.normal(size=400)
    x = {"office": np.array([f"o{k:02d}" for k in therapist])}
    split = effect_heterogeneity(y, d, x, splits=9)
    whole = effect_heterogeneity(y, d, x, splits=9, clusters=therapist)
    assert split.shown
    assert not whole.shown


def test_bad_input_is_refused():
    y, d, x = arms(1, n=100)
    with pytest.raises(BadInput, match="is the outcome"):
        effect_heterogeneity(y, d, {"y": y})
    with pytest.raises(BadInput, match="no learner"):
        effect_heterogeneity(y, d, x, method="forest")
    with pytest.raises(BadInput, match="1 or 0"):
        effect_heterogeneity(y, d + 1, x)
    with pytest.raises(BadInput, match="Nothing is known"):
        effect_heterogeneity(y, d, {})
    with pytest.raises(NotEstimable, match="needs 40"):
        effect_heterogeneity(y[:30], d[:30], {"a": x["a"][:30]})
    with pytest.raises(NotEstimable, match="No predictor varies"):
        effect_heterogeneity(y, d, {"a": np.ones(100)})


def fitted_with(penalty: float, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Intercept (not penalised) and slopes, from the normal equations."""
    whole = np.column_stack([np.ones(len(z)), z])
    return np.linalg.solve(whole.T @ whole + np.diag([0.0, *[penalty] * z.shape[1]]), whole.T @ y)


@pytest.mark.parametrize("signal", [0.0, 0.4, 3.0])
def test_the_ridge_chooses_the_penalty_that_refitting_without_each_person_would(signal):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 6))
    y = signal * x[:, 0] + rng.normal(size=40)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    loss = {}
    for penalty in PENALTIES:
        errors = []
        for k in range(40):
            b = fitted_with(penalty, np.delete(z, k, axis=0), np.delete(y, k))
            errors.append(y[k] - b[0] - z[k] @ b[1:])
        loss[penalty] = float(np.mean(np.square(errors)))
    expected = fitted_with(min(loss, key=loss.__getitem__), z, y)
    intercept, slopes = ridge_fit(x, y)
    assert slopes * x.std(axis=0) == pytest.approx(expected[1:], rel=1e-9)
    assert intercept + slopes @ x.mean(axis=0) == pytest.approx(expected[0], rel=1e-9)
