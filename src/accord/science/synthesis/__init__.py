"""Pooling across studies: one mean effect, how much studies differ, and what one study more or less would change."""

from accord.science.synthesis.fitting import pool
from accord.science.synthesis.heterogeneity import Tau2Interval, tau2_interval
from accord.science.synthesis.pooled import Pooled

__all__ = ["Pooled", "Tau2Interval", "pool", "tau2_interval"]
