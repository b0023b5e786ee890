"""Writes of this room. One module for each story: pseudonyms, the cohort, exports, reviews."""

from accord.service.studies.actions.cohort import Made, make_cohort
from accord.service.studies.actions.exports import (
    ask_export,
    fail_export,
    finish_export,
    forget_exports,
    note_download,
    note_taken,
    say_stage,
)
from accord.service.studies.actions.pseudonyms import draw_pseudonyms

__all__ = [
    "Made",
    "ask_export",
    "draw_pseudonyms",
    "fail_export",
    "finish_export",
    "forget_exports",
    "make_cohort",
    "note_download",
    "note_taken",
    "say_stage",
]
