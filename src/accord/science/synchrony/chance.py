"""Scores of surrogates, and how far the real score stands from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.scores import Chance, Method
from accord.science.synchrony.settings import Settings
from accord.science.synchrony.surrogates import SURROGATES, generator

Array = NDArray[np.float64]

KEPT = 32  # people held ready at a time: an hour at 10 Hz is 2 MB each
TASK = 25  # surrogates in one task of an executor; their numbers do not depend on it


@dataclass(frozen=True, slots=True)
class Against:
    """A score against its surrogates. `p` is None without a surrogate; it is never below 1/(B + 1)."""

    mean: float | None
    sd: float | None
    effect_size: float | None
    p: float | None


def against(real: float, surrogates: Array, *, one_sided: bool) -> Against:
    """Effect size (T − mean T*)/SD T* and p = (1 + #{T* ≥ T})/(B + 1); two-sided: twice the smaller tail, at most 1.

    Davison & Hinkley 1997 (4.11): the real score counts among its surrogates, so that p is never 0 and B surrogates
    can say no less than 1/(B + 1). SD with B − 1.
    """
    drawn = surrogates[np.isfinite(surrogates)]
    if not np.isfinite(real) or drawn.size < 2:
        return Against(None, None, None, None)
    mean, sd = float(drawn.mean()), float(drawn.std(ddof=1))
    slack = 1e-12 * max(abs(real), sd)  # a tie is a tie although it was summed in another order
    above = (1 + int((drawn >= real - slack).sum())) / (drawn.size + 1)
    below = (1 + int((drawn <= real + slack).sum())) / (drawn.size + 1)
    p = above if one_sided else min(1.0, 2 * min(above, below))
    return Against(mean, sd, (real - mean) / sd if sd > 0 else None, p)


def redrawn(a: Array, b: Array, method: Method, settings: Settings, kind: str, seed: int, numbers: range) -> Chance:
    """The scores of surrogates `numbers` drawn from b itself: the unit of work an executor gets."""
    redraw = SURROGATES[kind].redraw
    assert redraw is not None
    first = method.prepare(a, settings)
    partners = (method.prepare(redraw(b, generator(seed, number), settings), settings) for number in numbers)
    return _collected(method.measure(first, partner, settings) for partner in partners)


def paired(pairs: Sequence[tuple[Array, Array]], method: Method, settings: Settings) -> Chance:
    """The scores of pairs of people of other recordings, each cut to the shorter of the two."""
    done: OrderedDict[tuple[int, int], Any] = OrderedDict()

    def prepared(x: Array, length: int) -> Any:
        key = (id(x), length)
        if key not in done:
            done[key] = method.prepare(x[:length], settings)
        done.move_to_end(key)
        while len(done) > KEPT:
            done.popitem(last=False)
        return done[key]

    lengths = [min(len(x), len(y)) for x, y in pairs]
    return _collected(
        method.measure(prepared(x, n), prepared(y, n), settings) for (x, y), n in zip(pairs, lengths, strict=True)
    )


def _collected(scores: Iterable[Any]) -> Chance:
    drawn = list(scores)
    windows = max((len(score.windows) for score in drawn), default=0)
    rows = np.full((len(drawn), windows), np.nan)
    for row, score in zip(rows, drawn, strict=True):
        row[: len(score.windows)] = score.windows
    return Chance(
        np.array([score.overall for score in drawn], float), rows, np.array([score.profile for score in drawn], float)
    )


def spread(work: Callable[..., Chance], parts: Sequence[tuple[Any, ...]], executor: Executor | None) -> Chance:
    """The parts done here or by an executor, put together in their order: the numbers are the same."""
    if not parts:
        return Chance(np.empty(0), np.empty((0, 0)), np.empty((0, 0)))
    if executor is None:
        done = [work(*part) for part in parts]
    else:
        waiting = [executor.submit(work, *part) for part in parts]
        done = [future.result() for future in waiting]
    width = max((part.windows.shape[1] for part in done), default=0)
    windows = [np.pad(p.windows, ((0, 0), (0, width - p.windows.shape[1])), constant_values=np.nan) for p in done]
    return Chance(
        np.concatenate([part.overall for part in done]), np.concatenate(windows),
        np.concatenate([part.profile for part in done]),
    )  # fmt: skip


def tasks(count: int, executor: Executor | None) -> list[range]:
    """Numbers 0 to count, cut where an executor shares them out."""
    if executor is None:
        return [range(count)] if count else []
    return [range(first, min(first + TASK, count)) for first in range(0, count, TASK)]
