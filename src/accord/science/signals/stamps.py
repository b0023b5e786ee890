"""A column of times becomes seconds, and seconds become a rate, gaps and jitter, or a refusal that says why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from accord.science.errors import BadInput, Place
from accord.science.signals.kinds import Kind
from accord.science.signals.limits import Limits
from accord.science.signals.recording import Floats, Gap

PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9, "min": 1 / 60, "h": 1 / 3600}
UNIT_IN_NAME = re.compile(
    r"(?:^|[_\s\[(/.])(ms|msec|us|µs|μs|ns|s|sec|secs|seconds|min|minutes|h|hours)[\])]?\s*$", re.I
)
SPELLED = {
    "msec": "ms",
    "µs": "us",
    "μs": "us",
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
}
# Seconds from 2001 to 2096 since 1970; no session lasts so long, so larger numbers are stamps of a wall clock.
EPOCH = (1e9, 4e9)
DST = 3600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How samples lie in time: evenly (`stamps` None) or not, with the spread of the stamps around even spacing."""

    start: float
    rate_hz: float | None
    stamps: Floats | None
    jitter_s: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Clocked:
    """Seconds on a clock, and what was assumed about them."""

    seconds: Floats
    clock: str
    notes: tuple[str, ...] = ()
    first_row: int = 2  # the row of the file in which the first of them stands


def clocked(column: pl.Series, *, unit: str | None, file: str, first_row: int = 2) -> Clocked:
    """Seconds from a column of numbers, dates or text.

    The unit of numbers is `unit`, else what the column's name ends in (`time_ms`, `timestamp [ns]`), else seconds.
    Numbers that are seconds, ms, us or ns since 1970 are known by their size and stand on the clock `utc`. Dates with
    a zone or offset stand on `utc`, without one on `local`. Raises BadInput for a cell that is none of these.
    """
    return replace(_clocked(column, unit, file, first_row), first_row=first_row)


def _clocked(column: pl.Series, unit: str | None, file: str, first_row: int) -> Clocked:
    where = Place(file=file, column=column.name)
    if unit is not None and unit not in PER_SECOND:
        raise BadInput(f"the time unit is '{unit}'.", cure=f"One of: {', '.join(PER_SECOND)}.", where=where)
    if column.dtype == pl.String:
        numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
        if numbers.null_count() > len(column) / 2:
            return _dates(column, file, first_row)
        _refuse_holes(numbers, column, file, first_row)
        return _numbers(numbers, unit, file, first_row)
    if column.dtype == pl.Datetime:
        zoned = column.dtype.time_zone is not None  # type: ignore[attr-defined]
        _refuse_holes(column, column, file, first_row)
        return Clocked(column.dt.epoch("ns").to_numpy() / 1e9, "utc" if zoned else "local")
    if not column.dtype.is_numeric():
        raise BadInput(f"the times are of type {column.dtype}.", cure="Write seconds or dates.", where=where)
    _refuse_holes(column, column, file, first_row)
    return _numbers(column.cast(pl.Float64), unit, file, first_row)


def _numbers(column: pl.Series, unit: str | None, file: str, first_row: int) -> Clocked:
    values = column.to_numpy().astype(np.float64)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0]) + first_row
        raise BadInput(
            "the time is no finite number.", cure="Delete the row.", where=Place(file, None, row, column.name)
        )
    named = UNIT_IN_NAME.search(column.name)
    known = unit or (SPELLED.get(named[1].lower(), named[1].lower()) if named else None)
    middle = float(np.median(values)) if values.size else 0.0
    if unit is None:
        for candidate in ("s", "ms", "us", "ns"):
            if EPOCH[0] <= middle / PER_SECOND[candidate] <= EPOCH[1] and known in (None, candidate):
                return Clocked(values / PER_SECOND[candidate], "utc", (f"times read as {candidate} since 1970 UTC",))
    seconds = values / PER_SECOND[known or "s"]
    since_1970 = values.size > 0 and EPOCH[0] <= float(np.median(seconds)) <= EPOCH[1]
    return Clocked(seconds, "utc" if since_1970 else "own", () if known else ("times read as seconds",))


def _dates(column: pl.Series, file: str, first_row: int) -> Clocked:
    """ISO dates, with or without an offset, or times of day alone (`local`)."""
    text = column.str.strip_chars().str.replace("T", " ", literal=True).str.replace(r"[Zz]$", "+00:00")
    zoned = bool(text.head(1).str.contains(r"[+-]\d\d:?\d\d$").any())
    if zoned:
        parsed = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="ns", strict=False)
    elif text.head(1).str.contains(r"^\d{1,2}:\d\d:\d\d").any():
        parsed = ("2000-01-01 " + text).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ns", strict=False)
    else:
        parsed = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ns", strict=False)
    _refuse_holes(parsed, column, file, first_row)
    return Clocked(parsed.dt.epoch("ns").to_numpy() / 1e9, "utc" if zoned else "local")


def _refuse_holes(parsed: pl.Series, column: pl.Series, file: str, first_row: int) -> None:
    if parsed.null_count():
        row = int(parsed.is_null().arg_max() or 0)
        what = f"the time is '{column[row]!s:.40}'." if column[row] is not None else "the time is empty."
        cure = "Write seconds as a number, or dates as 2026-03-29T10:00:00+02:00, in every row."
        raise BadInput(what, cure=cure, where=Place(file=file, row=row + first_row, column=column.name))


def timing(clock: Clocked, *, kind: Kind, limits: Limits, file: str, column: str | None = None) -> Timing:
    """Rate, gaps and jitter of increasing stamps (seconds).

    Even spacing is taken when every stamp lies within half a step of the straight line through them (stamps rounded to
    a millisecond pass); then the line gives start and rate, and the SD around it is the jitter. A step above 2.5 times
    the median (for beats: above 3 s) is a gap. Raises BadInput when time stands still or runs back, jumps by an hour
    as clocks do when summer time begins, or cannot be seconds.
    """
    seconds, where = clock.seconds, Place(file=file, column=column)
    if seconds.size < 2:
        raise BadInput("fewer than two samples.", cure="Export the recording again.", where=where)
    steps = np.diff(seconds)
    _refuse_backwards(steps, clock, where)
    step = float(np.median(steps))
    _refuse_unit(step, float(seconds[-1] - seconds[0]), kind, limits, where)
    long = _gap_threshold(step, kind)
    holes = np.flatnonzero(steps > long)
    _refuse_dst(steps, holes, step, clock, where)
    gaps = tuple(Gap(float(seconds[i]) + step, float(seconds[i + 1])) for i in holes)
    if kind.name == "rr":
        return Timing(float(seconds[0]), None, seconds, 0.0, gaps)
    if gaps:
        return Timing(float(seconds[0]), 1.0 / step, seconds, _local_jitter(steps[steps <= long]), gaps)
    return _straight(seconds, step)


def _gap_threshold(step: float, kind: Kind) -> float:
    return max(3.0, 2.5 * step) if kind.name in ("rr", "heart-rate") else 2.5 * step


def _straight(seconds: Floats, step: float) -> Timing:
    """The line through the stamps when all lie within half a step of it; the stamps themselves otherwise."""
    index = np.arange(seconds.size, dtype=np.float64)
    middle, centre = seconds.mean(), index.mean()
    slope = float(np.dot(index - centre, seconds - middle) / np.dot(index - centre, index - centre))
    left = seconds - (middle + slope * (index - centre))
    if float(np.abs(left).max()) >= 0.5 * step:
        return Timing(float(seconds[0]), 1.0 / step, seconds, _local_jitter(np.diff(seconds)), ())
    jitter, rate = float(left.std()), 1.0 / slope
    if abs(rate - round(rate)) < 1e-6 * rate:
        rate = float(round(rate))
    start = float(seconds[0]) if jitter < 1e-6 else float(middle - slope * centre)
    return Timing(start, rate, None, jitter, ())


def _local_jitter(steps: Floats) -> float:
    """SD of the arrival of single samples: that of the steps divided by root 2 (each step holds two arrivals)."""
    return float(np.std(steps) / np.sqrt(2)) if steps.size > 1 else 0.0


def _refuse_backwards(steps: Floats, clock: Clocked, where: Place) -> None:
    wrong = np.flatnonzero(steps <= 0)
    if not wrong.size:
        return
    place = Place(where.file, None, int(wrong[0]) + 1 + clock.first_row, where.column)
    back = -float(steps[wrong[0]])
    if back == 0:
        raise BadInput("the time stands still.", cure="One row per moment; delete rows that repeat.", where=place)
    if abs(back - DST) < 60 and clock.clock != "utc":
        what = "the time jumps back by one hour, as clocks do when summer time ends."
        raise BadInput(what, cure="Export the times in UTC, or with their offset (+01:00).", where=place)
    cure = "Sort the rows by time, or cut the file where the clock was set."
    raise BadInput(f"the time runs back by {back:,.3f} s.", cure=cure, where=place)


def _refuse_dst(steps: Floats, holes: np.ndarray, step: float, clock: Clocked, where: Place) -> None:
    for hole in holes:
        if clock.clock != "utc" and abs(float(steps[hole]) - DST) < max(2.0, 2 * step):
            place = Place(where.file, None, int(hole) + 1 + clock.first_row, where.column)
            what = "the time jumps ahead by one hour, as clocks do when summer time begins."
            cure = "Export the times in UTC, or with their offset; if it was a pause, cut the file there."
            raise BadInput(what, cure=cure, where=place)


def _refuse_unit(step: float, length: float, kind: Kind, limits: Limits, where: Place) -> None:
    """Milliseconds taken for seconds (or the other way round) give a length or a rate that cannot be."""
    if step > 0 and 1 / step > 100_000:
        cure = "The times are larger units than assumed: say so with the time unit (s, ms, us, ns)."
        raise BadInput(f"{1 / step:,.0f} samples a second cannot be.", cure=cure, where=where)
    slow = bool(kind.rate_hz) and 1 / step < kind.rate_hz
    as_ms = 1000 / step >= kind.rate_hz and length / 1000 <= limits.hours * 3600 and step >= 1
    if slow and as_ms:
        what = f"{1 / step:.3g} samples a second are too few for {kind.name} (at least {kind.rate_hz:g})."
        raise BadInput(what, cure="The times look like milliseconds: give the time unit ms.", where=where)
    if slow:
        what = f"{1 / step:.3g} samples a second are too few for {kind.name} (at least {kind.rate_hz:g})."
        raise BadInput(what, cure="Export the raw signal, or name it as what it is.", where=where)
    hint = "The times look like milliseconds: give the time unit ms. Or: " if as_ms else ""
    limits.check_length(length, where.file or "", steps=hint)
