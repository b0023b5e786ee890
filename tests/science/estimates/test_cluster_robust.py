"""CR2, HC2 and analysis of covariance: invariance, two ways to the df, refusals, intervals that hold."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.ancova import ancova
from accord.science.estimates.association import standardised_slope
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.within_between import decompose, within_between


def groups(seed=1, clusters=12, each=10, share=0.1, effect=0.5):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(clusters), each)
    arm = (who % 2).astype(float)
    y = effect * arm + rng.normal(0, np.sqrt(share), clusters)[who] + rng.normal(0, np.sqrt(1 - share), len(who))
    return y, who, arm


def test_dense_definition():
    """A_g as a matrix square root of I - H_gg, df from the full quadratic form."""
    rng = np.random.default_rng(2)
    who = np.repeat(np.arange(7), [3, 5, 2, 8, 4, 6, 3])
    x = np.column_stack([np.ones(len(who)), rng.normal(size=len(who)), who % 2])
    y = rng.normal(size=len(who))
    bread = np.linalg.inv(x.T @ x)
    e = y - x @ bread @ x.T @ y
    meat, columns = 0, []
    for g in range(7):
        here = who == g
        values, vectors = np.linalg.eigh(np.eye(here.sum()) - x[here] @ bread @ x[here].T)
        a = vectors @ np.diag(values**-0.5) @ vectors.T
        score = x[here].T @ a @ e[here]
        meat = meat + np.outer(score, score)
        columns.append((np.eye(len(who)) - x @ bread @ x.T)[:, here] @ a @ x[here] @ bread[:, 2])
    p = np.column_stack(columns)
    found = cluster_robust(y, who, fixed={"x": x[:, 1], "arm": x[:, 2]}).coefficient("arm")
    assert found.se == pytest.approx(np.sqrt((bread @ meat @ bread)[2, 2]), rel=1e-9)
    assert found.df == pytest.approx(np.trace(p.T @ p) ** 2 / ((p.T @ p) ** 2).sum(), rel=1e-9)


def test_the_df_of_many_clusters_is_the_same_number():
    y, who, arm = groups(clusters=40)
    fit = cluster_robust(y, who, fixed={"arm": arm})
    start = fit.bread @ np.array([0.0, 1.0])
    own = np.einsum("a,gab,b->g", start, fit._squares, start)
    assert fit._df_of_many(own, fit._turned @ start) == pytest.approx(fit.coefficient("arm").df, rel=1e-9)


def test_unit_and_order_do_not_matter():
    y, who, arm = groups()
    order = np.random.default_rng(3).permutation(len(y))
    a = cluster_robust(y, who, fixed={"arm": arm}).coefficient("arm")
    b = cluster_robust(y[order] * 7, who[order], fixed={"arm": arm[order]}).coefficient("arm")
    assert (b.value, b.se, b.df) == pytest.approx((7 * a.value, 7 * a.se, a.df), rel=1e-9)


def test_ancova_turns_and_counts():
    y, _, arm = groups()
    y[:3] = np.nan
    words = np.where(arm == 1, "course", "usual")
    found = ancova(y, words, of="course", against="usual")
    e = found.estimate("d", "d", sign=-1, scale="nrs_pain.total")
    assert e.value == pytest.approx(-found.difference.value)
    assert e.missing == 3
    assert e.n == 117
    assert found.means["course"].value == pytest.approx(np.nanmean(y[arm == 1]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda y, w, a: cluster_robust(np.full_like(y, np.nan), w, fixed={"a": a}), "0 rows"),
        (lambda y, w, a: cluster_robust(np.ones_like(y), w, fixed={"a": a}), "does not vary"),
        (lambda y, w, a: cluster_robust(y, np.zeros_like(w), fixed={"a": a}), "one cluster only"),
        (lambda y, w, a: cluster_robust(y, w, fixed={"a": a, "b": 1 - a}), "told apart"),
        (lambda y, w, a: ancova(y, np.where(a == 1, "x", "y"), of="x", against="z"), "no outcomes"),
        (lambda y, w, a: within_between(y, a, w), "does not vary within"),
        (lambda y, w, a: standardised_slope(y, np.ones_like(y)), "must vary"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_cure(call, words):
    with pytest.raises(NotEstimable, match=words) as caught:
        call(*groups())
    assert caught.value.finding.cure


def test_classical_errors_know_no_clusters():
    y, who, arm = groups()
    with pytest.raises(BadInput, match="no clusters"):
        ancova(y, np.where(arm == 1, "x", "y"), of="x", against="y", cluster=who, errors="classical")


def test_within_and_between_are_told_apart():
    """Between people the process goes with a worse outcome, within people with a better one."""
    rng = np.random.default_rng(4)
    who = np.repeat(np.arange(60), 4)
    level = rng.normal(size=60)[who]
    moves = rng.normal(size=240)
    x = level + moves
    y = 0.6 * moves - 0.4 * level + rng.normal(0, 0.3, 240)
    found = within_between(y, x, who)
    deviation, mean = decompose(x, who)
    assert np.allclose(np.bincount(who, deviation), 0, atol=1e-9)
    assert np.allclose(deviation + mean, x)
    assert found.within.ci_low <= 0.6 + 0.05
    assert found.within.value == pytest.approx(0.6, abs=0.1)
    assert found.between.value < 0 < found.within.value
    assert found.difference.value == pytest.approx(found.within.value - found.between.value)
    assert "not an effect" in found.method
    assert (found.rows, found.clusters) == (240, 60)


def test_a_standardised_slope_of_one_predictor_is_the_correlation():
    rng = np.random.default_rng(5)
    x = rng.normal(3, 2, 80)
    y = x + rng.normal(0, 4, 80)
    assert standardised_slope(y, x).value == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_cr2_holds_with_eight_clusters(holds):
    hits = 0
    for seed in range(600):
        y, who, arm = groups(seed, clusters=8, share=0.15)
        c = cluster_robust(y, who, fixed={"arm": arm}).coefficient("arm")
        hits += c.ci_low <= 0.5 <= c.ci_high
    assert holds(hits, 600)


def test_hc2_holds_with_unequal_variances(holds):
    rng, hits = np.random.default_rng(6), 0
    for _ in range(600):
        arm = np.r_[np.zeros(30), np.ones(10)]
        y = rng.normal(0, np.where(arm == 1, 3, 1))
        c = cluster_robust(y, None, fixed={"arm": arm}).coefficient("arm")
        hits += c.ci_low <= 0 <= c.ci_high
    assert holds(hits, 600)
