"""BIOPAC AcqKnowledge files (.acq), through bioread."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from accord.science.errors import BadInput, MissingExtra, Place
from accord.science.signals.readers.choice import Request, chosen, distinct
from accord.science.signals.readers.table import finite
from accord.science.signals.recording import Annotation, Recording

MAX_CHANNELS = 512


def read_acq(path: Path, request: Request) -> Recording:
    """One channel in its unit, on the clock `own` (seconds since the recording began); event markers are kept."""
    try:
        from bioread.reader import Reader  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("physio", needed_for="reading BIOPAC .acq files") from None
    logging.getLogger("bioread").setLevel(logging.CRITICAL)
    try:
        with path.open("rb") as stream:
            head = Reader.read_headers(stream)
            data = head.datafile
            if data is None or data.channels is None or not 1 <= len(data.channels) <= MAX_CHANNELS:
                raise BadInput("this is no readable .acq file.", cure="Save it again.", where=Place(file=str(path)))
            names = distinct([str(channel.name).strip() for channel in data.channels])
            index = names.index(chosen(names, request, file=str(path), what="channel"))
            request.limits.check_samples(int(data.channels[index].point_count), str(path))
            stream.seek(0)
            whole = Reader.read(stream, channel_indexes=[index])
        return _channel(whole.datafile, index, path, request)
    except BadInput:
        raise
    except Exception as error:  # bioread lets whatever a damaged header causes come through
        cure = "It may be cut off: save it again, or export it as text."
        what = f"this is no readable .acq file ({type(error).__name__})."
        raise BadInput(what, cure=cure, where=Place(file=str(path))) from None


def _channel(data: Any, index: int, path: Path, request: Request) -> Recording:
    channel, file = data.channels[index], str(path)
    rate = float(channel.samples_per_second)
    values = finite(np.asarray(channel.data))
    if values.size < 2 or not (np.isfinite(rate) and 0 < rate < 1e6):
        raise BadInput("the channel holds no samples.", cure="Name another channel.", where=Place(file=file))
    request.limits.check_length(values.size / rate, file)
    marks = _markers(data)
    resumed = sum(note.text.startswith("Segment ") and note.time > 0 for note in marks)
    paused = f"stopped and resumed {resumed} times: the file leaves the pauses out, so later times are too early"
    return Recording(
        who=request.who, signal=request.signal, values=values, rate_hz=rate, source=file, annotations=marks,
        unit=request.unit or str(channel.units).strip(), notes=(paused,) if resumed else (),
    )  # fmt: skip


def _markers(data: Any) -> tuple[Annotation, ...]:
    base = float(data.samples_per_second)
    return tuple(
        Annotation(int(marker.sample_index) / base, str(marker.text or "").strip())
        for marker in (data.event_markers or [])
        if marker.sample_index is not None
    )
