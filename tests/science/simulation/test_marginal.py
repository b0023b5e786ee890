"""One scale: scores with ends, steps and skew that have the mean, SD and change that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.simulation.chance import happens, intercept
from accord.science.simulation.marginal import fitted, stretched
from accord.science.simulation.shape import Shape, shapes


def shape(minimum: float, step: float, levels: int, sign: int = -1) -> Shape:
    return Shape("made_up.total", minimum, step, levels, sign, minimum, ((5, 5),), False, True, "sum")


@given(
    mean=st.floats(0.2, 0.8), sd=st.floats(0.08, 0.25), change=st.floats(-0.4, 0.9),
    skew=st.sampled_from(["none", "right", "left"]), levels=st.sampled_from([11, 22, 53, 201]),
    sign=st.sampled_from([-1, 1]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_score_has_the_mean_the_sd_and_the_change_that_were_asked_for(
    mean: float, sd: float, change: float, skew: str, levels: int, sign: int
) -> None:
    one = shape(3.0, 0.5, levels, sign)
    span = 0.5 * (levels - 1)
    fit = fitted(one, 3 + mean * span, sd * span, skew)  # type: ignore[arg-type]
    assert fit.baseline_mean == pytest.approx(3 + mean * span, abs=1e-6 * span)
    assert fit.baseline_sd == pytest.approx(sd * span, abs=1e-6 * span)
    wanted = fit.baseline_mean + sign * change * fit.baseline_sd
    moved = float(fit.expected(fit.shifts([change]))[0])
    inside = np.clip(wanted, 3 + 0.001 * span, 3 + 0.999 * span)
    assert moved == pytest.approx(inside, abs=1e-4 * span)


def test_the_sums_over_steps_agree_with_drawn_scores() -> None:
    fit = fitted(shapes("phq_9", None)["total"], 11.5, 6.0, "right")
    u = np.random.default_rng(1).standard_normal(400_000)
    scores = fit.scores(u)
    assert scores.mean() == pytest.approx(11.5, abs=4 * 6 / np.sqrt(len(u)))
    assert scores.std() == pytest.approx(6.0, rel=0.005)
    assert set(np.unique(scores)) == set(range(28))
    shift = fit.shifts([0.5])[0]
    assert (fit.baseline_mean - fit.scores(u + shift).mean()) / 6.0 == pytest.approx(0.5, abs=0.01)


def test_skew_keeps_mean_and_variance_and_turns_with_its_name() -> None:
    u = np.random.default_rng(2).standard_normal(400_000)
    for skew, side in (("right", 1), ("left", -1)):
        g = stretched(u, skew)  # type: ignore[arg-type]
        assert g.mean() == pytest.approx(0, abs=0.01)
        assert g.std() == pytest.approx(1, abs=0.01)
        assert side * ((g - g.mean()) ** 3).mean() > 0.8


@pytest.mark.parametrize(
    ("ref", "minimum", "maximum", "step"),
    [
        ("phq_9.total", 0, 27, 1),
        ("bpi_interference.total", 0, 10, 1 / 7),  # a mean of seven whole answers
        ("nrs_pain.total", 0, 10, 1),
        ("wai_sr.total", 12, 60, 1),
        ("ders.total", 36, 180, 1),
        ("fiqr.overall", 0, 20, 1),
        ("fiqr.symptoms", 0, 50, 0.5),  # ten whole answers, halved
    ],
)
def test_steps_follow_from_the_scoring_rule(ref: str, minimum: float, maximum: float, step: float) -> None:
    instrument, name = ref.split(".")
    one = shapes(instrument, None)[name]
    assert (one.minimum, one.maximum) == pytest.approx((minimum, maximum))
    assert one.step == pytest.approx(step)


def test_parts_that_add_up_are_known_and_others_are_not() -> None:
    assert shapes("fiqr", None)["total"].parts == ("function", "overall", "symptoms")
    assert shapes("pcs", None)["total"].parts == ("rumination", "magnification", "helplessness")
    assert shapes("phq_9", None)["total"].parts == ()


@given(share=st.floats(0.02, 0.98), spread=st.floats(0, 2.5))
@settings(max_examples=30, deadline=None)
def test_a_share_is_met_whatever_the_predictors_do(share: float, spread: float) -> None:
    rng = np.random.default_rng(3)
    lean = spread * rng.standard_normal(60_000)
    found = happens(share, lean, spread, rng.random(60_000)).mean()
    assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / 60_000) + 1e-3
    assert intercept(share, 0.0) == pytest.approx(np.log(share / (1 - share)), abs=1e-6)


def test_who_leans_towards_it_has_it_more_often() -> None:
    rng = np.random.default_rng(4)
    lean = rng.standard_normal(20_000)
    found = happens(0.3, lean, 1.0, rng.random(20_000))
    assert lean[found].mean() > 0.4
    assert lean[~found].mean() < -0.1
