"""Johnson-Neyman against R (r/moderation.R: clubSandwich and uniroot)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.estimates.moderation import moderation

R = json.loads((Path(__file__).parent / "r/moderation.json").read_text("utf-8"))
DATA = {name: np.array(values, float) for name, values in R["data"].items()}


def test_differences_edge_and_interaction_are_those_of_r():
    found = moderation(DATA["y"], DATA["arm"], DATA["m"], covariates={"base": DATA["base"]})
    for value, expected in zip(R["grid"], R["at"], strict=True):
        c = found.at(value)
        assert (c.value, c.se, c.df, c.ci_low, c.ci_high) == pytest.approx(tuple(expected), rel=1e-6)
    i = found.interaction
    assert (i.value, i.se, i.df) == pytest.approx(tuple(R["interaction"]), rel=1e-6)
    assert len(found.apart) == 1
    assert found.apart[0] == pytest.approx((R["edge"], DATA["m"].max()), rel=1e-8)
