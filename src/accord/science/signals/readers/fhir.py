"""FHIR: Observations with SampledData (R4 `period`, R5 `interval`), single or in a Bundle."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from accord.science.errors import BadInput, NotFound, Place
from accord.science.signals.kinds import KINDS, kind_of
from accord.science.signals.readers.choice import Request, chosen
from accord.science.signals.recording import Floats, Recording
from accord.science.signals.stamps import Clocked, timing

MARKS = {"E": "error", "U": "above the sensor's range", "L": "below the sensor's range"}
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One SampledData with the name of its code and its start."""

    name: str
    data: dict[str, Any]
    start: float | None
    clock: str


def from_fhir(resource: dict[str, Any], request: Request, *, file: str) -> Recording:
    """The signal from every Observation of that name; several are joined by their times, with gaps between them.

    A value is origin + factor * number. `E`, `U` and `L` (error, above, below the sensor's range) are missing and
    counted in `notes`. Raises NotFound when no Observation holds such a signal, BadInput for data that break the rules.
    """
    chunks = [chunk for observation in _observations(resource, file) for chunk in _chunks(observation, file)]
    if not chunks:
        cure = "SampledData stands in valueSampledData of an Observation or of its components."
        raise NotFound("the file holds no SampledData.", cure=cure, where=Place(file=file))
    name = chosen(list(dict.fromkeys(chunk.name for chunk in chunks)), request, file=file, what="signal")
    return _joined([chunk for chunk in chunks if chunk.name == name], request, file=file)


def _observations(resource: dict[str, Any], file: str) -> list[dict[str, Any]]:
    kind = resource.get("resourceType")
    if kind == "Observation":
        return [resource]
    if kind == "Bundle":
        entries = resource.get("entry")
        found = (
            [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        )
        return [one for one in found if isinstance(one, dict) and one.get("resourceType") == "Observation"]
    cure = "Name a file with an Observation or a Bundle of them."
    raise BadInput(f"the resource is '{kind!s:.40}'.", cure=cure, where=Place(file=file))


def _chunks(observation: dict[str, Any], file: str) -> list[Chunk]:
    start, clock = _start(observation, file)
    components = observation.get("component")
    parts = [observation, *(components if isinstance(components, list) else [])]
    return [
        Chunk(_name(part.get("code")), part["valueSampledData"], start, clock)
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("valueSampledData"), dict)
    ]


def _name(code: Any) -> str:
    """The text of a code, else its first display or code."""
    if not isinstance(code, dict):
        return "unnamed"
    coding = code.get("coding")
    first = coding[0] if isinstance(coding, list) and coding and isinstance(coding[0], dict) else {}
    words = [code.get("text"), first.get("display"), first.get("code")]
    named = [word for word in words if isinstance(word, str) and word.strip()]
    return next((word for word in named if kind_of(word).name != "other"), named[0] if named else "unnamed")


def _start(observation: dict[str, Any], file: str) -> tuple[float | None, str]:
    period = observation.get("effectivePeriod")
    text = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    text = text or (period.get("start") if isinstance(period, dict) else None)
    if text is None:
        return None, "own"
    try:
        when = datetime.fromisoformat(str(text))
        return (when.timestamp(), "utc") if when.tzinfo else (_naive(when), "local")
    except (ValueError, OverflowError):
        cure = "Write it as 2026-03-29T10:00:00+02:00."
        raise BadInput(f"the effective time is '{text!s:.40}'.", cure=cure, where=Place(file=file)) from None


def _naive(when: datetime) -> float:
    return (when - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - a wall clock without a zone is kept as such


def _joined(chunks: list[Chunk], request: Request, *, file: str) -> Recording:
    if len({chunk.clock for chunk in chunks}) > 1 or (len(chunks) > 1 and chunks[0].clock == "own"):
        cure = "Give every Observation its effective time, all with an offset."
        raise BadInput(
            "the parts cannot be joined: their times are of several kinds.", cure=cure, where=Place(file=file)
        )
    parts = sorted(chunks, key=lambda chunk: chunk.start or 0.0)
    marks = dict.fromkeys(MARKS, 0)
    samples = [_samples(part, request, marks, file) for part in parts]
    first = parts[0].start or 0.0  # times are worked out from it, free of the rounding of seconds since 1970
    apart = [(part.start or 0.0) - first for part in parts]
    seconds = np.concatenate([times + begin for begin, (times, _) in zip(apart, samples, strict=True)])
    request.limits.check_samples(seconds.size, file)
    kind = kind_of(request.signal if request.signal in KINDS else parts[0].name)
    when = timing(Clocked(seconds, parts[0].clock), kind=kind, limits=request.limits, file=file)
    notes = tuple(f"{count} samples missing: {MARKS[mark]}" for mark, count in marks.items() if count)
    return Recording(
        who=request.who, signal=request.signal, unit=request.unit or _unit(parts[0]),
        values=np.concatenate([values for _, values in samples]),
        rate_hz=when.rate_hz, stamps=when.stamps, start=when.start, clock=parts[0].clock, gaps=when.gaps, source=file,
        notes=notes,
    ).shifted(first)  # fmt: skip


def _unit(chunk: Chunk) -> str:
    origin = chunk.data.get("origin")
    found = (origin.get("code") or origin.get("unit") or "") if isinstance(origin, dict) else ""
    return str(found)[:20]


def _samples(chunk: Chunk, request: Request, marks: dict[str, int], file: str) -> tuple[Floats, Floats]:
    where = Place(file=file, column=chunk.name)
    data, text = chunk.data, chunk.data.get("data")
    if data.get("dimensions", 1) != 1:
        cure = "Split it into one SampledData for each signal."
        raise BadInput(f"the data have {data.get('dimensions')} dimensions.", cure=cure, where=where)
    if not isinstance(text, str) or not text.strip():
        raise BadInput("the data are empty.", cure="Export the recording again.", where=where)
    words = text.split()
    request.limits.check_samples(len(words), file)
    values = np.array([_word(word, marks, where) for word in words])
    origin = data.get("origin")
    zero = _real(origin.get("value", 0) if isinstance(origin, dict) else 0, "origin", where)
    values = zero + _real(data.get("factor", 1), "factor", where) * values
    return _times(data, len(words), where), values


def _word(word: str, marks: dict[str, int], where: Place) -> float:
    if word in MARKS:
        marks[word] += 1
        return math.nan
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", word):
        what = f"found '{word:.40}' in the data."
        raise BadInput(what, cure="Numbers, E, U and L are allowed.", where=where)
    value = float(word)
    return value if math.isfinite(value) else math.nan


def _times(data: dict[str, Any], count: int, where: Place) -> Floats:
    """Seconds after the start, from `period` (R4, ms), `interval` with its unit (R5), or the `offsets` of R5."""
    unit = SECONDS.get(str(data.get("intervalUnit", "ms")))
    if unit is None:
        cure = f"One of: {', '.join(SECONDS)}."
        raise BadInput(f"the interval's unit is '{data['intervalUnit']!s:.20}'.", cure=cure, where=where)
    if isinstance(data.get("offsets"), str):
        offsets = [_real(word, "offset", where) for word in data["offsets"].split()]
        if len(offsets) != count:
            what = f"{len(offsets)} offsets stand beside {count} samples."
            raise BadInput(what, cure="One offset per sample.", where=where)
        return np.array(offsets) * unit
    step = _real(data.get("period", data.get("interval")), "period", where) * (1e-3 if "period" in data else unit)
    if not step > 0:
        raise BadInput("the period is not above zero.", cure="Give the ms between two samples.", where=where)
    return np.asarray(np.arange(count) * step, dtype=np.float64)


def _real(value: Any, what: str, where: Place) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise BadInput(f"the {what} is '{value!s:.40}'.", cure="A number is allowed.", where=where)
    return number
