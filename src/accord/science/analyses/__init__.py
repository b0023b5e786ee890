"""Whole pre-specified analyses: a protocol and a cohort in, an `AnalysisResult` out. Layout belongs to reports."""
