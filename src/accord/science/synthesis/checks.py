"""What looks wrong in a set of effects: warnings with a cure. Nothing here stops or changes a computation.

The rules are rules of thumb, chosen by us and stated with each warning; a flagged study is to be looked up in its
paper, not dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import Finding, Place
from accord.science.synthesis.model import Effects, numbers, study_labels

LARGE_G = 2.5
RATIO_OF_VARIANCES = 1e7
STANDARDISED = ("SMD", "SMDH", "SMD1", "SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH", "g", "d")
_LETTERED = re.compile(r"^(.*\d{4})\s?[a-f]$")


def check_effects(e: Effects, *, measure: str | None = None) -> list[Finding]:
    """The checks that need the effects alone. `measure` (such as SMD) lets large standardised effects be flagged."""
    found = repeated(e)
    if e.named:
        found += [*dependent(e), *arms_of_one_trial(e.labels)]
    if measure in STANDARDISED:
        found += too_large(e)
    if e.v.max() > RATIO_OF_VARIANCES * e.v.min():
        found.append(_warn(
            "variances",
            f"The largest variance is {e.v.max() / e.v.min():.0e} times the smallest: results may be unstable.",
            "Check that all variances are in one unit, and none is a standard error.",
        ))  # fmt: skip
    return found


def repeated(e: Effects) -> list[Finding]:
    """Two rows with the same effect and the same variance: one study entered twice."""
    groups: dict[tuple[float, float], list[int]] = {}
    for row, pair in enumerate(zip(e.y.tolist(), e.v.tolist(), strict=True)):
        groups.setdefault(pair, []).append(row)
    return [
        _warn(
            "duplicate",
            f"{_list(e.labels[row] for row in rows)} have the same effect ({pair[0]:g}) and variance ({pair[1]:g}).",
            "If this is one study, enter it once: twice makes the interval too narrow.", int(e.kept[rows[-1]]) + 1,
        )
        for pair, rows in groups.items() if len(rows) > 1
    ]  # fmt: skip


def dependent(e: Effects, studies: Sequence[Any] | None = None) -> list[Finding]:
    """Several different effects of one study (by `studies`, or else by label) treated as independent."""
    names = list(e.labels) if studies is None else [str(name) for name in studies]
    distinct = {(name, y, v) for name, y, v in zip(names, e.y.tolist(), e.v.tolist(), strict=True)}
    several = {name: n for name, n in Counter(name for name, _, _ in distinct).items() if n > 1}
    if not several:
        return []
    return [_warn(
        "dependent",
        f"{len(names)} effects come from {len(set(names))} studies ({_list(several)} with several) but are treated as "
        "independent: the interval is too narrow.",
        "Use three_level() or a working covariance with CR2, or one effect a study.",
    )]  # fmt: skip


def arms_of_one_trial(labels: Sequence[str]) -> list[Finding]:
    """Names that differ in a last letter only (Dear 2015a, b, c): arms of one trial share their control group."""
    stems: dict[str, set[str]] = {}
    for label in labels:
        if match := _LETTERED.match(label):
            stems.setdefault(match[1], set()).add(label)
    pairs = [sorted(names) for names in stems.values() if len(names) > 1]
    if not pairs:
        return []
    return [_warn(
        "shared control",
        f"{'; '.join(_list(names) for names in pairs)} may be arms of one trial with one control group.",
        "If they are, split the control group or model the covariance; if they are separate trials, all is well.",
    )]  # fmt: skip


def too_large(e: Effects, limit: float = LARGE_G) -> list[Finding]:
    """Standardised differences beyond `limit`: most often a standard error entered as a standard deviation."""
    return [
        _warn(
            "large",
            f"{e.labels[row]}: a standardised difference of {e.y[row]:.2f} is larger than treatments give.",
            "Look whether the paper gives standard errors where SDs were entered (SD = SE·√n).", int(e.kept[row]) + 1,
        )
        for row in np.flatnonzero(np.abs(e.y) > limit).tolist()
    ]  # fmt: skip


def check_variances(yi: ArrayLike, vi: ArrayLike, n: ArrayLike, labels: Sequence[Any] | None = None) -> list[Finding]:
    """For standardised differences of two groups, whether each variance goes with its total sample size `n`.

    With equal groups vi = 4/n + g²/(2n). A ratio beyond 3 either way is flagged, and it is said when the root or the
    square of what was given would fit: a standard error or a squared variance in the column of variances.
    """
    y, v, size = numbers(yi, "effect"), numbers(vi, "variance"), numbers(n, "sample size")
    names = study_labels(labels, len(y))
    expected = 4 / size + y**2 / (2 * size)
    found = []
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero((v > 3 * expected) | (v < expected / 3))
    for row in rows.tolist():
        cure = "Check the variance and the sample size; unequal groups explain a factor of three rarely."
        if 1 / 3 < v[row] ** 2 / expected[row] < 3:
            cure = "Its square would fit: is this the standard error? Square it."
        elif 1 / 3 < np.sqrt(v[row]) / expected[row] < 3:
            cure = "Its root would fit: was a variance squared?"
        found.append(_warn(
            "variance",
            f"{names[row]}: variance {v[row]:g} does not go with {size[row]:g} people (about {expected[row]:.3g}).",
            cure, row + 1,
        ))  # fmt: skip
    return found


def _warn(rule: str, what: str, cure: str, row: int | None = None) -> Finding:
    return Finding(what=what, cure=cure, where=Place(row=row), warning=True, rule=rule)


def _list(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
