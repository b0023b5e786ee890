"""`index.csv`: which file holds whose body in which session. One row for each person, session and signal.

    participant,session,who,signal,file[,time_point,day,column,time,time_unit,rate_hz,unit,offset_s,align,clock_error_s,
    phases]

`file` lies in the folder of the index. `phases` are seconds of the patient's file: `baseline 0-120|session 120-720`.
`align` (of the patient's row) says how the two clocks become one, `clock_error_s` how far they may be apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from accord.science.cohort.csv_tables import read_text_csv
from accord.science.errors import BadContent, BadInput, Finding, Place
from accord.science.signals import Phase

FILE = "index.csv"
PUT_IN = "put_in.csv"
WHO = ("patient", "therapist")
NEEDED = ("participant", "session", "who", "signal", "file")
ALLOWED = (*NEEDED, "time_point", "day", "column", "time", "time_unit", "rate_hz", "unit", "offset_s",
           "align", "clock_error_s", "phases")  # fmt: skip
_PHASE = re.compile(r"^\s*(?P<name>[^|]*?)\s+(?P<start>\d+(?:\.\d+)?)\s*-\s*(?P<end>\d+(?:\.\d+)?)\s*$")
_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Source:
    """One signal of one body in one session, and how its file is read. `offset_s` is added to the file's clock."""

    participant: str
    session: str
    who: str
    signal: str
    file: Path
    time_point: str | None = None
    day: int | None = None
    column: str | None = None
    time: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    unit: str | None = None
    offset_s: float = 0.0
    align: str = "auto"
    clock_error_s: float | None = None
    phases: tuple[Phase, ...] = ()
    row: int = 0


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session of one pair with one signal; a body that was not recorded is None."""

    participant: str
    session: str
    signal: str
    time_point: str | None
    day: int | None
    patient: Source | None
    therapist: Source | None

    @property
    def key(self) -> str:
        return f"{self.participant}|{self.session}|{self.signal}"

    @property
    def at(self) -> str:
        return self.time_point or self.session


def read_index(folder: Path) -> list[Meeting]:
    """The sessions that an index lists, in its order of people and sessions.

    Raises BadInput (no index, not a table) or BadContent with every row that cannot be: a body that is neither patient
    nor therapist, a file outside of the folder, a recording listed twice, a number or phase that is none.
    """
    path = folder / FILE
    if not path.is_file():
        cure = f"Write one row for each file: {', '.join(NEEDED)}."
        raise BadInput(f"{folder} holds no {FILE}, which says whose body each file is.", cure=cure)
    frame = read_text_csv(path, file=FILE)
    _refuse_columns(frame)
    findings: list[Finding] = []
    sources = [one for one in _sources(frame, folder.resolve(), findings) if one is not None]
    findings += _twice(sources)
    if findings:
        raise BadContent(f"{path} cannot be used:", findings[:_MOST_SAID])
    if not sources:
        raise BadInput("no recording is listed.", cure="Add a row for each file.", where=Place(file=FILE))
    return list(_meetings(sources))


def _refuse_columns(frame: pl.DataFrame) -> None:
    lacking = [name for name in NEEDED if name not in frame.columns]
    if lacking:
        what = f"the column is missing. Found: {', '.join(frame.columns[:20])}."
        cure = f"It needs {', '.join(NEEDED)}."
        raise BadInput(what, cure=cure, where=Place(file=FILE, row=1, column=lacking[0]))
    unknown = [name for name in frame.columns if name not in ALLOWED]
    if unknown:
        cure = f"Allowed: {', '.join(ALLOWED)}."
        raise BadInput("there is no such column.", cure=cure, where=Place(file=FILE, row=1, column=unknown[0]))


def _sources(frame: pl.DataFrame, folder: Path, findings: list[Finding]) -> Iterator[Source | None]:
    for k, row in enumerate(frame.iter_rows(named=True)):
        cells = {name: (value or "").strip() for name, value in row.items()}
        before = len(findings)
        source = _source(cells, folder, k + 2, findings)
        yield source if len(findings) == before else None


def _source(cells: dict[str, str], folder: Path, row: int, findings: list[Finding]) -> Source:
    def wrong(column: str, what: str, cure: str) -> None:
        findings.append(Finding(what, cure, Place(file=FILE, row=row, column=column)))

    def number(column: str) -> float | None:
        text = cells.get(column, "")
        try:
            value = float(text) if text else None
        except ValueError:
            value = math.nan
        if value is not None and not math.isfinite(value):
            wrong(column, f"found '{text:.40}'; a number is allowed.", "Use a decimal point, or leave it empty.")
            return None
        return value

    for name in NEEDED:
        if not cells[name]:
            wrong(name, "the cell is empty.", "Every recording needs it.")
    if cells["who"] and cells["who"] not in WHO:
        wrong("who", f"found '{cells['who']:.40}'.", f"Allowed: {', '.join(WHO)}.")
    rate = number("rate_hz")
    if rate is not None and rate <= 0:
        wrong("rate_hz", f"the rate is {rate:g}.", "Give samples a second.")
    day = number("day")
    file = folder / (cells["file"] or "-")
    if not file.resolve().is_relative_to(folder):
        wrong("file", f"'{cells['file']:.80}' lies outside of the folder.", f"Put the file beside {FILE}.")
    phases = _phases(cells.get("phases", ""), wrong)
    return Source(
        cells["participant"], cells["session"], cells["who"], cells["signal"].lower().replace("-", "_"), file,
        cells.get("time_point") or None, None if day is None else int(day), cells.get("column") or None,
        cells.get("time") or None, cells.get("time_unit") or None, rate, cells.get("unit") or None,
        number("offset_s") or 0.0, cells.get("align") or "auto", number("clock_error_s"), phases, row,
    )  # fmt: skip


def _phases(text: str, wrong: Callable[[str, str, str], None]) -> tuple[Phase, ...]:
    found = []
    for part in filter(None, text.split("|")):
        match = _PHASE.match(part)
        if match is None or not float(match["end"]) > float(match["start"]):
            wrong("phases", f"'{part.strip():.40}' is no phase.", "Write name from-to in seconds: baseline 0-120.")
            return ()
        found.append(Phase(match["name"], float(match["start"]), float(match["end"])))
    return tuple(found)


def _twice(sources: list[Source]) -> list[Finding]:
    seen: dict[tuple[str, str, str, str], int] = {}
    findings = []
    for one in sources:
        key = (one.participant, one.session, one.who, one.signal)
        if key in seen:
            what = f"the {one.signal} of the {one.who} in {one.session} is listed in row {seen[key]} already."
            findings.append(Finding(what, "Keep one of the two.", Place(file=FILE, row=one.row)))
        seen.setdefault(key, one.row)
    return findings


def _meetings(sources: list[Source]) -> Iterator[Meeting]:
    found: dict[tuple[str, str, str], dict[str, Source]] = {}
    for one in sources:
        found.setdefault((one.participant, one.session, one.signal), {})[one.who] = one
    for (participant, session, signal), bodies in found.items():
        first = next(iter(bodies.values()))
        yield Meeting(
            participant, session, signal, first.time_point, first.day, bodies.get("patient"), bodies.get("therapist")
        )


def read_put_in(folder: Path) -> dict[str, tuple[float, float]]:
    """What a simulator put into each session: key -> (share of common variance, lag in seconds); empty without."""
    path = folder / PUT_IN
    if not path.is_file():
        return {}
    frame = read_text_csv(path, file=PUT_IN)
    found = {}
    try:
        for row in frame.iter_rows(named=True):
            key = f"{row['participant']}|{row['session']}|{row['signal']}"
            found[key] = (float(row["coupling"]), float(row["lag_s"]))
    except (KeyError, TypeError, ValueError):
        cure = "Remove it, or simulate again."
        raise BadInput("this is not what the simulator writes.", cure=cure, where=Place(file=PUT_IN)) from None
    return found
