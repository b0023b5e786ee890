"""Prints the measured rates at the end of a run, also when workers ran the tests."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    said = [text for report in reports for key, text in getattr(report, "user_properties", []) if key == "measured"]
    if said:
        terminalreporter.section("intervals that hold the truth")
        for text in sorted(said):
            terminalreporter.line(str(text))
