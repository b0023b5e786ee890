"""Phases of a session: rest, stress, recovery, the talk itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from accord.science.errors import BadInput, NotFound, Place
from accord.science.signals.limits import Limits
from accord.science.signals.readers.text import read_text
from accord.science.signals.recording import Gap, Phase, Recording
from accord.science.signals.stamps import clocked

NAMES = ("phase", "name", "label", "part")


def read_phases(path: str | Path, *, limits: Limits | None = None) -> tuple[Phase, ...]:
    """Phases from a table with the columns phase, start, end (seconds, or dates as the recording has them).

    Raises BadInput for a phase without a name or of no length, and for a table without these columns.
    """
    file = Path(path)
    (limits or Limits(megabytes=5.0)).check_file(file)
    frame = read_text(file).frame
    found = {column.strip().lower(): column for column in frame.columns}
    name = next((found[word] for word in NAMES if word in found), None)
    starts, ends = (next((c for word, c in found.items() if word.startswith(key)), None) for key in ("start", "end"))
    if name is None or starts is None or ends is None:
        cure = f"There are: {', '.join(frame.columns[:20])}. Needed are phase, start, end."
        raise NotFound("the columns of phases are missing.", cure=cure, where=Place(file=str(file)))
    first, last = (clocked(frame[column], unit=None, file=str(file)).seconds for column in (starts, ends))
    return tuple(
        _phase(str(text or "").strip(), float(start), float(end), Place(file=str(file), row=row + 2))
        for row, (text, start, end) in enumerate(zip(frame[name], first, last, strict=True))
    )


def _phase(name: str, start: float, end: float, where: Place) -> Phase:
    if not name or not end > start:
        what = f"the phase '{name}' runs from {start:g} to {end:g}."
        raise BadInput(what, cure="A phase has a name, and its end lies after its start.", where=where)
    return Phase(name, start, end)


def with_phases(recording: Recording, phases: Iterable[Phase]) -> Recording:
    """The recording with these phases; BadInput when one lies wholly outside it."""
    listed = tuple(phases)
    for phase in listed:
        if phase.end <= recording.start or phase.start > recording.end:
            cure = f"It runs from {recording.start:.1f} to {recording.end:.1f} s on the clock {recording.clock}."
            what = f"the phase '{phase.name}' ({phase.start:.1f} to {phase.end:.1f} s) lies outside the recording."
            raise BadInput(what, cure=cure, where=Place(file=recording.source or None))
    return recording.changed(phases=listed)


def marked_phases(recording: Recording, names: Sequence[str]) -> tuple[Phase, ...]:
    """Phases from annotations whose text is one of `names`: each lasts to the next one, or to the end; an annotation
    with a duration lasts that long.
    """
    marks = sorted((note for note in recording.annotations if note.text in names), key=lambda note: note.time)
    ends = [*(note.time for note in marks[1:]), recording.end]
    return tuple(
        Phase(note.text, note.time, note.time + note.duration if note.duration > 0 else end)
        for note, end in zip(marks, ends, strict=True)
        if note.duration > 0 or end > note.time
    )


def by_phase(recording: Recording) -> dict[str, Recording]:
    """The recording cut into its phases, by name; a name that comes twice holds both parts, with a gap between them."""
    parts: dict[str, list[Recording]] = {}
    for phase in sorted(recording.phases, key=lambda phase: phase.start):
        parts.setdefault(phase.name, []).append(recording.between(phase.start, phase.end))
    return {name: _joined(found) for name, found in parts.items()}


def _joined(parts: list[Recording]) -> Recording:
    if len(parts) == 1:
        return parts[0]
    between = tuple(Gap(a.end, b.start, "another phase") for a, b in pairwise(parts) if b.start > a.end)
    return parts[0].changed(
        values=np.concatenate([part.values for part in parts]),
        stamps=np.concatenate([part.times for part in parts]),
        gaps=tuple(sorted((*between, *(gap for part in parts for gap in part.gaps)), key=lambda gap: gap.start)),
        annotations=tuple(note for part in parts for note in part.annotations),
        phases=tuple(phase for part in parts for phase in part.phases),
    )
