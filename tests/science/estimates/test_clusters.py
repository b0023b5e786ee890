"""C18: what may be said from how many therapists; and how far extreme tenths lie apart by chance."""

import numpy as np
import pytest

from accord.science.errors import NotEstimable
from accord.science.estimates.clusters import enough_clusters, outcomes_per_cluster, refuse_arm_is_cluster
from accord.science.estimates.extreme_groups import extreme_groups


def loads(*sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def test_twenty_therapists_with_five_outcomes_each_are_enough():
    who = loads(*[5] * 20)
    assert enough_clusters(who, np.zeros(len(who))).enough


@pytest.mark.parametrize("sizes", [[5] * 19, [5] * 19 + [4], [100] * 19 + [4] * 30])
def test_fewer_are_not_and_the_reason_is_in_words(sizes):
    who = loads(*sizes)
    found = enough_clusters(who, np.zeros(len(who)))
    assert not found.enough
    assert f"19 of {len(sizes)} therapists have 5 or more outcomes" in found.reason
    assert "fixed factor" in found.reason


def test_only_observed_outcomes_count():
    who = loads(*[6] * 20)
    y = np.zeros(len(who))
    y[:2] = np.nan
    assert not enough_clusters(who, y).enough
    assert outcomes_per_cluster(who, y)["0"] == 4


def test_an_arm_with_one_therapist_cannot_be_told_from_the_therapist():
    arm = ["a"] * 4 + ["b"] * 4
    with pytest.raises(NotEstimable, match="Therapist and arm cannot be told apart: 'b' has one therapist"):
        refuse_arm_is_cluster(arm, [1, 1, 2, 2, 3, 3, 3, 3])
    refuse_arm_is_cluster(arm, [1, 1, 2, 2, 3, 3, 4, 4])


def test_extreme_tenths_lie_apart_without_any_difference_between_therapists():
    """C18's own figures: 40 therapists, 15 patients each, 31 % respond: 52 % against 12 %."""
    none, some = extreme_groups([15] * 40, 0.31), extreme_groups([15] * 40, 0.31, share=0.05)
    assert none.best == pytest.approx(0.52, abs=0.02)
    assert none.worst == pytest.approx(0.12, abs=0.02)
    assert none.ratio == pytest.approx(4.4, abs=0.3)
    assert some.ratio > none.ratio
    assert none.ratio_low < none.ratio < none.ratio_high
    with pytest.raises(NotEstimable):
        extreme_groups([15], 0.31)
