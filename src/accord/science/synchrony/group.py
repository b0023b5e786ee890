"""More than two people: the mean over all pairs, against groups in which nobody heard anybody."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.synchrony.chance import against, spread, tasks
from accord.science.synchrony.measure import DEFAULT_SURROGATE, asked, long_enough, trend_span, trendless
from accord.science.synchrony.result import plain
from accord.science.synchrony.scores import Chance, Method
from accord.science.synchrony.series import series
from accord.science.synchrony.settings import Settings
from accord.science.synchrony.surrogates import SURROGATES, generator

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GroupSynchrony:
    """Mean pairwise index of a group; `pairs` each pair's, `members` the mean of each member's pairs."""

    method: str
    members: dict[str, float]
    pairs: dict[tuple[str, str], float]
    synchrony: float
    surrogate_mean: float | None
    surrogate_sd: float | None
    effect_size: float | None
    p: float | None
    surrogate: str
    n_surrogates: int
    seed: int
    settings: Settings
    surrogates: Array = field(default_factory=lambda: np.empty(0), repr=False)

    def to_dict(self) -> dict[str, Any]:
        names = ("method", "synchrony", "surrogate_mean", "surrogate_sd", "effect_size", "p", "members", "surrogate",
                 "n_surrogates", "seed")  # fmt: skip
        found = {name: plain(getattr(self, name)) for name in names}
        found["pairs"] = [{"first": a, "second": b, "synchrony": plain(z)} for (a, b), z in self.pairs.items()]
        return found


def group_synchrony(
    courses: Mapping[str, ArrayLike],
    *,
    rate_hz: float,
    method: str = "wlcc",
    surrogate: str = DEFAULT_SURROGATE,
    surrogates: int = 500,
    seed: int = 1,
    detrend: bool | float = True,
    executor: Executor | None = None,
    **options: Any,
) -> GroupSynchrony:
    """Mean over all pairs of the index that `synchrony` gives for two, for three or more people on one grid.

    A surrogate redraws everybody but the first, each by themselves, so that no pair keeps its timing. `options` are
    those of `synchrony` (window, step, max_lag, absolute, …). Errors as there.
    """
    if len(courses) < 3:
        raise BadInput(f"A group of {len(courses)} is no group.", cure="Give three people or more, or use synchrony().")
    way, settings = asked(method, rate_hz, **options)
    if surrogate not in SURROGATES or SURROGATES[surrogate].redraw is None:
        usable = [name for name, kind in SURROGATES.items() if kind.redraw is not None]
        raise BadInput(f"A group has no surrogate '{surrogate}'.", cure=f"There are: {', '.join(usable)}.")
    people = {name: series(x, f"The course of {name}") for name, x in courses.items()}
    if len({len(x) for x in people.values()}) > 1:
        raise BadInput("The courses of the group differ in length.", cure="Bring them to one grid first.")
    long_enough(len(next(iter(people.values()))), way, settings)
    span = trend_span(way, settings, detrend)
    straight = [trendless(x, span, settings.width) for x in people.values()]
    real = _pairwise([way.prepare(x, settings) for x in straight], way, settings)
    if not np.isfinite(real).all():
        raise NotEstimable("A pair of the group has no window in common.", cure="Leave out who was hardly recorded.")
    drawn = spread(
        redrawn, [(straight, way, settings, surrogate, seed, part) for part in tasks(surrogates, executor)], executor
    )
    chance = against(float(real.mean()), drawn.overall, one_sided=way.one_sided or settings.absolute)
    pairs = dict(zip(combinations(people, 2), real.tolist(), strict=True))
    members = {name: float(np.mean([z for pair, z in pairs.items() if name in pair])) for name in people}
    return GroupSynchrony(
        method, members, pairs, float(real.mean()), chance.mean, chance.sd, chance.effect_size, chance.p,
        surrogate if len(drawn.overall) else "", len(drawn.overall), seed, settings, drawn.overall,
    )  # fmt: skip


def redrawn(people: list[Array], way: Method, settings: Settings, kind: str, seed: int, numbers: range) -> Chance:
    """Groups of strangers: the unit of work an executor gets."""
    redraw = SURROGATES[kind].redraw
    assert redraw is not None
    first = way.prepare(people[0], settings)
    overall = np.empty(len(numbers))
    for row, number in enumerate(numbers):
        rng = generator(seed, number)
        strangers = [first, *(way.prepare(redraw(x, rng, settings), settings) for x in people[1:])]
        overall[row] = _pairwise(strangers, way, settings).mean()
    return Chance(overall, np.empty((len(numbers), 0)), np.empty((len(numbers), 0)))


def _pairwise(prepared: list[Any], way: Method, settings: Settings) -> Array:
    return np.array([way.measure(a, b, settings).overall for a, b in combinations(prepared, 2)])
