"""Power: formulas against R, simulations against formulas and R, protocols by their own analysis, any executor."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from accord.cli.power import sizes_of
from accord.science.analyses import analyse
from accord.science.errors import BadInput, NotEstimable
from accord.science.power import (
    PowerAt,
    PowerCurve,
    TrialDesign,
    people_for_two_means,
    power_of_one_mean,
    power_of_two_means,
    power_of_two_shares,
    protocol_power,
    trial_power,
)
from accord.science.power.accrual import accrual
from accord.science.power.protocol_power import scaled_effects
from accord.science.protocols import load_protocol, protocol_names
from accord.science.simulation import simulate

R = json.loads((Path(__file__).parents[2] / "published/r/power.json").read_text())


# --- closed forms -------------------------------------------------------------------------------------------------


def test_formulas_are_those_of_base_r():
    for n, d, expected in R["two_means"]:
        assert power_of_two_means(n, n, d) == pytest.approx(expected, abs=1e-8)
    for n, d, expected in R["one_mean"]:
        assert power_of_one_mean(n, d) == pytest.approx(expected, abs=1e-8)
    for n, a, b, expected in R["two_shares"]:
        assert power_of_two_shares(n, n, a, b) == pytest.approx(expected, abs=1e-8)
    assert people_for_two_means(0.5) == R["people_for_half"]


def test_no_difference_is_found_as_often_as_alpha_says_and_a_baseline_helps():
    assert power_of_two_means(50, 50, 0.0) == pytest.approx(0.05)
    assert power_of_two_means(50, 50, 0.5, baseline_correlation=0.6) > power_of_two_means(50, 50, 0.5)
    clustered = power_of_two_means(50, 50, 0.5, cluster_size=10, cluster_share=0.05)
    assert clustered < power_of_two_means(50, 50, 0.5)
    assert power_of_one_mean(1_000_000, 2.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: power_of_two_means(1, 50, 0.5), "cannot be compared"),
        (lambda: power_of_two_means(50, 50, 0.5, alpha=2), "no error rate"),
        (lambda: power_of_two_means(50, 50, 0.5, baseline_correlation=1), "cannot be"),
        (lambda: power_of_two_means(10, 10, 0.5, cluster_size=10, cluster_share=0.1), "no degrees of freedom"),
        (lambda: power_of_one_mean(1, 0.5), "no spread"),
        (lambda: power_of_one_mean(30, 0.5, clusters=1), "One cluster"),
        (lambda: power_of_two_shares(10, 10, 0, 0.5), "cannot be planned for"),
        (lambda: people_for_two_means(0.0), "by no number"),
        (lambda: people_for_two_means(0.5, power=1), "cannot be reached"),
        (lambda: people_for_two_means(1e-4), "More than"),
    ],
)
def test_what_no_study_can_have_is_refused_with_the_cure(call, words):
    with pytest.raises((BadInput, NotEstimable)) as told:
        call()
    assert words in told.value.finding.what
    assert told.value.finding.cure


# --- trials of people and therapists ------------------------------------------------------------------------------


def near(point, expected, errors=3.3):
    error = np.sqrt(expected * (1 - expected) / point.done)
    assert abs(point.power - expected) < errors * error, (point.power, expected, error)


def test_a_simulated_slope_has_the_power_of_its_formula_and_of_lme4():
    design = TrialDesign(people=40, difference=-0.4)
    point = trial_power(design, replicates=400).points[0]
    near(point, design.closed_form())
    theirs = R["lmer"]["found"] / R["lmer"]["of"]
    spread = np.sqrt(theirs * (1 - theirs) * (1 / R["lmer"]["of"] + 1 / 400))
    assert abs(point.power - theirs) < 3.3 * spread
    assert point.value == pytest.approx(-0.4, abs=0.03)
    near(PowerAt(80, 400, point.covered), 0.95)


def test_therapists_cost_power_as_the_formula_says():
    design = TrialDesign(people=48, difference=-0.6, therapists=6, therapist_slope_sd=0.3)
    point = trial_power(design, replicates=60).points[0]
    near(point, design.closed_form())
    assert design.closed_form() < TrialDesign(people=48, difference=-0.6).closed_form() - 0.2


def test_no_difference_is_rarely_found():
    near(trial_power(TrialDesign(people=15, difference=0.0), replicates=250).points[0], 0.05)


def test_who_leaves_takes_power_along():
    full, holed = (
        trial_power(TrialDesign(people=40, difference=-0.5, drop_out=share), replicates=100) for share in (0.0, 0.5)
    )
    assert holed.points[0].power < full.points[0].power
    assert holed.formula == [None]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"people": 2}, "people an arm"), ({"visits": 1}, "a slope needs two"), ({"drop_out": 1.0}, "drop-out"),
        ({"therapists": 1}, "cannot be told apart"), ({"therapists": 30}, "30 therapists for 20 people"),
        ({"residual_sd": 0}, "negative SD"), ({"therapist_slope_sd": 0.2}, "there are none"),
    ],
)  # fmt: skip
def test_designs_that_no_trial_can_have(wrong, words):
    with pytest.raises(BadInput) as told:
        trial_power(TrialDesign(**{"people": 20, "difference": 0.5} | wrong))
    assert words in told.value.finding.what


# --- protocols ----------------------------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_simulated_and_judges_the_same():
    for slug in protocol_names():
        protocol = load_protocol(slug)
        if protocol.simulate is None:
            continue
        whole = simulate(protocol, n=40, seed=3, truth=False)
        some = simulate(protocol, n=40, seed=3, truth=False, tables=("participants", "events", "allocation", "scores",
                                                                     "lessons", "groups"))  # fmt: skip
        assert set(some.names) <= set(whole.names)
        for name in some.names:
            assert some.table(name).equals(whole.table(name)), (slug, name)
        assert (
            analyse(protocol, some, only={"primary"}).estimates == analyse(protocol, whole, only={"primary"}).estimates
        )


@pytest.fixture(scope="module")
def mair():
    return load_protocol("mair")


def test_every_executor_gives_the_same_power(mair):
    from distributed import Client

    alone = protocol_power(mair, [20, 41], replicates=8)
    with ThreadPoolExecutor(2) as pool:
        assert protocol_power(mair, [20, 41], replicates=8, executor=pool) == alone
    with Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as client:
        assert protocol_power(mair, [20, 41], replicates=8, executor=client.get_executor()) == alone
    assert protocol_power(mair, [20, 41], replicates=8, seed=2) != alone


def test_without_an_effect_little_is_found_and_with_three_times_much(mair):
    none = protocol_power(mair, [60], replicates=100, effect=0.0)[0].points[0]
    near(none, 0.05)
    assert none.truth == pytest.approx(0.0, abs=1e-9)
    near(PowerAt(60, none.done, none.covered), 0.95)
    much = protocol_power(mair, [60], replicates=30, effect=3.0)[0].points[0]
    assert much.power > 0.95


def test_every_protocol_says_its_power_at_its_published_size_and_what_it_means():
    for slug in ("integro", "guided-icbt", "mair", "therapist-factors", "routine-care"):
        protocol = load_protocol(slug)
        for curve in protocol_power(protocol, [protocol.sample_size.n], replicates=2):
            said = curve.summary()
            assert f"{protocol.sample_size.n:,} people" in said
            compared = bool(protocol.endpoints.primary.contrasts)
            assert ("There is no comparison here" in said) is not compared
            assert "mediat" not in said


def test_integro_has_the_power_of_its_associations_and_of_change_at_both_ends():
    protocol = load_protocol("integro")
    for target, start in (("process", "association."), ("mechanism", "mechanism.")):
        curves = protocol_power(protocol, [45], replicates=3, target=target)
        assert curves
        assert all(curve.id.startswith(start) for curve in curves)
        assert all(curve.points[0].half_width for curve in curves if not curve.points[0].failed)


def test_a_margin_is_kept_by_an_interval_inside_it():
    curve = protocol_power(load_protocol("guided-icbt"), [120], replicates=10)[0]
    assert "non-inferiority within 0.25 SD" in curve.what
    assert curve.points[0].power < 0.9  # a ninth of the planned size


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sizes": [3]}, "no power to speak of"), ({"sizes": []}, "no power to speak of"),
        ({"replicates": 0}, "0 replicates"), ({"target": "hope"}, "nothing called 'hope'"),
        ({"effect": -1.0}, "times the assumed one"), ({"target": "process"}, "names no process"),
    ],
)  # fmt: skip
def test_bad_questions_are_refused(mair, more, words):
    with pytest.raises(BadInput) as told:
        protocol_power(mair, **{"sizes": [41]} | more)
    assert words in told.value.finding.what


def test_a_protocol_without_assumptions_is_refused(mair):
    with pytest.raises(BadInput, match="does not say what to assume"):
        scaled_effects(mair.model_copy(update={"simulate": None}), 1.0)


def test_recruiting_takes_as_long_as_the_funnel_and_the_schedule_say(mair):
    one = accrual(mair, 41, referred_a_month=10)
    assert one.referred >= 41
    assert one.months == one.referred / 10
    assert one.until_last_answer > one.months
    assert "months after the first referral" in one.summary()
    assert accrual(mair, 41).months is None
    with pytest.raises(BadInput):
        accrual(mair, 41, referred_a_month=0)


# --- the curve and the command ------------------------------------------------------------------------------------


def curve(*shares):
    points = [
        PowerAt(20 * (k + 1), 200, round(200 * share), value=1.0, half_width=2.0) for k, share in enumerate(shares)
    ]
    return PowerCurve("x", "a difference", points, "made by hand", comparison=True, unit="points")


def test_the_smallest_size_is_that_from_which_all_larger_ones_reach_it():
    assert curve(0.5, 0.85, 0.7, 0.82, 0.9).smallest() == 80
    assert curve(0.5, 0.6).smallest() is None
    assert "No size that was tried" in curve(0.5, 0.6).summary()


def test_a_curve_draws_its_error_and_its_table():
    picture = curve(0.5, 0.85).plot(planned=40)
    assert "planned: 40" in picture.svg()
    columns, rows = picture.table()
    assert columns[:2] == ("People", "Power")
    assert rows[0][:2] == (20, 0.5)
    assert curve(0.5).points[0].error == pytest.approx(0.0354, abs=1e-4)


@pytest.mark.parametrize("given", ["many", "20:10:5", "20:200", "20:200:0", "1:100000:1", "-5", "20:200:20:1"])
def test_sizes_that_cannot_be_read_say_how_to_write_them(given):
    with pytest.raises(BadInput) as told:
        sizes_of(given, 41)
    assert told.value.finding.cure


def test_sizes_are_a_number_a_range_or_the_plan():
    assert sizes_of("", 41) == [41]
    assert sizes_of("60", 41) == [60]
    assert sizes_of("20:60:20", 41) == [20, 40, 60]
