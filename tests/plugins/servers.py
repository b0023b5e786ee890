"""The real server in a process of its own, in an own folder, on an own port: what a clinic runs, not a test client."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plugins.opened import CLUSTER, DATA, copied, opened
from plugins.postgres import Postgres, free_port, postgres

ACCORD = str(Path(sys.executable).with_name("accord"))


class Server:
    """`accord serve` in demo mode; `kill` is SIGKILL, `start` brings it back on the same port."""

    def __init__(self, data: Path, database: str = "", *, clock: bool = True, **environment: str) -> None:
        self.data, self.port, self.clock = data, free_port(), clock
        self.environment = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(data), "ACCORD_DATABASE": database}
        self.environment |= {"ACCORD_DEMO_PAST": "0", **environment}  # who needs the past asks for it
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.data / "log.txt").read_text(errors="replace")

    def start(self, *, wait: bool = True) -> None:
        command = [ACCORD, "serve", "--port", str(self.port), *(["--with-clock"] if self.clock else [])]
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        if wait:
            self.wait()

    def wait(self, seconds: float = 300) -> None:
        end = time.monotonic() + seconds
        while not answers(self.port):
            if time.monotonic() > end or (self.process and self.process.poll() is not None):
                raise RuntimeError(f"the server did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def manage(self, *words: str) -> str:
        """One of Django's commands on the same data; what it printed."""
        ran = subprocess.run(
            [ACCORD, "manage", *words], env=self.environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise RuntimeError(ran.stderr[-4000:])
        return ran.stdout

    def ask(self, code: str) -> str:
        """Run a few lines of Python with Django loaded on the server's own data; what they printed."""
        lines = f"import sys; from accord.cli.service import set_up_service; set_up_service()\n{code}"
        ran = subprocess.run(
            [sys.executable, "-c", lines], env=self.environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise RuntimeError(ran.stderr[-4000:])
        return ran.stdout


class Preloaded(Server):
    """The same server behind a parent that has everything imported: `kill` ends the web process, which comes back."""

    def __init__(self, data: Path, database: str = "", *, plant: str = "", **environment: str) -> None:
        super().__init__(data, database, clock=False, **environment)
        self.plant = plant

    def start(self, *, wait: bool = True) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        program = Path(__file__).with_name("preloaded.py")
        words = [sys.executable, str(program), str(self.port), str(self.data / "web.pid"), self.plant]
        with (self.data / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        if wait:
            self.wait()

    @property
    def web(self) -> int:
        """The process that serves now."""
        return int((self.data / "web.pid").read_text())

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.web, signal.SIGKILL)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def answers(port: int) -> bool:
    """Does it answer the page that needs no database?"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/help")
        return connection.getresponse().status < 500
    return False


@contextmanager
def served(
    kind: str, *, clock: bool = True, preloaded: bool = False, plant: str = "", **environment: str
) -> Iterator[tuple[Server, Postgres | None]]:
    """A demo clinic, opened on `kind` ("sqlite" or "postgres") and removed afterwards."""
    data = Path(tempfile.mkdtemp(prefix="accord-served-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        ready = opened(kind, environment, _filling(kind, environment)) if "ACCORD_SITE" not in environment else None
        if ready:
            copied(ready / DATA, data / "site")
        cluster, address = None, ""
        if kind == "postgres":
            cluster = stack.enter_context(postgres(ready / CLUSTER if ready else None))
            address = cluster.address("accord") if ready else cluster.make("accord")
        if preloaded:
            server: Server = Preloaded(data / "site", address, plant=plant, **environment)
        else:
            server = Server(data / "site", address, clock=clock, **environment)
        stack.callback(server.stop)
        server.start()
        yield server, cluster


def _filling(kind: str, environment: dict[str, str]) -> Callable[[Path], None]:
    """Fill a clinic into a folder: a server that starts without its clock, and ends."""
    past = {name: value for name, value in environment.items() if name == "ACCORD_DEMO_PAST"}

    def fill(shelf: Path) -> None:
        shutil.rmtree(shelf / DATA, ignore_errors=True)
        with postgres() if kind == "postgres" else contextlib.nullcontext() as cluster:
            server = Server(shelf / DATA, cluster.make("accord") if cluster else "", clock=False, **past)
            try:
                server.start(wait=False)
                server.wait(900)  # other tests have the machine too
            finally:
                server.stop()
            (server.data / "log.txt").unlink(missing_ok=True)
            if cluster:
                cluster.stop()
                shutil.rmtree(shelf / CLUSTER, ignore_errors=True)
                copied(cluster.folder, shelf / CLUSTER)

    return fill
