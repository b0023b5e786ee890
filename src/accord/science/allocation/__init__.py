"""Allocation: the clause of a protocol, a sealed secret and the history give the next arm.

Pure: the same three give the same arm in any year, on any machine, in any language (docs/reference/allocation.md says
how to replay it by hand). Who may ask for an arm, and who may see it, is decided elsewhere.
"""

from accord.science.allocation.batches import allocate_batch
from accord.science.allocation.methods import METHODS, Mismatch, allocate, allocate_all, replay
from accord.science.allocation.predictability import Predictability, predictability
from accord.science.allocation.secret import Secret, commitment, new_secret
from accord.science.allocation.tally import Allocated, Draw

__all__ = [
    "METHODS", "Allocated", "Draw", "Mismatch", "Predictability", "Secret", "allocate", "allocate_all",
    "allocate_batch", "commitment", "new_secret", "predictability", "replay",
]  # fmt: skip
