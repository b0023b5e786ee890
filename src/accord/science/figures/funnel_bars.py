"""Funnel bars: how many reached each stage, of whom, and why the others did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.flow import Reason
from accord.science.figures.letters import SMALL, widest, wrap
from accord.science.figures.marks import CALM, INK, LEADING, LEADING_SMALL, SOFT, SUNK, box, lines_of_text, text
from accord.science.figures.numbers import count, percent
from accord.science.figures.rows import NARROW_BELOW

_BAR = 18.0


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """`share` (0 to 1) is of `share_of` (`of those who started`), who got here a median of `days` later; `reasons` say
    why others did not."""

    label: str
    n: int
    share: float | None = None
    share_of: str = ""
    definition: str = ""
    reasons: Sequence[Reason] = ()
    days: float | None = None


@dataclass(frozen=True, slots=True)
class FunnelBars:
    title: str
    description: str
    stages: Sequence[FunnelStage]
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Stage", "n", "Share", "Share of", "Median days", "Definition", "Reasons of those who did not")
        rows = tuple(
            (
                stage.label,
                stage.n,
                stage.share,
                stage.share_of,
                stage.days,
                stage.definition,
                reasons_words(stage.reasons),
            )
            for stage in self.stages
        )
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        body, height = (_beside if width >= NARROW_BELOW else _stacked)(self, float(width))
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )


def reasons_words(reasons: Sequence[Reason]) -> str:
    return "; ".join(f"{count(reason.n)} {reason.label}" for reason in reasons)


def _share_words(stage: FunnelStage) -> str:
    if stage.share is None:
        return ""
    later = "" if stage.days is None else f", half within {stage.days:g} {'day' if stage.days == 1 else 'days'}"
    return f"{percent(stage.share)} {stage.share_of}".strip() + later


def _bar(stage: FunnelStage, most: int, x: float, y: float, width: float) -> list[str]:
    """The whole as a pale ground, who got here on it."""
    part = width * stage.n / most if most else 0.0
    return [
        box(x, y, width, _BAR, fill=SUNK, round_by=4),
        box(x, y, max(part, 1.5 if stage.n else 0.0), _BAR, fill=CALM, round_by=min(4.0, part / 2)),
    ]


def _most(funnel: FunnelBars) -> int:
    return max((stage.n for stage in funnel.stages), default=0)


def _beside(funnel: FunnelBars, width: float) -> tuple[list[str], float]:
    """Stage and definition | bar | count | share and reasons."""
    labels = 0.28 * width
    counts = widest([count(stage.n) for stage in funnel.stages], bold=True)
    notes = 0.3 * width
    bar_at = labels + 16
    bar_wide = width - bar_at - counts - notes - 32
    parts: list[str] = []
    y = 0.0
    for stage in funnel.stages:
        label = wrap(stage.label, labels, bold=True)
        meaning = wrap(stage.definition, labels, SMALL, most=4)
        share = wrap(_share_words(stage), notes, SMALL)
        reasons = wrap(reasons_words(stage.reasons), notes, SMALL, most=6)
        parts += lines_of_text(0, y + 13.5, label, bold=True)
        below = y + 13.5 + LEADING * len(label)
        parts += lines_of_text(0, below, meaning, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        parts += _bar(stage, _most(funnel), bar_at, y, bar_wide)
        parts.append(text(bar_at + bar_wide + 16 + counts, y + 13.5, count(stage.n), anchor="end", bold=True))
        parts += lines_of_text(width - notes, y + 13.5, share, size=SMALL, leading=LEADING_SMALL)
        under = y + 13.5 + LEADING_SMALL * len(share)
        parts += lines_of_text(width - notes, under, reasons, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        left = LEADING * len(label) + LEADING_SMALL * len(meaning)
        y += max(left, LEADING_SMALL * (len(share) + len(reasons)), _BAR) + 12
    return parts, y


def _stacked(funnel: FunnelBars, width: float) -> tuple[list[str], float]:
    """Stage and count over the bar; share, definition and reasons under it."""
    counts = widest([count(stage.n) for stage in funnel.stages], bold=True)
    parts: list[str] = []
    y = 0.0
    for stage in funnel.stages:
        label = wrap(stage.label, width - counts - 12, bold=True)
        parts += lines_of_text(0, y + 13, label, bold=True)
        parts.append(text(width, y + 13, count(stage.n), anchor="end", bold=True))
        y += LEADING * len(label) + 3
        parts += _bar(stage, _most(funnel), 0, y, width)
        y += _BAR + 4
        for words, colour in (
            (_share_words(stage), INK), (stage.definition, SOFT), (reasons_words(stage.reasons), SOFT),
        ):  # fmt: skip
            lines = wrap(words, width, SMALL, most=6)
            parts += lines_of_text(0, y + 11, lines, size=SMALL, colour=colour, leading=LEADING_SMALL)
            y += LEADING_SMALL * len(lines)
        y += 12
    return parts, y
