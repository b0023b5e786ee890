"""Equivalence, non-inferiority, and moderation that is "not shown" (C22)."""

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.synthesis.equivalence import VERDICTS, equivalence, moderation
from accord.science.synthesis.fitting import pool


@pytest.mark.parametrize(
    ("estimate", "se", "verdict"),
    [(0.01, 0.05, "equivalent"), (0.1, 0.04, "small"), (0.15, 0.1, "not shown"), (0.4, 0.1, "different")],
)
def test_four_verdicts(estimate, se, verdict):
    found = equivalence(estimate, se, margin=0.2)
    assert found.verdict == verdict
    assert found.verdict in VERDICTS
    inside = found.inner_low > -0.2 and found.inner_high < 0.2
    assert inside == (found.p < 0.05) == (verdict in ("equivalent", "small"))


def test_the_inner_interval_and_the_test_always_agree():
    rng = np.random.default_rng(1)
    for estimate, se, df in zip(
        rng.normal(0, 0.2, 300), rng.uniform(0.02, 0.2, 300), rng.integers(2, 40, 300), strict=True
    ):
        found = equivalence(estimate, se, margin=(-0.3, 0.2), df=df)
        assert (found.inner_low > -0.3 and found.inner_high < 0.2) == (found.p < 0.05)
        mirror = equivalence(-estimate, se, margin=(-0.2, 0.3), df=df)
        assert (mirror.p, mirror.p_low) == pytest.approx((found.p, found.p_high))


def test_at_the_margin_it_is_wrong_as_often_as_said():
    """True difference at the margin, 4,000 estimates: equality is claimed in 5 %."""
    rng = np.random.default_rng(2)
    claimed = [equivalence(x, 0.05, margin=0.3).p < 0.05 for x in rng.normal(0.3, 0.05, 4000)]
    assert 0.04 < np.mean(claimed) < 0.06


def test_non_inferiority():
    found = equivalence(0.05, 0.1, margin=(-0.2, np.inf))
    assert found.p == found.p_low < 0.05
    assert found.verdict == "equivalent"
    assert "not beyond a margin of −0.20 downwards" in found.summary()
    assert found.to_dict()["margin_high"] is None
    assert equivalence(0.05, 0.1, margin=(-np.inf, 0.2), df=9).verdict == "not shown"


def test_moderation_that_is_not_shown_is_not_called_equal():
    rng = np.random.default_rng(5)
    v = rng.uniform(0.03, 0.1, 12)
    y = 0.5 + rng.normal(0, np.sqrt(v))
    guided = np.arange(12) % 2
    fit = pool(y, v, mods={"guided": guided}, test="knha")
    found = moderation(fit.coefficient("guided"), margin=0.1, moderator="guidance")
    assert found.verdict == "not shown"
    text = found.summary()
    assert "A difference is not shown, and equality within a margin of ±0.10 is not shown either" in text
    assert found.difference.df == 10
    wide = moderation(fit.coefficient("guided"), margin=2, moderator="guidance")
    assert wide.verdict == "equivalent"
    assert "Shown to be equal within a margin of ±2.00" in wide.summary()


def test_what_a_result_shows():
    found = equivalence(0.1, 0.04, margin=0.2, what="guided minus unguided")
    assert found.summary().startswith("Guided minus unguided: 0.10")
    assert "though there is a difference" in found.summary()
    assert found.table()["verdict"].to_list() == ["small"]
    assert [row.label for row in found.plot().rows] == ["difference", "for equivalence (90 %)"]
    assert found.plot().svg().startswith("<svg")
    assert "<table>" in found._repr_html_()
    assert "is not shown" in equivalence(0.4, 0.1, margin=0.2).summary()


def test_what_is_refused():
    for wrong in (
        {"margin": (0.1, 0.3)}, {"margin": 0}, {"margin": (-np.inf, np.inf)}, {"margin": 0.2, "alpha": 0.7},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            equivalence(0.1, 0.1, **wrong)
    with pytest.raises(BadInput, match="standard error"):
        equivalence(0.1, 0, margin=0.2)
