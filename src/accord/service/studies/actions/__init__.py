"""Writes of this room. One module for each story: pseudonyms, the cohort, exports, reviews."""

from accord.service.studies.actions.cohort import Made, make_cohort
from accord.service.studies.actions.pseudonyms import draw_pseudonyms

__all__ = ["Made", "draw_pseudonyms", "make_cohort"]
