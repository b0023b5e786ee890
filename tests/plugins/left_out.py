"""What this run left out on purpose (browser, PostgreSQL) is said loudly at its end, in numbers and with the cure."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

import pytest

SERVERS = {"browser": "Chromium", "postgres": "PostgreSQL"}
_left_out: set[tuple[str, str]] = set()  # (marker, test)
_both: set[str] = set()  # tests that must also hold on the other database


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    _left_out.update((name, item.nodeid) for item in items for name in SERVERS if item.get_closest_marker(name))


def pytest_collection_finish(session: pytest.Session) -> None:
    _both.update(item.nodeid for item in session.items if item.get_closest_marker("both"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = sorted(_left_out)
        session.config.workeroutput["both"] = sorted(_both)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    output = getattr(node, "workeroutput", {})
    _left_out.update((marker, test) for marker, test in output.get("left_out", []))
    _both.update(output.get("both", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("ACCORD_DATABASE") or "not " not in terminalreporter.config.option.markexpr:
        return  # the second run, on the other database: it is the one that completes the first
    counts = Counter(name for name, _ in _left_out)
    lines = [f"{counts[name]} tests that need {server}" for name, server in SERVERS.items() if counts[name]]
    if _both and counts:
        lines.append(f"{len(_both)} tests ran on SQLite only; they must also hold on PostgreSQL")
    if lines:
        terminalreporter.section("NOT RUN HERE", sep="!", red=True, bold=True)
        for line in lines:
            terminalreporter.line(f"  {line}")
        terminalreporter.line("  .ci/run installs both and runs everything.")
