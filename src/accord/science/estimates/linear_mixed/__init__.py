"""Linear mixed models with random intercepts and slopes, of nested or crossed factors, by REML or ML."""

from accord.science.estimates.linear_mixed.factors import Factor
from accord.science.estimates.linear_mixed.fit import LinearMixed, linear_mixed
from accord.science.estimates.linear_mixed.profile import ProfileInterval, profile_interval

__all__ = ["Factor", "LinearMixed", "ProfileInterval", "linear_mixed", "profile_interval"]
