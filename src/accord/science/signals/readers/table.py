"""CSV and Parquet with one row per sample: a column of times (or a known rate) and a column per signal."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl

from accord.science.errors import BadInput, Place
from accord.science.signals.kinds import KINDS, kind_of
from accord.science.signals.readers.choice import Request, chosen, time_column
from accord.science.signals.readers.text import TextTable, numbers
from accord.science.signals.recording import Floats, Recording
from accord.science.signals.stamps import Timing, clocked, timing


def from_text(table: TextTable, request: Request, *, file: str) -> Recording:
    """One signal from a delimited text file; see `read_text` for the dialects understood."""
    request.limits.check_samples(table.frame.height, file)
    names = table.frame.columns
    column = names[0] if len(names) == 1 and not table.has_header else chosen(names, request, file=file)
    values = numbers(table, column, file=file)
    name = time_column(names, request, file=file)
    times = None if name is None else _time_cells(table, name)
    noted = re.search(r"[\d.]+", table.notes.get("sampling rate", ""))
    rate = request.rate_hz or (float(noted[0]) if noted else None)
    return assembled(values, times, column, request, file=file, rate_hz=rate, first_row=table.skipped + 1)


def _time_cells(table: TextTable, name: str) -> pl.Series:
    cells = table.frame[name]
    return cells.str.replace(",", ".", literal=True) if table.decimal_comma else cells


def read_parquet(path: Path, request: Request) -> Recording:
    """One signal from a Parquet file; only the columns needed are read."""
    file = str(path)
    try:
        scan = pl.scan_parquet(path)
        names = scan.collect_schema().names()
        column, time = chosen(names, request, file=file), time_column(names, request, file=file)
        request.limits.check_samples(int(scan.select(pl.len()).collect().item()), file)
        frame = scan.select([name for name in dict.fromkeys((time, column)) if name]).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        cure = "Write it again; it may be cut off or of another format."
        raise BadInput("this is no readable Parquet file.", cure=cure, where=Place(file=file)) from None
    series = frame[column]
    if not series.dtype.is_numeric():
        what = f"the column holds {series.dtype}, not numbers."
        raise BadInput(what, cure="Name a column of numbers.", where=Place(file=file, column=column))
    times = None if time is None or time == column else frame[time]
    return assembled(series.cast(pl.Float64), times, column, request, file=file, rate_hz=request.rate_hz)


def assembled(
    values: pl.Series, times: pl.Series | None, column: str, request: Request, *, file: str, rate_hz: float | None,
    first_row: int = 2,
) -> Recording:  # fmt: skip
    """The recording from a column of values and a column of times, or a rate where there is no such column."""
    array = finite(values.to_numpy())
    kind = kind_of(request.signal if request.signal in KINDS else column)
    if times is None:
        clock, when = None, _from_rate(array.size, rate_hz, request, file)
    else:
        clock = clocked(times, unit=request.time_unit, file=file, first_row=first_row)
        when = timing(clock, kind=kind, limits=request.limits, file=file, column=times.name)
    return Recording(
        who=request.who, signal=request.signal, values=array, unit=request.unit or unit_of(column) or "",
        rate_hz=when.rate_hz, stamps=when.stamps, start=when.start, clock=clock.clock if clock else "own",
        jitter_s=when.jitter_s, gaps=when.gaps, source=file, notes=clock.notes if clock else (),
    )  # fmt: skip


def finite(values: np.ndarray) -> Floats:
    """As float64, with NaN for every infinity."""
    array = np.array(values, dtype=np.float64)
    array[~np.isfinite(array)] = np.nan
    return array


def _from_rate(count: int, rate_hz: float | None, request: Request, file: str) -> Timing:
    if rate_hz is None:
        cure = "Name the column with the times, or give the rate in samples a second."
        raise BadInput("no column holds the times.", cure=cure, where=Place(file=file))
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise BadInput(f"the rate is {rate_hz}.", cure="Give samples a second.", where=Place(file=file))
    if count < 2:
        raise BadInput("fewer than two samples.", cure="Export the recording again.", where=Place(file=file))
    request.limits.check_length(count / rate_hz, file)
    return Timing(0.0, rate_hz, None, 0.0, ())


def unit_of(column: str) -> str | None:
    """The unit in brackets at the end of a column's name: `ecg [uV]`, `EDA (µS)`."""
    found = re.search(r"[\[(]([^\])]{1,20})[\])]\s*$", column)
    return found[1].strip() if found else None
