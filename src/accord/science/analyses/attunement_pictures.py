"""The pictures of one pair and of a whole study, from what `synchrony` and the study found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.wording import number, p_value
from accord.science.figures import (
    Course,
    Courses,
    LagMap,
    LagPoint,
    LagProfile,
    Phase,
    SurrogateBars,
)
from accord.science.signals import Phase as RecordedPhase
from accord.science.signals import kind_of
from accord.science.synchrony import SURROGATES, Synchrony

Array = NDArray[np.float64]
SPOKEN = {"ecg": "heart rate", "pulse": "heart rate", "rr": "heart rate"}
CLOSENESS = "this may be talking, breathing or moving, not closeness"


def courses_picture(
    times: Array, courses: Mapping[str, Array], *, signal: str, unit: str, phases: Sequence[RecordedPhase] = (),
    invented: bool = False,
) -> Courses:  # fmt: skip
    """Both courses on the grid they were compared on; a stretch where either is missing is shaded."""
    missing = np.any([~np.isfinite(values) for values in courses.values()], axis=0)
    who = " and ".join(courses)
    said = f"The {signal} of {who} over {number((times[-1] - times[0]) / 60, 1)} minutes"
    return Courses(
        f"{signal.capitalize()} of both", f"{said}; {number(100 * float(missing.mean()), 0)} % left out.",
        times.tolist(), [Course(name, _plain(values)) for name, values in courses.items()], unit or signal,
        [Phase(one.name, one.start, one.end) for one in phases], _stretches(times, missing), invented=invented,
    )  # fmt: skip


def _plain(values: Array) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]


def _stretches(times: Array, missing: NDArray[np.bool_]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(int)))
    return [
        (float(times[a]), float(times[min(b, len(times) - 1)])) for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def map_picture(found: Synchrony, *, invented: bool = False) -> LagMap | None:
    """Time by lag; None for a method that has no lags."""
    if found.grid is None or not len(found.lags_s):
        return None
    first, second = found.who
    rows = [_plain(row) for row in found.grid]
    said = f"{found.n_windows} windows of {found.settings.window:g} s at lags up to {found.settings.max_lag:g} s"
    return LagMap(
        "When they moved together, and at which lag", f"{said}; the mean is {number(found.synchrony, 3)}.",
        found.window_times_s.tolist(), found.lags_s.tolist(), rows, first, second, index_words(found),
        invented=invented,
    )  # fmt: skip


def lead_picture(found: Synchrony, *, invented: bool = False) -> LagProfile | None:
    """The mean over windows at each lag; None for a method that has no lags."""
    if not len(found.lags_s) or len(found.profile) != len(found.lags_s):
        return None
    points = [LagPoint(float(lag), float(v) if np.isfinite(v) else None)
              for lag, v in zip(found.lags_s, found.profile, strict=True)]  # fmt: skip
    first, second = found.who
    return LagProfile(
        "Who comes first", lead_words(found), points, first, second, index_words(found), found.peak_lag_s,
        found.lead_low_s, found.lead_high_s, lead_words(found), invented=invented,
    )  # fmt: skip


def lead_words(found: Synchrony) -> str:
    """Who leads, with the interval, or why nobody is said to."""
    refused = next((note for note in found.notes if note.startswith(("No lag", "No leader"))), "")
    if found.peak_lag_s is None:
        return refused or "This index has no lag."
    peak = f"The coupling is largest at a lag of {number(found.peak_lag_s, 2)} s"
    if found.lead_low_s is None or found.lead_high_s is None:
        return f"{peak}; the recording is too short for an interval, so nobody is said to lead."
    within = f"{peak} (95 % {number(found.lead_low_s, 2)} to {number(found.lead_high_s, 2)})"
    if found.leader != "none":
        return f"{within}: the {found.leader} comes first."
    return f"{within}. {refused or 'The interval holds zero: nobody is said to lead.'}"


def surrogates_picture(found: Synchrony, *, invented: bool = False) -> SurrogateBars | None:
    """Where the real pair lies among the surrogates; None without any."""
    drawn = found.surrogates[np.isfinite(found.surrogates)]
    if not drawn.size or found.synchrony is None:
        return None
    kind = SURROGATES[found.surrogate]
    sided = "one-sided" if found.one_sided else "two-sided"
    said = f"The real pair has {number(found.synchrony, 3)}; p {p_words(found.p)} ({sided})."
    return SurrogateBars(
        "Against chance", said, float(found.synchrony), drawn.tolist(), index_words(found), f"surrogates: {kind.label}",
        f"{said} {kind.caution}".strip(), invented=invented,
    )  # fmt: skip


def p_words(p: float | None) -> str:
    shown = p_value(p)
    return shown if shown.startswith("<") else f"= {shown}"


def index_words(found: Synchrony) -> str:
    """What the index is, for an axis."""
    size = "size of " if found.absolute else ""
    return f"{size}{found.label}"


def reading(found: Synchrony, signal: str) -> str:
    """The one sentence that may be said of it (C25)."""
    name = signal_words(signal)
    if found.p is None:
        return f"The synchrony of their {name} is {number(found.synchrony, 3)}; without surrogates it says nothing."
    if found.p > 0.05:
        return f"Their {name} did not move together more than chance would have it (p {p_words(found.p)})."
    if found.effect_size is not None and found.effect_size < 0:
        return f"Their {name} moved together less than chance would have it (p {p_words(found.p)})."
    return f"Their {name} moved together more than chance; {CLOSENESS} (p {p_words(found.p)})."


def signal_words(signal: str) -> str:
    """`heart rate`; a column that is no known kind of signal is just that."""
    kind = kind_of(signal)
    return "signals" if kind.name == "other" else SPOKEN.get(kind.name, kind.name.replace("-", " "))


def values_words(found: Synchrony) -> str:
    """The numbers of it in one line."""
    chance = ""
    if found.surrogate_mean is not None and found.effect_size is not None:
        chance = (f", by chance {number(found.surrogate_mean, 3)} (SD {number(found.surrogate_sd, 3)}): "
                  f"{number(found.effect_size, 2)} SD of chance")  # fmt: skip
    windows = f"{found.n_windows:,} windows, {number(100 * found.quality, 0)} % of them usable"
    return f"{index_words(found).capitalize()} {number(found.synchrony, 3)}{chance}; {windows}."
