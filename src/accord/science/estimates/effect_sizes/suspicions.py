"""What looks wrong in a table of effects, one sentence a row. Nothing here changes a number.

The rules are rules of thumb of our own, stated with each flag; a flagged row is to be looked up in its paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import Finding, Place
from accord.science.estimates.effect_sizes.direction import majority
from accord.science.estimates.effect_sizes.five_numbers import skewed
from accord.science.estimates.effect_sizes.measure import Measure
from accord.science.estimates.effect_sizes.values import Array, YiVi
from accord.science.estimates.interval import critical_value

LARGE = 2.5
# SDs that are wrong together, the sizes of their groups, and the means that say in which unit the scale was scored.
SPREADS = (
    (("sd1i", "sd2i"), ("n1i", "n2i"), ("m1i", "m2i")),
    (("sdc1i", "sdc2i"), ("n1i", "n2i"), ()),
    (("sd_pre",), ("ni",), ("m_pre", "m_post")),
    (("sdi",), ("ni",), ("mi",)),
)


def se_as_sd(
    sd: Array, n: Array, scales: Sequence[object] | None = None, level: Array | None = None
) -> NDArray[np.bool_]:
    """SDs below half the median SD of the other rows on the same scale which, times √n, come nearer to it.

    Of a row with two groups `sd` and `n` are the means over both.

    So an SD that is a little small is not flagged, nor one where less than three other rows have the scale. Without
    `scales` all rows count as one scale. `level` (the mean) divides the SDs first, where it is above zero, since one
    scale is scored 0 to 10 here and 0 to 100 there.
    """
    if level is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            sd = np.where(level > 0, sd / level, np.nan)
    names = np.array(["" if name is None else str(name) for name in scales or [""] * len(sd)])
    flagged = np.zeros(len(sd), bool)
    for row in np.flatnonzero(np.isfinite(sd) & np.isfinite(n) & (sd > 0)):
        others = (names == names[row]) & np.isfinite(sd) & (sd > 0)
        others[row] = False
        if others.sum() < 3:
            continue
        usual = float(np.median(sd[others]))
        as_it_is, as_se = abs(np.log(sd[row] / usual)), abs(np.log(sd[row] * np.sqrt(n[row]) / usual))
        flagged[row] = sd[row] < usual / 2 and as_se < as_it_is
    return flagged


def opposite(effects: YiVi) -> NDArray[np.bool_]:
    """Effects against the sign of three quarters of all, whose own 95 % interval leaves zero out."""
    _, other = majority(effects.yi)
    with np.errstate(invalid="ignore", divide="ignore"):
        return other & (np.abs(effects.yi) > critical_value() * np.sqrt(effects.vi))


def suspicions(
    measure: Measure, columns: Mapping[str, Array], effects: YiVi, scales: Sequence[object] | None = None
) -> list[Finding]:
    """All warnings of a table, each with its row (counted from 1)."""
    found: list[Finding] = []
    # Raw differences come from one scale; standardised ones only where a column says which.
    comparable = scales is not None or not measure.standardised
    suspected = np.zeros(effects.yi.shape, bool)
    for sds, sizes, means in SPREADS:
        if comparable and all(name in columns for name in (*sds, *sizes)):
            sd, n = (np.mean([columns[name] for name in names], axis=0) for names in (sds, sizes))
            level = np.mean([columns[name] for name in means], axis=0) if set(means) & set(columns) else None
            suspected |= (rows := se_as_sd(sd, n, scales, level))
            found += [_se(sds[0], float(columns[sds[0]][row]), float(n[row]), int(row)) for row in np.flatnonzero(rows)]
    if measure.standardised:
        found += [_large(effects.yi[row], int(row)) for row in np.flatnonzero((abs(effects.yi) > LARGE) & ~suspected)]
    for group in "12" if measure.family == "medians" else "":
        roles = [f"{name}{group}i" for name in ("lq", "med", "uq", "n")]
        if set(roles) <= set(columns):
            found += [_skewed(group, int(row)) for row in np.flatnonzero(skewed(*(columns[role] for role in roles)))]
    if measure.turns:
        found += [_opposite(effects.yi[row], int(row)) for row in np.flatnonzero(opposite(effects))]
    return found


def _se(role: str, sd: float, n: float, row: int) -> Finding:
    return _warning(
        "se as sd", f"{role} of {sd:g} is small beside other studies of the scale; times √n it is "
        f"{sd * np.sqrt(n):.3g}: a standard error given as SD?", "If so, give SD = SE·√n.", row, role,
    )  # fmt: skip


def _large(effect: float, row: int) -> Finding:
    return _warning(
        "large", f"A standardised effect of {effect:.2f} is larger than treatments give: a standard error given as SD?",
        "Look into the paper; SD = SE·√n.", row,
    )  # fmt: skip


def _skewed(group: str, row: int) -> Finding:
    return _warning(
        "skewed", f"The quartiles of group {group} lie unevenly about the median: the outcome is hardly normal, which "
        "the mean and SD made of them assume.", "Leave the study out in a sensitivity analysis.", row, f"med{group}i",
    )  # fmt: skip


def _opposite(effect: float, row: int) -> Finding:
    return _warning(
        "opposite", f"An effect of {effect:.2f} against the sign of the others: arms swapped, or a scale of the other "
        "direction?", "Swap the arms' columns, or give the direction (higher_worse, higher_better).", row,
    )  # fmt: skip


def _warning(rule: str, what: str, cure: str, row: int, column: str | None = None) -> Finding:
    return Finding(what=what, cure=cure, where=Place(row=int(row) + 1, column=column), warning=True, rule=rule)
