"""Lab Streaming Layer files (.xdf), through pyxdf."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from accord.science.errors import BadInput, MissingExtra, Place
from accord.science.signals.kinds import kind_of
from accord.science.signals.readers.choice import Request, chosen
from accord.science.signals.readers.table import finite
from accord.science.signals.recording import Annotation, Floats, Recording
from accord.science.signals.stamps import Clocked, timing


def read_xdf(path: Path, request: Request) -> Recording:
    """One channel of one stream on the clock `lsl`, with the offsets between the machines taken out.

    The signal is found by a channel's label, else by a stream's name or type (its first channel). Streams of text are
    annotations. For a stream of a fixed rate the stamps are straightened; their scatter before is `jitter_s`.
    """
    raw = _streams(path, straight=False)
    names = _names(raw)
    name = chosen(list(names), request, file=str(path), what="stream or channel")
    at, channel = names[name]
    times = _stamps(raw[at])
    request.limits.check_samples(times.size, str(path))
    values = finite(np.asarray(raw[at]["time_series"], dtype=np.float64)[:, channel])
    straight = _stamps(_streams(path, straight=True)[at]) if _rate(raw[at]) > 0 else times
    if not np.isfinite(straight).all():
        raise BadInput("a stamp is no number.", cure="The file is damaged: export it again.", where=Place(str(path)))
    kind = kind_of(request.signal) if kind_of(request.signal).name != "other" else kind_of(name)
    when = timing(Clocked(straight, "lsl"), kind=kind, limits=request.limits, file=str(path), column=name)
    jitter = float(np.std(times - straight)) if _rate(raw[at]) > 0 else when.jitter_s
    return Recording(
        who=request.who, signal=request.signal, values=values, unit=request.unit or _unit(raw[at], channel),
        rate_hz=when.rate_hz, stamps=when.stamps, start=when.start, clock="lsl", jitter_s=jitter, gaps=when.gaps,
        annotations=_annotations(raw), source=str(path),
    )  # fmt: skip


def _streams(path: Path, *, straight: bool) -> list[dict[str, Any]]:
    try:
        import pyxdf  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("physio", needed_for="reading .xdf files") from None
    logging.getLogger("pyxdf").setLevel(logging.CRITICAL)
    try:
        streams, _ = pyxdf.load_xdf(str(path), dejitter_timestamps=straight)
    except Exception as error:  # pyxdf lets whatever a damaged chunk causes come through
        cure = "It may be cut off: record or export it again."
        what = f"this is no readable .xdf file ({type(error).__name__})."
        raise BadInput(what, cure=cure, where=Place(file=str(path))) from None
    return list(streams)


def _names(streams: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """The names that can be asked for: channel labels, names and types of streams (these mean their first channel).

    What several streams are called alike is put behind the name of the stream: two people often send `ECG` each.
    """
    listed: list[tuple[str, tuple[int, int]]] = []
    for at, stream in enumerate(streams):
        if _is_text(stream):
            continue
        labels = [(_first(facts, "label"), (at, channel)) for channel, facts in enumerate(_channels(stream))]
        listed += labels
        titles = [_first(stream["info"], key) for key in ("name", "type")]
        taken = {kind_of(label).name for label, _ in labels}
        listed += [(title, (at, 0)) for title in dict.fromkeys(titles) if kind_of(title).name not in taken - {"other"}]
    plain = [name for name, _ in listed]
    return {
        name if plain.count(name) == 1 else f"{_first(streams[place[0]]['info'], 'name')}: {name}": place
        for name, place in listed
        if name
    }


def _is_text(stream: dict[str, Any]) -> bool:
    return _first(stream["info"], "channel_format") == "string"


def _channels(stream: dict[str, Any]) -> list[dict[str, Any]]:
    """The description of the channels, as far as the stream has one for all of them."""
    try:
        found = stream["info"]["desc"][0]["channels"][0]["channel"]
    except (KeyError, IndexError, TypeError):
        return []
    width = np.asarray(stream["time_series"]).shape[1] if len(stream["time_series"]) else 0
    return [facts for facts in found if isinstance(facts, dict)] if len(found) == width else []


def _first(facts: dict[str, Any], key: str) -> str:
    value = facts.get(key)
    return str(value[0] or "").strip() if isinstance(value, list) and value else ""


def _rate(stream: dict[str, Any]) -> float:
    return float(_first(stream["info"], "nominal_srate") or 0)


def _unit(stream: dict[str, Any], channel: int) -> str:
    facts = _channels(stream)
    return _first(facts[channel], "unit") if facts else ""


def _stamps(stream: dict[str, Any]) -> Floats:
    return np.asarray(stream["time_stamps"], dtype=np.float64)


def _annotations(streams: list[dict[str, Any]]) -> tuple[Annotation, ...]:
    found = [
        Annotation(float(time), str(words[0]).strip())
        for stream in streams
        if _is_text(stream)
        for time, words in zip(stream["time_stamps"], stream["time_series"], strict=False)
        if len(words)
    ]
    return tuple(sorted(found, key=lambda note: note.time))
