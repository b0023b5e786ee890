"""Whole pre-specified analyses: a protocol and a cohort in, an `AnalysisResult` out. Layout belongs to reports."""

from accord.science.analyses.analyse import ONLY, analyse
from accord.science.analyses.result import (
    AnalysisResult,
    Block,
    Caution,
    Cell,
    Estimates,
    Picture,
    Section,
    Table,
    Text,
)  # fmt: skip

__all__ = [
    "ONLY", "AnalysisResult", "Block", "Caution", "Cell", "Estimates", "Picture", "Section", "Table", "Text", "analyse",
]  # fmt: skip
