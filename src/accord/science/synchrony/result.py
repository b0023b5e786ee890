"""What measuring two people's courses gives."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """The index in a part of the session (a phase, or the whole), against the same part of the surrogates."""

    name: str
    start_s: float
    end_s: float
    n_windows: int
    synchrony: float | None
    surrogate_mean: float | None = None
    surrogate_sd: float | None = None
    effect_size: float | None = None
    p: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True)
class Synchrony:
    """How much two courses moved together, against chance.

    `synchrony` is the method's index, `surrogate_mean` and `surrogate_sd` what surrogates gave for it, `effect_size`
    (index − mean)/SD and `p` the honest one (1 + hits)/(surrogates + 1); both are empty without surrogates.
    `peak_lag_s` is positive when the first person leads; `leader` is one of `who` only when the interval
    `lead_low_s`…`lead_high_s` excludes zero and the peak itself stands above chance (`peak_p`). `quality` is the
    share of windows that could be used, `n_windows` their number. `odd` and `even` are the index in every other stretch
    of the session, for the reliability across sessions.

    `windows` holds the index window by window at `window_times_s` (the middle), `profile` its mean lag by lag at
    `lags_s` (Hz for coherence), `grid` windows × lags, `surrogates` the index of every surrogate: what pictures need.
    """

    method: str
    label: str
    n_windows: int
    synchrony: float | None
    surrogate_mean: float | None
    surrogate_sd: float | None
    effect_size: float | None
    p: float | None
    peak_lag_s: float | None
    leader: str
    quality: float
    lead_low_s: float | None
    lead_high_s: float | None
    peak_p: float | None
    convergence: Part
    parts: tuple[Part, ...]
    odd: float | None
    even: float | None
    surrogate: str
    n_surrogates: int
    one_sided: bool
    absolute: bool
    detrended: bool
    seed: int
    who: tuple[str, str]
    settings: Settings
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    windows: Array = field(default_factory=lambda: np.empty(0), repr=False)
    window_times_s: Array = field(default_factory=lambda: np.empty(0), repr=False)
    profile: Array = field(default_factory=lambda: np.empty(0), repr=False)
    lags_s: Array = field(default_factory=lambda: np.empty(0), repr=False)
    grid: Array | None = field(default=None, repr=False)
    surrogates: Array = field(default_factory=lambda: np.empty(0), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: the ten keys first, then the rest; NaN and infinities become None."""
        first = (
            "method", "n_windows", "synchrony", "surrogate_mean", "surrogate_sd", "effect_size", "p", "peak_lag_s",
            "leader", "quality", "lead_low_s", "lead_high_s", "peak_p", "odd", "even", "surrogate", "n_surrogates",
            "one_sided", "absolute", "detrended", "seed",
        )  # fmt: skip
        found = {name: plain(getattr(self, name)) for name in first}
        found["who"] = list(self.who)
        found["settings"] = {name: plain(getattr(self.settings, name)) for name in Settings.__slots__}
        found["convergence"] = self.convergence.to_dict()
        found["parts"] = [part.to_dict() for part in self.parts]
        found["details"] = {name: plain(value) for name, value in self.details.items()}
        found["notes"] = list(self.notes)
        return found


def plain(value: Any) -> Any:
    """JSON's own kinds: arrays become lists, what is not finite becomes None."""
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
