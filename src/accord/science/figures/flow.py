"""CONSORT flow: who came, who left where and why, any number of arms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Cell, Columns, Rows
from accord.science.figures.letters import SMALL, wrap
from accord.science.figures.marks import (
    CALM_WASH,
    CARD,
    EDGE,
    INK,
    LEADING,
    LEADING_SMALL,
    LINE,
    SOFT,
    SUNK,
    arrow,
    box,
    line,
    lines_of_text,
    text,
)  # fmt: skip
from accord.science.figures.numbers import count
from accord.science.figures.rows import NARROW_BELOW

_ARROW = 26.0  # between two boxes when nobody left between them
_PAD = 9.0  # inside a box
_GAP = 16.0  # between arms
_TIGHT = 124.0  # the narrowest column of an arm; more arms than fit go into a further row
_WIDEST = 352.0  # the widest
_TRUNK, _TRUNK_LEFT = 0.38, 0.15  # width and left edge of the boxes common to all, as shares of the width
_INDENT = 22.0  # of those who left, right of the arrow


@dataclass(frozen=True, slots=True)
class Reason:
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A box with its count. `lost` left before the next box, with their reasons; `lost_label` heads them."""

    label: str
    n: int
    lost: Sequence[Reason] = ()
    lost_label: str = "Left"


@dataclass(frozen=True, slots=True)
class Arm:
    label: str
    stages: Sequence[Stage]


@dataclass(frozen=True, slots=True)
class Flow:
    """`trunk` is common to all (referred, assessed, randomised); each arm then has a column of its own stages."""

    title: str
    description: str
    trunk: Sequence[Stage]
    arms: Sequence[Arm] = ()
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        return ("Arm", "Stage", "n", "Reason", "n who left"), tuple(self._rows())

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        branches = [("all", self.trunk), *((arm.label, arm.stages) for arm in self.arms)]
        for arm, stages in branches:
            for stage in stages:
                yield (arm, stage.label, stage.n, None, None)
                yield from ((arm, stage.label, None, reason.label, reason.n) for reason in stage.lost)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        if width < NARROW_BELOW:
            body, height = _chain(self.trunk, 0, width, 0, onwards=bool(self.arms))
            for arm in self.arms:
                parts, height = _arm_below(arm, height, width)
                body += parts
        else:
            body, height = _trunk_with_side_boxes(self.trunk, bool(self.arms), width)
            for k, row in enumerate(_rows_of_arms(self.arms, width)):
                parts, height = _arms_beside(row, height, width, again=k > 0)
                body += parts
        return drawing(
            self.title, self.description, body, width=width, height=height + 2, ident=ident, invented=self.invented
        )


def _box(
    words: str, n: int | None, x: float, y: float, width: float, *, fill: str = CARD, tall: float = 0.0
) -> list[str]:
    """A box with its words and, in bold, how many; as tall as asked or as its words need."""
    lines = wrap(words, width - 2 * _PAD)
    last = [f"n = {count(n)}"] if n is not None else []
    height = max(tall, _box_height(words, n, width))
    first = y + height / 2 - LEADING * (len(lines) + len(last)) / 2 + 12.5
    middle = x + width / 2
    return [
        box(x + 0.5, y + 0.5, width - 1, height - 1, fill=fill, colour=EDGE, round_by=6),
        *lines_of_text(middle, first, lines, anchor="middle", bold=n is None),
        *lines_of_text(middle, first + LEADING * len(lines), last, anchor="middle", bold=True),
    ]


def _box_height(words: str, n: int | None, width: float) -> float:
    return LEADING * (len(wrap(words, width - 2 * _PAD)) + (n is not None)) + 2 * _PAD


def _lost(stage: Stage, width: float) -> list[str]:
    """Heading (one line) and reasons of those who left, broken into lines."""
    if not stage.lost:
        return []
    total = sum(reason.n for reason in stage.lost)
    lines = wrap(f"{stage.lost_label}: {count(total)}", width, SMALL, bold=True, most=1)
    for reason in stage.lost:
        lines += wrap(f"{count(reason.n)} {reason.label}", width, SMALL)
    return lines


def _lost_height(lines: list[str]) -> float:
    return LEADING_SMALL * len(lines) + 16 if lines else _ARROW


def _lost_text(lines: list[str], x: float, y: float) -> list[str]:
    return _bold_first(x, y + 20, lines, SOFT)


def _bold_first(x: float, y: float, lines: list[str], colour: str) -> list[str]:
    first = lines_of_text(x, y, lines[:1], size=SMALL, bold=True)
    return first + lines_of_text(x, y + LEADING_SMALL, lines[1:], size=SMALL, colour=colour, leading=LEADING_SMALL)


def _trunk_with_side_boxes(trunk: Sequence[Stage], arms: bool, width: float) -> tuple[list[str], float]:
    """Boxes under each other, and to the right of each arrow a box with those who left."""
    wide, left = _TRUNK * width, _TRUNK_LEFT * width
    side, side_wide = left + wide + 34, width - left - wide - 34
    middle, y = left + wide / 2, 0.0
    parts: list[str] = []
    for k, stage in enumerate(trunk):
        tall = _box_height(stage.label, stage.n, wide)
        parts += _box(stage.label, stage.n, left, y, wide)
        y += tall
        lines = _lost(stage, side_wide - 2 * _PAD)
        onwards = k < len(trunk) - 1 or arms
        gap = _lost_height(lines) + (14 if lines else 0)
        if lines:
            parts += arrow(middle, y + gap / 2, side, y + gap / 2)
            high = LEADING_SMALL * len(lines) + 2 * _PAD - 2
            parts.append(box(side, y + gap / 2 - high / 2, side_wide - 1, high, fill=SUNK, colour=LINE, round_by=6))
            parts += _bold_first(side + _PAD, y + gap / 2 - high / 2 + _PAD + 10, lines, INK)
        if onwards and k < len(trunk) - 1:
            parts += arrow(middle, y, middle, y + gap)
        elif lines or onwards:
            parts.append(line(middle, y, middle, y + (gap if onwards else gap / 2), colour=EDGE, width=1.5))
        y += gap if lines or onwards else 0
    return parts, y


def _rows_of_arms(arms: Sequence[Arm], width: float) -> list[Sequence[Arm]]:
    """As many arms beside each other as have room, in rows of about the same length."""
    if not arms:
        return []
    most = int((width + _GAP) / (_TIGHT + _GAP))
    rows = math.ceil(len(arms) / most)
    each = math.ceil(len(arms) / rows)
    return [arms[k : k + each] for k in range(0, len(arms), each)]


def _arms_beside(arms: Sequence[Arm], y: float, width: float, *, again: bool) -> tuple[list[str], float]:
    """One column an arm under a common line, the boxes of one stage at one height; `again`: a further row of arms."""
    column = min((width - _GAP * (len(arms) - 1)) / len(arms), _WIDEST)
    lefts = [k * (column + _GAP) for k in range(len(arms))]
    middles = [left + column / 2 for left in lefts]
    parts: list[str] = []
    if again:
        parts.append(text(0, y + 30, "further arms", size=SMALL, colour=SOFT))
        y += 40
    ends = middles if again else [*middles, _TRUNK_LEFT * width + _TRUNK * width / 2]
    parts.append(line(min(ends), y, max(ends), y, colour=EDGE, width=1.5))
    head = max(_box_height(arm.label, None, column) for arm in arms)
    for arm, left, middle in zip(arms, lefts, middles, strict=True):
        parts += arrow(middle, y, middle, y + _ARROW)
        parts += _box(arm.label, None, left, y + _ARROW, column, fill=CALM_WASH, tall=head)
    stages, y = _stages_beside(arms, lefts, column, y + _ARROW + head)
    return parts + stages, y


def _stages_beside(arms: Sequence[Arm], lefts: Sequence[float], column: float, y: float) -> tuple[list[str], float]:
    parts: list[str] = []
    gap = _ARROW
    last_lost = 0.0
    for level in range(max(len(arm.stages) for arm in arms)):
        here = [(arm.stages[level], left) for arm, left in zip(arms, lefts, strict=True) if level < len(arm.stages)]
        tall = max(_box_height(stage.label, stage.n, column) for stage, _ in here)
        for stage, left in here:
            parts += arrow(left + 12, y, left + 12, y + gap)
            parts += _box(stage.label, stage.n, left, y + gap, column, tall=tall)
        y += gap + tall
        lost = [(_lost(stage, column - _INDENT), left) for stage, left in here]
        for lines, left in lost:
            parts += _lost_text(lines, left + _INDENT, y)
        gap = max(_lost_height(lines) for lines, _ in lost)
        last_lost = gap if any(lines for lines, _ in lost) else 0.0
    return parts, y + last_lost


def _arm_below(arm: Arm, y: float, width: float) -> tuple[list[str], float]:
    """An arm under what came before, for a narrow page or many arms."""
    head = _box_height(arm.label, None, width)
    parts = _box(arm.label, None, 0, y, width, fill=CALM_WASH)
    if arm.stages:
        parts += arrow(12, y + head, 12, y + head + _ARROW)
        chain, y = _chain(arm.stages, 0, width, y + head + _ARROW, onwards=False)
        return parts + chain, y + 22
    return parts, y + head + 22


def _chain(stages: Sequence[Stage], x: float, width: float, y: float, *, onwards: bool) -> tuple[list[str], float]:
    """Boxes under each other, those who left in words beside the arrow."""
    parts: list[str] = []
    for k, stage in enumerate(stages):
        parts += _box(stage.label, stage.n, x, y, width)
        y += _box_height(stage.label, stage.n, width)
        lines = _lost(stage, width - _INDENT)
        last = k == len(stages) - 1 and not onwards
        gap = _lost_height(lines) if lines or not last else 0.0
        parts += _lost_text(lines, x + _INDENT, y)
        if not last:
            parts += arrow(x + 12, y, x + 12, y + gap)
        y += gap
    return parts, y
