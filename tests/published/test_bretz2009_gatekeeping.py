"""Tests in an order: against the closed test by all intersections (Bretz et al. 2009, theorem 1), and worked examples.

The closed test is the definition: a test is rejected when every intersection it belongs to is rejected by its weighted
Bonferroni test, whose weights are those of the graph after all tests outside of the intersection have been removed.
"""

from itertools import combinations

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.estimates.gatekeeping import (
    Graph,
    fallback,
    fixed_sequence,
    graph_adjusted_p,
    holm_graph,
    parallel_gatekeeping,
    serial_gatekeeping,
)
from accord.science.estimates.multiplicity import adjusted_p

SUCCESSIVE = Graph(
    np.array([0.5, 0.5, 0, 0]), np.array([[0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]], float)
)
GRAPHS = {
    "fixed": fixed_sequence(4), "fallback": fallback([0.4, 0.3, 0.2, 0.1]), "holm": holm_graph([0.4, 0.3, 0.2, 0.1]),
    "parallel": parallel_gatekeeping([2, 2]), "three families": parallel_gatekeeping([1, 2, 1]),
    "successive": SUCCESSIVE,
}  # fmt: skip


def weights_of(graph, members):
    """The graph when all others are removed, by the published formula written out element by element."""
    w, g, there = list(graph.weights), [list(row) for row in graph.arrows], list(range(len(graph.weights)))
    for j in [k for k in there if k not in members]:
        there = [k for k in there if k != j]
        new = {(a, b): 0.0 for a in there for b in there}
        for a in there:
            w[a] += w[j] * g[j][a]
            for b in there:
                if a != b and g[a][j] * g[j][a] < 1:
                    new[a, b] = (g[a][b] + g[a][j] * g[j][b]) / (1 - g[a][j] * g[j][a])
        for (a, b), value in new.items():
            g[a][b] = value
    return {k: w[k] for k in members}


def closed(graph, p):
    m, result = len(p), np.zeros(len(p))
    for size in range(1, m + 1):
        for members in combinations(range(m), size):
            w = weights_of(graph, members)
            own = min((p[k] / w[k] for k in members if w[k] > 1e-12), default=1.0)
            result[list(members)] = np.maximum(result[list(members)], min(1.0, own))
    return result


@pytest.mark.parametrize("name", GRAPHS)
def test_the_shortcut_is_the_closed_test(name):
    random = np.random.default_rng(1)
    for _ in range(200):
        p = np.round(random.random(4) ** 3, 4)
        np.testing.assert_allclose(graph_adjusted_p(p, GRAPHS[name]), closed(GRAPHS[name], p), atol=1e-12)


def test_the_successive_graph_by_hand():
    """H2 at .01/.5 = .02, then H4 at .006/.5, H1 with all of α at .018; all carry .02. H3 then has α: .105."""
    np.testing.assert_allclose(graph_adjusted_p([0.018, 0.01, 0.105, 0.006], SUCCESSIVE), [0.02, 0.02, 0.105, 0.02])


def test_closed_forms():
    p = np.array([0.01, 0.04, 0.03, 0.2])
    np.testing.assert_allclose(graph_adjusted_p(p, fixed_sequence(4)), np.maximum.accumulate(p))
    np.testing.assert_allclose(graph_adjusted_p(p, holm_graph([0.25] * 4)), adjusted_p(p, "holm"))
    # Fallback, .02, .02 and .01 of .05 (Wiens 2003): the first not rejected, the second at its own .02, the third with
    # .03 = .01 + .02 handed on.
    found = graph_adjusted_p([0.03, 0.015, 0.028], fallback([0.4, 0.4, 0.2]))
    assert (found <= 0.05).tolist() == [False, True, True]
    np.testing.assert_allclose(found, [0.075, 0.0375, 0.028 / 0.6])


def test_parallel_gatekeeping_by_hand():
    """Two primaries at α/2. Only the first is rejected: its α/2 goes to two secondaries, Holm among them:
    .005/.25, then .02 with all of .5."""
    found = graph_adjusted_p([0.01, 0.2, 0.005, 0.02], parallel_gatekeeping([2, 2]))
    np.testing.assert_allclose(found, [0.02, 0.4, 0.02, 0.04])


def test_serial_gatekeeping():
    """Primary family .01, .02 (Holm .02, .02), secondary .001, .04 (Holm .002, .04): not before the gate at .02."""
    first, second, third = serial_gatekeeping([[0.01, 0.02], [0.001, 0.04], [0.0]])
    np.testing.assert_allclose(first, [0.02, 0.02])
    np.testing.assert_allclose(second, [0.02, 0.04])
    np.testing.assert_allclose(third, [0.04])
    assert serial_gatekeeping([[0.01, np.nan], [0.0]])[1].tolist() == [1.0]


def test_the_error_rate_of_the_whole_is_held():
    """All hypotheses true, correlated .5: at least one rejected in at most 5 % (20,000 samples)."""
    from scipy.special import ndtr

    random = np.random.default_rng(2)
    z = random.normal(size=(20_000, 4)) * np.sqrt(0.5) + np.sqrt(0.5) * random.normal(size=(20_000, 1))
    p = 2 * ndtr(-np.abs(z))
    wrong = np.mean([(graph_adjusted_p(row, SUCCESSIVE) <= 0.05).any() for row in p[:4000]])
    assert wrong < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_a_missing_p_hands_nothing_on_and_bad_graphs_are_refused():
    found = graph_adjusted_p([np.nan, 0.01], fixed_sequence(2))
    assert np.isnan(found[0])
    assert found[1] == 1
    with pytest.raises(BadInput, match="more than one"):
        fallback([0.7, 0.7])
    with pytest.raises(BadInput, match="hands on more"):
        Graph(np.array([0.5, 0.5]), np.array([[0, 2.0], [0, 0]]))
    with pytest.raises(BadInput, match="one p value for each"):
        graph_adjusted_p([0.1], fixed_sequence(2))
