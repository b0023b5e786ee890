"""Scales that are no sums of many answers: events, medicines, resources, satisfaction. Values with their shares.

The shares are constants of the simulator (invented; docs/explanation/simulation.md), except satisfaction, which the
protocol states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.simulation.shape import Shape

Array = NDArray[Any]

_SHARES: dict[str, tuple[float, ...]] = {
    "safety_check.total": (0.86, 0.10, 0.03, 0.01),
    "unwanted_events.total": (0.97, 0.02, 0.007, 0.002, 0.001),
    "medicines.painkiller_days": (0.30, 0.08, 0.08, 0.08, 0.07, 0.06, 0.05, 0.28),
    "medicines.opioid_days": (0.78, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.13),
    "medicines.antidepressant_days": (0.66, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.28),
    "medicines.nerve_medicine_days": (0.76, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.18),
    "medicines.calming_days": (0.78, 0.05, 0.04, 0.03, 0.02, 0.01, 0.01, 0.06),
    "medicines.cannabis_days": (0.92, 0.02, 0.02, 0.01, 0.01, 0.0, 0.0, 0.02),
    "medicines.changed": (0.86, 0.06, 0.05, 0.03),
    "other_treatment.physiotherapy": (0.68, 0.06, 0.08, 0.05, 0.08, 0.02, 0.02, 0.01),
    "other_treatment.psychotherapy": (0.93, 0.02, 0.02, 0.01, 0.02),
    "other_treatment.manual": (0.82, 0.08, 0.05, 0.03, 0.02),
    "other_treatment.procedures": (0.96, 0.03, 0.01),
    "other_treatment.self_help": (0.94, 0.03, 0.02, 0.01),
    "resource_use.doctor_visits": (0.24, 0.26, 0.20, 0.14, 0.08, 0.04, 0.04),
    "resource_use.specialist_visits": (0.58, 0.22, 0.11, 0.06, 0.03),
    "resource_use.therapist_visits": (0.80, 0.06, 0.04, 0.03, 0.03, 0.02, 0.02),
    "resource_use.emergency_visits": (0.93, 0.05, 0.02),
    "resource_use.hospital_nights": (0.96, 0.01, 0.01, 0.01, 0.01),
    "resource_use.help_hours": (0.62, 0.06, 0.08, 0.05, 0.05, 0.04, 0.04, 0.03, 0.03),
    "resource_use.lost_work_days": (0.64, 0.06, 0.06, 0.05, 0.04, 0.04, 0.03, 0.03, 0.03, 0.02),
    "resource_use.reduced_work_days": (0.52, 0.06, 0.07, 0.07, 0.06, 0.06, 0.05, 0.05, 0.03, 0.03),
    "neq_20.effects_treatment": (0.62, 0.18, 0.10, 0.05, 0.03, 0.02),
    "neq_20.effects_other": (0.55, 0.20, 0.12, 0.07, 0.04, 0.02),
    "pgic.total": (0.10, 0.27, 0.31, 0.22, 0.06, 0.03, 0.01),
    "satisfaction.recommend": (0.12, 0.88),
    "satisfaction.worth_time": (0.10, 0.90),
}
_NOT_SATISFIED = (0.1, 0.3, 0.6)  # how who is neither satisfied nor very satisfied is spread over the lower answers


@dataclass(frozen=True)
class Listed:
    """Whole values from the lowest on, each with its share; read off a normal number like any score."""

    shape: Shape
    shares: tuple[float, ...]

    def scores(self, u: Array) -> Array:
        from scipy.special import ndtri

        with np.errstate(divide="ignore"):
            edges = ndtri(np.minimum(np.cumsum(self.shares)[:-1], 1.0))
        place = np.searchsorted(edges, u)
        scored: Array = self.shape.minimum + place.astype(float)
        return scored

    def shifts(self, changes: ArrayLike) -> Array:
        return np.zeros(np.shape(changes))

    @property
    def baseline_sd(self) -> float:
        values = self.shape.minimum + np.arange(len(self.shares))
        mean = float(np.average(values, weights=self.shares))
        return float(np.sqrt(np.average((values - mean) ** 2, weights=self.shares)))


def listed(shape: Shape, satisfaction: Mapping[str, float]) -> Listed | None:
    """The list for a scale, or None when it is not one of these."""
    if shape.ref == "satisfaction.overall" and satisfaction:
        best, good = satisfaction.get("very_satisfied", 0.3), satisfaction.get("satisfied", 0.4)
        rest = max(0.0, 1 - best - good)
        return Listed(shape, (*(rest * part for part in _NOT_SATISFIED), good, best))
    shares = _SHARES.get(shape.ref)
    if shares is None:
        return None
    total = sum(shares)
    return Listed(shape, tuple(share / total for share in shares[: shape.levels]))
