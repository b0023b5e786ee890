"""Pooling across studies: one mean effect, how much studies differ, and what one study more or less would change."""

from accord.science.synthesis.batch import PooledRows
from accord.science.synthesis.bayesian import Posterior, bayesian
from accord.science.synthesis.begg import RankTest, begg
from accord.science.synthesis.checks import check_effects, check_variances
from accord.science.synthesis.cumulative import cumulative
from accord.science.synthesis.egger import SmallStudyRegression, egger
from accord.science.synthesis.equivalence import Equivalence, equivalence, moderation
from accord.science.synthesis.fail_safe_n import FailSafeN, fail_safe_n
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
from accord.science.synthesis.pet_peese import PetPeese, pet_peese
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.selection_3psm import SelectionModel, selection_3psm
from accord.science.synthesis.shared_controls import SharedControls, find_shared_controls, shared_control_covariance
from accord.science.synthesis.shrunken import ShrunkenEffects, shrunken_effects
from accord.science.synthesis.subgroups import Subgroups, subgroups
from accord.science.synthesis.three_level import ThreeLevel, three_level
from accord.science.synthesis.trim_and_fill import TrimAndFill, trim_and_fill
from accord.science.synthesis.variance_profile import VarianceInterval
from accord.science.synthesis.working_covariance import rho_sensitivity, working_covariance

__all__ = [
    "Equivalence", "FailSafeN", "Influence", "Outliers", "PermutationTest", "PetPeese", "Pooled", "PooledRows",
    "Posterior", "RankTest", "SelectionModel", "SharedControls", "ShrunkenEffects", "SmallStudyRegression",
    "Subgroups", "Tau2Interval", "ThreeLevel", "TrimAndFill", "VarianceInterval", "bayesian", "begg",
    "check_effects", "check_variances", "cumulative", "egger", "equivalence", "fail_safe_n",
    "find_shared_controls", "influence", "leave_one_out", "moderation", "outliers", "permutation_test",
    "pet_peese", "pool", "pool_many", "rho_sensitivity", "selection_3psm", "shared_control_covariance",
    "shrunken_effects", "subgroups", "swapped_arms", "tau2_interval", "three_level", "trim_and_fill",
    "working_covariance",
]  # fmt: skip
