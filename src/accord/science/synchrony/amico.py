"""AMICo v2: skin responses of two people matched one to one (the algorithm of DyadSync 1.3.2, from its description).

1. `responses.py` finds the responses of each.
2. Every pair of responses whose peaks lie within `max_lag` is compared: rise and decline are each stretched to the
   longer one's length, r is Pearson's over both; times a weight of the lag (1 at zero, 1 − `malus` at `max_lag`) and
   one of their lengths (.83 at twice, .19 at four times the other's); negative or below `threshold` counts 0.
3. The best one-to-one matching that keeps the order of both is found by dynamic programming.
4. Between two matches, where both sides last more than 4 s, the stretch is cut into parts of about 10 s; each is
   stretched to one length, and the cosine of the two (each above its own minimum) is weighted in the same way.
   Shorter gaps are shared half and half.

The course is a step function over the matched responses and the stretches between them; the index its mean, where
both were recorded. **A
positive lag says that the second person follows the first.** Steps 2 and 4 and the matching agree with DyadSync to
1e-9 on its own responses; for step 1 see `responses.py` (tests/published/test_rmea_susy_dyadsync.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.responses import Responses, responses
from accord.science.synchrony.scores import Method, Scores, segment_count, segment_middles
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]
Limits = tuple[int, int]

SPREAD = 1000.0  # samples: SD of the weight of the lag, which is all but a parabola over some seconds
RESPONSE, STRETCH = 350.0, 200.0  # scale of the weight of unequal lengths, for responses and for stretches between
GAP_S, PART_S = 4.0, 10.0


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of both courses laid side by side: samples of each, how alike, by how much the second is later."""

    first: Limits
    second: Limits
    similarity: float
    lag: int
    pair: tuple[int, int] | None  # numbers of the two responses; None for a stretch between matches


def prepare(x: Array, settings: Settings) -> Responses:
    return responses(x, settings.rate_hz, settings.rise)


def lag_weight(lag: float, settings: Settings) -> float:
    """1 at lag 0, 1 − malus at the largest lag and beyond it, on a Gaussian."""
    if settings.reach == 0:
        return 1.0
    lag = min(abs(lag), settings.reach)
    height, edge = np.exp(-0.5 * (lag / SPREAD) ** 2), np.exp(-0.5 * (settings.reach / SPREAD) ** 2)
    return float(1 - settings.malus + settings.malus * (height - edge) / (1 - edge))


def length_weight(one: int, other: int, scale: float) -> float:
    """(1 + (q/scale)^3.18)^(−2.5e6), q the longer over the shorter."""
    return float((1 + (max(one, other) / max(min(one, other), 1) / scale) ** 3.18) ** -2.5e6)


def stretched(v: Array, n: int) -> Array:
    """v at n even places, by straight lines."""
    if len(v) == n:
        return v
    return np.interp(np.linspace(0, len(v) - 1, n), np.arange(len(v)), v)


def alike(a: Responses, i: int, b: Responses, j: int, settings: Settings) -> float:
    """How alike two responses are, weighted; 0 below the threshold."""
    rise = a.course[a.onset[i] : a.peak[i] + 1], b.course[b.onset[j] : b.peak[j] + 1]
    fall = a.course[a.peak[i] : a.end[i] + 1], b.course[b.peak[j] : b.end[j] + 1]
    up, down = max(map(len, rise)), max(map(len, fall))
    u = np.concatenate([stretched(rise[0], up), stretched(fall[0], down)[1:]])
    v = np.concatenate([stretched(rise[1], up), stretched(fall[1], down)[1:]])
    u, v = u - u.mean(), v - v.mean()
    size = float(np.sqrt((u @ u) * (v @ v)))
    r = float(u @ v) / size if size > 0 else 0.0
    lengths = int(a.end[i] - a.onset[i]), int(b.end[j] - b.onset[j])
    found = r * lag_weight(float(b.peak[j] - a.peak[i]), settings) * length_weight(*lengths, RESPONSE)
    return found if found >= settings.threshold else 0.0


def similarities(a: Responses, b: Responses, settings: Settings) -> Array:
    """Responses of a × responses of b."""
    found = np.zeros((len(a.peak), len(b.peak)))
    low = np.searchsorted(b.peak, a.peak - settings.reach, side="left")
    high = np.searchsorted(b.peak, a.peak + settings.reach, side="right")
    for i in range(len(a.peak)):
        for j in range(low[i], high[i]):
            found[i, j] = alike(a, i, b, j, settings)
    return found


def best_matching(similarity: Array) -> list[tuple[int, int]]:
    """Pairs in order, each row and column at most once, of the largest sum (dynamic programming, row by row)."""
    rows, columns = similarity.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        best[i + 1, 1:] = np.maximum.accumulate(np.maximum(best[i, 1:], best[i, :-1] + similarity[i]))
    pairs, i, j = [], rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def matches(a: Responses, b: Responses, settings: Settings) -> list[Match]:
    """Matched responses and the stretches between them, in order of time."""
    similarity = similarities(a, b, settings)
    found = [
        Match((int(a.onset[i]), int(a.end[i])), (int(b.onset[j]), int(b.end[j])), float(similarity[i, j]),
              int(b.peak[j] - a.peak[i]), (i, j))
        for i, j in best_matching(similarity)
    ]  # fmt: skip
    return joined(found, a.course, b.course, settings)


def joined(found: list[Match], x: Array, y: Array, settings: Settings) -> list[Match]:
    """The same with what lies between: parts of a long gap, or the limit moved to the middle of a short one."""
    whole: list[Match] = []
    for after in found:
        if not whole:
            whole.append(after)
            continue
        before = whole[-1]
        gaps = ((before.first[1], after.first[0]), (before.second[1], after.second[0]))
        if min(end - start for start, end in gaps) > GAP_S * settings.rate_hz:
            whole += [*between(x, y, gaps[0], gaps[1], settings), after]
            continue
        middle = [_middle(*gap) for gap in gaps]
        whole[-1] = _limited(before, (before.first[0], middle[0]), (before.second[0], middle[1]))
        whole.append(_limited(after, (middle[0], after.first[1]), (middle[1], after.second[1])))
    return whole


def _middle(one: int, other: int) -> int:
    """The sample half-way; of two the one that is even when samples are counted from 1, as R rounds."""
    return round((one + other) / 2 + 1) - 1


def _limited(match: Match, first: Limits, second: Limits) -> Match:
    return Match(first, second, match.similarity, match.lag, match.pair)


def between(x: Array, y: Array, first: Limits, second: Limits, settings: Settings) -> list[Match]:
    """Parts of a stretch between two matches, each with the cosine of its two courses, weighted."""
    spans = first[1] - first[0] + 1, second[1] - second[0] + 1
    count = max(int(min(spans) // (PART_S * settings.rate_hz)), 1)
    long, other = spans[0] // count, spans[1] // count
    found = []
    for part in range(count):
        start, begin = first[0] + part * long, second[0] + part * other
        u, v = x[start : start + long], y[begin : begin + other]
        n = max(long, other)
        u, v = stretched(u, n), stretched(v, n)
        u, v = u - u.min(), v - v.min()
        size = float(np.sqrt((u @ u) * (v @ v)))
        cosine = float(u @ v) / size if size > 0 else 0.0
        later = round(begin + (other - 1) / 2 - start - (long - 1) / 2)
        weight = lag_weight(later, settings) * length_weight(long, other, STRETCH)
        found.append(Match((start, start + long - 1), (begin, begin + other - 1), cosine * weight, later, None))
    return found


def course(found: list[Match], n: int) -> Array:
    """The similarity at each sample: a step from the mean of both beginnings to the mean of both ends; NaN outside."""
    steps = np.full(n, np.nan)
    for match in found:
        start, end = _middle(match.first[0], match.second[0]), _middle(match.first[1], match.second[1])
        steps[max(start, 0) : end + 1] = match.similarity
    return steps


def measure(a: Responses, b: Responses, settings: Settings) -> Scores:
    found = matches(a, b, settings)
    n = min(len(a.course), len(b.course))
    steps = np.where(a.known[:n] & b.known[:n], course(found, n), np.nan)
    known = ~np.isnan(steps)
    cut = steps[: segment_count(n, settings) * settings.width].reshape(-1, settings.width)
    inside = ~np.isnan(cut)
    with np.errstate(invalid="ignore"):
        windows = np.where(inside, cut, 0.0).sum(axis=1) / inside.sum(axis=1)
    windows[2 * inside.sum(axis=1) < settings.width] = np.nan
    lags = np.array([match.lag for match in found if match.pair is not None]) / settings.rate_hz
    overall = float(steps[known].mean()) if known.any() else float("nan")
    return Scores(overall, windows, np.empty(0), lags=lags)


def details(a: Responses, b: Responses, scores: Scores, settings: Settings) -> dict[str, Any]:
    """How many responses each had and how many found a partner."""
    assert scores.lags is not None
    return {
        "responses_first": len(a.peak), "responses_second": len(b.peak), "matched": len(scores.lags),
        "mean_lag_s": float(scores.lags.mean()) if len(scores.lags) else None,
    }  # fmt: skip


AMICO = Method(
    "amico", "matched skin responses (AMICo)", prepare, measure, segment_middles,
    {"window": 30.0, "step": 30.0, "max_lag": 4.0}, one_sided=True, axis="events", contiguous=True,
    drifts=False, details=details,
)  # fmt: skip
