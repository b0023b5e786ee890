"""Instruments: load, check and score a questionnaire. A page, a paper form and a file of a million rows use this.

Knows definitions and answers, never a person; what is asked when belongs to protocols, what is kept to the service.
"""

from accord.science.instruments.change import change_scores, minimal_important_change, percent_change, reliable_change
from accord.science.instruments.load import find_scale, instrument_ids, load_instrument
from accord.science.instruments.model import Band, Cutoff, Instrument, Item, MissingRule, Scale
from accord.science.instruments.scoring import score_answers

__all__ = [
    "Band", "Cutoff", "Instrument", "Item", "MissingRule", "Scale",
    "change_scores", "find_scale", "instrument_ids", "load_instrument", "minimal_important_change",
    "percent_change", "reliable_change", "score_answers",
]  # fmt: skip
