"""Reports: an `AnalysisResult` as a page, as files, as text. They lay out and compute nothing."""

from accord.science.reports.files import WrittenReport, write_report
from accord.science.reports.page import render_report
from accord.science.reports.terminal import summary_text

__all__ = ["WrittenReport", "render_report", "summary_text", "write_report"]
