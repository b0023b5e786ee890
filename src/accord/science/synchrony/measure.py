"""Two courses on one grid -> how much they moved together, against chance: the one signature of this folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable, NotFound
from accord.science.synchrony.chance import Against, Chance, against, paired, redrawn, spread, tasks
from accord.science.synchrony.lead import Lead, lead, lead_of_events
from accord.science.synchrony.methods import METHODS
from accord.science.synchrony.partners import partners
from accord.science.synchrony.parts import alternating, convergence, in_parts
from accord.science.synchrony.result import Synchrony
from accord.science.synchrony.scores import Method, Scores
from accord.science.synchrony.series import detrended, pair, without_flat_runs
from accord.science.synchrony.settings import Settings, samples
from accord.science.synchrony.surrogates import SURROGATES, generator, shuffle_order

Array = NDArray[np.float64]
Phase = tuple[str, float, float]

DEFAULT_SURROGATE = "circular-shift"
SPAN = 4  # windows: the trend that is taken out is slower than this
CLOCK_SHARE = 0.25  # of the largest lag: with clocks less certain than that no lead is named (C25)
UNKNOWN_CLOCKS = (
    "No lag and no leader: nothing says how far the two clocks are apart. Say it (--clock-error, or clock_error_s in "
    "the index; 0 when one device recorded both)."
)
CAUTION = "They moved together more than chance would have it; this may be talking, breathing or moving, not closeness."


def synchrony(
    a: ArrayLike,
    b: ArrayLike,
    *,
    rate_hz: float,
    method: str = "wlcc",
    window: float | None = None,
    step: float | None = None,
    max_lag: float | None = None,
    absolute: bool = False,
    surrogate: str = DEFAULT_SURROGATE,
    surrogates: int = 500,
    seed: int = 1,
    detrend: bool | float = True,
    others: Sequence[tuple[ArrayLike, ArrayLike]] = (),
    phases: Sequence[Phase] = (),
    executor: Executor | None = None,
    who: tuple[str, str] = ("first", "second"),
    clock_s: float | None = 0.0,
    **options: Any,
) -> Synchrony:
    """How two people's courses a and b (one grid of `rate_hz`, missing = NaN) moved together.

    `method` is one of `METHODS`; `window`, `step`, `max_lag` (s) and further `options` (fields of `Settings`) fall
    back on the method's own. `surrogate` is one of `SURROGATES`, `surrogates` how many (0: none, and no p); pseudo
    surrogates need `others`, the pairs of courses of other sessions. `detrend` takes out what is slower than four
    windows (a number: than that many seconds; False: nothing, which is what rMEA and SUSY do); AMICo, whose responses
    stand on their own valleys, needs it not. `phases` are (name, from, to) in seconds. `clock_s` is how uncertain
    the two clocks are to each other: when it is None (not known), or above a quarter of the largest lag no lag and
    no leader are given. The same seed gives the same numbers with any `executor` (processes, threads, Dask:
    whatever has `submit`).

    Errors: BadInput (lengths differ, settings that cannot be), NotEstimable (flat line, nothing known, too short),
    NotFound (method, surrogate).
    """
    way, settings = asked(
        method, rate_hz, window=window, step=step, max_lag=max_lag, absolute=absolute, **options
    )  # fmt: skip
    kind = _surrogate(surrogate)
    x, y = pair(a, b, who=who)
    span = trend_span(way, settings, detrend)
    straighten = partial(trendless, span=span, width=settings.width)
    x, y = straighten(x), straighten(y)
    times = long_enough(len(x), way, settings)
    first, second = way.prepare(x, settings), way.prepare(y, settings)
    scores = _scored(way.measure(first, second, settings))
    chance = _chance(x, y, way, settings, kind, surrogates, seed, others, straighten, executor)
    one_sided = way.one_sided or absolute
    index = against(scores.overall, chance.overall, one_sided=one_sided)
    peak = _peak_against(scores, chance, one_sided) if way.axis == "lag" else index
    found, leader, notes = _led(scores, settings, way, peak, seed, clock_s, who)
    used = np.isfinite(scores.windows)
    odd, even = alternating(scores.windows, settings)
    drawn = int(np.isfinite(chance.overall).sum())
    return Synchrony(
        method=method, label=way.label, n_windows=int(used.sum()), synchrony=scores.overall,
        surrogate_mean=index.mean, surrogate_sd=index.sd, effect_size=index.effect_size, p=index.p,
        peak_lag_s=found.peak_lag_s, leader=leader, quality=float(used.mean()),
        lead_low_s=found.low_s, lead_high_s=found.high_s, peak_p=peak.p if way.axis == "lag" else None,
        convergence=convergence(scores.windows, times, chance.windows),
        parts=in_parts(phases, scores.windows, times, chance.windows, one_sided=one_sided),
        odd=odd, even=even, surrogate=kind if drawn else "", n_surrogates=drawn,
        one_sided=one_sided, absolute=absolute, detrended=span > 0, seed=seed, who=who, settings=settings,
        notes=(*_cautions(kind, drawn, one_sided), *notes),
        details=way.details(first, second, scores, settings),
        windows=scores.windows, window_times_s=times, profile=scores.profile, lags_s=_lags(way, scores, settings),
        grid=scores.grid, surrogates=chance.overall,
    )  # fmt: skip


def asked(
    method: str, rate_hz: float, *, window: float | None = None, step: float | None = None,
    max_lag: float | None = None, absolute: bool = False, **options: Any,
) -> tuple[Method, Settings]:  # fmt: skip
    """The method of that name and its settings, what was not said from its own."""
    if method not in METHODS:
        raise NotFound(f"There is no method '{method}'.", cure=f"There are: {', '.join(METHODS)}.")
    allowed = {field.name for field in fields(Settings)}
    for name in options:
        if name not in allowed:
            raise BadInput(f"There is no option '{name}'.", cure=f"There are: {', '.join(sorted(allowed))}.")
    said = {"window": window, "step": step, "max_lag": max_lag}
    way = METHODS[method]
    values: dict[str, Any] = {**way.defaults, **{k: v for k, v in said.items() if v is not None}, **options}
    if way.contiguous:
        if step is not None and step != values["window"]:
            raise BadInput(
                f"The segments of {way.label} follow each other; a step of {step:g} s has no place.",
                cure="Leave the step out.",
            )
        values["step"] = values["window"]
    return way, Settings(rate_hz=rate_hz, absolute=absolute, **values).checked()


def trend_span(way: Method, settings: Settings, detrend: bool | float) -> int:
    """Samples over which the trend is taken: four windows, or `detrend` seconds; 0 where it stays."""
    if detrend is True:
        return samples(SPAN * settings.window, settings.rate_hz) if way.drifts else 0
    return samples(float(detrend), settings.rate_hz)


def trendless(x: Array, span: int, width: int) -> Array:
    """x without its trend, if there is a span; what stands still for a window counts as missing."""
    return detrended(without_flat_runs(x, width), span) if span > 0 else x


def _surrogate(name: str) -> str:
    if name not in SURROGATES:
        raise NotFound(f"There is no surrogate '{name}'.", cure=f"There are: {', '.join(SURROGATES)}.")
    return name


def long_enough(count: int, way: Method, settings: Settings) -> Array:
    """Middles of the windows (s), if the recording holds one."""
    times = way.times(count, settings)
    if len(times) == 0:
        raise NotEstimable(
            f"The recording ({count / settings.rate_hz:g} s) is shorter than a window with its lag "
            f"({settings.window + settings.max_lag:g} s).",
            cure="Take a shorter window.",
        )
    return times


def _scored(scores: Scores) -> Scores:
    """These scores, if there are any."""
    if not np.isfinite(scores.windows).any():
        raise NotEstimable(
            "No window has half of its samples from both people, with something moving in them.",
            cure="Look at the quality of both recordings, and whether they overlap.",
        )
    return scores


def _chance(
    x: Array, y: Array, way: Method, settings: Settings, kind: str, count: int, seed: int,
    others: Sequence[tuple[ArrayLike, ArrayLike]], straighten: Callable[[Array], Array], executor: Executor | None,
) -> Chance:  # fmt: skip
    if count < 0:
        raise BadInput(f"{count} surrogates cannot be drawn.", cure="Give 0 or more; 500 is usual.")
    if SURROGATES[kind].redraw is None and count:
        drawn = partners(
            x,
            y,
            others,
            kind=kind,
            count=count,
            seed=seed,
            prepare=straighten,
            fits=lambda n: len(way.times(n, settings)) > 0,
        )
        cut = [(drawn[part.start : part.stop], way, settings) for part in tasks(len(drawn), executor)]
        return spread(paired, cut, executor)
    if kind == "segment-shuffle" and count and way.shuffled is not None:
        orders = np.array([shuffle_order(len(y), generator(seed, number), settings) for number in range(count)])
        at_once = way.shuffled(way.prepare(x, settings), way.prepare(y, settings), orders, settings)
        if at_once is not None:
            return at_once
    return spread(redrawn, [(x, y, way, settings, kind, seed, part) for part in tasks(count, executor)], executor)


def _cautions(kind: str, drawn: int, one_sided: bool) -> tuple[str, ...]:
    """What these surrogates cannot do."""
    if not drawn:
        return ()
    least = min(1.0, (1 if one_sided else 2) / (drawn + 1))
    few = f"With {drawn} surrogates p cannot fall below {least:.2g}." if least > 0.05 else ""
    return tuple(text for text in (SURROGATES[kind].caution, few) if text)


def _peak_against(scores: Scores, chance: Chance, one_sided: bool) -> Against:
    """The largest value of the profile against the largest of each surrogate's: honest about having looked."""
    size = (lambda v: v) if one_sided else np.abs
    if not len(chance.profile):
        return Against(None, None, None, None)
    return against(float(np.nanmax(size(scores.profile))), np.nanmax(size(chance.profile), axis=1), one_sided=True)


def _led(
    scores: Scores, settings: Settings, way: Method, peak: Against, seed: int, clock_s: float | None,
    who: tuple[str, str],
) -> tuple[Lead, str, tuple[str, ...]]:  # fmt: skip
    """Lag, leader, and why there is none."""
    if way.axis == "frequency":
        return Lead(None), "none", ()
    if clock_s is None:
        return Lead(None), "none", (UNKNOWN_CLOCKS,)
    if clock_s > CLOCK_SHARE * settings.max_lag:
        note = (f"No lag and no leader: the clocks are uncertain by {clock_s:g} s, more than a quarter of the largest "
                f"lag ({settings.max_lag:g} s).")  # fmt: skip
        return Lead(None), "none", (note,)
    if way.axis == "events":
        assert scores.lags is not None
        found = lead_of_events(scores.lags, clock_s=clock_s)
    else:
        assert scores.grid is not None
        found = lead(scores.grid, settings, seed=seed, clock_s=clock_s)
    if found.leads and peak.p is not None and peak.p > 0.05:
        return found, "none", ("No leader: the coupling itself is no stronger than chance.",)
    return found, (who[found.leads - 1] if found.leads else "none"), ()


def _lags(way: Method, scores: Scores, settings: Settings) -> Array:
    """The lag (s) of each value of the profile; none where the profile runs over frequencies."""
    if way.axis == "frequency" or not len(scores.profile):
        return np.empty(0)
    reach = len(scores.profile) // 2
    step = settings.max_lag / reach if reach else 0.0
    return np.arange(-reach, reach + 1, dtype=np.float64) * step
