"""How many people it takes: simulate a protocol, judge it by its own analysis, many times; closed forms as a check."""

from accord.science.power.closed_forms import (
    people_for_two_means,
    power_of_one_mean,
    power_of_two_means,
    power_of_two_shares,
)
from accord.science.power.curve import PowerAt, PowerCurve
from accord.science.power.protocol_power import protocol_power
from accord.science.power.trial import TrialDesign, trial_power

__all__ = [
    "PowerAt", "PowerCurve", "TrialDesign", "people_for_two_means", "power_of_one_mean", "power_of_two_means",
    "power_of_two_shares", "protocol_power", "trial_power",
]  # fmt: skip
