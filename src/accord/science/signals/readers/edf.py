"""EDF, EDF+ and BDF files, through pyEDFlib."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from accord.science.errors import BadInput, MissingExtra, Place
from accord.science.signals.readers.choice import Request, chosen, distinct
from accord.science.signals.readers.table import finite
from accord.science.signals.recording import Annotation, Recording


def read_edf(path: Path, request: Request) -> Recording:
    """One channel, in its physical unit, on the clock `local` (EDF has no time zone); annotations are kept."""
    try:
        import pyedflib
    except ImportError:
        raise MissingExtra("physio", needed_for="reading EDF and BDF files") from None
    _check_header(path)
    try:
        reader = pyedflib.EdfReader(str(path))
    except (OSError, ValueError, IndexError, UnicodeError) as error:
        reason = str(error).replace(str(path), "").strip(" :\n") or "unknown"
        cure = "It may be cut off, or discontinuous (EDF+D): export it again as EDF+C."
        raise BadInput(
            f"this is no readable EDF or BDF file ({reason:.200}).", cure=cure, where=Place(str(path))
        ) from None
    try:
        return _channel(reader, path, request)
    except (OSError, ValueError, IndexError, UnicodeError, OverflowError, MemoryError) as error:
        if isinstance(error, BadInput):
            raise
        cure = "The file contradicts its header: export it again."
        raise BadInput(f"a channel cannot be read ({error!s:.200}).", cure=cure, where=Place(str(path))) from None
    finally:
        reader.close()


def _check_header(path: Path) -> None:
    """The parts of the header that decide about sizes, before a library in C sees the file."""
    where = Place(file=str(path))
    with path.open("rb") as stream:
        head = stream.read(256)
    if len(head) < 256 or not (head[:8].strip() == b"0" or head[:8] == b"\xffBIOSEMI"):
        raise BadInput("this is no EDF or BDF file.", cure="Check its ending, or export it again.", where=where)
    try:
        header_bytes, records, signals = (int(head[a:b]) for a, b in ((184, 192), (236, 244), (252, 256)))
        duration = float(head[244:252])
    except ValueError:
        raise BadInput("the header is damaged.", cure="Export the recording again.", where=where) from None
    fits = header_bytes == 256 * (signals + 1) and 1 <= signals <= 4096 and records >= 0 and 0 <= duration < 1e6
    if not fits or path.stat().st_size < header_bytes:
        raise BadInput("the header contradicts itself.", cure="Export the recording again.", where=where)


def _channel(reader: Any, path: Path, request: Request) -> Recording:
    file = str(path)
    index = _index([str(label).strip() for label in reader.getSignalLabels()], request, file)
    count, rate = int(reader.getNSamples()[index]), float(reader.getSampleFrequency(index))
    request.limits.check_samples(count, file)
    if count < 2 or not (np.isfinite(rate) and rate > 0):
        raise BadInput("the channel holds no samples.", cure="Name another channel.", where=Place(file=file))
    request.limits.check_length(count / rate, file)
    values = finite(np.asarray(reader.readSignal(index)))
    start = _seconds(reader.getStartdatetime())
    return Recording(
        who=request.who, signal=request.signal, values=values, rate_hz=rate, start=start, clock="local", source=file,
        unit=request.unit or str(reader.getPhysicalDimension(index)).strip(), annotations=_annotations(reader, start),
    )  # fmt: skip


def _index(labels: list[str], request: Request, file: str) -> int:
    named = distinct(labels)
    usable = [label for label in named if "annotation" not in label.lower()]
    return named.index(chosen(usable, request, file=file, what="channel"))


def _seconds(when: datetime) -> float:
    return (when.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - EDF has no time zone


def _annotations(reader: Any, start: float) -> tuple[Annotation, ...]:
    onsets, durations, texts = reader.readAnnotations()
    return tuple(
        Annotation(start + float(onset), str(text), max(float(duration), 0.0))
        for onset, duration, text in zip(onsets, durations, texts, strict=True)
    )
