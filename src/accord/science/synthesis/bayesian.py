"""Random effects by Bayes, without sampling: the posterior of the mean and of τ by quadrature.

    y_i | μ, τ ~ N(μ, v_i + τ²),  μ flat or normal,  τ by a named proper prior

Given τ the mean is normal with moments in closed form, so only τ is integrated: over the prior's own probability scale
u = F(τ), where the integrand is the likelihood of τ alone and bounded. Gauss-Legendre nodes in panels of about equal
posterior mass; no chains, no seed, the same result each time. The mean's posterior is a mixture of normals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, Finding
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.bayesian_priors import TauPrior, tau_prior
from accord.science.synthesis.model import Effects, effects
from accord.science.synthesis.quadrature import Panels, panels
from accord.science.synthesis.wording import notebook_html, plural

Array = NDArray[Any]


@dataclass(frozen=True)
class Posterior:
    """Posterior of the mean effect (`estimate` its mean, `median`, `se` its SD, central interval) and of τ (`tau` its
    median, with central interval); the predictive interval of a new study's true effect; `shrunken` effects.

    `bayes_factor` (for an effect, against none) and `log_marginal` need a proper prior of the mean, else NaN. `se` is
    NaN where the posterior has no variance: a flat mean, a heavy-tailed prior of τ, fewer than 3 studies.
    """

    k: int
    estimate: float
    median: float
    se: float
    ci_low: float
    ci_high: float
    tau: float
    tau_mean: float
    tau_low: float
    tau_high: float
    pi_low: float
    pi_high: float
    bayes_factor: float
    log_marginal: float
    tau_prior: str
    mean_prior: str
    level: float
    effects: Effects
    nodes: Nodes
    warnings: tuple[Finding, ...]

    def probability_above(self, value: float = 0.0) -> float:
        """P(mean effect > value | data)."""
        return 1 - self.nodes.cdf(value)

    def probability_new_above(self, value: float = 0.0) -> float:
        """P(true effect of a new study > value | data)."""
        return 1 - self.nodes.cdf(value, new=True)

    def density(self, values: ArrayLike) -> Array:
        """Posterior density of the mean effect."""
        return self.nodes.density(np.asarray(values, float))

    def shrunken(self) -> pl.DataFrame:
        """One row a study: its effect as seen, and its true effect by the posterior (mean, SD)."""
        mean, sd = self.nodes.shrunken(self.effects)
        return pl.DataFrame({"study": list(self.effects.labels), "yi": self.effects.y, "mean": mean, "sd": sd})

    def table(self) -> pl.DataFrame:
        """The mean, τ and the effect in a new study."""
        return pl.DataFrame({
            "what": ["mean effect", "tau", "effect in a new study"],
            "median": [self.median, self.tau, self.nodes.quantile(0.5, new=True)],
            "ci_low": [self.ci_low, self.tau_low, self.pi_low],
            "ci_high": [self.ci_high, self.tau_high, self.pi_high],
        })  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        keys = (
            "k", "estimate", "median", "se", "ci_low", "ci_high", "tau", "tau_mean", "tau_low", "tau_high", "pi_low",
            "pi_high", "bayes_factor", "log_marginal", "tau_prior", "mean_prior", "level",
        )  # fmt: skip
        plain = {key: getattr(self, key) for key in keys}
        plain = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in plain.items()}
        return {
            **plain, "method": "Bayes, quadrature", "probability_above_0": self.probability_above(),
            "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip

    def plot(self, *, title: str = "Effects and their shrunken values", measure: str = "effect") -> Forest:
        """A forest plot of the studies' true effects by the posterior, then the mean and a new study."""
        half = float(special.ndtri(0.5 + self.level / 2))
        rows = [
            ForestRow(s["study"], s["mean"], s["mean"] - half * s["sd"], s["mean"] + half * s["sd"],
                      note=f"seen {number(s['yi'])}")
            for s in self.shrunken().iter_rows(named=True)
        ]  # fmt: skip
        mean = ForestRow("mean effect", self.estimate, self.ci_low, self.ci_high, kind="summary", note=self._priors)
        new = ForestRow("a new study", self.nodes.quantile(0.5, new=True), self.pi_low, self.pi_high, kind="summary")
        return Forest(title=title, description=self.summary(), rows=[*rows, mean, new], measure=measure)

    def summary(self) -> str:
        text = (
            f"{plural(self.k, 'study', 'studies')}, Bayesian random effects ({self._priors}): the mean effect lies "
            f"with {100 * self.level:g} % probability between {number(self.ci_low)} and {number(self.ci_high)} (median "
            f"{number(self.median)}), and is above 0 with probability {_chance(self.probability_above())}. The SD "
            f"between studies is {number(self.tau)} ({number(self.tau_low)} to {number(self.tau_high)}); in a new "
            f"study the true effect would lie between {number(self.pi_low)} and {number(self.pi_high)}."
        )
        return " ".join([text, *map(str, self.warnings)])

    def _repr_html_(self) -> str:
        return notebook_html(self)

    @property
    def _priors(self) -> str:
        return f"τ {self.tau_prior}, mean {self.mean_prior}"


@dataclass(frozen=True)
class Nodes:
    """Points of τ with their posterior weights, and the mean's normal moments at each."""

    tau: Array
    weight: Array
    mean: Array
    sd: Array

    def cdf(self, value: float, *, new: bool = False) -> float:
        return float(self.weight @ special.ndtr((value - self.mean) / self._spread(new)))

    def density(self, values: Array) -> Array:
        z = (values[..., None] - self.mean) / self.sd
        found: Array = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi) / self.sd @ self.weight
        return found

    def quantile(self, probability: float, *, new: bool = False) -> float:
        """By root finding, from the likeliest component outwards."""
        from scipy.optimize import brentq

        likely = int(self.weight.argmax())
        step = float(self._spread(new)[likely])
        low = high = float(self.mean[likely])
        while self.cdf(low, new=new) > probability:
            low, step = low - step, 2 * step
        while self.cdf(high, new=new) < probability:
            high, step = high + step, 2 * step
        return float(brentq(lambda x: self.cdf(x, new=new) - probability, low, high, xtol=1e-12, rtol=1e-12))

    def shrunken(self, e: Effects) -> tuple[Array, Array]:
        """Mean and SD of each study's true effect: a mixture over τ of normals between its effect and the mean."""
        pull = e.v / (e.v + self.tau[:, None] ** 2)
        mean = (1 - pull) * e.y + pull * self.mean[:, None]
        variance = (1 - pull) * e.v + pull**2 * self.sd[:, None] ** 2
        centre = self.weight @ mean
        return centre, np.sqrt(self.weight @ (variance + (mean - centre) ** 2))

    def _spread(self, new: bool) -> Array:
        spread: Array = np.sqrt(self.sd**2 + self.tau**2) if new else self.sd
        return spread


def bayesian(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    prior: str = "half-normal",
    scale: float = 0.5,
    mean_prior: tuple[float, float] | None = None,
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
) -> Posterior:
    """`prior` of τ by name (bayesian_priors.py), `scale` its scale; `mean_prior` (mean, SD) of the effect; None: flat.

    Intervals are central. Works from one study on (the prior then speaks). Raises NotFound for an unknown prior,
    BadInput for a scale or SD that is not above 0. Checked against adaptive integration of the joint density over μ
    and τ.
    """
    if not 0 < level < 1:
        raise BadInput(f"A level of {level} is no probability.", cure="Use 0.95.")
    if mean_prior is not None and not mean_prior[1] > 0:
        raise BadInput(f"A prior of the mean with SD {mean_prior[1]:g}.", cure="Give (mean, SD) with an SD above 0.")
    named, e = tau_prior(prior, scale), effects(yi, vi, labels=labels)

    def log_likelihood(u: Array) -> Array:
        return _conditional(e, named.quantile(u), mean_prior)[2]

    found = panels(log_likelihood)
    nodes = _nodes(e, named, mean_prior, found)
    tails = (0.5 - level / 2, 0.5 + level / 2)
    mean_low, mean_high = (nodes.quantile(p) for p in tails)
    new_low, new_high = (nodes.quantile(p, new=True) for p in tails)
    tau_low, tau, tau_high = (
        float(named.quantile(np.array([found.quantile(p)]))[0]) for p in (tails[0], 0.5, tails[1])
    )
    centre = float(nodes.weight @ nodes.mean)
    spread = math.sqrt(float(nodes.weight @ (nodes.sd**2 + (nodes.mean - centre) ** 2)))
    endless = named.heavy and mean_prior is None
    return Posterior(
        k=e.k, estimate=centre, median=nodes.quantile(0.5), se=math.nan if endless and e.k < 3 else spread,
        ci_low=mean_low, ci_high=mean_high, tau=tau,
        tau_mean=math.nan if endless and e.k < 2 else float(nodes.weight @ nodes.tau), tau_low=tau_low,
        tau_high=tau_high, pi_low=new_low, pi_high=new_high, bayes_factor=_bayes_factor(nodes, mean_prior),
        log_marginal=found.log_total if mean_prior else math.nan, tau_prior=named.name,
        mean_prior="flat" if mean_prior is None else f"normal({mean_prior[0]:g}, {mean_prior[1]:g})", level=level,
        effects=e, nodes=nodes, warnings=e.warnings,
    )  # fmt: skip


def _conditional(e: Effects, tau: Array, mean_prior: tuple[float, float] | None) -> tuple[Array, Array, Array]:
    """At each τ: mean and SD of μ given the data, and the log likelihood with μ integrated out."""
    total = e.v + tau[:, None] ** 2
    w = 1 / total
    at, precision = (0.0, 0.0) if mean_prior is None else (mean_prior[0], mean_prior[1] ** -2)
    information = w.sum(axis=1) + precision
    mean = (w @ e.y + precision * at) / information
    misfit = (w * (e.y - mean[:, None]) ** 2).sum(axis=1) + precision * (mean - at) ** 2
    log_l = -0.5 * (np.log(2 * np.pi * total).sum(axis=1) + misfit + np.log(information / (2 * np.pi)))
    if precision:
        log_l += 0.5 * math.log(precision / (2 * math.pi))
    return mean, 1 / np.sqrt(information), log_l


def _nodes(e: Effects, prior: TauPrior, mean_prior: tuple[float, float] | None, found: Panels) -> Nodes:
    tau = prior.quantile(found.points)
    mean, sd, _ = _conditional(e, tau, mean_prior)
    return Nodes(tau, found.weights, mean, sd)


def _bayes_factor(nodes: Nodes, mean_prior: tuple[float, float] | None) -> float:
    """Prior over posterior density of the mean at 0 (Savage & Dickey)."""
    if mean_prior is None:
        return math.nan
    at, sd = mean_prior
    prior = math.exp(-0.5 * (at / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    return prior / float(nodes.density(np.array([0.0]))[0])


def _chance(probability: float) -> str:
    return "above .999" if probability > 0.999 else "below .001" if probability < 0.001 else number(probability, 3)
