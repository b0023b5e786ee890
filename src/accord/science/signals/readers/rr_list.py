"""Lists of beat-to-beat intervals, as chest straps and their apps export them: one interval a row."""

from __future__ import annotations

import numpy as np

from accord.science.errors import BadInput, Place
from accord.science.signals.kinds import kind_of, matching
from accord.science.signals.readers.choice import Request, time_column
from accord.science.signals.readers.table import finite, unit_of
from accord.science.signals.readers.text import TextTable, numbers
from accord.science.signals.recording import Floats, Gap, Recording
from accord.science.signals.stamps import Clocked, clocked

LOST_S = 3.0


def from_rr_text(table: TextTable, request: Request, *, file: str) -> Recording:
    """Intervals in ms, each stamped with the beat that ends it.

    Without times the list is taken as unbroken and starts at 0 on its own clock. With arrival times (Bluetooth
    notifications have no stamps of their own, several intervals come in one) the beats follow from the intervals and
    lie on the arrival clock by the median delay of each unbroken stretch; the SD of the delays is `jitter_s`. A delay
    that jumps by more than 3 s means lost beats: a gap.
    """
    column = _interval_column(table, request, file)
    cells = finite(numbers(table, column, file=file).to_numpy())
    request.limits.check_samples(cells.size, file)
    factor, note = _to_ms(cells, request.unit or unit_of(column), Place(file=file, column=column))
    intervals = cells * factor
    name = time_column([other for other in table.frame.columns if other != column], request, file=file)
    if name is None:
        return unbroken(intervals, request, file=file, notes=note)
    times = table.frame[name]
    if table.decimal_comma:
        times = times.str.replace(",", ".", literal=True)
    return arrived(intervals, clocked(times, unit=request.time_unit, file=file), request, file=file, notes=note)


def unbroken(
    intervals: Floats,
    request: Request,
    *,
    file: str,
    start: float = 0.0,
    clock: str = "own",
    notes: tuple[str, ...] = (),
) -> Recording:
    """One list of intervals (ms) without times: beat k comes at the sum of the first k intervals."""
    stamps = start + np.cumsum(np.nan_to_num(_positive(intervals, file))) / 1000.0
    keep = intervals > 0
    if int(keep.sum()) < 2:
        raise BadInput("fewer than two intervals.", cure="Export the list again.", where=Place(file=file))
    request.limits.check_length(float(stamps[-1] - start), file)
    return _recording(intervals[keep], stamps[keep], request, file=file, clock=clock, notes=notes)


def arrived(
    intervals: Floats, arrival: Clocked, request: Request, *, file: str, notes: tuple[str, ...] = ()
) -> Recording:
    """Intervals (ms) with the times at which they arrived; rows with the same time are one notification."""
    keep = _positive(intervals, file) > 0
    late, gone = arrival.seconds[keep], intervals[keep] / 1000.0
    if gone.size < 2:
        raise BadInput("fewer than two intervals.", cure="Export the list again.", where=Place(file=file))
    if np.any(np.diff(late) < 0):
        row = int(np.flatnonzero(np.diff(late) < 0)[0]) + 3
        cure = "Sort the rows by time, or cut the file where the clock was set."
        raise BadInput("the time runs back.", cure=cure, where=Place(file=file, row=row))
    request.limits.check_length(float(late[-1] - late[0]), file, steps="Is the time in milliseconds? ")
    beats, gaps, jitter = _beats_on_arrival_clock(late, gone)
    recording = _recording(gone * 1000.0, beats, request, file=file, clock=arrival.clock, notes=notes + arrival.notes)
    return recording.changed(jitter_s=jitter, gaps=gaps)


def _beats_on_arrival_clock(late: Floats, gone: Floats) -> tuple[Floats, tuple[Gap, ...], float]:
    lag = late - np.cumsum(gone)
    breaks = np.flatnonzero(np.abs(np.diff(lag)) > LOST_S) + 1
    beats, left = np.empty_like(late), np.empty_like(late)
    for part in np.split(np.arange(late.size), breaks):
        delay = float(np.median(lag[part]))
        left[part] = lag[part] - delay
        beats[part] = late[part] - left[part]
    beats = np.maximum.accumulate(beats)
    beats[1:] = np.where(np.diff(beats) <= 0, beats[1:] + 1e-6, beats[1:])
    gaps = tuple(Gap(float(beats[i - 1]), float(beats[i] - gone[i]), "beats lost") for i in breaks)
    return beats, tuple(gap for gap in gaps if gap.end > gap.start), float(left.std())


def _recording(
    intervals: Floats, stamps: Floats, request: Request, *, file: str, clock: str, notes: tuple[str, ...]
) -> Recording:
    return Recording(
        who=request.who, signal="rr", values=intervals, unit="ms", stamps=stamps, clock=clock, source=file, notes=notes
    )


def _positive(intervals: Floats, file: str) -> Floats:
    if np.any(intervals < 0):
        where = Place(file=file, row=int(np.flatnonzero(intervals < 0)[0]) + 1)
        raise BadInput("an interval is negative.", cure="Intervals are lengths of time in ms or s.", where=where)
    return intervals


def _interval_column(table: TextTable, request: Request, file: str) -> str:
    names = table.frame.columns
    found = matching(names, request.column) if request.column else [n for n in names if kind_of(n).name == "rr"]
    if not found and len(names) == 1:
        found = names
    if len(found) == 1:
        return found[0]
    cure = f"There are: {', '.join(names[:20])}. Name the column that holds the intervals."
    raise BadInput("it is not clear which column holds the intervals.", cure=cure, where=Place(file=file))


def _to_ms(cells: Floats, unit: str | None, where: Place) -> tuple[float, tuple[str, ...]]:
    """The factor to ms: from the unit given, checked against what a heart can do; from the size when none is."""
    there = cells[np.isfinite(cells) & (cells > 0)]
    if there.size < 2:
        raise BadInput("fewer than two intervals.", cure="Export the list again.", where=where)
    middle = float(np.median(there))
    size = next((u for u, f in (("ms", 1.0), ("s", 1000.0)) if 250 <= middle * f <= 2400), None)
    if size is None:
        cure = "Intervals between beats are 250 to 2,400 ms. Name the right column, or give the unit."
        raise BadInput(f"the middle value is {middle:g}: no interval between beats.", cure=cure, where=where)
    if unit in ("ms", "s") and unit != size:
        what = f"the unit is said to be {unit}, but the middle value is {middle:g}."
        raise BadInput(what, cure=f"Give the unit {size}.", where=where)
    return (1.0 if size == "ms" else 1000.0), (() if unit in ("ms", "s") else (f"intervals read as {size}",))
