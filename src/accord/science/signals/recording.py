"""One recording: one signal of one person, with its clock, its gaps and what was noted while it ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, Place
from accord.science.signals.kinds import Kind, kind_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# utc: seconds since 1970-01-01 UTC · local: the same of a wall clock without a time zone · lsl: the Lab Streaming Layer
# of one network · own: seconds since the device or file began, comparable with nothing else.
CLOCKS = ("utc", "local", "lsl", "own")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without samples, in seconds on the recording's clock."""

    start: float
    end: float
    reason: str = "no samples"


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something noted at a time (seconds on the recording's clock): a marker, a button, an event of the file."""

    time: float
    text: str
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Phase:
    """A named part of the session (baseline, stress, recovery, session), in seconds on the recording's clock."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One signal. Sample i was taken at `times[i]` seconds on `clock`; a missing sample is NaN.

    who: whose body (`patient`, `therapist`, or a name of the caller). signal: kind (`heart-rate`, `ecg`, ...) or the
    column's name. values: float64 (n,). rate_hz: samples a second (None for one value per beat). stamps: seconds (n,)
    when the samples are not evenly spaced or have gaps; None when `start` and `rate_hz` say it all. jitter_s: SD of the
    stamps around even spacing (arrival jitter), 0 when the file has none. notes: what a reader assumed, in words.
    """

    who: str
    signal: str
    values: Floats
    unit: str = ""
    rate_hz: float | None = None
    stamps: Floats | None = None
    start: float = 0.0
    clock: str = "own"
    jitter_s: float = 0.0
    gaps: tuple[Gap, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    phases: tuple[Phase, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Arrays become float64 and read-only, so that no function can change another's input."""
        object.__setattr__(self, "values", _frozen(self.values))
        if self.stamps is not None:
            object.__setattr__(self, "stamps", _frozen(self.stamps))
            object.__setattr__(self, "start", float(self.stamps[0]) if self.stamps.size else self.start)
        self._check()

    def _check(self) -> None:
        where = Place(file=self.source or None, column=self.signal)
        if self.values.ndim != 1 or (self.stamps is not None and self.stamps.shape != self.values.shape):
            raise BadInput("values and stamps are not two lists of one length.", cure="Pass both as (n,).", where=where)
        if self.stamps is None and not (self.rate_hz and np.isfinite(self.rate_hz) and self.rate_hz > 0):
            cure = "Give the rate in samples a second, or one stamp per value."
            raise BadInput(f"the rate is {self.rate_hz}.", cure=cure, where=where)
        if self.clock not in CLOCKS:
            raise BadInput(f"the clock is '{self.clock}'.", cure=f"One of: {', '.join(CLOCKS)}.", where=where)

    def __len__(self) -> int:
        return int(self.values.size)

    @property
    def kind(self) -> Kind:
        return kind_of(self.signal)

    @property
    def times(self) -> Floats:
        """The seconds of every sample on the recording's clock, (n,)."""
        if self.stamps is not None:
            return self.stamps
        return self.start + np.arange(self.values.size) / float(self.rate_hz or 1.0)

    @property
    def end(self) -> float:
        """The time of the last sample."""
        if self.stamps is not None:
            return float(self.stamps[-1]) if self.stamps.size else self.start
        return self.start + max(self.values.size - 1, 0) / float(self.rate_hz or 1.0)

    @property
    def seconds(self) -> float:
        """From the first to the last sample."""
        return self.end - self.start

    @property
    def missing(self) -> int:
        """How many samples are missing (NaN); what lies in `gaps` is not counted here."""
        return int(np.isnan(self.values).sum())

    def changed(self, **changes: Any) -> Recording:
        """A copy with other fields."""
        return replace(self, **changes)

    def between(self, start: float, end: float) -> Recording:
        """The part with start <= time < end; phases, gaps and annotations are cut to it. BadInput when it is empty."""
        inside = _inside(self.times, start, end)
        if inside.start >= inside.stop:
            cure = f"It runs from {self.start:.1f} to {self.end:.1f} s."
            what = f"the recording has no sample from {start:.1f} to {end:.1f} s."
            raise BadInput(what, cure=cure, where=Place(file=self.source or None, column=self.signal))
        first = float(self.times[inside.start])
        return self.changed(
            values=self.values[inside], stamps=None if self.stamps is None else self.stamps[inside], start=first,
            gaps=_cut(self.gaps, start, end), phases=_cut(self.phases, start, end),
            annotations=tuple(note for note in self.annotations if start <= note.time < end),
        )  # fmt: skip

    def shifted(self, offset_s: float, drift: float = 0.0, *, clock: str | None = None) -> Recording:
        """The same on another clock: t' = offset_s + (1 + drift) t for every time in it."""

        def there(time: float) -> float:
            return offset_s + (1.0 + drift) * time

        return self.changed(
            stamps=None if self.stamps is None else offset_s + (1.0 + drift) * self.stamps,
            start=there(self.start), rate_hz=self.rate_hz / (1.0 + drift) if self.rate_hz else None,
            gaps=tuple(replace(gap, start=there(gap.start), end=there(gap.end)) for gap in self.gaps),
            phases=tuple(replace(part, start=there(part.start), end=there(part.end)) for part in self.phases),
            annotations=tuple(replace(note, time=there(note.time)) for note in self.annotations),
            clock=clock or self.clock,
        )  # fmt: skip


def _frozen(values: Any) -> Floats:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def _inside(times: Floats, start: float, end: float) -> slice:
    first, last = np.searchsorted(times, [start, end], side="left")
    return slice(int(first), int(last))


def _cut(parts: Iterable[Any], start: float, end: float) -> tuple[Any, ...]:
    """Gaps or phases that reach into [start, end), cut to it."""
    return tuple(
        replace(part, start=max(part.start, start), end=min(part.end, end))
        for part in parts
        if part.end > start and part.start < end
    )
