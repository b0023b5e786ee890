"""Missing pattern: which time-points were answered together, and by how many people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class Pattern:
    """`observed` has one entry a time-point, in order; `n` people show this pattern."""

    observed: Sequence[bool]
    n: int


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """`what` names the scale (or `any scale`). Patterns are drawn by falling count."""

    title: str
    description: str
    time_points: Sequence[str]
    patterns: Sequence[Pattern]
    what: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        total = sum(pattern.n for pattern in self.patterns)
        rows = [
            (*("answered" if seen else "missing" for seen in pattern.observed), pattern.n, pattern.n / total)
            for pattern in self.ordered()
            if total
        ]
        return (*self.time_points, "people", "share"), tuple(rows)

    def ordered(self) -> list[Pattern]:
        return sorted(self.patterns, key=lambda pattern: (-pattern.n, [not seen for seen in pattern.observed]))
