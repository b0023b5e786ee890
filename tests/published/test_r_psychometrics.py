"""Alpha, omega, question with rest, ICC, SEM against R (r/psychometrics.R: base R and lavaan)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.estimates.psychometrics import agreement, consistency, one_factor

R = json.loads((Path(__file__).parent / "r/psychometrics.json").read_text("utf-8"))
ITEMS, SCORES = np.array(R["items"], float), np.array(R["scores"], float)


def test_alpha_feldt_and_the_questions():
    found = consistency(ITEMS)
    assert found.alpha.value == pytest.approx(R["alpha"][0], rel=1e-10)
    assert (found.alpha.ci_low, found.alpha.ci_high) == pytest.approx(tuple(R["feldt"]), rel=1e-9)
    assert [one.with_rest for one in found.questions] == pytest.approx(R["rest"], rel=1e-10)
    assert [one.alpha_without for one in found.questions] == pytest.approx(R["without"], rel=1e-10)


def test_one_factor_and_omega_are_those_of_lavaan():
    """lavaan stops at a gradient of about 1e-6; its standard errors carry that."""
    factor = one_factor(ITEMS)
    errors = np.sqrt(np.diagonal(factor.covariance))
    assert factor.loadings == pytest.approx(R["loadings"], rel=1e-5)
    assert factor.own == pytest.approx(R["own"], rel=1e-5)
    assert errors[:6] == pytest.approx(R["loadings_se"], rel=1e-4)
    assert errors[6:] == pytest.approx(R["own_se"], rel=1e-4)
    assert factor.log_likelihood == pytest.approx(R["log_likelihood"][0], rel=1e-9)
    omega = consistency(ITEMS).omega
    assert (omega.value, omega.se) == pytest.approx(tuple(R["omega"]), rel=1e-4)


def test_icc_and_sem():
    found = agreement(SCORES)
    for one, expected in ((found.icc_2_1, R["icc2"]), (found.icc_3_1, R["icc3"])):
        assert (one.value, one.ci_low, one.ci_high) == pytest.approx(tuple(expected), rel=1e-9)
    assert (found.sem, found.sem_consistency) == pytest.approx(tuple(R["sem"]), rel=1e-9)
    assert found.sdc == pytest.approx(1.959963984540054 * 2**0.5 * R["sem"][0], rel=1e-9)
