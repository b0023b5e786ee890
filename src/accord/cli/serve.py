"""`accord serve`: open the clinic. Migrates, publishes the content, refuses what is unsafe, then answers requests."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.service import Cannot, check_folder, connect, set_up_service
from accord.science.errors import BadContent, BadInput, Finding, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

app = typer.Typer(add_completion=False)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MIGRATING = 4_127_001  # the number of PostgreSQL's advisory lock while one process migrates


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on; a demonstration only on this machine.")] = (
        "127.0.0.1"
    ),
    with_clock: Annotated[bool, typer.Option("--with-clock", help="Run the clock in this process as well.")] = False,
) -> None:
    """Open the clinic on this machine. ACCORD_MODE, ACCORD_DATA, ACCORD_DATABASE and ACCORD_HOSTS say how."""
    set_up_service()
    from django.conf import settings

    if settings.DEMO and host not in LOOPBACK:
        cure = "Leave --host out. For a clinic of your own set ACCORD_MODE=production (see accord doctor)."
        raise BadInput(f"This is a demonstration: it opens on this machine only, not on {host}.", cure=cure)
    check_folder(settings.DATA_FOLDER)
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    with _listening(host, port) as listener:
        prepare()
        _keep_help_page()
        _run(listener, with_clock=with_clock, say=lambda: _say(host, port))


def prepare() -> None:
    """Tables, content, and in demo mode the invented clinic. Safe to repeat, and for several processes at once."""
    from django.conf import settings
    from django.core.management import call_command

    connection = connect()
    if settings.PRODUCTION:
        _refuse_unsigned()
    with _one_at_a_time(connection):
        _check_kind(connection, demo=settings.DEMO, production=settings.PRODUCTION)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        _publish()
        if settings.DEMO:
            from accord.service.demo.seed import open_clinic

            open_clinic()
    connection.close()


def _refuse_unsigned() -> None:
    """A clinic does not open while what keeps people safe is unsigned or unnamed (C5)."""
    from accord.service.now import without_database
    from accord.service.operation.doctor.examine import closed

    if missing := closed(without_database()):
        raise BadContent(
            "This clinic cannot open yet (accord doctor says all):", [Finding(m.what, m.cure) for m in missing]
        )


def _keep_help_page() -> None:
    """The crisis page as a file that the proxy shows when nothing of this answers (P24); it may be read by others."""
    from django.conf import settings
    from django.http import HttpRequest

    from accord.service.portals.public.help import help_page

    new = settings.STATIC_ROOT / ".help.html"
    page = help_page(HttpRequest()).content
    try:
        settings.STATIC_ROOT.chmod(0o755)
        new.write_bytes(page)
        new.chmod(0o644)
        new.replace(settings.STATIC_ROOT / "help.html")
    except OSError as error:
        cure = "Give it to this account: the crisis page stands there for the hour in which nothing else answers."
        raise Cannot(
            f"{settings.STATIC_ROOT} cannot be written to: {(error.strerror or str(error)).lower()}.", cure=cure
        ) from error


def _publish() -> None:
    from django.conf import settings

    from accord.service.access.table import SERVICE
    from accord.service.library.actions import publish_content
    from accord.service.now import now

    publish_content(site=settings.SITE_FOLDER, by=SERVICE, now=now())


def _check_kind(connection: BaseDatabaseWrapper, *, demo: bool, production: bool) -> None:
    """A demonstration never runs on a real clinic's database, and a real clinic never on a demonstration's (E21)."""
    tables = connection.introspection.table_names()
    marked = "demo_demonstration" in tables and _rows(connection, "demo_demonstration")
    if production and marked:
        cure = "Name an empty database in ACCORD_DATABASE; invented people are not turned into a clinic."
        raise BadInput("This database is marked as a demonstration.", cure=cure)
    if demo and not marked and "people_clinic" in tables and _rows(connection, "people_clinic"):
        cure = "Set ACCORD_MODE=production, or name another database for the demonstration."
        raise BadInput("This database belongs to a clinic: it carries no mark of a demonstration.", cure=cure)


def _rows(connection: BaseDatabaseWrapper, table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608 - the two names above
        return int(cursor.fetchone()[0])


@contextmanager
def _one_at_a_time(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Several web processes may start at once on PostgreSQL: one migrates, the others wait for it."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [MIGRATING])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATING])


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port is taken before anything else is done, so that a taken one is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        cure = f"Stop the program that holds it, or choose another: --port {port + 1 if port < 65535 else 8000}."
        what = error.strerror or str(error)
        raise Cannot(f"Port {port} on {host} cannot be had: {what.lower()}.", cure=cure) from error
    with listener:
        yield listener


def _run(listener: socket.socket, *, with_clock: bool, say: object) -> None:
    try:
        import uvicorn
    except ImportError as missing:
        raise MissingExtra("service", needed_for="accord serve") from missing
    from accord.service.config.asgi import application

    config = uvicorn.Config(
        application, access_log=False, log_level="warning", server_header=False, lifespan="off", proxy_headers=False,
        timeout_graceful_shutdown=10, timeout_keep_alive=15,
    )  # fmt: skip
    server = uvicorn.Server(config)
    if with_clock:
        _start_clock()
    assert callable(say)
    say()
    server.run(sockets=[listener])


def _start_clock() -> None:
    """The clock as a thread that ends with the process; `accord clock` is the same as a process of its own."""
    import threading

    from accord.service.clock.runner import run

    threading.Thread(target=run, name="clock", daemon=True).start()


def _say(host: str, port: int) -> None:
    from django.conf import settings

    shown = f"[{host}]" if ":" in host else host
    if settings.PRODUCTION:
        print(f"Accord is open: {settings.PUBLIC_ADDRESS}, where the proxy passes it on to {shown}, port {port}.")
    else:
        print(f"Accord is open: http://{shown}:{port}")
        if host == "127.0.0.1":
            print(f"            and http://localhost:{port} (passkeys need this one)")
    if settings.DEMO:
        print("Demonstration: everybody in it is invented. Go in by the door: /demo/")
    print("Stop with Ctrl-C; everything that was saved is kept.")
    sys.stdout.flush()
