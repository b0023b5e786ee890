"""Two recordings of one session become two courses on one grid: the one way there, for a pair and for a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.signals import Phase, Recording, on_grid

Array = NDArray[np.float64]
RATE = 4.0  # samples a second: enough for heart rate and skin conductance (Behrens et al. 2020 used less)
MAIN = "session"
HEART = ("ecg", "pulse", "rr")


@dataclass(frozen=True, slots=True)
class Together:
    """Two courses on one grid of `rate_hz`, missing = NaN; `times` are seconds from where both had begun.

    `usable` is the share of the grid on which both are there, `clock_s` how far the two clocks may be apart; `notes`
    say what was assumed.
    """

    signal: str
    unit: str
    rate_hz: float
    times: Array
    first: Array
    second: Array
    usable: float
    clock_s: float = 0.0
    phases: tuple[Phase, ...] = ()
    notes: tuple[str, ...] = ()

    def part(self, phase: str) -> Together:
        """One phase of it; the whole where it has no such phase. NotEstimable when the phase was not recorded."""
        found = next((one for one in self.phases if one.name == phase), None)
        if found is None:
            return self
        inside = (self.times >= found.start) & (self.times < found.end)
        if inside.sum() < 2:
            raise NotEstimable(f"Nothing was recorded in the phase '{phase}'.", cure="Check the phases.")
        both = np.isfinite(self.first[inside]) & np.isfinite(self.second[inside])
        return replace(
            self, times=self.times[inside], first=self.first[inside], second=self.second[inside],
            usable=float(both.mean()), phases=(found,),
        )  # fmt: skip


def brought_together(
    first: Recording, second: Recording, *, rate_hz: float = RATE, phases: Sequence[Phase] = ()
) -> Together:
    """Both bodies over the time they share. `phases` are on the first one's clock; without any, its own.

    Raises BadInput where they do not overlap, what `signals` raises for a signal that gives no course.
    """
    a, b = course(first), course(second)
    start, end = max(a.start, b.start), min(a.end, b.end)
    if end - start < 2 / rate_hz:
        raise BadInput(
            f"the two do not overlap: {a.start:,.1f} to {a.end:,.1f} s and {b.start:,.1f} to {b.end:,.1f} s.",
            cure="Are they of one session, and on one clock? `offset_s` in the index moves a file.",
            where=Place(file=b.source or None),
        )
    times, x, _ = on_grid(a, rate_hz, start=start, end=end)
    _, y, _ = on_grid(b, rate_hz, start=start, end=end)
    named = [Phase(p.name, p.start - start, p.end - start) for p in (phases or first.phases)]
    both = np.isfinite(x) & np.isfinite(y)
    notes = tuple(dict.fromkeys((*a.notes, *b.notes)))
    return Together(
        a.signal, a.unit, rate_hz, times - start, x, y, float(both.mean()), 0.0, tuple(named), notes,
    )  # fmt: skip


def course(recording: Recording) -> Recording:
    """What is compared: of a heart its rate, of everything else the signal itself."""
    return recording
