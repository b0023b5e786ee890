"""Random intercepts of therapists and groups: invariance, boundary, refusals, and intervals that hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.assumed_shares import under_assumed_shares
from accord.science.estimates.cluster_effects import cluster_effects
from accord.science.estimates.mixed_model import mixed_model, mixture_p
from accord.science.estimates.variance_share import variance_share


def clinic(seed=1, therapists=30, each=15, share=0.1, effect=0.0, uneven=False):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 40, therapists) if uneven else np.full(therapists, each)
    who = np.repeat(np.arange(therapists), sizes)
    x = rng.normal(size=len(who))
    arm = (who % 2).astype(float)
    y = 0.5 * x + effect * arm + rng.normal(0, np.sqrt(share), therapists)[who]
    return y + rng.normal(0, np.sqrt(1 - share), len(who)), who, x, arm


def nested(seed=1, therapists=24, groups=3, each=8, shares=(0.08, 0.12)):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(therapists * groups), each)
    who = group // groups
    y = rng.normal(0, np.sqrt(shares[0]), therapists)[who]
    y = y + rng.normal(0, np.sqrt(shares[1]), therapists * groups)[group]
    return y + rng.normal(0, np.sqrt(1 - sum(shares)), len(y)), who, group % groups


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1e4, 1e4))
@settings(max_examples=15, deadline=None)
def test_unit_origin_and_order_do_not_matter(seed, unit, origin):
    y, who, x, _ = clinic(seed, uneven=True)
    order = np.random.default_rng(seed).permutation(len(y))
    plain = mixed_model(y, {"therapist": who}, fixed={"x": x})
    moved = mixed_model((y * unit + origin)[order], {"therapist": who[order]}, fixed={"x": x[order]})
    a, b = plain.coefficient("x"), moved.coefficient("x")
    assert (b.value, b.se, b.df) == pytest.approx((a.value * unit, a.se * unit, a.df), rel=1e-5)
    one, other = (variance_share(m, "therapist") for m in (plain, moved))
    assert (other.share, other.ci_low, other.ci_high) == pytest.approx((one.share, one.ci_low, one.ci_high), abs=1e-6)


def test_balanced_data_give_the_classical_answer():
    """REML with equal clusters: (MSB - MSW)/n; the exact interval is Searle's with F limits."""
    from scipy import stats

    y, who, _, _ = clinic(2, therapists=25, each=10, share=0.2)
    means = y.reshape(25, 10).mean(axis=1)
    between = 10 * means.var(ddof=1)
    within = ((y.reshape(25, 10) - means[:, None]) ** 2).sum() / 225
    model = mixed_model(y, {"therapist": who})
    assert model.variances["therapist"] == pytest.approx((between - within) / 10, rel=1e-8)
    assert model.variances["residual"] == pytest.approx(within, rel=1e-8)
    found = variance_share(model, "therapist", method="exact")
    f = between / within / stats.f.ppf([0.975, 0.025], 24, 225)
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple((f - 1) / (f + 9)), rel=1e-8)
    c = model.coefficient("intercept")
    assert (c.value, c.se, c.df) == pytest.approx((y.mean(), means.std(ddof=1) / 5, 24), rel=1e-6)


def test_no_therapist_differences_are_a_boundary_fit_that_still_counts_therapists():
    y, who, _, arm = clinic(3, share=0.0, therapists=12, each=20)
    y = y - np.array([y[who == k].mean() for k in range(12)])[who]
    model = mixed_model(y, {"therapist": who}, fixed={"arm": arm})
    found = variance_share(model, "therapist")
    assert model.boundary == ("therapist",)
    assert found.boundary
    assert (found.share, found.ci_low) == (0.0, 0.0)
    assert model.coefficient("arm").df < 40
    assert "zero" in found.estimate("a", "a").note


def test_exact_and_profile_intervals_are_neighbours():
    y, who, x, _ = clinic(4, uneven=True, share=0.15, therapists=50)
    model = mixed_model(y, {"therapist": who}, fixed={"x": x})
    a, b = (variance_share(model, "therapist", method=m) for m in ("exact", "profile"))
    assert a.share == b.share
    assert (a.ci_low, a.ci_high) == pytest.approx((b.ci_low, b.ci_high), abs=0.05)


def test_an_inner_label_counts_within_its_outer_cluster():
    y, who, group = nested()
    named = mixed_model(y, {"therapist": who, "group": group})
    unique = mixed_model(y, {"therapist": who, "group": who * 10 + group})
    assert named.clusters == {"therapist": 24, "group": 72} == unique.clusters
    assert named.variances == pytest.approx(unique.variances, rel=1e-9)


def test_labels_may_be_words_and_effects_carry_them():
    y, who, _, _ = clinic(5, therapists=4, each=30, share=0.3)
    names = np.array(["anna", "ben", "cem", "dora"])[who]
    found = cluster_effects(mixed_model(y, {"therapist": names}), "therapist")
    assert found.labels == ("anna", "ben", "cem", "dora")
    assert found.sizes.tolist() == [30, 30, 30, 30]
    raw = np.array([y[who == k].mean() for k in range(4)]) - y.mean()
    assert (np.abs(found.effects) < np.abs(raw)).all()
    assert np.sign(found.effects).tolist() == np.sign(raw).tolist()


def test_rows_with_a_missing_value_are_counted():
    y, who, x, _ = clinic()
    y[:4], x[10] = np.nan, np.nan
    model = mixed_model(y, {"therapist": who}, fixed={"x": x})
    assert (model.rows, model.missing) == (445, 5)


def test_assumed_shares_widen_a_comparison_between_therapists():
    y, who, _, arm = clinic(6, therapists=4, each=25)
    found = under_assumed_shares(y, who, fixed={"arm": arm}, effect="arm")
    errors = [c.se for c in found.values()]
    assert list(found) == [0.0, 0.01, 0.02, 0.05, 0.10]
    assert errors == sorted(errors)
    assert found[0.0].value == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean())
    with pytest.raises(BadInput, match="No effect"):
        under_assumed_shares(y, who, fixed={"arm": arm}, effect="drug")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda y, w, x, a: mixed_model(np.full_like(y, np.nan), {"therapist": w}), "rows have an outcome"),
        (lambda y, w, x, a: mixed_model(np.ones_like(y), {"therapist": w}), "does not vary"),
        (lambda y, w, x, a: mixed_model(y, {"therapist": np.zeros_like(w)}), "one therapist only"),
        (lambda y, w, x, a: mixed_model(y, {"therapist": np.arange(len(y))}), "one member only"),
        (lambda y, w, x, a: mixed_model(y, {"therapist": w % 2}, fixed={"arm": a}), "cannot be told apart"),
        (lambda y, w, x, a: mixed_model(w * 1.0, {"therapist": w}), "Within clusters"),
        (lambda y, w, x, a: mixed_model(y, {"therapist": w}, fixed={"x": x, "twice": 2 * x}), "told apart: x, twice"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_cure(call, words):
    with pytest.raises(NotEstimable, match=words) as caught:
        call(*clinic())
    assert caught.value.finding.cure


def test_wrong_names_are_bad_input():
    y, who, _, _ = clinic()
    model = mixed_model(y, {"therapist": who})
    for call in (lambda: variance_share(model, "group"), lambda: cluster_effects(model, "group")):
        with pytest.raises(BadInput, match="Use one of: therapist"):
            call()
    with pytest.raises(BadInput, match="No effect"):
        model.coefficient("arm")
    with pytest.raises(BadInput, match="rows have no therapist"):
        mixed_model(y, {"therapist": np.array([None, *who[1:]], dtype=object)})


def test_mixture_p_is_half_of_chi_square():
    assert mixture_p(0.0) == 1.0
    assert mixture_p(2.705543) == pytest.approx(0.05, rel=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("method", ["exact", "profile"])
def test_share_intervals_hold(holds, share, method):
    hits = 0
    for seed in range(200):
        y, who, x, _ = clinic(seed, therapists=25, share=share, uneven=True)
        f = variance_share(mixed_model(y, {"therapist": who}, fixed={"x": x}), "therapist", method=method)
        hits += f.ci_low <= share <= f.ci_high
    assert holds(hits, 200) or (share == 0.0 and hits > 190)


def test_share_of_the_outer_of_two_levels_holds(holds):
    hits = 0
    for seed in range(80):
        y, who, group = nested(seed)
        f = variance_share(mixed_model(y, {"therapist": who, "group": group}), "therapist")
        hits += f.ci_low <= 0.08 <= f.ci_high
    assert holds(hits, 80)


def test_effect_of_an_arm_of_therapists_holds_with_few_of_them(holds):
    """Arms nested in therapists: the df must count therapists, not people."""
    hits = 0
    for seed in range(400):
        y, who, _, arm = clinic(seed, therapists=8, each=12, share=0.15, effect=0.4)
        c = mixed_model(y, {"therapist": who}, fixed={"arm": arm}).coefficient("arm")
        hits += c.ci_low <= 0.4 <= c.ci_high
    assert holds(hits, 400) or hits > 380


def test_the_deviance_of_three_levels_is_that_of_dense_matrices():
    from accord.science.estimates.clusters import nested_clusters
    from accord.science.estimates.mixed_model import restricted_deviance
    from accord.science.estimates.nested_sums import nested_sums

    rng = np.random.default_rng(7)
    site, who, group = (rng.integers(0, k, 60) for k in (3, 4, 2))
    codes = nested_clusters({"site": site, "therapist": who, "group": group}).codes
    x, y = np.column_stack([np.ones(60), rng.normal(size=60)]), rng.normal(size=60)
    ratios = np.array([0.3, 0.2, 0.7])
    v = np.eye(60)
    for code, ratio in zip(codes[::-1], ratios, strict=True):
        v += ratio * (code[:, None] == code)
    w = np.linalg.inv(v)
    xwx = x.T @ w @ x
    e = y - x @ np.linalg.solve(xwx, x.T @ w @ y)
    dense = np.linalg.slogdet(v)[1] + np.linalg.slogdet(xwx)[1] + 58 * np.log(e @ w @ e / 58)
    found = restricted_deviance(nested_sums(np.column_stack([x, y]), codes), ratios)
    assert float(found) == pytest.approx(dense, rel=1e-10)


def test_three_levels_fit():
    rng = np.random.default_rng(8)
    site, who = np.repeat(np.arange(15), 24), np.repeat(np.arange(90), 4)
    group = np.repeat(np.arange(180), 2)
    y = rng.normal(0, 0.5, 15)[site] + rng.normal(0, 0.5, 90)[who] + rng.normal(0, 0.5, 180)[group]
    model = mixed_model(y + rng.normal(0, 1, 360), {"site": site, "therapist": who, "group": group})
    assert set(model.variances) == {"residual", "site", "therapist", "group"}
    found = variance_share(model, "site")
    assert found.ci_low <= found.share <= found.ci_high
    assert len(cluster_effects(model, "group").effects) == 180
