"""Named priors for the standard deviation between studies, τ. Each is proper, and given by its quantile function.

| name | prior | source |
|---|---|---|
| half-normal | τ = scale · ∣N(0, 1)∣ | scale 0.5 for standardised differences and log odds ratios: Röver et al. 2021 |
| half-cauchy | τ = scale · ∣Cauchy(0, 1)∣ | Gelman 2006 |
| uniform | τ from 0 to scale | |
| rhodes-2015 | log τ² is t(5) around −3.44, scale 2.59 | Rhodes et al. 2015, standardised differences, general |
| turner-2015 | log τ² is normal around −2.56, SD 1.74 | Turner et al. 2015, log odds ratios, general |
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import BadInput, NotFound

Array = NDArray[Any]


@dataclass(frozen=True)
class TauPrior:
    """`inverse(u)` gives τ for probabilities u (an array), `name` is how results call it; a `heavy` tail leaves some
    posterior moments infinite when studies are few."""

    name: str
    inverse: Callable[[Array], Array]
    heavy: bool = False

    def quantile(self, u: Array) -> Array:
        """Cut at 1e100, so that squares stay finite."""
        with np.errstate(over="ignore"):
            tau: Array = np.minimum(self.inverse(u), 1e100)
        return tau


def half_normal(scale: float) -> TauPrior:
    return TauPrior(f"half-normal({scale:g})", lambda u: scale * math.sqrt(2) * special.erfinv(u))


def half_cauchy(scale: float) -> TauPrior:
    return TauPrior(f"half-cauchy({scale:g})", lambda u: scale * np.tan(np.pi * u / 2), heavy=True)


def uniform(scale: float) -> TauPrior:
    return TauPrior(f"uniform(0, {scale:g})", lambda u: scale * u)


def rhodes_2015() -> TauPrior:
    return TauPrior("rhodes-2015", lambda u: np.exp((-3.44 + 2.59 * special.stdtrit(5, u)) / 2), heavy=True)


def turner_2015() -> TauPrior:
    return TauPrior("turner-2015", lambda u: np.exp((-2.56 + 1.74 * special.ndtri(u)) / 2))


SCALED: dict[str, Callable[[float], TauPrior]] = {
    "half-normal": half_normal,
    "half-cauchy": half_cauchy,
    "uniform": uniform,
}
EMPIRICAL: dict[str, Callable[[], TauPrior]] = {"rhodes-2015": rhodes_2015, "turner-2015": turner_2015}


def tau_prior(name: str, scale: float) -> TauPrior:
    """By name; `scale` is used where the prior has one."""
    if name in EMPIRICAL:
        return EMPIRICAL[name]()
    if name not in SCALED:
        raise NotFound(f"No prior {name!r} for τ.", cure=f"Use one of: {', '.join([*SCALED, *EMPIRICAL])}.")
    if not (math.isfinite(scale) and scale > 0):
        raise BadInput(f"A prior with scale {scale:g}.", cure="Give a scale above 0, in the unit of the effects.")
    return SCALED[name](scale)
