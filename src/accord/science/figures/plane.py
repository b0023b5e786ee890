"""Two axes with their grid and words: what a funnel plot and a bubble plot are drawn on."""

from __future__ import annotations

from dataclasses import dataclass

from accord.science.figures.axis import Axis
from accord.science.figures.letters import SMALL, widest, wrap
from accord.science.figures.marks import EDGE, LEADING_SMALL, SOFT, line, lines_of_text, text
from accord.science.figures.rows import inside

_TOP, _RIGHT = 28.0, 14.0


@dataclass(frozen=True, slots=True)
class Plane:
    """`across` runs to the right, `up` from the bottom to the top or, for standard errors, the other way."""

    across: Axis
    up: Axis
    width: float

    @property
    def bottom(self) -> float:
        return max(self.up.start, self.up.end)

    @property
    def top(self) -> float:
        return min(self.up.start, self.up.end)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.across.at(x), self.up.at(y)

    def frame(self, across: str, up: str) -> tuple[list[str], float]:
        """Grid, ticks and what is measured; and the height of it all."""
        left, right = self.across.start, self.across.end
        heading = wrap(up, self.width, SMALL, most=1)
        parts = lines_of_text(0, 11, heading, size=SMALL, colour=SOFT)
        for value, label in self.up.ticks(room=26):
            y = self.up.at(value)
            parts += [line(left, y, right, y), text(left - 6, y + 4, label, size=SMALL, anchor="end", colour=SOFT)]
        parts.append(line(left, self.bottom, right, self.bottom, colour=EDGE))
        for value, label in _across(self.across):
            x = self.across.at(value)
            parts.append(line(x, self.bottom, x, self.bottom + 4, colour=EDGE))
            middle = inside(x, label, self.width)
            parts.append(text(middle, self.bottom + 17, label, size=SMALL, anchor="middle", colour=SOFT))
        lines = wrap(across, self.width, SMALL)
        half = widest(lines, SMALL) / 2
        middle = min(max((left + right) / 2, half), self.width - half)
        parts += lines_of_text(
            middle, self.bottom + 35, lines, size=SMALL, anchor="middle", colour=SOFT, leading=LEADING_SMALL
        )
        return parts, self.bottom + 28 + LEADING_SMALL * len(lines)


def _across(axis: Axis) -> list[tuple[float, str]]:
    """Ticks; years lose the mark of thousands."""
    ticks = axis.ticks()
    years = all(1500 <= value <= 2100 and value == round(value) for value, _ in ticks)
    return [(value, label.replace(",", "")) for value, label in ticks] if years else ticks


def plane(
    across: tuple[float, float], up: tuple[float, float], width: float, *, tall: float, down: bool = False
) -> Plane:
    """A plane over the ends of both axes, `tall` high; `down`: the second axis runs from the top."""
    start, end = (_TOP, _TOP + tall) if down else (_TOP + tall, _TOP)
    upright = Axis(*up, start, end)
    left = widest([label for _, label in upright.ticks(room=26)], SMALL) + 10
    return Plane(Axis(*across, left, width - _RIGHT), upright, width)
