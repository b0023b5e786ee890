"""Two people's courses on one grid -> how much they moved together, who moved first, and what chance gives.

Not in here: reading files, clocks and quality (signals), whole studies and what they mean (analyses).
"""

from accord.science.synchrony.group import GroupSynchrony, group_synchrony
from accord.science.synchrony.measure import CAUTION, synchrony
from accord.science.synchrony.methods import METHODS
from accord.science.synchrony.reliability import odd_even_reliability
from accord.science.synchrony.result import Part, Synchrony
from accord.science.synchrony.settings import Settings
from accord.science.synchrony.surrogates import SURROGATES

__all__ = [
    "CAUTION",
    "METHODS",
    "SURROGATES",
    "GroupSynchrony",
    "Part",
    "Settings",
    "Synchrony",
    "group_synchrony",
    "odd_even_reliability",
    "synchrony",
]
