"""What an interval says of a contrast: of a difference, or of the margin that the protocol states (C22)."""

from __future__ import annotations

import math

from accord.science.estimates.contrast import Contrast
from accord.science.estimates.equivalence import equivalence, non_inferiority
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value
from accord.science.protocols.model import Contrast as NamedContrast

_ALPHA = 0.025  # of each one-sided test, so that the verdict is that of the 95 % interval


def margin_verdict(named: NamedContrast, points: Estimate, sds: Estimate) -> str:
    """What the interval says: of the difference in points, or of the margin, which is in baseline SDs. A missing
    difference is 'not shown', never 'equal' (C22)."""
    if points.value is None or points.ci_low is None or points.ci_high is None:
        return "not estimable"
    if named.margin is None or named.aim == "superiority":
        if points.ci_low > 0:
            return "first better"
        return "second better" if points.ci_high < 0 else "a difference is not shown"
    if sds.ci_low is None or sds.ci_high is None:
        return "not estimable"
    if named.aim == "non-inferiority":
        if sds.ci_low > -named.margin:
            return f"non-inferior within {named.margin:g} SD"
        worse = "; the first is worse" if sds.ci_high < 0 else ""
        return f"non-inferiority within {named.margin:g} SD is not shown{worse}"
    if -named.margin < sds.ci_low and sds.ci_high < named.margin:
        return f"equivalent within {named.margin:g} SD (95 % interval)"
    return f"equivalence within {named.margin:g} SD is not shown"


def aimed_p(named: NamedContrast, points: Estimate, sds: Estimate) -> float | None:
    """The p value of what the contrast was made for, on the two-sided scale: of the difference, or, with a margin,
    twice that of its one-sided test (the larger of two for equivalence), from the interval in baseline SDs."""
    if named.margin is None or named.aim == "superiority":
        return points.p
    if sds.value is None or sds.ci_low is None or sds.ci_high is None:
        return None
    # The interval's own standard error: an SD that was estimated has its part in it (models.in_sds).
    se = (sds.ci_high - sds.ci_low) / 2 / critical_value(0.95, sds.df)
    found = Contrast(sds.value, se, sds.df, sds.ci_low, sds.ci_high, math.nan)
    test = non_inferiority if named.aim == "non-inferiority" else equivalence
    return min(1.0, 2 * test(found, named.margin, alpha=_ALPHA).p)
