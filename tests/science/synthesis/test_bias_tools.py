"""Egger, Begg, trim and fill, PET-PEESE, the selection model and fail-safe N: properties, words, refusals."""

import itertools

import numpy as np
import pytest
from scipy import special
from scipy.optimize import minimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.synthesis.begg import begg, kendall
from accord.science.synthesis.egger import egger
from accord.science.synthesis.fail_safe_n import fail_safe_n
from accord.science.synthesis.fitting import pool
from accord.science.synthesis.pet_peese import pet_peese
from accord.science.synthesis.selection_3psm import selection_3psm
from accord.science.synthesis.selection_likelihood import Selection, derivatives, without_selection
from accord.science.synthesis.trim_and_fill import trim_and_fill
from accord.science.synthesis.trimmed_mean import climbed


def lopsided(k=25, seed=2, slope=1.5):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.15, k)
    return 0.2 + slope * np.sqrt(v) + rng.normal(0, np.sqrt(0.02 + v)), v


def published(k=40, seed=3, mean=0.1, tau2=0.05, delta=0.2):
    """Studies of which the insignificant are seen with probability `delta`."""
    rng = np.random.default_rng(seed)
    y, v = [], []
    while len(y) < k:
        variance = rng.uniform(0.02, 0.2)
        effect = rng.normal(mean, np.sqrt(tau2 + variance))
        if effect > 1.959964 * np.sqrt(variance) or rng.random() < delta:
            y.append(effect)
            v.append(variance)
    return np.array(y), np.array(v)


TOOLS = [egger, begg, trim_and_fill, pet_peese, fail_safe_n]


@pytest.mark.parametrize("tool", TOOLS)
def test_order_and_unit_do_not_matter(tool):
    y, v = lopsided()
    order = np.random.default_rng(0).permutation(len(y))
    base, mixed, scaled = tool(y, v), tool(y[order], v[order]), tool(3 * y, 9 * v)
    for other in (mixed, scaled):
        assert numbers(other) == pytest.approx(numbers(base), rel=1e-7)


def numbers(result):
    """What has no unit."""
    names = ("p", "tau", "filled", "side", "n", "chosen", "k")
    found = [getattr(result, name, 0.0) for name in names]
    return [{"left": 1.0, "right": -1.0, "PET": 1.0, "PEESE": 2.0}.get(x, x) for x in found if x == x]


def test_turning_the_sign_turns_everything():
    y, v = lopsided()
    assert egger(-y, v).slope.value == pytest.approx(-egger(y, v).slope.value)
    assert begg(-y, v).tau == pytest.approx(-begg(y, v).tau)
    filled, turned = trim_and_fill(y, v), trim_and_fill(-y, v)
    assert (filled.side, turned.side) == ("left", "right")
    assert turned.adjusted.estimate == pytest.approx(-filled.adjusted.estimate)
    assert pet_peese(-y, v).estimate.value == pytest.approx(-pet_peese(y, v).estimate.value)
    y, v = published()
    seen, other = selection_3psm(y, v), selection_3psm(-y, v, favoured="less")
    assert (other.estimate, other.delta, other.lrt) == pytest.approx((-seen.estimate, seen.delta, seen.lrt))
    assert other.mean.ci_low == pytest.approx(-seen.mean.ci_high)


def test_eggers_line_through_points_on_a_line():
    v = np.array([0.01, 0.04, 0.09, 0.16])
    found = egger(0.1 + 2 * np.sqrt(v) + [1e-9, -1e-9, -1e-9, 1e-9], v)
    assert (found.limit.value, found.slope.value) == pytest.approx((0.1, 2.0), abs=1e-6)


def test_egger_on_numbers_given():
    y, v = lopsided()
    size = np.random.default_rng(5).uniform(0.1, 0.4, len(y))
    found = egger(y, v, predictor=size, form="rma")
    other = pool(y, v, mods={"size": size})
    assert (found.slope.value, found.slope.se) == (other.coefficient("size").value, other.coefficient("size").se)


def test_exact_distribution_of_kendall_by_counting_all_orders():
    n, seen = 6, np.array([0.3, 0.1, 0.5, 0.2, 0.6, 0.9])
    base = np.arange(n, dtype=float)
    tau, p, exact = kendall(seen, base)
    scores = np.array(
        [sum(b > a for a, b in itertools.combinations(order, 2)) for order in itertools.permutations(base)]
    )
    s = round((15 + 15 * tau) / 2)
    expected = min(1.0, 2 * min((scores <= s).mean(), (scores >= s).mean()))
    assert exact
    assert p == pytest.approx(expected, rel=1e-12)


def test_exact_and_approximate_kendall_are_near_each_other():
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=150), rng.normal(size=150)
    _, exact, is_exact = kendall(a, b)
    s = np.sign(a[:, None] - a) * np.sign(b[:, None] - b)
    z = s.sum() / 2 / np.sqrt(150 * 149 * 305 / 18)
    assert is_exact
    assert exact == pytest.approx(2 * special.ndtr(-abs(z)), abs=0.01)
    big = rng.normal(size=201)
    assert kendall(big, rng.normal(size=201))[2] is False


def test_filled_studies_mirror_the_trimmed_ones():
    y, v = published(25, seed=4)
    found = trim_and_fill(y, v)
    assert found.filled == 4
    added = found.adjusted.effects.y[len(y) :]
    trimmed = np.sort(y)[-found.filled :]
    centre = (added + trimmed) / 2
    np.testing.assert_allclose(centre, centre[0])
    assert found.adjusted.estimate < found.observed.estimate
    assert found.adjusted.labels[-1] == f"filled {found.filled}"


def test_a_symmetric_funnel_is_left_alone():
    v = np.array([0.01, 0.02, 0.02, 0.05, 0.05, 0.1, 0.1])
    y = 0.3 + np.array([0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3])
    for estimator in ("L0", "R0"):
        found = trim_and_fill(y, v, estimator=estimator, side="left")
        assert found.filled == 0
        assert found.adjusted == found.observed


@pytest.mark.parametrize("seed", range(20))
def test_climbing_from_nearby_reaches_the_top_or_says_not(seed):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.3, 12)
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 1])))
    best = pool(y, v).tau2
    found = climbed(y, v, 1.4 * best)
    assert found is None or found == pytest.approx(best, rel=1e-7, abs=1e-12)
    assert (found is None) <= (best == 0 or abs(1.4 * best - best) > 0)


def test_pet_peese_chooses_by_the_precise_effect():
    rng = np.random.default_rng(4)
    v = rng.uniform(0.002, 0.1, 30)
    strong = 0.8 + rng.normal(0, np.sqrt(v))
    found = pet_peese(strong, v)
    assert found.chosen == "PEESE"
    assert found.estimate == found.peese.limit
    only_bias = 2 * np.sqrt(v) + rng.normal(0, 0.2 * np.sqrt(v))
    assert pet_peese(only_bias, v).chosen == "PET"
    against = -0.6 + 6 * np.sqrt(v)
    turned = pet_peese(against + rng.normal(0, 0.01, 30), v)
    assert turned.pet.limit.p < 0.001
    assert turned.chosen == "PET", "an intercept against the mean does not count as an effect"


def test_selection_likelihood_and_derivatives():
    y, v = published()
    model, at = Selection(y, v, 1.959964), np.array([0.2, 0.07, -0.9])
    value, gradient, hessian = derivatives(model, at)
    s, step = v + at[1], 1.959964 * np.sqrt(v)
    seen = np.where(y > step, 1.0, np.exp(at[2]))
    grid = np.linspace(-12, 12, 200_001)
    for_all = [
        np.trapezoid(
            np.where(grid > c, 1.0, np.exp(at[2])) * np.exp(-((grid - at[0]) ** 2) / (2 * t)) / np.sqrt(2 * np.pi * t),
            grid,
        )
        for c, t in zip(step, s, strict=True)
    ]
    normal = -0.5 * np.log(2 * np.pi * s) - (y - at[0]) ** 2 / (2 * s)
    assert value == pytest.approx((np.log(seen) + normal - np.log(for_all)).sum(), abs=2e-3)
    h = 1e-5 * np.eye(3)
    np.testing.assert_allclose(
        gradient, [(derivatives(model, at + e)[0] - derivatives(model, at - e)[0]) / 2e-5 for e in h], rtol=1e-6
    )
    np.testing.assert_allclose(
        hessian, [(derivatives(model, at + e)[1] - derivatives(model, at - e)[1]) / 2e-5 for e in h], rtol=1e-5
    )


@pytest.mark.parametrize("seed", range(8))
def test_selection_top_is_the_one_a_general_optimiser_finds(seed):
    y, v = published(seed=seed)
    found = selection_3psm(y, v)
    model = Selection(y, v, 1.959963984540054)
    others = [
        minimize(
            lambda at: -derivatives(model, np.asarray(at))[0], start, method="L-BFGS-B",
            bounds=[(None, None), (0, None), (-12, 12)],
        ).fun
        for start in ([0.1, 0.05, 0], [0.5, 0.2, -3], [-0.5, 0.1, 1])
    ]  # fmt: skip
    assert -found.log_likelihood <= min(others) + 1e-7
    assert without_selection(model).value == pytest.approx(pool(y, v, method="ML").log_likelihood, abs=1e-9)


def test_selection_model_lowers_the_mean_of_a_selected_literature():
    """Over 40 literatures: the plain mean is far off the true .1, the adjusted one is near it on average."""
    found = [selection_3psm(*published(k=60, seed=seed)) for seed in range(40)]
    plain = np.mean([f.unadjusted.value for f in found])
    adjusted = np.mean([f.estimate for f in found])
    assert plain > 0.25
    assert abs(adjusted - 0.1) < 0.08
    assert np.mean([f.delta_low < 0.2 < f.delta_high for f in found]) > 0.85


def test_fail_safe_n_by_hand():
    """Four studies with z = 2: (8/1.6449)² − 4 = 19.65, so 20."""
    found = fail_safe_n([2.0] * 4, [1.0] * 4)
    assert found.n == 20
    assert found.z == 4
    assert fail_safe_n([0.1, -0.1, 0.2], [1.0, 1.0, 1.0]).n == 0


@pytest.mark.parametrize("tool", [*TOOLS, selection_3psm])
def test_what_a_result_shows(tool):
    y, v = published(12)
    found = tool(y, v)
    assert found.k == 12
    assert found.to_dict()["k"] == 12
    assert "nan" not in found.summary().lower()
    assert found.summary().endswith(".")
    assert found.table().height >= 1
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("tool", [egger, begg, trim_and_fill, pet_peese, selection_3psm])
def test_few_studies_are_warned_of_and_too_few_refused(tool):
    y, v = published(8)
    assert any(finding.rule == "few studies" for finding in tool(y, v).warnings)
    with pytest.raises(NotEstimable, match="2 studies"):
        tool([0.1, 0.5], [0.01, 0.02])


@pytest.mark.parametrize("tool", [egger, begg, trim_and_fill, pet_peese])
def test_studies_of_one_size_show_no_trend(tool):
    with pytest.raises(NotEstimable):
        tool([0.1, 0.5, 0.2, 0.4], [0.1] * 4)


@pytest.mark.parametrize("tool", [*TOOLS, selection_3psm])
def test_a_variance_of_zero_is_refused(tool):
    with pytest.raises(BadInput, match="variance"):
        tool([0.1, 0.5, 0.2, 0.4], [0.1, 0, 0.2, 0.3])


def test_unknown_options():
    y, v = lopsided()
    for wrong in (
        lambda: egger(y, v, form="ols"), lambda: egger(y, v, predictor="n"),
        lambda: trim_and_fill(y, v, estimator="Q0"), lambda: trim_and_fill(y, v, side="up"),
        lambda: trim_and_fill(y, v, method="XX"),
        lambda: pet_peese(y, v, alpha=2), lambda: selection_3psm(y, v, favoured="up"),
        lambda: selection_3psm(y, v, step=0.7), lambda: fail_safe_n(y, v, alpha=0),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            wrong()


@pytest.mark.parametrize("seed", range(12))
def test_a_selection_model_is_found_in_odd_literatures(seed):
    """All but one significant, with a long upper tail: the top is far away, but it is a top."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.06, 15)
    y = 2 * np.sqrt(v) + rng.pareto(1.5, 15) / 2
    y[0] = 1.9 * np.sqrt(v[0])
    found = selection_3psm(y, v)
    at = np.array([found.estimate, found.tau2, np.log(found.delta)])
    _, gradient, hessian = derivatives(Selection(y, v, 1.959963984540054), at)
    free = [0, 2] if found.tau2 == 0 else [0, 1, 2]
    size = np.sqrt(-np.diagonal(hessian)[free])
    assert np.abs(gradient[free] / size).max() < 1e-6
    assert np.linalg.eigvalsh(hessian[np.ix_(free, free)]).max() < 0
    assert any(finding.rule == "few in a group" for finding in found.warnings)


def test_trim_and_fill_draws_added_studies():
    forest = trim_and_fill(*published(25, seed=4)).plot()
    assert forest.rows[-2].label == "pooled as observed"
    assert forest.rows[-1].label == "pooled with filled studies"
    assert any(row.label == "filled 1" for row in forest.rows)
    assert forest.svg().startswith("<svg")
