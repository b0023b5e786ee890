"""The measures at hand: how questions hang together, how far a score repeats itself, who stands at its ends."""

from accord.science.estimates.psychometrics.agreement import Agreement, agreement
from accord.science.estimates.psychometrics.consistency import Consistency, Question, consistency, feldt
from accord.science.estimates.psychometrics.ends import Ends, floor_and_ceiling
from accord.science.estimates.psychometrics.one_factor import OneFactor, one_factor

__all__ = [
    "Agreement", "Consistency", "Ends", "OneFactor", "Question", "agreement", "consistency", "feldt",
    "floor_and_ceiling", "one_factor",
]  # fmt: skip
