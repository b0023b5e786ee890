"""Decision curve: is acting on a prediction better than acting for everybody, or for nobody (Vickers and Elkin 2006)?

Who acts from a chance p on says that one wrong action weighs p/(1-p) of a right one. Net benefit per person:

    NB(p) = (true positives)/n - (false positives)/n · p/(1-p);  for everybody: share - (1 - share)·p/(1-p);  nobody: 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.figures.decision_curve import DecisionCurve, DecisionPoint


@dataclass(frozen=True, slots=True)
class Decision:
    """`points` by threshold. `useful`: stretches where the prediction is above both everybody and nobody."""

    points: tuple[DecisionPoint, ...]
    useful: tuple[tuple[float, float], ...]
    n: int

    def summary(self) -> str:
        """Where acting on it would be better; no word on whether to act."""
        if not self.useful:
            return "At no threshold is acting on the prediction better than treating everybody alike."
        ranges = ", ".join(f"{low:.0%} to {high:.0%}" for low, high in self.useful)
        most = max(one.model - max(one.everybody, 0.0) for one in self.points)
        return (f"Acting on the prediction is better than treating everybody alike at thresholds of {ranges}, by "
                f"{100 * most:.1f} in 100 people at most.")  # fmt: skip

    def plot(
        self, *, title: str = "Is it worth acting on?", action: str = "acting", invented: bool = False
    ) -> DecisionCurve:
        return DecisionCurve(title, self.summary(), self.points, action, invented)

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def decision_curve(outcome: ArrayLike, predicted: ArrayLike, *, thresholds: Sequence[float] | None = None) -> Decision:
    """Net benefit at `thresholds` (default .01 to .99). Predictions must be of people the model had not seen."""
    y, guess = np.asarray(outcome, float), np.asarray(predicted, float)
    known = np.isfinite(y) & np.isfinite(guess)
    y, guess = y[known], guess[known]
    at = np.asarray(np.arange(1, 100) / 100 if thresholds is None else thresholds, float)
    if not len(at) or (at <= 0).any() or (at >= 1).any():
        raise BadInput("A threshold lies between 0 and 1.", cure="Give chances such as 0.1, 0.2, 0.3.")
    if ((guess < 0) | (guess > 1)).any():
        raise BadInput("A prediction is a chance from 0 to 1.", cure="Give probabilities, not scores.")
    if not 0 < y.sum() < len(y):
        raise NotEstimable(f"{int(y.sum())} of {len(y)} people have the event: nothing to decide.",
                           cure="Report the count.")  # fmt: skip
    acted = guess[None, :] >= at[:, None]
    weight = at / (1 - at)
    right, wrong = (acted & (y == 1)).mean(axis=1), (acted & (y == 0)).mean(axis=1)
    share = float(y.mean())
    model, everybody = right - wrong * weight, share - (1 - share) * weight
    better = model > np.maximum(everybody, 0.0) + 1e-12
    points = tuple(DecisionPoint(*row) for row in np.column_stack([at, model, everybody]).tolist())
    return Decision(points, _stretches(at, better), len(y))


def _stretches(at: np.ndarray, better: np.ndarray) -> tuple[tuple[float, float], ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], better.astype(int), [0]])))
    return tuple((float(at[a]), float(at[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True))
