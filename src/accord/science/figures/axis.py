"""An axis: from values to places, with round ticks that have room for their labels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from accord.science.figures.letters import SMALL, width_of
from accord.science.figures.numbers import known, number

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOG_STEPS = (1, 2, 5)
_GAP = 16.0  # between the labels of two ticks
_NARROWEST = 20.0  # no two ticks are nearer than this
_REACH = 1.5  # an interval may lengthen the axis by this many times the spread of estimates or the usual width


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` to `high` lie between the places `start` and `end` (which may run upwards: end below start)."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value; outside of the axis it is put on its end."""
        inside = min(max(value, self.low), self.high)
        return self.start + (self.end - self.start) * (self._f(inside) - self._f(self.low)) / self._span()

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def _f(self, value: float) -> float:
        return math.log(value) if self.log else value

    def _span(self) -> float:
        return self._f(self.high) - self._f(self.low)

    def ticks(self, *, room: float | None = None, percent: bool = False) -> list[tuple[float, str]]:
        """Round values inside the axis with their labels; `room` is what one label takes (default: its width)."""
        length = abs(self.end - self.start)
        most = length / _NARROWEST + 1
        for candidates in self._candidates():
            if len(candidates) > most:
                continue
            labels = _labels(candidates, percent)
            widest = room if room is not None else max((width_of(label, SMALL) for label in labels), default=0) + _GAP
            places = [self.at(value) for value in candidates]
            if all(abs(b - a) >= widest for a, b in pairwise(places)) or length <= 0:
                return list(zip(candidates, labels, strict=True))
        return []

    def _candidates(self) -> Iterable[list[float]]:
        """From the finest to the coarsest."""
        if self.log:
            yield from self._log_candidates()
            return
        magnitude = math.floor(math.log10(self._span())) - 1
        for power in range(magnitude, magnitude + 4):
            for base in _STEPS[:-1]:
                yield self._multiples(base * 10.0**power)

    def _multiples(self, step: float) -> list[float]:
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(k * step, 12) for k in range(first, last + 1)]

    def _log_candidates(self) -> Iterable[list[float]]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        every = [base * 10.0**power for power in powers for base in _LOG_STEPS]
        yield [value for value in every if self.holds(value)]
        for thin in (1, 2, 3, 6):
            yield [10.0**power for power in powers if self.holds(10.0**power) and power % thin == 0]


def _labels(values: list[float], percent: bool) -> list[str]:
    if percent:
        return [f"{number(100 * value, _decimals([100 * v for v in values]))} %" for value in values]
    return [
        number(value, _decimals([value])) if _uneven(values) else number(value, _decimals(values)) for value in values
    ]


def _uneven(values: list[float]) -> bool:
    """Log ticks are printed as short as each allows (0.5, 1, 2), others all alike."""
    return len(values) > 2 and not math.isclose(values[1] - values[0], values[2] - values[1], rel_tol=1e-6)


def _decimals(values: list[float]) -> int:
    return next((d for d in range(7) if all(abs(round(v, d) - v) < 1e-9 * max(1, abs(v)) for v in values)), 6)


def domain(
    estimates: Iterable[float | None],
    intervals: Iterable[tuple[float | None, float | None]],
    reference: float,
    *,
    log: bool = False,
) -> tuple[float, float]:
    """Ends of an axis that holds every estimate, the reference, and the intervals as far as they are of a size with
    the rest: one that runs far beyond the usual width is cut, so that it does not squeeze the others."""

    def usable(values: Iterable[float | None]) -> list[float]:
        there = (v for v in values if known(v) and (v > 0 or not log))
        return [math.log(v) if log else v for v in there]

    ends = [usable(pair) for pair in intervals]
    points = usable([*estimates, reference]) or [0.0]
    widths = sorted(pair[1] - pair[0] for pair in ends if len(pair) == 2)
    spread = max(max(points) - min(points), widths[len(widths) // 2] if widths else 0.0) or 1.0
    every = [end for pair in ends for end in pair] + points
    low = max(min(every), min(points) - _REACH * spread)
    high = min(max(every), max(points) + _REACH * spread)
    pad = 0.05 * (high - low) or 0.5
    return (math.exp(low - pad), math.exp(high + pad)) if log else (low - pad, high + pad)


def from_zero(values: Iterable[float | None], maximum: float | None) -> tuple[float, float]:
    """From 0 to `maximum`, or to a little above the largest value."""
    largest = max((v for v in values if known(v)), default=1.0)
    return 0.0, maximum if known(maximum) and maximum > 0 else (largest * 1.04 if largest > 0 else 1.0)


def around(values: Iterable[float | None]) -> tuple[float, float]:
    """A little more than the range of the values."""
    usable = [v for v in values if known(v)] or [0.0, 1.0]
    low, high = min(usable), max(usable)
    pad = 0.06 * (high - low) or max(0.5, abs(high) * 0.05)
    return low - pad, high + pad
