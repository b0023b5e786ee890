"""Linear mixed models with random intercepts and slopes, of nested or crossed factors, by REML or ML."""

from accord.science.estimates.linear_mixed.effects import RandomEffects, random_effects
from accord.science.estimates.linear_mixed.factors import Factor
from accord.science.estimates.linear_mixed.fit import LinearMixed, linear_mixed
from accord.science.estimates.linear_mixed.means import difference_at, mean_at, weights_at
from accord.science.estimates.linear_mixed.profile import ProfileInterval, profile_interval

__all__ = [
    "Factor",
    "LinearMixed",
    "ProfileInterval",
    "RandomEffects",
    "difference_at",
    "linear_mixed",
    "mean_at",
    "profile_interval",
    "random_effects",
    "weights_at",
]
