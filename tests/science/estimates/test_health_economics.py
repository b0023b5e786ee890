"""Prices, QALYs, and what a comparison of costs may and may not say (C29)."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import BadContent, BadInput, NotEstimable, NotFound
from accord.science.estimates.health_economics import (
    Tariff,
    ValueSet,
    cost_effectiveness,
    costs_of,
    fieller,
    load_tariff,
    load_value_set,
    over_horizon,
    qalys,
)

TARIFF = Tariff(tariff="t", title="Round prices", currency="EUR", year=2024, source="ours", prices={
    "visits": {"price": 30, "unit": "visits", "recall_days": 91}, "minutes": {"price": 0.5, "unit": "minutes"},
})  # fmt: skip
STEPS = [[0.0, 0.1, 0.2, 0.3, 0.4]] * 3
FIVE = ValueSet(value_set="v5", title="Invented", instrument="eq", version="five levels", country="nowhere", year=2020,
                source="ours", invented=True, decrements=STEPS)  # fmt: skip


# --- tariff -------------------------------------------------------------------------------------------------------


def test_costs_are_quantity_times_price_and_missing_stays_missing():
    found = costs_of({"visits": [2, 0, np.nan], "minutes": [100, 0, 10]}, TARIFF)
    assert found.total.tolist()[:2] == [110.0, 0.0]
    assert np.isnan(found.total[2])
    assert found.by_resource["minutes"].tolist() == [50.0, 0.0, 5.0]
    assert found.currency == "EUR"


def test_negative_quantities_prices_and_other_units_are_refused():
    with pytest.raises(BadInput, match="negative"):
        costs_of({"visits": [1, -1]}, TARIFF)
    with pytest.raises(BadInput, match="counted in hours"):
        costs_of({"minutes": [1]}, TARIFF, units={"minutes": "hours"})
    with pytest.raises(NotFound, match="no price for nights"):
        costs_of({"nights": [1]}, TARIFF)
    with pytest.raises(BadInput, match="nothing to price"):
        costs_of({}, TARIFF)


def test_a_tariff_file_with_a_negative_price_names_its_line(tmp_path):
    folder = tmp_path / "tariffs"
    folder.mkdir()
    text = "tariff: bad\ntitle: T\ncurrency: EUR\nyear: 2024\nsource: s\nprices:\n  visits: {price: -3, unit: visits}\n"
    (folder / "bad.yaml").write_text(text, "utf-8")
    with pytest.raises(BadContent) as caught:
        load_tariff("bad", site=tmp_path)
    assert caught.value.findings[0].where.line == 7


def test_the_tariff_that_ships_is_marked_as_invented():
    assert load_tariff("demonstration").invented
    assert "invented" in load_tariff("demonstration").words
    with pytest.raises(NotFound):
        load_value_set("anything")


def test_a_rate_is_carried_over_the_time_before_its_visit():
    """Visits at 91, 182 and 364 days, about 91 days each: 1 + 2 + 2·(182/91)·… = 1 + 2 + 4·2."""
    assert over_horizon([[1, 2, 4]], [91, 182, 364], recall_days=91, horizon_days=364)[0] == pytest.approx(11)
    assert over_horizon([[1, 2, 4]], [91, 182, 364], recall_days=91, horizon_days=182)[0] == pytest.approx(3)
    assert over_horizon([[1]], [91], recall_days=91, horizon_days=182)[0] == pytest.approx(2)
    assert np.isnan(over_horizon([[1, np.nan]], [91, 182], recall_days=91, horizon_days=182)[0])
    with pytest.raises(BadInput, match="order"):
        over_horizon([[1, 2]], [0, 91], recall_days=91, horizon_days=91)


# --- QALYs --------------------------------------------------------------------------------------------------------


def test_a_level_course_and_a_straight_line_have_their_areas():
    days = [0, 365.25]
    assert qalys([[0.8, 0.8]], days, FIVE, instrument="eq", version="five levels")[0] == pytest.approx(0.8)
    assert qalys([[0.4, 0.8]], days, FIVE, instrument="eq", version="five levels")[0] == pytest.approx(0.6)
    half = qalys([[0.4, 0.8]], days, FIVE, instrument="eq", version="five levels", horizon_days=365.25 / 2)
    assert half[0] == pytest.approx((0.4 + 0.6) / 2 / 2)
    assert np.isnan(qalys([[0.4, np.nan]], days, FIVE, instrument="eq", version="five levels")[0])


def test_a_value_set_of_another_version_is_refused():
    with pytest.raises(BadInput, match="five levels"):
        qalys([[0.4, 0.8]], [0, 365], FIVE, instrument="eq", version="three levels")
    with pytest.raises(BadInput, match="not other"):
        FIVE.index([111], instrument="other", version="five levels")


def test_profiles_are_valued_digit_by_digit():
    found = FIVE.index([111, 555, 213, np.nan], instrument="eq", version="five levels")
    assert found[:3] == pytest.approx([1.0, -0.2, 0.7])
    assert np.isnan(found[3])
    for wrong in (116, 110, 1111, -111):
        with pytest.raises(BadInput, match="no profile"):
            FIVE.index([wrong], instrument="eq", version="five levels")


def test_impossible_utilities_and_days_are_refused():
    with pytest.raises(BadInput, match="-1 to 1"):
        qalys([[50, 60]], [0, 365], FIVE, instrument="eq", version="five levels")
    for days in ([0, 0], [10, 20], [0]):
        with pytest.raises(BadInput):
            qalys([[0.5] * len(days)], days, FIVE, instrument="eq", version="five levels")


# --- the comparison -----------------------------------------------------------------------------------------------


def made(seed: int, cost: float, effect: float, n: int = 200, spread: float = 1.0):
    rng = np.random.default_rng(seed)
    arm = np.repeat([0.0, 1.0], n // 2)
    return (
        1000 + cost * arm + spread * rng.gamma(2, 100, n),
        0.6 + effect * arm + spread * rng.normal(0, 0.08, n),
        arm,
    )


@pytest.mark.parametrize(("cost", "effect", "where", "has"), [
    (300, 0.05, "north-east", True), (-300, 0.05, "south-east", False),
    (-300, -0.05, "south-west", False), (300, -0.05, "north-west", False),
])  # fmt: skip
def test_a_ratio_stands_in_one_quadrant_only(cost, effect, where, has):
    found = cost_effectiveness(*made(1, cost, effect), draws=500)
    assert found.quadrant == where
    assert (found.icer.value is not None) is has
    assert found.shares[where] > 0.95
    if has:
        assert found.icer.value == pytest.approx(found.cost.value / found.effect.value)
        assert found.icer.ci_low < 6000 < found.icer.ci_high


def test_without_noise_everything_is_what_was_put_in():
    y, e, arm = made(1, 250, 0.05, spread=1e-6)
    found = cost_effectiveness(y, e, arm, prices=(4000, 6000), draws=200)
    assert found.icer.value == pytest.approx(5000, rel=1e-4)
    assert found.acceptable == (0.0, 1.0)
    assert [one.value for one in found.net_benefit] == pytest.approx([-50, 50], rel=1e-3)


def test_a_ratio_over_an_effect_that_may_be_zero_has_no_interval():
    found = cost_effectiveness(*made(3, 300, 0.01), draws=500)
    assert found.effect.ci_low < 0 < found.effect.ci_high
    assert found.icer.value is not None
    assert found.icer.ci_low is None
    assert "not apart from zero" in found.summary()
    assert fieller(1.0, 0.1, np.eye(2)) is None


def test_baseline_adjustment_takes_an_imbalance_out():
    rng = np.random.default_rng(4)
    arm = np.repeat([0.0, 1.0], 200)
    u0 = rng.normal(0.5, 0.15, 400) + 0.08 * arm
    effect = 0.9 * u0 + rng.normal(0, 0.03, 400)
    cost = rng.gamma(2, 100, 400)
    plain = cost_effectiveness(cost, effect, arm, draws=300)
    adjusted = cost_effectiveness(cost, effect, arm, for_effect={"u0": u0}, draws=300)
    assert plain.effect.ci_low > 0.03
    assert abs(adjusted.effect.value) < 0.02
    assert adjusted.cost.value == pytest.approx(plain.cost.value)


def test_whole_clusters_widen_what_people_alone_make_narrow():
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(20), 20)
    arm = (cluster >= 10).astype(float)
    cost = 1000 + rng.normal(0, 300, 20)[cluster] + rng.normal(0, 100, 400)
    cost = np.maximum(cost, 0)
    effect = 0.6 + rng.normal(0, 0.1, 20)[cluster] + rng.normal(0, 0.05, 400)
    alone = cost_effectiveness(cost, effect, arm, draws=500)
    whole = cost_effectiveness(cost, effect, arm, clusters=cluster, draws=500)
    assert whole.cost.se > 2 * alone.cost.se
    assert whole.net_benefit[0].se > 2 * alone.net_benefit[0].se


def test_the_same_seed_gives_the_same_draws():
    first, again = (cost_effectiveness(*made(1, 300, 0.05), draws=200, seed=9) for _ in range(2))
    other = cost_effectiveness(*made(1, 300, 0.05), draws=200, seed=10)
    assert (first.draws == again.draws).all()
    assert not (first.draws == other.draws).all()


def test_one_group_a_negative_cost_and_three_people_are_refused():
    cost, effect, arm = made(1, 300, 0.05)
    with pytest.raises(BadInput, match="two arms"):
        cost_effectiveness(cost, effect, np.ones_like(arm))
    with pytest.raises(BadInput, match="negative"):
        cost_effectiveness(-cost, effect, arm)
    with pytest.raises(BadInput, match="0 or more"):
        cost_effectiveness(cost, effect, arm, prices=(-1,))
    with pytest.raises(NotEstimable, match="needs 5"):
        cost_effectiveness(cost[98:101], effect[98:101], arm[98:101])


def test_the_interval_of_net_benefit_covers_what_was_put_in():
    """Skewed costs, 60 people an arm: 95 % intervals hold the truth in 92 to 98 of 100 samples (Monte Carlo SE 1.1)."""
    hits = {"nb": 0, "cost": 0}
    for seed in range(400):
        found = cost_effectiveness(*made(1000 + seed, 200, 0.03, n=120), prices=(10_000,), draws=400, seed=seed)
        hits["nb"] += found.net_benefit[0].ci_low <= 100 <= found.net_benefit[0].ci_high
        hits["cost"] += found.cost.ci_low <= 200 <= found.cost.ci_high
    assert 0.92 <= hits["nb"] / 400 <= 0.98
    assert 0.91 <= hits["cost"] / 400 <= 0.98


def test_it_draws_both_pictures_and_says_its_sentence():
    found = cost_effectiveness(*made(1, 300, 0.05), draws=300)
    assert "QALY" in found.summary()
    assert found._repr_html_().count("<svg") == 2
    assert found.curve().points[0][0] == 0
