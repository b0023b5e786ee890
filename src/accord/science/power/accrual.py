"""How many must be referred for n to be enrolled, and how long it takes from the first referral to the last answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from accord.science.errors import BadInput
from accord.science.protocols import Protocol
from accord.science.protocols.occasions import occasions
from accord.science.protocols.timing import planned_window

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Accrual:
    """`months` of recruiting, and months from the first referral to the last answer of the last person."""

    n: int
    referred: int
    months: float | None
    until_last_answer: float | None

    def summary(self) -> str:
        said = f"{self.referred:,} people would have to be referred for {self.n:,} to be enrolled."
        if self.months is None or self.until_last_answer is None:
            return said
        return (
            f"{said} At that pace recruiting takes {self.months:.0f} months, and the last answer comes "
            f"{self.until_last_answer:.0f} months after the first referral."
        )


def accrual(protocol: Protocol, n: int, *, referred_a_month: float | None = None) -> Accrual:
    """From the funnel that `simulate:` assumes and the protocol's own schedule."""
    if referred_a_month is not None and not referred_a_month > 0:
        raise BadInput(f"{referred_a_month:g} referrals a month.", cure="Give a number above 0.")
    funnel = protocol.simulate.funnel if protocol.simulate else {}
    stay = (1 - funnel.get("ineligible", 0.0)) * (1 - funnel.get("declines", 0.0))
    referred = math.ceil(n / stay - 1e-9)
    if referred_a_month is None:
        return Accrual(n, referred, None, None)
    windows = [planned_window(protocol, one, arm) for one in occasions(protocol) for arm in one.arms]
    last = max((window.last for window in windows if window), default=0)
    months = referred / referred_a_month
    return Accrual(n, referred, months, months + last / DAYS_A_MONTH)
