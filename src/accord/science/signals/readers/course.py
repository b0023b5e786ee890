"""The course that a study wants, read from the file or worked out from what the file has instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accord.science.errors import AccordError, BadInput, NotFound
from accord.science.signals.breath import breath
from accord.science.signals.heart import heart_rate
from accord.science.signals.kinds import kind_of
from accord.science.signals.readers.read import read_recording
from accord.science.signals.recording import Recording

SOURCES = {"heart-rate": ("heart-rate", "rr", "ecg", "pulse"), "breath-rate": ("breath-rate", "respiration")}


def read_course(
    path: str | Path, *, signal: str, column: str | None = None, **options: Any
) -> tuple[Recording, Recording]:
    """(course, recording): the course of `signal`, and the recording it was worked out from (itself when it was there).

    `heart-rate` comes from a column of heart rate, else from intervals between beats, an ECG or a pulse wave;
    `breath-rate` from a breathing belt. Any other signal is read as it is. `options` are those of `read_recording`.
    Raises what `read_recording` raises for the first source, when none of them can be read.
    """
    wanted = kind_of(signal).name
    first: AccordError | None = None
    for source in SOURCES.get(wanted, (signal,)):
        name = source if wanted in SOURCES else signal
        if column is not None and wanted in SOURCES and source not in (kind_of(column).name, "heart-rate"):
            continue
        try:
            recording = read_recording(path, signal=name, column=column, **options)
        except (NotFound, BadInput) as error:
            first = first or error
            continue
        return _worked_out(recording, wanted), recording
    raise first if first is not None else NotFound(f"no source of '{signal}' is known.")


def _worked_out(recording: Recording, wanted: str) -> Recording:
    if wanted == "heart-rate" and recording.kind.name != "heart-rate":
        return heart_rate(recording)
    if wanted == "breath-rate" and recording.kind.name != "breath-rate":
        return breath(recording).rate
    return recording
