"""A PostgreSQL of one's own, made in a temporary folder and gone afterwards; never the one of the machine.

As a command it lends one to another: `python tests/plugins/postgres.py pytest -m both`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

USER, PASSWORD = "accord", "accord"


class Postgres:
    """A cluster whose server is a child of ours, so that it can be killed and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self.process = folder, port, None

    def start(self) -> None:
        command = [binary("postgres"), "-D", str(self.folder), "-p", str(self.port), "-k", "", "-h", "127.0.0.1"]
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        with (self.folder.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **as_postgres())
        self.wait()

    def wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        probe = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        while subprocess.run(probe, check=False).returncode:
            if time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder.parent / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Everything of it at once, as a power cut would: no goodbye, no checkpoint."""
        assert self.process
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in [self.process.pid, *map(int, children.stdout.split())]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def make(self, name: str) -> str:
        """A new empty database; its address as ACCORD_DATABASE wants it."""
        create = [binary("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name]
        subprocess.run(create, check=True)
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"


def binary(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise RuntimeError(f"{name} is not here. Debian: apt install postgresql")
    return path


def as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(like: Path | None = None) -> Iterator[Postgres]:
    """A running cluster with fsync and full page writes as they come: what is tested is what a clinic runs.

    `like` is the folder of a cluster that has ended in order: this one begins as a copy of it.
    """
    top = Path(tempfile.mkdtemp(prefix="accord-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(top, "postgres", "postgres")
    cluster = Postgres(top / "data", free_port())
    if like is not None:
        command = ["cp", "-a", str(like), str(cluster.folder)]
    else:
        command = [binary("initdb"), "-D", str(cluster.folder), "-U", USER, "-A", "trust", "-E", "UTF8",
                   "--locale=C.UTF-8"]  # fmt: skip
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=top, **({} if like else as_postgres()))
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(top, ignore_errors=True)


def main(command: list[str]) -> int:
    with postgres() as cluster:
        address = cluster.make("accord")
        return subprocess.run(command, env={**os.environ, "ACCORD_DATABASE": address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
