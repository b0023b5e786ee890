"""Heartbeats from an ECG, a pulse wave or a list of intervals, and their correction."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, MissingExtra, NotEstimable, Place
from accord.science.signals.recording import Floats, Gap, Recording

NORMAL, ECTOPIC, MISSED, EXTRA, LONG_OR_SHORT = "normal", "ectopic", "missed", "extra", "long or short"
LEAST_S = 5.0
LEAST_BEATS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """times (n,): seconds of the beats on the recording's clock. rr_ms (n,): the interval that ends at each beat, NaN
    for the first and for the first after a gap. kinds (n,): what the correction found. start, end: of the recording.
    """

    times: Floats
    rr_ms: Floats
    kinds: NDArray[np.str_]
    start: float
    end: float
    who: str = ""
    clock: str = "own"
    source: str = ""
    gaps: tuple[Gap, ...] = ()

    @property
    def corrected(self) -> int:
        return int(np.count_nonzero(self.kinds != NORMAL))


def beats(recording: Recording) -> Beats:
    """The beats as the recording has them, uncorrected.

    ECG: R-peaks; pulse: systolic peaks (Elgendi et al. 2013), both by NeuroKit2 with its own cleaning, each unbroken
    stretch of at least 5 s for itself. `rr`: the stamps of the list. Missing samples shorter than 1 s are bridged.
    Checked against NeuroKit2 and BioSPPy on BioSPPy's example ECG.

    Raises BadInput for a signal without beats, NotEstimable when fewer than three are found, MissingExtra without
    `[physio]`.
    """
    kind = recording.kind.name
    where = Place(file=recording.source or None, column=recording.signal)
    if kind == "rr":
        there = np.isfinite(recording.values)
        return _from_intervals(recording, recording.times[there], recording.values[there])
    if kind not in ("ecg", "pulse"):
        raise BadInput(f"'{recording.signal}' has no beats.", cure="Give an ecg, a pulse or rr.", where=where)
    parts = [_peaks(values, recording, first) for first, values in stretches(recording, LEAST_S)]
    parts = [part for part in parts if part.size]
    times = np.concatenate(parts) if parts else np.empty(0)
    if times.size < 3:
        raise NotEstimable(f"{times.size} heartbeats were found.", cure="Leave this recording out.", where=where)
    rr = np.concatenate([np.r_[np.nan, np.diff(part)] for part in parts]) * 1000.0
    return _made(recording, times, rr)


def stretches(recording: Recording, least_s: float) -> list[tuple[float, Floats]]:
    """(time of the first sample, values) of every unbroken stretch of at least `least_s` seconds.

    A stretch ends at a gap or where samples are missing for 1 s or longer; shorter holes are bridged by a line.
    """
    rate = float(recording.rate_hz or 0)
    if not rate:
        cure = "This needs a signal with a rate."
        raise BadInput("the recording is not sampled evenly.", cure=cure, where=Place(file=recording.source or None))
    there = np.flatnonzero(np.isfinite(recording.values))
    if not there.size:
        return []
    times = recording.times
    cuts = np.flatnonzero(np.diff(times[there]) > max(1.0, 2.5 / rate)) + 1
    parts = []
    for part in np.split(there, cuts):
        if times[part[-1]] - times[part[0]] >= least_s:
            inside = np.arange(part[0], part[-1] + 1)
            parts.append((float(times[part[0]]), np.interp(inside, part, recording.values[part])))
    return parts


def corrected(found: Beats) -> Beats:
    """The beats with ectopic, missed, extra and misplaced ones put right (Lipponen & Tarvainen 2019, by NeuroKit2).

    Stretches of fewer than ten beats stay as they are. `kinds` says which beats were touched.
    """
    neurokit = physio("correcting heartbeats")
    starts = np.flatnonzero(np.isnan(found.rr_ms))
    parts = [_corrected_part(neurokit, part) for part in np.split(found.times, starts[starts > 0])]
    times = np.concatenate([part for part, _ in parts])
    rr = np.concatenate([np.r_[np.nan, np.diff(part)] for part, _ in parts]) * 1000.0
    if found.times.size and not np.isnan(found.rr_ms[0]) and rr.size:  # a list of intervals knows its first one too
        rr[0] = found.rr_ms[0]
    return replace(found, times=times, rr_ms=rr, kinds=np.concatenate([kinds for _, kinds in parts]))


def physio(needed_for: str) -> Any:
    """NeuroKit2, or MissingExtra."""
    try:
        import neurokit2  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("physio", needed_for=needed_for) from None
    return neurokit2


def _from_intervals(recording: Recording, times: Floats, values: Floats) -> Beats:
    if times.size < 3:
        what = f"{times.size} heartbeats were found."
        raise NotEstimable(what, cure="Leave this recording out.", where=Place(file=recording.source or None))
    rr = values * (1000.0 if recording.unit == "s" else 1.0)
    broken = np.r_[False, np.abs(np.diff(times) * 1000.0 - rr[1:]) > np.maximum(250.0, 0.5 * rr[1:])]
    return replace(_made(recording, times, np.where(broken, np.nan, rr)), start=float(times[0] - rr[0] / 1000.0))


def _made(recording: Recording, times: Floats, rr: Floats) -> Beats:
    kinds = np.full(times.size, NORMAL, dtype="<U13")
    return Beats(
        times,
        rr,
        kinds,
        recording.start,
        recording.end,
        recording.who,
        recording.clock,
        recording.source,
        recording.gaps,
    )


def _peaks(values: Floats, recording: Recording, first: float) -> Floats:
    rate = float(recording.rate_hz or 0)
    neurokit = physio("finding heartbeats")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if recording.kind.name == "ecg":
                clean = neurokit.ecg_clean(values, sampling_rate=rate)
                found = neurokit.ecg_findpeaks(clean, sampling_rate=rate)["ECG_R_Peaks"]
            else:
                clean = neurokit.ppg_clean(values, sampling_rate=rate)
                found = neurokit.ppg_findpeaks(clean, sampling_rate=rate)["PPG_Peaks"]
        except (ValueError, IndexError, ZeroDivisionError):  # its answer to a stretch without any beat
            return np.empty(0)
    return first + np.asarray(found, dtype=np.float64) / rate


def _corrected_part(neurokit: Any, times: Floats) -> tuple[Floats, NDArray[np.str_]]:
    if times.size < LEAST_BEATS:
        return times, np.full(times.size, NORMAL, dtype="<U13")
    ms = np.round((times - times[0]) * 1000.0).astype(np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, fixed = neurokit.signal_fixpeaks(ms, sampling_rate=1000, iterative=True, method="Kubios")
        # the iterations report only what the last one found, so one pass of its own says what was wrong at first
        found, _ = neurokit.signal_fixpeaks(ms, sampling_rate=1000, iterative=False, method="Kubios")
    fixed = np.unique(np.asarray(fixed, dtype=np.int64))
    kept = np.isin(fixed, ms)
    exact = times[0] + fixed / 1000.0
    exact[kept] = times[np.searchsorted(ms, fixed[kept])]
    return exact, _kinds(found, ms, fixed, kept)


def _kinds(found: dict[str, Any], before: NDArray[np.int64], after: NDArray[np.int64], kept: NDArray[np.bool_]) -> Any:
    """What was done to each beat: a beat that was not there before is named after the nearest artefact found."""
    kinds = np.full(after.size, NORMAL, dtype="<U13")
    names = {"ectopic": ECTOPIC, "missed": MISSED, "extra": EXTRA, "longshort": LONG_OR_SHORT}
    places = [(before[min(int(i), before.size - 1)], name) for key, name in names.items() for i in found.get(key, [])]
    for at in np.flatnonzero(~kept):
        nearest = min(places, key=lambda place: abs(int(place[0]) - int(after[at])), default=(0, LONG_OR_SHORT))
        kinds[at] = nearest[1]
    for place, name in places:
        if name == EXTRA:  # the beat itself is gone; the next one carries the mark
            kinds[min(int(np.searchsorted(after, place)), after.size - 1)] = EXTRA
    return kinds
