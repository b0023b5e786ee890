"""What holds for every test: a skipped test fails the run, since what was not run was not shown."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

pytest_plugins = [
    "plugins.append_only",
    "plugins.mail_sink",
    "plugins.opened",
    "plugins.world",
    "plugins.published",
    "plugins.left_out",
    "plugins.promises",
    "plugins.treated",
]

# The same examples in every run, and no clock: a run that fails by chance or on a busy machine says nothing about the
# change under test. HYPOTHESIS_PROFILE=search looks for new examples.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped:
        terminalreporter.section("skipped, which counts as failed")
        for nodeid in _skipped:
            terminalreporter.line(nodeid)
