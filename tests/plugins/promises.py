"""How large a proof is run, and what it counted.

In CI the sizes are small; `make promises` (ACCORD_PROMISES=full) runs the published ones and writes what was counted
to var/promises, from which docs/safety/promises.md is made.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FULL = os.environ.get("ACCORD_PROMISES") == "full"
FOLDER = Path(__file__).parents[2] / "var" / "promises"
_counted: dict[str, dict[str, object]] = {}


def size(small: int, full: int) -> int:
    """A number of trials: `small` in CI, `full` under make promises."""
    return full if FULL else small


def counted(promise: str, where: str, **counts: object) -> None:
    """Say what a proof counted: shown at the end of the run, kept when it ran at full size."""
    _counted[f"{promise} {where}".strip()] = counts
    if FULL:
        FOLDER.mkdir(parents=True, exist_ok=True)
        name = f"{promise}-{where}".lower().replace(" ", "-")
        (FOLDER / f"{name}.json").write_text(json.dumps({"promise": promise, "where": where, **counts}, indent=1))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["promises"] = _counted


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    _counted.update(getattr(node, "workeroutput", {}).get("promises", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _counted:
        terminalreporter.section("what the proofs counted")
        for name, counts in sorted(_counted.items()):
            told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in counts.items())
            terminalreporter.line(f"  {name}: {told}")
