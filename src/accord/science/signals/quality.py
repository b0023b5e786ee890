"""How good a recording is, window by window: what is missing, disturbed, off the skin, or an odd beat."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, MissingExtra, NotEstimable, Place
from accord.science.signals.beats import NORMAL, beats, corrected
from accord.science.signals.disturbances import artefacts, flat_runs, poor_beats
from accord.science.signals.kinds import KINDS
from accord.science.signals.recording import Flags, Floats, Recording

REASONS = ("missing", "lead_off", "artefact", "ectopic")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The largest share of a window that may be missing, off, disturbed, and of its beats that may be odd."""

    missing: float = 0.5
    lead_off: float = 0.2
    artefact: float = 0.2
    ectopic: float = 0.2


@dataclass(frozen=True, slots=True)
class Window:
    """Shares (0 to 1) of one window from start to end (seconds); `reason` is why it is not usable, else empty."""

    start: float
    end: float
    missing: float
    lead_off: float
    artefact: float
    ectopic: float
    reason: str

    @property
    def usable(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Quality:
    """Every window with its shares, and what was demanded of them."""

    windows: tuple[Window, ...]
    thresholds: Thresholds

    @property
    def usable(self) -> float:
        """The share of windows that are usable."""
        return sum(window.usable for window in self.windows) / len(self.windows)

    @property
    def counts(self) -> dict[str, int]:
        """How many windows are usable, and how many are left out for which reason."""
        found = Counter(window.reason or "usable" for window in self.windows)
        return {key: found.get(key, 0) for key in ("usable", *REASONS)}

    def ok(self, times: Floats) -> Flags:
        """True for the times (n,) that lie in no window that is left out; False outside all windows."""
        good = np.zeros(times.size, dtype=np.bool_)
        for window in self.windows:
            good |= (times >= window.start) & (times <= window.end)
        for window in self.windows:
            if not window.usable:
                good &= ~((times >= window.start) & (times < window.end))
        return good

    def to_dict(self) -> dict[str, Any]:
        return {
            "usable": self.usable, "counts": self.counts, "thresholds": asdict(self.thresholds),
            "windows": [asdict(window) for window in self.windows],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marked:
    """Times (n,) of samples or beats, how many seconds each stands for, and what is wrong with each."""

    times: Floats
    weight: Floats
    missing: Flags
    lead_off: Flags
    artefact: Flags
    odd: Flags  # of beats; empty for a signal without them
    beat_times: Floats


def quality(
    recording: Recording,
    window_s: float = 30.0,
    *,
    step_s: float | None = None,
    thresholds: Thresholds | None = None,
    start: float | None = None,
    end: float | None = None,
) -> Quality:
    """Judge windows of `window_s` seconds every `step_s` (default: side by side) from `start` to `end`.

    missing: no sample, NaN or a gap. lead_off: the signal stands still (1 s for ECG and pulse, 2 s for breath; skin
    below .05 microsiemens, Kleckner et al. 2018). artefact: values or slopes that a body cannot have, clipping, and for
    ECG and pulse the beats that do not look like the others (mean correlation with the typical beat below .66 and .86,
    Orphanidou et al. 2015). ectopic: share of beats that the correction had to touch. The first share above its
    threshold, in this order, is the reason why a window is left out.

    Raises BadInput when not one window fits. ECG and pulse need `[physio]`.
    """
    first = recording.start if start is None else start
    last = recording.end + _last_sample(recording) if end is None else end
    step = window_s if step_s is None else step_s
    if not (window_s > 0 and step > 0) or window_s > last - first + 1e-6:
        what = f"a window of {window_s:g} s is longer than the recording ({max(last - first, 0):.1f} s)."
        where = Place(file=recording.source or None, column=recording.signal)
        raise BadInput(what, cure="Take shorter windows.", where=where)
    limits, marked = thresholds or Thresholds(), _marked(recording)
    count = int((last - first - window_s) / step + 1e-6) + 1
    return Quality(tuple(_window(marked, first + i * step, window_s, limits) for i in range(count)), limits)


def _last_sample(recording: Recording) -> float:
    return 0.0 if recording.rate_hz is None else 1.0 / recording.rate_hz


def _window(marked: Marked, start: float, window_s: float, limits: Thresholds) -> Window:
    end = start + window_s
    first, last = np.searchsorted(marked.times, [start - 1e-9, end - 1e-9])
    inside = slice(first, last)
    weight = marked.weight[inside]

    def share(flags: Flags) -> float:
        return min(float(weight[flags[inside]].sum()) / window_s, 1.0)

    here = (marked.beat_times >= start) & (marked.beat_times < end)
    beaten = int(np.count_nonzero(here))
    there = min(float(weight[~marked.missing[inside]].sum()), window_s)
    shares = {
        "missing": max(0.0, 1.0 - there / window_s),
        "lead_off": share(marked.lead_off),
        "artefact": share(marked.artefact),
        "ectopic": float(np.count_nonzero(marked.odd[here])) / beaten if beaten else 0.0,
    }
    demanded = asdict(limits)
    reason = next((name for name in REASONS if shares[name] > demanded[name] + 1e-9), "")
    return Window(start, end, reason=reason, **shares)


def _marked(recording: Recording) -> Marked:
    if recording.kind.name == "rr":
        return _marked_intervals(recording)
    times, values = recording.times, recording.values
    missing = ~np.isfinite(values)
    off = flat_runs(recording)
    wrong = artefacts(recording) & ~off
    beat_times, odd = np.empty(0), np.empty(0, dtype=np.bool_)
    if recording.kind.name in ("ecg", "pulse"):
        beat_times, odd, poor = _beats(recording, off | wrong | missing)
        wrong = wrong | (poor & ~off)
    weight = np.full(times.size, 1.0 / float(recording.rate_hz or 1.0))
    return Marked(times, weight, missing, off & ~missing, wrong & ~missing, odd, beat_times)


def _beats(recording: Recording, bad: Flags) -> tuple[Floats, Flags, Flags]:
    """Times of the beats, which of them are odd, and the samples of beats that look like none."""
    try:
        found = beats(recording.changed(values=np.where(bad, np.nan, recording.values)))
    except (NotEstimable, BadInput) as error:
        if isinstance(error, MissingExtra):
            raise
        return np.empty(0), np.empty(0, dtype=np.bool_), np.ones(len(recording), dtype=np.bool_)
    fixed = corrected(found)
    return fixed.times, fixed.kinds != NORMAL, poor_beats(recording, found)


def _marked_intervals(recording: Recording) -> Marked:
    """Each interval stands for its own length; what no interval covers is missing."""
    kind = KINDS["rr"]
    values = np.nan_to_num(recording.values)
    wrong = (values < (kind.lowest or 0)) | (values > (kind.highest or np.inf))
    odd, times = np.zeros(values.size, dtype=np.bool_), recording.times
    try:
        fixed = corrected(beats(recording))
        odd, beat_times = (fixed.kinds != NORMAL), fixed.times
    except NotEstimable:
        beat_times = times
    none = np.zeros(values.size, dtype=np.bool_)
    return Marked(times, values / 1000.0, ~np.isfinite(recording.values), none, wrong, odd, beat_times)
