"""Responders: at least so many per cent better from the scale's true zero, or at least a minimal important change.

The percentage counts from the true zero: sign·(after - before)/(before - zero)·100. A scale without a true zero
refuses. Given among those with room to improve and among all (C20): room is a baseline at the cut-off or worse, or at
least 20 % of the range away from the best value. A baseline at zero has no percentage: not counted, and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.proportions import Proportion, proportion

Array = NDArray[Any]
Missing = Literal["left out", "counted as no response"]


@dataclass(frozen=True, slots=True)
class Responders:
    """`among_room` and `among_all` with Wilson limits; who was not counted and why."""

    among_room: Proportion | None
    among_all: Proportion
    rule: str
    room: str
    zero_at_baseline: int
    without_baseline: int
    without_outcome: int
    missing_rule: Missing

    def estimate(self, id: str, label: str, *, among: Literal["room", "all"] = "all", **context: Any) -> Estimate:
        share = self.among_all if among == "all" else self.among_room
        note = self.note + (f" Room to improve: {self.room}." if among == "room" else "")
        extra = {"missing": self.without_outcome + self.without_baseline, "method": self.rule, "note": note, **context}
        if share is None:
            return Estimate(id=id, label=label, value=None, **{**extra, "note": "Nobody had room to improve."})
        return share.estimate(id, label, **{**extra, "note": f"{share.events} of {share.n}. {extra['note']}".strip()})

    @property
    def note(self) -> str:
        zero = f" {self.zero_at_baseline} with a baseline of zero are not counted." if self.zero_at_baseline else ""
        lost = f" {self.without_outcome} without the outcome: {self.missing_rule}." if self.without_outcome else ""
        return (lost + zero).strip()


def percent_improved(baseline: ArrayLike, post: ArrayLike, *, zero: float | None, sign: int) -> Array:
    """Percentage improvement of each person from the true zero; NaN where a value is missing or baseline is zero."""
    if zero is None:
        raise NotEstimable(
            "This scale has no true zero, so a percentage has no meaning.",
            cure="Report points, or give the scale `zero:`.",
        )
    before, after = np.asarray(baseline, float) - zero, np.asarray(post, float) - zero
    return 100 * sign * (after - before) / np.where(before == 0, np.nan, before)


def responders(
    baseline: ArrayLike,
    post: ArrayLike,
    *,
    sign: int,
    zero: float | None,
    limits: tuple[float, float],
    percent: float = 30.0,
    cutoff: float | None = None,
    missing: Missing = "left out",
    level: float = 0.95,
) -> Responders:
    """At least `percent` better. `limits`: lowest and highest possible score; `cutoff`: room is at it or worse."""
    better = percent_improved(baseline, post, zero=zero, sign=sign) >= percent - 1e-9
    at_zero = np.asarray(baseline, float) == zero
    return _count(
        baseline, post, better, at_zero, sign, limits, cutoff, missing, f"at least {percent:g} % better", level
    )


def important_change(
    baseline: ArrayLike,
    post: ArrayLike,
    *,
    sign: int,
    amount: float,
    limits: tuple[float, float],
    cutoff: float | None = None,
    missing: Missing = "left out",
    level: float = 0.95,
) -> Responders:
    """At least `amount` points better: the minimal important change of the scale."""
    better = sign * (np.asarray(post, float) - np.asarray(baseline, float)) >= amount - 1e-9
    nobody = np.zeros(np.shape(better), dtype=bool)
    rule = f"at least {amount:g} points better (minimal important change)"
    return _count(baseline, post, better, nobody, sign, limits, cutoff, missing, rule, level)


def has_room(
    baseline: ArrayLike, *, sign: int, limits: tuple[float, float], cutoff: float | None = None
) -> NDArray[np.bool_]:
    """Whether each baseline leaves room to improve: at the cut-off or worse, else 20 % of the range from the best."""
    before = np.asarray(baseline, float)
    if cutoff is not None:
        return np.asarray(sign * (before - cutoff) <= 0)
    best = limits[1] if sign > 0 else limits[0]
    return np.asarray(sign * (best - before) >= 0.2 * (limits[1] - limits[0]) - 1e-9)


def _count(
    baseline: ArrayLike, post: ArrayLike, better: Array, excluded: Array, sign: int, limits: tuple[float, float],
    cutoff: float | None, missing: Missing, rule: str, level: float,
) -> Responders:  # fmt: skip
    before, after = np.asarray(baseline, float), np.asarray(post, float)
    eligible = np.isfinite(before) & ~excluded
    counted = eligible if missing == "counted as no response" else eligible & np.isfinite(after)
    room = counted & has_room(before, sign=sign, limits=limits, cutoff=cutoff)
    if not counted.any():
        raise NotEstimable("Nobody has the values this rule needs.", cure="Check baseline and outcome columns.")
    better = better & np.isfinite(after)
    among_room = proportion(int((better & room).sum()), int(room.sum()), level=level) if room.any() else None
    far = "at least 20 % of the range from the best score" if cutoff is None else f"at the cut-off {cutoff:g} or worse"
    return Responders(
        among_room=among_room, among_all=proportion(int((better & counted).sum()), int(counted.sum()), level=level),
        rule=rule, room=far, zero_at_baseline=int((np.isfinite(before) & excluded).sum()),
        without_baseline=int((~np.isfinite(before)).sum()), without_outcome=int((eligible & ~np.isfinite(after)).sum()),
        missing_rule=missing,
    )  # fmt: skip
