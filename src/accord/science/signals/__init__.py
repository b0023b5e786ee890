"""Signals of one body: read, put on one clock, judged, and turned into heart rate, skin level and breath."""

from accord.science.signals.alignment import Aligned, Alignment, aligned
from accord.science.signals.beats import Beats, beats, corrected
from accord.science.signals.breath import Breath, breath
from accord.science.signals.grid import on_grid
from accord.science.signals.heart import HrvWindow, heart_rate, hrv_windows
from accord.science.signals.kinds import KINDS, Kind, kind_of
from accord.science.signals.limits import Limits
from accord.science.signals.phases import by_phase, marked_phases, read_phases, with_phases
from accord.science.signals.quality import Quality, Thresholds, Window, quality
from accord.science.signals.readers.course import read_course
from accord.science.signals.readers.read import READERS, read_recording
from accord.science.signals.recording import CLOCKS, Annotation, Gap, Phase, Recording
from accord.science.signals.skin import Response, Skin, skin

__all__ = [
    "CLOCKS",
    "KINDS",
    "READERS",
    "Aligned",
    "Alignment",
    "Annotation",
    "Beats",
    "Breath",
    "Gap",
    "HrvWindow",
    "Kind",
    "Limits",
    "Phase",
    "Quality",
    "Recording",
    "Response",
    "Skin",
    "Thresholds",
    "Window",
    "aligned",
    "beats",
    "breath",
    "by_phase",
    "corrected",
    "heart_rate",
    "hrv_windows",
    "kind_of",
    "marked_phases",
    "on_grid",
    "quality",
    "read_course",
    "read_phases",
    "read_recording",
    "skin",
    "with_phases",
]
