"""The coefficients of a mediation by least squares, with their covariance and their t tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.mediation.design import Design
from accord.science.estimates.mediation.paths import Coefficients, coefficients, effects

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class PathFit:
    """`found` coefficients; `covariance` of (into, row by row; onto); residual df of the mediators and the outcome."""

    found: Coefficients
    covariance: Array
    df_into: tuple[int | None, ...]
    df_onto: int | None

    def theta(self) -> Array:
        return np.concatenate([self.found.into.ravel(), self.found.onto])

    def into(self, mediator: int, column: int, level: float = 0.95) -> Contrast:
        """Slope into a mediator: of the treatment (column 0) or of mediator `column - 1`."""
        place = mediator * self.found.into.shape[1] + column
        se = float(np.sqrt(self.covariance[place, place]))
        return contrast(float(self.found.into[mediator, column]), se, self.df_into[mediator], level=level)

    def onto(self, column: int, level: float = 0.95) -> Contrast:
        """Slope of the outcome on the treatment (column 0) or on mediator `column - 1`."""
        place = self.found.into.size + column
        se = float(np.sqrt(self.covariance[place, place]))
        return contrast(float(self.found.onto[column]), se, self.df_onto, level=level)

    def delta(self, chains: list[tuple[int, ...]]) -> Array:
        """(paths + 3,) standard errors by the delta method (Sobel's where the path has two legs)."""
        theta, step = self.theta(), 1e-6
        size = np.maximum(np.abs(theta), 1.0) * step
        up = spread(theta + np.diag(size), self.found.into.shape, chains)
        down = spread(theta - np.diag(size), self.found.into.shape, chains)
        gradient = (up - down) / (2 * size[:, None])
        return np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", gradient, self.covariance, gradient), 0))


def spread(theta: Array, shape: tuple[int, ...], chains: list[tuple[int, ...]]) -> Array:
    """The effects of many coefficient vectors (…, q). The total effect is the sum of the paths and the direct one."""
    into = theta[..., : shape[0] * shape[1]].reshape(*theta.shape[:-1], *shape)
    onto = theta[..., shape[0] * shape[1] :]
    found = effects(Coefficients(into, onto, np.zeros(theta.shape[:-1])), chains)
    found[..., -1] = found[..., -3] + found[..., -2]
    return found


def fit(design: Design, *, serial: bool) -> PathFit:
    """Least squares; residual variances over n - p, as lm does."""
    z = design.z
    found = coefficients(design, z.T @ z, serial=serial)
    places, before, k = list(design.mediators), list(design.before), len(design.mediators)
    covariance = np.zeros((k * (k + 1) + k + 1,) * 2)
    df_into: list[int] = []
    if serial:
        for j, place in enumerate(places):
            rows = [*before, *places[:j]]
            block, df = _covariance(z, rows, place)
            kept = [1, *range(len(before), len(rows))]
            at = [j * (k + 1), *range(j * (k + 1) + 1, j * (k + 1) + 1 + j)]
            covariance[np.ix_(at, at)] = block[np.ix_(kept, kept)]
            df_into.append(df)
    else:
        df_into = _parallel(z, before, places, covariance)
    block, df = _covariance(z, [*before, *places], design.outcome)
    kept = [1, *range(len(before), len(before) + k)]
    at = list(range(k * (k + 1), k * (k + 1) + k + 1))
    covariance[np.ix_(at, at)] = block[np.ix_(kept, kept)]
    return PathFit(found, covariance, tuple(df_into), df)


def _parallel(z: Array, before: list[int], places: list[int], covariance: Array) -> list[int]:
    """Parallel mediators share their predictors, so that their slopes go together as their residuals do."""
    x, k = z[:, before], len(places)
    inverse = np.linalg.inv(x.T @ x)
    rest = z[:, places] - x @ (inverse @ (x.T @ z[:, places]))
    df = len(z) - len(before)
    at = [j * (k + 1) for j in range(k)]
    covariance[np.ix_(at, at)] = rest.T @ rest / df * inverse[1, 1]
    return [df] * k


def _covariance(z: Array, rows: list[int], of: int) -> tuple[Array, int]:
    x = z[:, rows]
    inverse = np.linalg.inv(x.T @ x)
    rest = z[:, of] - x @ (inverse @ (x.T @ z[:, of]))
    df = len(z) - len(rows)
    return inverse * float(rest @ rest) / df, df
