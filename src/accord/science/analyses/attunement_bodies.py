"""Two recordings of one session become two courses on one grid: the one way there, for a pair and for a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.signals import Phase, Recording, on_grid
from accord.science.signals.alignment import Alignment, aligned
from accord.science.signals.heart import heart_rate
from accord.science.signals.quality import quality

Array = NDArray[np.float64]
FASTEST = 200.0  # Hz
QUALITY_S = 10.0  # seconds of a window that is judged, and left out, as a whole
RATE = 4.0  # samples a second: enough for heart rate and skin conductance (Behrens et al. 2020 used less)
MAIN = "session"
HEART = ("ecg", "pulse", "rr", "heart-rate")


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
    clock_s: float | None = 0.0
    phases: tuple[Phase, ...] = ()
    notes: tuple[str, ...] = ()
    clock: Alignment | None = None
    windows: tuple[dict[str, int], ...] = ()  # of each person: windows of 10 s that are usable, or left out for what

    @property
    def seconds(self) -> float:
        return len(self.times) / self.rate_hz

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
    first: Recording, second: Recording, *, rate_hz: float = RATE, phases: Sequence[Phase] = (), align: str = "auto",
    clock_error_s: float | None = None,
) -> Together:  # fmt: skip
    """Both bodies over the time they share. `phases` are on the first one's clock; without any, its own. `align` and
    `clock_error_s` are those of `signals.aligned`; without it two files whose stamps do not tell have unknown clocks
    (`clock_s` None), so that no lead is read from them (C25). One file with both people has one clock.

    Raises BadInput where clocks have nothing in common or recordings do not overlap, and what `signals` raises for a
    signal that gives no course.
    """
    if not 0 < rate_hz <= FASTEST:
        raise BadInput(f"The grid has {rate_hz:g} Hz.", cure=f"Take samples a second up to {FASTEST:g}; 4 is usual.")
    on_one = aligned(first, second, method=align, clock_error_s=clock_error_s or 0.0)
    clock = on_one.clock
    times, _, _ = on_grid(on_one.a, rate_hz, start=clock.start, end=clock.end)
    x, first_counts = _usable(on_one.a, times, rate_hz)
    y, second_counts = _usable(on_one.b, times, rate_hz)
    named = [Phase(p.name, p.start - clock.start, p.end - clock.start) for p in (phases or first.phases)]
    both = np.isfinite(x) & np.isfinite(y)
    sure = _clock_uncertainty(first, second, clock.uncertainty_s, clock_error_s)
    notes = tuple(dict.fromkeys(note for note in (*first.notes, *second.notes, clock.note) if note))
    return Together(
        first.signal, course_unit(first), rate_hz, times - clock.start, x, y, float(both.mean()), sure, tuple(named),
        notes, clock, (first_counts, second_counts),
    )  # fmt: skip


def _clock_uncertainty(first: Recording, second: Recording, told: float | None, given: float | None) -> float | None:
    if told is not None:
        return told
    return 0.0 if given is None and first.source == second.source != "" else given


def _usable(recording: Recording, times: Array, rate_hz: float) -> tuple[Array, dict[str, int]]:
    """The course on the grid, NaN in windows under quality; and how many windows were left out for what."""
    judged = quality(recording, QUALITY_S)
    _, values, _ = on_grid(course(recording, rate_hz), rate_hz, start=float(times[0]), end=float(times[-1]))
    good = judged.ok(times) | (times >= judged.windows[-1].end)  # the rest after the last whole window is not judged
    return np.where(good, values, np.nan), judged.counts


def course_unit(recording: Recording) -> str:
    return "1/min" if recording.kind.name in HEART else recording.unit or recording.kind.unit


def course(recording: Recording, rate_hz: float) -> Recording:
    """What is compared: of a heart its rate, of everything else the signal itself."""
    return heart_rate(recording, rate_hz=rate_hz) if recording.kind.name in HEART else recording
