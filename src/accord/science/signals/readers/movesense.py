"""Movesense exports: JSON of notifications (ECG, intervals, heart rate, movement), as the loggers and apps write it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, NotFound, Place
from accord.science.signals.kinds import Kind, kind_of
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.rr_list import arrived, unbroken
from accord.science.signals.recording import Floats, Recording
from accord.science.signals.stamps import Clocked, timing

MAX_DEPTH = 30
PATHS = {"ecg": "ecg", "samples": "ecg", "arrayacc": "movement", "rrdata": "rr", "average": "heart-rate"}


@dataclass(frozen=True, slots=True)
class Packet:
    """One notification: its time (s, None when the export has none) and its numbers."""

    time: float | None
    values: Floats


def from_movesense(data: Any, request: Request, *, file: str) -> Recording:
    """The signal out of every notification in the file, in its order.

    Understood is any nesting of objects with `Samples` (ECG), `ArrayAcc` (movement: its magnitude), `rrData`
    (intervals in ms) or `average` (heart rate), each with a `Timestamp` in ms of the sensor's clock (`own`; `utc` when
    it counts from 1970). A time belongs to the first sample of its notification; times of the samples follow from the
    straight line through all notifications, its scatter is `jitter_s`. ECG is in the sensor's counts.
    """
    kind = kind_of(request.wanted)
    packets = list(_packets(data, kind, Place(file=file)))
    if not packets:
        cure = "Read are ecg, rr, heart-rate and movement of Movesense notifications, and FHIR SampledData."
        raise NotFound(f"the file holds no {request.wanted} of a Movesense sensor.", cure=cure, where=Place(file=file))
    request.limits.check_samples(sum(packet.values.size for packet in packets), file)
    if kind.name == "rr":
        return _intervals(packets, request, file)
    return _sampled(packets, kind, request, file)


def _packets(data: Any, kind: Kind, where: Place) -> Iterator[Packet]:
    """Every notification of that kind, found without recursion so that depth cannot exhaust the stack."""
    stack: list[tuple[Any, float | None, int]] = [(data, None, 0)]
    while stack:
        node, time, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise BadInput("the JSON is nested too deep.", cure="Export the recording again.", where=where)
        if isinstance(node, list):
            stack.extend((item, time, depth + 1) for item in reversed(node) if isinstance(item, dict | list))
        elif isinstance(node, dict):
            time = _time(node, where) if _has_time(node) else time
            for key, value in node.items():
                if PATHS.get(key.lower()) == kind.name and (numbers := _numbers(value, where)) is not None:
                    yield Packet(time, numbers)
            stack.extend((v, time, depth + 1) for v in reversed(list(node.values())) if isinstance(v, dict | list))


def _has_time(node: dict[str, Any]) -> bool:
    return any(key.lower() == "timestamp" for key in node)


def _time(node: dict[str, Any], where: Place) -> float:
    value = next(value for key, value in node.items() if key.lower() == "timestamp")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e16:
        raise BadInput(f"a Timestamp is '{value!s:.40}'.", cure="Milliseconds are allowed.", where=where)
    return float(value) / 1000.0


def _numbers(value: Any, where: Place) -> Floats | None:
    """A list of numbers, one number, or a list of x, y, z (their magnitude); None when it is something else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, dict) and set(item) >= {"x", "y", "z"} for item in value):
        value = [math.hypot(*(_plain(item[axis], where) for axis in "xyz")) for item in value]
    if any(isinstance(item, dict | list) for item in value):
        return None
    return np.array([_plain(item, where) for item in value], dtype=np.float64)


def _plain(item: Any, where: Place) -> float:
    if isinstance(item, bool) or not isinstance(item, int | float) or abs(item) > 1e15:
        raise BadInput(f"a sample is '{item!s:.40}'.", cure="Numbers are allowed.", where=where)
    return float(item)


def _intervals(packets: list[Packet], request: Request, file: str) -> Recording:
    intervals = np.concatenate([packet.values for packet in packets])
    if any(packet.time is None for packet in packets):
        return unbroken(intervals, request, file=file, notes=("no times in the file: beats follow one another",))
    times = np.concatenate([np.full(packet.values.size, packet.time, dtype=np.float64) for packet in packets])
    return arrived(intervals, _clock(times), request, file=file)


def _clock(seconds: Floats) -> Clocked:
    return Clocked(seconds, "utc" if 1e9 <= float(np.median(seconds)) <= 4e9 else "own")


def _sampled(packets: list[Packet], kind: Kind, request: Request, file: str) -> Recording:
    if len(packets) < 2 or any(packet.time is None for packet in packets):
        cure = "Export it with the times of the notifications."
        raise BadInput("the notifications have no times.", cure=cure, where=Place(file=file))
    clock = _clock(_spread(packets, Place(file=file)))
    when = timing(clock, kind=kind, limits=request.limits, file=file)
    unit = request.unit or {"heart-rate": "1/min", "movement": "m/s2"}.get(kind.name, "counts")
    return Recording(
        who=request.who, signal=request.signal, values=np.concatenate([packet.values for packet in packets]), unit=unit,
        rate_hz=when.rate_hz, stamps=when.stamps, start=when.start, clock=clock.clock, jitter_s=when.jitter_s,
        gaps=when.gaps, source=file,
    )  # fmt: skip


def _spread(packets: list[Packet], where: Place) -> Floats:
    """The time of every sample: a notification's samples lie evenly at the usual rate after its time."""
    starts = np.array([packet.time for packet in packets], dtype=np.float64)
    sizes = np.array([packet.values.size for packet in packets])
    steps = np.diff(starts)
    if np.any(steps <= 0):
        raise BadInput("the time stands still or runs back.", cure="Export the recording again.", where=where)
    step = float(np.median(steps / sizes[:-1]))
    offsets = np.concatenate([np.arange(size) for size in sizes]) * step
    spread = np.repeat(starts, sizes) + offsets
    back = np.diff(spread) <= 0
    if back.any():  # a notification came before the last one's samples were over: spread each to the next
        own = np.minimum(np.r_[steps / sizes[:-1], step], 1.5 * step)
        spread = np.repeat(starts, sizes) + np.concatenate([np.arange(n) * s for n, s in zip(sizes, own, strict=True)])
    return spread
