"""Funnel bars: how many reached each stage, of whom, and why the others did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows
from accord.science.figures.flow import Reason


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """`share` (0 to 1) is of `share_of` (`of those who started`); `reasons` say why others did not get here."""

    label: str
    n: int
    share: float | None = None
    share_of: str = ""
    definition: str = ""
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True)
class FunnelBars:
    title: str
    description: str
    stages: Sequence[FunnelStage]
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Stage", "n", "Share", "Share of", "Definition", "Reasons of those who did not")
        rows = tuple(
            (stage.label, stage.n, stage.share, stage.share_of, stage.definition, reasons_words(stage.reasons))
            for stage in self.stages
        )
        return columns, rows


def reasons_words(reasons: Sequence[Reason]) -> str:
    return "; ".join(f"{reason.label} {reason.n:,}" for reason in reasons)
