"""The invented clinic is filled once a run and copied for each server: filling takes a minute, copying a second.

The first who wants one fills it, with a real server that starts and ends in order; the others wait for the lock. A
copy is what a second start finds. Whoever brings an own content folder fills an own clinic.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DATA, CLUSTER = "site", "cluster"


def _run() -> int:
    """The process that all workers of this run have in common."""
    return os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()


def _shelf() -> Path:
    return Path(tempfile.gettempdir()) / f"accord-opened-{_run()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        shutil.rmtree(_shelf(), ignore_errors=True)


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def opened(kind: str, environment: dict[str, str], fill: Callable[[Path], None]) -> Path:
    """A folder with a filled clinic: `site` (its data) and, for PostgreSQL, `cluster`. Not to be written to."""
    told = sorted((name, value) for name, value in environment.items() if name == "ACCORD_DEMO_PAST")
    shelf = _shelf() / hashlib.sha256(repr((kind, told)).encode()).hexdigest()[:12]
    shelf.mkdir(parents=True, exist_ok=True)
    _shelf().chmod(0o755)
    shelf.chmod(0o755)
    with _alone(shelf):
        if not (shelf / "filled").exists():
            fill(shelf)
            (shelf / "filled").touch()
    return shelf


def copied(source: Path, target: Path) -> None:
    """All of it, with owners and modes: a cluster belongs to its own user."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
