"""Every result says itself in words, draws itself, and does both for a notebook."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from accord.science.estimates.ancova import ancova
from accord.science.estimates.blinding_index import blinding_index
from accord.science.estimates.contrast import contrast
from accord.science.estimates.counts import count_regression
from accord.science.estimates.equivalence import equivalence, non_inferiority
from accord.science.estimates.expected_course import expected_course
from accord.science.estimates.gee import gee
from accord.science.estimates.individual_change import individual_change
from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.estimates.logistic_mixed import logistic_mixed
from accord.science.estimates.mixed_model import mixed_model
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import constrained_baseline_design, free_design
from accord.science.estimates.single_case import piecewise, tau_u
from accord.science.estimates.time_to_event import cox, survival, survival_curves

RNG = np.random.default_rng(4)
N = 240
ARM = np.repeat([0.0, 1.0], N // 2)
WORDS = np.where(ARM == 1, "new", "old <usual>")
CLUSTER = np.arange(N) % 12
BEFORE = RNG.normal(50, 10, N)
WIDE = np.column_stack([BEFORE, *(BEFORE - 3 * k * (1 + ARM) + RNG.normal(0, 6, N) for k in (1, 2))])
LATER = WIDE[:, 2]
YES = (LATER < 42).astype(float)
DAYS, LEFT = RNG.integers(1, 90, N).astype(float), RNG.random(N) < 0.4
DESIGN = constrained_baseline_design(WORDS, ("pre", "mid", "post"))
ROWS = np.tile(np.column_stack([np.ones(3), [0.0, 1, 2]]), (N, 1, 1))

RESULTS = {
    "linear_mixed": lambda: linear_mixed(
        WIDE.ravel(), {"people": Factor(np.repeat(np.arange(N), 3), {"week": np.tile([0.0, 1, 2], N)})},
        fixed={"week": np.tile([0.0, 1, 2], N), "arm": np.repeat(ARM, 3)},
    ),
    "mixed_model": lambda: mixed_model(LATER, {"therapist": CLUSTER}, fixed={"arm": ARM}),
    "logistic_mixed": lambda: logistic_mixed(YES, CLUSTER, fixed={"arm": ARM}),
    "mmrm": lambda: mmrm(WIDE, DESIGN),
    "mmrm without arms": lambda: mmrm(WIDE, free_design(ROWS, ["intercept", "week"], ["a", "b", "c"])),
    "gee": lambda: gee(WIDE, DESIGN),
    "gee gamma": lambda: gee(np.abs(WIDE), DESIGN, family="gamma-log"),
    "ancova": lambda: ancova(LATER, WORDS, of="new", against="old <usual>", covariates={"pre": BEFORE}),
    "individual_change": lambda: individual_change(BEFORE, LATER, reliability=0.8, sign=-1),
    "survival": lambda: survival(DAYS, LEFT),
    "cox": lambda: cox(DAYS, LEFT, {"arm": ARM}),
    "counts": lambda: count_regression(RNG.poisson(2, N), {"arm": ARM}),
    "one count": lambda: count_regression(RNG.poisson(2, N)),
    "equivalence": lambda: equivalence(contrast(0.05, 0.1, 100), 0.3),
    "non-inferiority": lambda: non_inferiority(contrast(-0.2, 0.1, 100), 0.3),
    "blinding": lambda: blinding_index(WORDS, np.roll(WORDS, 30)),
    "tau_u": lambda: tau_u([5, 6, 5, 7], [4, 3, 3, 2], sign=-1),
    "piecewise": lambda: piecewise(np.arange(40), RNG.normal(5, 1, 40), start=15),
    "expected_course": lambda: expected_course(BEFORE, {4: WIDE[:, 1], 8.5: LATER}, limits=(0, 100)),
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_words_picture_and_both(name):
    result = RESULTS[name]()
    words = result.summary()
    assert words.endswith(".")
    assert "nan" not in words.lower().split()
    figure = result.plot()
    columns, rows = figure.table()
    assert rows
    assert all(len(row) == len(columns) for row in rows)
    page = result._repr_html_()
    assert page.startswith("<p>")
    ElementTree.fromstring(f"<div>{page}</div>")


def test_words_hold_the_numbers():
    model = cox(DAYS, LEFT, {"arm": ARM})
    c = model.coefficient("arm")
    assert (
        f"arm {np.exp(c.value):.3g} (95 % interval {np.exp(c.ci_low):.3g} to {np.exp(c.ci_high):.3g}" in model.summary()
    )
    fit = mmrm(WIDE, DESIGN)
    apart = fit.difference("old <usual>", "new", "post")
    assert f"old <usual> - new {apart.value:.3g} (95 % interval {apart.ci_low:.3g}" in fit.summary()
    assert "240 people" in fit.summary()


def test_equivalence_never_says_equal():
    shown, not_shown = equivalence(contrast(0.0, 0.1, 100), 0.3), equivalence(contrast(0.2, 0.1, 100), 0.3)
    assert "is shown at 0.05" in shown.summary()
    assert "is not shown" in not_shown.summary()
    assert "equal" not in not_shown.summary().replace("quivalence", "")


def test_curves_of_arms_in_one_picture():
    both = {name: survival(DAYS[k == ARM], LEFT[k == ARM]) for k, name in enumerate(("old", "new"))}
    figure = survival_curves(both)
    assert {row[0] for row in figure.table()[1]} == {"old", "new"}
    assert "new" in figure.svg()
