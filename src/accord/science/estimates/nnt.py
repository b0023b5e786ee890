"""Number needed to treat in Altman's notation (Altman 1998): never a negative number, never a reversed interval.

NNT = 1 / risk difference, limits from Newcombe's limits of that difference. Where these straddle zero the interval of
the NNT runs through infinity: NNTB 3.9 (NNTB 2.0 to infinity to NNTH 65). Benefit is rounded up and harm down, each to
the side of less effect for treating (C21).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.proportions import RiskDifference, risk_difference


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """`value` is signed: positive to benefit, negative to harm, infinite for no difference; `text` is what to print."""

    value: float
    difference: RiskDifference
    text: str
    responder: str
    time_point: str
    missing: str

    def estimate(self, id: str, label: str, *, scale: str | None = None) -> Estimate:
        """The signed NNT; limits only where they do not run through infinity (else read `note`)."""
        d = self.difference
        through = d.ci_low <= 0 <= d.ci_high
        return Estimate(
            id=id, label=label, value=self.value if math.isfinite(self.value) else None,
            ci_low=None if through else 1 / d.ci_high, ci_high=None if through else 1 / d.ci_low,
            n=d.first.n + d.second.n, scale=scale, unit="people",
            method="number needed to treat, Newcombe–Wilson limits", note=self.text,
        )  # fmt: skip


def number_needed_to_treat(
    treated: tuple[int, int],
    control: tuple[int, int],
    *,
    responder: str,
    time_point: str,
    missing: str,
    event_is_good: bool = True,
    level: float = 0.95,
) -> NumberNeeded:
    """From (responders, people) of both arms. `responder`, `time_point` and `missing` are printed beside the number.

    `missing` says what was done with those without the outcome ("counted as no response" is one option, not the truth).
    """
    difference = (
        risk_difference(treated, control, level=level)
        if event_is_good
        else risk_difference(control, treated, level=level)
    )
    text = (
        f"{notation(difference.value, difference.ci_low, difference.ci_high)}; {treated[0]} of {treated[1]} against "
        f"{control[0]} of {control[1]}; {responder}, {time_point}; missing: {missing}."
    )
    value = math.inf if difference.value == 0 else 1 / difference.value
    return NumberNeeded(value, difference, text, responder, time_point, missing)


def notation(difference: float, low: float, high: float) -> str:
    """The words for a risk difference and its limits (positive is benefit).

    The number itself is rounded to the side of less good: benefit up, harm down. Limits are rounded outwards.
    """
    value = _one(difference, up=difference > 0)
    if low > 0 or high < 0:
        strong, weak = (high, low) if low > 0 else (low, high)
        return f"{value} ({_one(strong, up=False)} to {_one(weak, up=True)})"
    return f"{value} ({_one(high, up=False)} to infinity to {_one(low, up=False)})"


def from_standardised_difference(d: float, control_rate: float) -> str:
    """NNT implied by a standardised difference under an assumed control response rate (Kraemer & Kupfer; Furukawa).

    NNT = 1 / (Φ(d - Φ⁻¹(1 - CER)) - CER). The assumption is part of the text, since the number hangs on it.
    """
    if not 0 < control_rate < 1:
        raise BadInput(
            f"A control response rate of {control_rate} is impossible.", cure="Give a share between 0 and 1."
        )
    gain = float(special.ndtr(d + special.ndtri(control_rate))) - control_rate
    return f"{_one(gain, up=gain > 0)} if {control_rate:.0%} respond without treatment (assumed)"


def _one(difference: float, *, up: bool) -> str:
    """One decimal below ten, whole people from there."""
    if difference == 0 or math.isinf(1 / difference):
        return "infinity"
    number = abs(1 / difference)
    step = 10 if number < 10 else 1
    rounded = math.ceil(number * step - 1e-9) if up else math.floor(number * step + 1e-9)
    return f"{'NNTB' if difference > 0 else 'NNTH'} {rounded / step:.{0 if step == 1 else 1}f}"
