"""Cohorts: the tidy tables that a study or service yields. Read, check, map and write them (the export format).

Knows tables, scales and where they come from; never estimates anything.
"""

from accord.science.cohort.cohort import Cohort
from accord.science.cohort.manifest import ExtraColumn, InlineScale, Manifest
from accord.science.cohort.read import check_cohort, read_cohort
from accord.science.cohort.scales import ScaleFacts
from accord.science.cohort.write import CohortWriter, replace_table, write_cohort

__all__ = [
    "Cohort", "CohortWriter", "ExtraColumn", "InlineScale", "Manifest", "ScaleFacts",
    "check_cohort", "read_cohort", "replace_table", "write_cohort",
]  # fmt: skip
