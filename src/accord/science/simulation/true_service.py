"""What is true of an invented service: shares within the promised time, medians, and no difference by a rescue."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.estimates import ids
from accord.science.simulation.design import Design
from accord.science.simulation.tables_service import (
    ALERTS,
    COMPLAINT,
    HOUR,
    REPLY,
    RESCUES,
    SPREAD,
    Promise,
    acknowledgement,
    of_service,
)

_NINE_OF_TEN = 0.9
_STEPS = 200_000


def service_truths(design: Design) -> Iterator[tuple[str, float]]:
    """For protocols of routine care only."""
    if not of_service(design):
        return
    promise = acknowledgement(design)
    if promise is not None:
        yield ids.acknowledged_in_time(), promise.kept
        yield ids.wait("acknowledged", "median"), promise.middle / HOUR
        yield ids.wait("acknowledged", "p90"), _quantile(promise, _NINE_OF_TEN) / HOUR
    yield ids.replies("in_time"), share_in_time(REPLY)
    yield ids.replies("median_hours"), REPLY.middle
    yield ids.replies("p90_hours"), _quantile(REPLY, _NINE_OF_TEN)
    for tier, (_, taken, _) in ALERTS.items():
        yield ids.alerts("acknowledged_in_time", tier), share_in_time(taken)
    yield ids.complaints("answered_in_time"), share_in_time(COMPLAINT)
    for kind in RESCUES:
        yield ids.rescue("not_started", kind, "difference"), 0.0


def _quantile(promise: Promise, share: float) -> float:
    from scipy.special import ndtri

    return promise.middle * float(np.exp(SPREAD * ndtri(share)))


def share_in_time(promise: Promise) -> float:
    """In time, of those decided: done, or not done although the time is over. What is new counts for a little less of
    those in time, since a part of it is not decided yet."""
    from scipy.special import ndtr

    def done(hours: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            found: np.ndarray = ndtr(np.log(hours / promise.middle) / SPREAD)
        return found

    age = (np.arange(_STEPS) + 0.5) / _STEPS * promise.age
    met = float(done(np.minimum(age, promise.hours)).mean()) if promise.new else 0.0
    decided = float(np.where(age > promise.hours, 1.0, done(age)).mean()) if promise.new else 0.0
    old = 1 - promise.new
    return (old * promise.kept + promise.new * met) / (old + promise.new * decided)
