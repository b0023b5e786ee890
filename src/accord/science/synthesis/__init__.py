"""Pooling across studies: one mean effect, how much studies differ, and what one study more or less would change."""

from accord.science.synthesis.batch import PooledRows
from accord.science.synthesis.checks import check_effects, check_variances
from accord.science.synthesis.cumulative import cumulative
from accord.science.synthesis.fitting import pool
from accord.science.synthesis.heterogeneity import Tau2Interval, tau2_interval
from accord.science.synthesis.influence import (
    Influence,
    Outliers,
    influence,
    leave_one_out,
    outliers,
    swapped_arms,
)
from accord.science.synthesis.many import pool_many
from accord.science.synthesis.permutation import PermutationTest, permutation_test
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.shrunken import ShrunkenEffects, shrunken_effects
from accord.science.synthesis.subgroups import Subgroups, subgroups

__all__ = [
    "Influence", "Outliers", "PermutationTest", "Pooled", "PooledRows", "ShrunkenEffects", "Subgroups", "Tau2Interval", "check_effects",
    "check_variances", "cumulative", "influence", "leave_one_out", "outliers", "permutation_test", "pool", "pool_many",
    "shrunken_effects", "subgroups", "swapped_arms", "tau2_interval",
]  # fmt: skip
