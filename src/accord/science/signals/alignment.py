"""Two recordings on one clock: how far apart their clocks are, how fast they drift, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, Place
from accord.science.signals.common_event import common_event
from accord.science.signals.recording import Floats, Recording

METHODS = ("auto", "stamp", "start", "marker", "event")
WORST_DRIFT = 2e-3  # a crystal is off by some 20 to 100 millionths; a hundred times that is no clock
TAKEN = "the times are taken as those of one clock; nothing in the files says so"
UNKNOWN = "how far the clocks of two devices differ is not in the files; give it as the clock error"
APART = {"own": TAKEN, "lsl": TAKEN, "utc": UNKNOWN, "local": UNKNOWN}
CURE = "Use marks that both recordings hold, an event that both saw (a clap, a jump), or say that both began together."


@dataclass(frozen=True, slots=True)
class Alignment:
    """How b's clock was put on a's: t_a = t_b + offset_s + drift (t_b - middle), drift in millionths (ppm).

    offset_s is the offset in the middle of the marks. The standard errors are None where the marks cannot tell (one
    mark: offset only; two: no scatter). jitter_s: SD of the arrival times of both together. uncertainty_s: SD of a time
    of b on a's clock at the worst end of the overlap, with jitter and the clock error given; None where it cannot be
    told from what is there (then a lead or lag rests on an assumption).
    """

    method: str
    offset_s: float
    offset_se: float | None
    drift_ppm: float | None
    drift_se_ppm: float | None
    n_marks: int
    residual_s: float | None
    jitter_s: float
    uncertainty_s: float | None
    start: float
    end: float
    note: str = ""

    @property
    def seconds(self) -> float:
        """How long both recordings ran together."""
        return self.end - self.start

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Aligned:
    """Both recordings on a's clock, uncut; `clock.start` to `clock.end` is where both ran."""

    a: Recording
    b: Recording
    clock: Alignment


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through pairs (t_b, t_a - t_b): value at `middle`, slope, and their standard errors."""

    middle: float
    offset: float
    slope: float | None
    offset_se: float | None
    slope_se: float | None
    residual: float | None
    n: int

    def error_at(self, time: float) -> float | None:
        if self.offset_se is None or self.slope_se is None:
            return None
        return math.hypot(self.offset_se, self.slope_se * (time - self.middle))


def aligned(
    a: Recording,
    b: Recording,
    *,
    method: str = "auto",
    marks: tuple[Sequence[float], Sequence[float]] | None = None,
    event: tuple[Recording, Recording] | None = None,
    max_offset_s: float = 60.0,
    clock_error_s: float = 0.0,
    least_s: float = 1.0,
) -> Aligned:
    """Put b on a's clock.

    method: `stamp` (both already stand on one clock: UTC, one network's LSL, one file), `start` (both began at the same
    moment: an assumption, and named as one), `marker` (annotations of the same text in both, or `marks`: times in a and
    the same moments in b), `event` (a recording of each in which both see the same movements or sounds, on the same
    clocks as a and b; found by cross-correlation within `max_offset_s`). `auto` takes stamps where the clocks are the
    same, else markers, else events. From three marks on, offset and drift are a least-squares line with standard
    errors. clock_error_s: known error of the stamps (for instance of two phones on network time).

    Raises BadInput when the clocks have nothing in common, the marks contradict each other, or fewer than `least_s`
    seconds remain that both recorded (and says when they would overlap with another time zone).
    """
    chosen = _method(a, b, method, marks, event)
    line, note = _line(a, b, chosen, marks, event, max_offset_s)
    slope = line.slope or 0.0
    moved = b.shifted(line.offset - slope * line.middle, slope, clock=a.clock)
    start, end = max(a.start, moved.start), min(a.end, moved.end)
    if end - start < least_s:
        raise _no_overlap(a, moved, start, end, least_s)
    jitter = math.hypot(a.jitter_s, b.jitter_s)
    errors = [line.error_at(time - line.offset) for time in (start, end)]
    known = chosen == "stamp" and (a.source == b.source or a.clock in ("utc", "local"))
    error = 0.0 if known else max(errors) if None not in errors else None  # type: ignore[type-var]
    return Aligned(a, moved, Alignment(
        method=chosen, offset_s=line.offset, offset_se=line.offset_se,
        drift_ppm=None if line.slope is None else line.slope * 1e6,
        drift_se_ppm=None if line.slope_se is None else line.slope_se * 1e6,
        n_marks=line.n, residual_s=line.residual, jitter_s=jitter,
        uncertainty_s=None if error is None else math.hypot(math.hypot(error, jitter), clock_error_s),
        start=start, end=end, note=note,
    ))  # fmt: skip


def fitted_line(there: Floats, here: Floats) -> Line:
    """The line of here - there on there; standard errors from three pairs on (n - 2 degrees of freedom)."""
    offsets, n = here - there, int(there.size)
    middle = float(there.mean())
    if n == 1 or float(np.ptp(there)) == 0:
        return Line(middle, float(offsets.mean()), None, None, None, None, n)
    spread = float(np.sum((there - middle) ** 2))
    slope = float(np.sum((there - middle) * (offsets - offsets.mean())) / spread)
    left = offsets - offsets.mean() - slope * (there - middle)
    if n == 2:
        return Line(middle, float(offsets.mean()), slope, None, None, None, n)
    sd = math.sqrt(float(np.sum(left**2)) / (n - 2))
    return Line(middle, float(offsets.mean()), slope, sd / math.sqrt(n), sd / math.sqrt(spread), sd, n)


def _method(a: Recording, b: Recording, method: str, marks: object, event: object) -> str:
    if method not in METHODS:
        raise BadInput(f"the method is '{method}'.", cure=f"One of: {', '.join(METHODS)}.")
    if method != "auto":
        return method
    if marks is not None:
        return "marker"
    if event is not None:
        return "event"
    if a.clock == b.clock and a.clock in ("utc", "local", "own"):
        return "stamp"
    if a.clock == b.clock and a.source == b.source:
        return "stamp"
    if _shared_marks(a, b)[0].size:
        return "marker"
    what = f"the clocks ({a.clock} and {b.clock}) have nothing in common."
    raise BadInput(what, cure=CURE, where=_both(a, b))


def _line(
    a: Recording, b: Recording, method: str, marks: tuple[Sequence[float], Sequence[float]] | None,
    event: tuple[Recording, Recording] | None, max_offset_s: float,
) -> tuple[Line, str]:  # fmt: skip
    if method == "stamp":
        if a.clock != b.clock:
            raise BadInput(f"the clocks are {a.clock} and {b.clock}, not one.", cure=CURE, where=_both(a, b))
        return Line(0.0, 0.0, None, None, None, None, 0), "" if a.source == b.source else APART[a.clock]
    if method == "start":
        return Line(b.start, a.start - b.start, None, None, None, None, 0), "both are taken to begin at the same moment"
    if method == "marker":
        here, there = _given(marks) if marks is not None else _shared_marks(a, b)
        if not here.size:
            raise BadInput("the recordings share no mark.", cure=CURE, where=_both(a, b))
        return _checked(fitted_line(there, here), a, b), _few(here.size)
    if event is None:
        raise BadInput("no recording of a common event was given.", cure=CURE, where=_both(a, b))
    there, here = common_event(*event, max_offset_s=max_offset_s)
    return _checked(fitted_line(there, here), a, b), _few(there.size)


def _given(marks: tuple[Sequence[float], Sequence[float]]) -> tuple[Floats, Floats]:
    here, there = (np.asarray(side, dtype=np.float64) for side in marks)
    if here.shape != there.shape or here.ndim != 1 or not np.isfinite(here).all() or not np.isfinite(there).all():
        cure = "Give as many finite times in a as in b, in the same order."
        raise BadInput(f"{here.size} marks in a, {there.size} in b.", cure=cure)
    return here, there


def _shared_marks(a: Recording, b: Recording) -> tuple[Floats, Floats]:
    """The times in a and in b of the annotations whose text stands equally often in both, in their order."""
    here, there = [], []
    for text in sorted({note.text for note in a.annotations} & {note.text for note in b.annotations} - {""}):
        left = sorted(note.time for note in a.annotations if note.text == text)
        right = sorted(note.time for note in b.annotations if note.text == text)
        if len(left) == len(right):
            here += left
            there += right
    return np.array(here), np.array(there)


def _checked(line: Line, a: Recording, b: Recording) -> Line:
    drift = line.slope or 0.0
    if abs(drift) > WORST_DRIFT or (line.residual or 0.0) > 1.0:
        what = f"the marks contradict each other: drift {drift * 1e6:,.0f} ppm, scatter {line.residual or 0:.2f} s."
        raise BadInput(what, cure="Leave out the mark that is not the same moment in both.", where=_both(a, b))
    return line


def _few(count: int) -> str:
    if count == 1:
        return "one mark: the drift of the clocks is not known"
    return "two marks: offset and drift have no error that can be told" if count == 2 else ""


def _no_overlap(a: Recording, b: Recording, start: float, end: float, least_s: float) -> BadInput:
    what = (
        f"the recordings have {max(end - start, 0):.1f} s in common ({least_s:g} needed): a runs from {a.start:.1f} to "
    )
    what += f"{a.end:.1f}, b from {b.start:.1f} to {b.end:.1f} s."
    for halves in sorted(range(-28, 29), key=abs):
        shift = halves * 1800.0
        if halves and min(a.end, b.end + shift) - max(a.start, b.start + shift) > 0.5 * min(a.seconds, b.seconds):
            cure = f"With b shifted by {shift / 3600:g} h they overlap: a time zone or summer time is wrong in one."
            return BadInput(what, cure=cure, where=_both(a, b))
    return BadInput(what, cure="Check that both are of the same session.", where=_both(a, b))


def _both(a: Recording, b: Recording) -> Place:
    return Place(file=" and ".join(dict.fromkeys(part.source for part in (a, b) if part.source)) or None)
