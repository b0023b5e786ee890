"""Shares of people who improve by a percentage, reliably, or get reliably worse: by the rules that an analysis uses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.simulation.design import Design

Array = NDArray[Any]
DEFAULT_PERCENT = 30.0
BEYOND = 1.96
KINDS = ("responders", "reliably_improved", "reliably_worse")


def improved_counts(design: Design, construct: int, before: Array, after: Array) -> dict[str, tuple[float, float]]:
    """For each of KINDS that the scale allows: how many people, of how many."""
    shape, counts = design.constructs[construct].shape, {}
    improvement = shape.sign * (after - before)
    if shape.zero is not None:
        distance = before - shape.zero
        some = distance != 0
        better = 100 * improvement[some] / distance[some] >= percent_of(design, shape.ref) - 1e-9
        counts["responders"] = (float(better.sum()), float(some.sum()))
    reached, strictly = yardstick(design, construct)
    if reached is not None:
        for kind, turned in (("reliably_improved", improvement), ("reliably_worse", -improvement)):
            beyond = turned > reached if strictly else turned >= reached - 1e-9
            counts[kind] = (float(np.count_nonzero(beyond)), float(len(beyond)))
    return counts


def percent_of(design: Design, ref: str) -> float:
    """The percentage of the protocol's responder rule for its scale, 30 for the others."""
    rule = design.protocol.endpoints.responder
    return float(rule.improved_by.rstrip("%")) if rule and rule.scale == ref else DEFAULT_PERCENT


def yardstick(design: Design, construct: int) -> tuple[float | None, bool]:
    """Points of change that count, and whether they must be exceeded: reliability first, then conventions.

    A reliability without an SD of its own takes that of the population at baseline.
    """
    from accord.science.instruments import find_scale

    one = design.constructs[construct]
    change = find_scale(one.ref, site=design.site).change
    if change.retest is not None:
        sd = change.retest.sd if change.retest.sd is not None else one.marginal.baseline_sd
        return BEYOND * sd * math.sqrt(2 * (1 - change.retest.r)), True
    rule = design.protocol.safety.deterioration
    if rule is not None and one.ref in rule.threshold:
        return rule.threshold[one.ref], False
    return next((each.value for each in change.conventions if each.unit == "points"), None), False
