"""C16: the simulated rate of false alarms returns the rule's own figures, and follows from what is nominated."""

import math
from pathlib import Path
from statistics import NormalDist

import pytest
from tiny_protocol import GOOD, as_document

from accord.science.protocols import inspect_protocol
from accord.science.protocols.check import flag_rate

OF_DIFFERENCE = 1.96 * math.sqrt(2)  # 1.96 SDs of a difference of two errors of SD 1


@pytest.mark.parametrize(("scales", "consecutive", "published"), [(6, 1, 0.39), (2, 1, 0.21), (2, 2, 0.04)])
def test_the_figures_of_the_rule(scales, consecutive, published):
    """Six outcomes at 8 weekly points flag 39 % of stable patients, two 21 %, two twice running 4 % (C16)."""
    asked = ((True,) * 8,) * scales
    rate = flag_rate((OF_DIFFERENCE,) * scales, (None,) * scales, asked, consecutive=consecutive)
    assert rate == pytest.approx(published, abs=0.012)


def test_one_scale_once_is_the_normal_tail():
    rate = flag_rate((OF_DIFFERENCE,), (None,), ((True,),), consecutive=1)
    assert rate == pytest.approx(1 - NormalDist().cdf(1.96), abs=0.002)


def test_two_in_a_row_of_one_scale_is_the_bivariate_tail():
    """P(both later errors exceed the first by t) = ∫ φ(z) (1 − Φ(t + z))² dz, here by the midpoint rule."""
    normal = NormalDist()
    steps = [(-8 + 16 * (i + 0.5) / 4000) for i in range(4000)]
    exact = sum(normal.pdf(z) * (1 - normal.cdf(OF_DIFFERENCE + z)) ** 2 for z in steps) * 16 / 4000
    rate = flag_rate((OF_DIFFERENCE,), (None,), ((True, True),), consecutive=2)
    assert rate == pytest.approx(exact, abs=0.001)


def test_a_large_step_counts_at_once():
    asked = ((True,),)
    assert flag_rate((1.0,), (None,), asked, consecutive=2) == 0
    assert flag_rate((1.0,), (OF_DIFFERENCE,), asked, consecutive=2) == pytest.approx(0.025, abs=0.002)


def test_a_scale_counts_only_where_it_is_asked():
    """Two in a row are two askings in a row of that scale, whatever lies between."""
    between = flag_rate((OF_DIFFERENCE,), (None,), ((True, False, True),), consecutive=2)
    assert between == pytest.approx(flag_rate((OF_DIFFERENCE,), (None,), ((True, True),), consecutive=2), abs=0.001)
    assert flag_rate((OF_DIFFERENCE,), (None,), ((False, False),), consecutive=1) == 0


def test_the_same_protocol_gives_the_same_rate():
    reports = []
    for _ in range(2):
        flag_rate.cache_clear()
        reports.append(inspect_protocol(as_document(GOOD), site=Path("nowhere")))
    assert reports[0].alarms == reports[1].alarms
    assert 0 < reports[0].alarms.rate < 0.05


def test_each_threshold_says_whose_it_is():
    """Interference has a published retest (ICC .76, SD 1.72): 1.96 × 1.72 × √(2 × .24) = 2.34; PHQ-9 a convention."""
    alarms = inspect_protocol(as_document(GOOD), site=Path("nowhere")).alarms
    interference, mood = alarms.scales
    assert interference.threshold == pytest.approx(2.335, abs=0.001)
    assert interference.sem == pytest.approx(1.72 * math.sqrt(0.24))
    assert "reliable change" in interference.origin
    assert (mood.threshold, mood.sem) == (6, pytest.approx(5 * math.sqrt(1 - 0.84)))
    assert "convention" in mood.origin
    assert interference.asked_at == ("baseline", "session_4", "post", "follow_up")
