"""Any file with one body's signal becomes a `Recording`; the ending of the file says who reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from accord.science.errors import BadInput, Place
from accord.science.signals.kinds import kind_of
from accord.science.signals.limits import Limits
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.empatica import from_empatica, is_empatica, marks_beside, read_empatica_zip
from accord.science.signals.readers.isolated import read_isolated
from accord.science.signals.readers.json_text import read_json
from accord.science.signals.readers.rr_list import from_rr_text
from accord.science.signals.readers.table import from_text, read_parquet
from accord.science.signals.readers.text import read_text
from accord.science.signals.recording import Recording

Reader = Callable[[Path, Request], Recording]


def read_delimited(path: Path, request: Request) -> Recording:
    """A text file: of an Empatica E4, a list of intervals between beats, or a table with one row per sample."""
    table, file = read_text(path), str(path)
    if is_empatica(table, file):
        return from_empatica(table, request, file=file, marks=marks_beside(path))
    if kind_of(request.signal).name == "rr":
        return from_rr_text(table, request, file=file)
    return from_text(table, request, file=file)


READERS: dict[str, Reader] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".rr": read_delimited,
    ".parquet": read_parquet,
    ".json": read_json,
    ".zip": read_empatica_zip,
    ".edf": partial(read_isolated, "edf"),
    ".bdf": partial(read_isolated, "edf"),
    ".acq": partial(read_isolated, "acq"),
    ".xdf": partial(read_isolated, "xdf"),
}


def read_recording(
    path: str | Path,
    *,
    signal: str,
    column: str | None = None,
    time: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    who: str = "",
    unit: str | None = None,
    limits: Limits | None = None,
) -> Recording:
    """One signal of one person from a file.

    signal: a kind (`ecg`, `pulse`, `rr`, `heart-rate`, `skin-conductance`, `respiration`, ...; a column or channel that
    is called so in any usual spelling is found) or the very name of a column. column: its name in the file, when
    `signal` should say what it is. time: the column of times (found by its usual names). time_unit: s, ms, us, ns, min
    or h. rate_hz: for tables without times. who: whose body. limits: size and time allowed.

    Raises NotFound (no such file or column), BadInput (place, what was found, cure) for a file that is corrupt, too
    large, flat or empty, MissingExtra when the format needs `[physio]`.
    """
    file, allowed = Path(path), limits or Limits()
    allowed.check_file(file)
    request = Request(signal, column, time, time_unit, rate_hz, who, unit, allowed)
    recording = _reader(file)(file, request)
    refuse_lifeless(recording)
    return recording


def _reader(file: Path) -> Reader:
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        what = f"files ending in '{file.suffix}' are not known."
        raise BadInput(what, cure=f"Known: {', '.join(sorted(READERS))}.", where=Place(file=str(file)))
    return reader


def refuse_lifeless(recording: Recording) -> None:
    """BadInput when nothing was measured: every sample missing, or all the same (a flat line)."""
    where = Place(file=recording.source or None, column=recording.signal)
    there = recording.values[np.isfinite(recording.values)]
    if there.size < 2:
        cure = "Check which column was meant, or leave this recording out."
        raise BadInput("fewer than two samples are there.", cure=cure, where=where)
    if float(np.ptp(there)) == 0.0:
        what = f"the signal is a flat line: all {there.size:,} samples are {there[0]:g}."
        raise BadInput(what, cure="The sensor was off or not worn: leave this recording out.", where=where)
