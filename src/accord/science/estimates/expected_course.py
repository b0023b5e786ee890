"""What course to expect of people who started like this one: percentile bands by baseline and week, from a cohort.

For a baseline b and a week, the fifth of the people with that week's value whose baselines lie nearest to b (at least
60) are moved along their own line, y + slope (b - baseline), and percentiles are taken of them. No distribution is
assumed. A week with fewer than 200 people is not shown: its outer percentiles would be anecdotes. The bands are of
those who still answered; people who leave do worse than these bands say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.showing import html
from accord.science.figures import Panel, Reading, TimePoint, Trajectories, Trajectory

Array = NDArray[Any]
MINIMUM_PEOPLE = 200
NEIGHBOURS = 60
SHARE = 0.2
PERCENTILES = (10, 25, 50, 75, 90)


@dataclass(frozen=True, slots=True)
class ExpectedCourse:
    """`baseline` (N,) and `values` (N, W) of the cohort for `weeks` (W,) that are shown; `left_out` week -> people."""

    baseline: Array
    values: Array
    weeks: tuple[float, ...]
    left_out: dict[float, int]
    limits: tuple[float, float]
    percentiles: tuple[float, ...]

    def band(self, baseline: float) -> dict[float, dict[float, float]]:
        """Week -> percentile -> score, for somebody with this baseline."""
        return {
            week: dict(zip(self.percentiles, np.percentile(self._alike(baseline, k), self.percentiles).tolist(),
                           strict=True))
            for k, week in enumerate(self.weeks)
        }  # fmt: skip

    def place(self, baseline: float, week: float, score: float) -> float:
        """The per cent of those who started alike with a lower score at that week (half of the equal ones)."""
        if week not in self.weeks:
            shown = ", ".join(f"{w:g}" for w in self.weeks)
            raise BadInput(f"Week {week:g} is not shown.", cure=f"Use one of: {shown}.")
        alike = self._alike(baseline, self.weeks.index(week))
        return float(100 * ((alike < score).mean() + (alike == score).mean() / 2))

    def _alike(self, baseline: float, k: int) -> Array:
        low, high = float(self.baseline.min()), float(self.baseline.max())
        if not low <= baseline <= high:
            raise NotEstimable(
                f"Nobody in the cohort started at {baseline:g}.", cure=f"Baselines run from {low:g} to {high:g}."
            )
        there = np.isfinite(self.values[:, k])
        b, y = self.baseline[there], self.values[there, k]
        wanted = max(NEIGHBOURS, round(SHARE * len(b)))
        distance = np.abs(b - baseline)
        near = distance <= np.partition(distance, wanted - 1)[wanted - 1]
        b, y = b[near], y[near]
        spread = float(((b - b.mean()) ** 2).sum())
        slope = float((b - b.mean()) @ y) / spread if spread > 0 else 0.0
        return np.clip(y + slope * (baseline - b), *self.limits)

    def summary(self) -> str:
        """Where people who began in the middle are at the last week shown."""
        start = float(np.median(self.baseline))
        week, band = list(self.band(start).items())[-1]
        said = ", ".join(f"{p:g} % at {v:.1f} or below" for p, v in band.items())
        gone = "; ".join(f"week {w:g}: {n}" for w, n in self.left_out.items())
        more = f" Not shown, too few people: {gone}." if gone else ""
        return f"Of people who began at {start:g}, in week {week:g}: {said}. {len(self.baseline):,} people.{more}"

    def plot(self) -> Trajectories:
        """The band from the lowest to the highest percentile for who began at the quartiles."""
        first, last = self.percentiles[0], self.percentiles[-1]
        middle = min(self.percentiles, key=lambda p: abs(p - 50))
        lines = []
        for start in sorted({float(v) for v in np.percentile(self.baseline, (25, 50, 75), method="nearest")}):
            readings = [Reading("start", start)]
            readings += [Reading(f"week {w:g}", b[middle], b[first], b[last]) for w, b in self.band(start).items()]
            lines.append(Trajectory(f"began at {start:g}", readings))
        points = [TimePoint("start", 0.0), *(TimePoint(f"week {w:g}", w) for w in self.weeks)]
        return Trajectories(
            "What to expect of people who start alike", self.summary(), points,
            [Panel("score", lines, better="", minimum=self.limits[0], maximum=self.limits[1])], time_unit="weeks",
            words=("Middle", f"{first:g}th percentile", f"{last:g}th percentile"),
            band=f"The band runs from the {first:g}th to the {last:g}th percentile of people.",
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return html(self)


def expected_course(
    baseline: ArrayLike,
    later: Mapping[float, ArrayLike],
    *,
    limits: tuple[float, float],
    percentiles: Sequence[float] = PERCENTILES,
) -> ExpectedCourse:
    """`baseline` (N,), `later` week -> (N,) scores with NaN gaps, `limits` the scale's lowest and highest score.

    Raises NotEstimable when no week has 200 people with baseline and score.
    """
    b = np.asarray(baseline, float)
    columns = {float(week): np.asarray(values, float) for week, values in later.items()}
    for week, column in columns.items():
        if column.shape != b.shape:
            raise BadInput(
                f"Week {week:g} has {column.size} values for {b.size} people.", cure="Give one per person, NaN if none."
            )
    if not percentiles or not all(0 < p < 100 for p in percentiles):
        raise BadInput("A percentile lies between 0 and 100.", cure="Use 10, 25, 50, 75, 90.")
    known = np.isfinite(b)
    counts = {week: int((known & np.isfinite(columns[week])).sum()) for week in sorted(columns)}
    shown = tuple(week for week, n in counts.items() if n >= MINIMUM_PEOPLE)
    if not shown:
        most = max(counts.values(), default=0)
        raise NotEstimable(
            f"At most {most} people have a baseline and a later score; bands need {MINIMUM_PEOPLE}.",
            cure="Show published means, or wait for more people.",
        )
    values = np.column_stack([columns[week][known] for week in shown])
    return ExpectedCourse(
        b[known], values, shown, {week: n for week, n in counts.items() if week not in shown}, limits,
        tuple(float(p) for p in percentiles),
    )  # fmt: skip
