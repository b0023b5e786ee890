"""Signals of one body: read, put on one clock, judged, and turned into heart rate, skin level and breath."""

from accord.science.signals.grid import on_grid
from accord.science.signals.kinds import KINDS, Kind, kind_of
from accord.science.signals.limits import Limits
from accord.science.signals.readers.read import read_recording
from accord.science.signals.recording import CLOCKS, Annotation, Gap, Phase, Recording

__all__ = [
    "CLOCKS",
    "KINDS",
    "Annotation",
    "Gap",
    "Kind",
    "Limits",
    "Phase",
    "Recording",
    "kind_of",
    "on_grid",
    "read_recording",
]
