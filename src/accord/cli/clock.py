"""`accord clock`: what happens by itself (send, escalate, sweep, seal), the watchdog that watches it, time travel."""

from __future__ import annotations

import math
import signal
import threading
import time
from typing import Annotated

import typer

from accord.cli.service import Cannot, check_kept, connect, connect_to_kept, set_up_service
from accord.science.errors import BadInput

app = typer.Typer(add_completion=False)
LOOK_EVERY = 1.0  # seconds, while the tables are being made


@app.command()
def clock(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, once, and say what was done.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Be the watchdog: write to people when the clock stands still.")
    ] = False,
    until: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="In a demonstration: move time forward to this day (2027-01-31) or time (2027-01-31T09:30), clinic's "
            "zone, hour by hour with all that falls due.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="With --until: print one JSON object.")] = False,
) -> None:
    """Run the clock until it is stopped. Several may run at once. Run `accord clock --watch` on another machine."""
    if once + watch + bool(until) > 1:
        raise BadInput("--once, --watch and --until exclude each other.", cure="Give one of them.")
    if as_json and not until:
        raise BadInput("--json belongs to --until.", cure="Leave it out.")
    if once:
        check_kept()
    set_up_service()
    if until:
        connect()
        _until(until, as_json=as_json)
        return
    if once:
        connect_to_kept()
        _once()
        return
    stop = _stopped_by_signal()
    connect()
    if watch:
        from accord.service.outbox.rules import SILENCE

        _wait_for_tables(stop, at_most=SILENCE.total_seconds())  # then it is told like a clock that stands still
    else:
        _wait_for_tables(stop)
    if not stop.is_set():
        (_watch if watch else _run)(stop)


def _wait_for_tables(stop: threading.Event, at_most: float = math.inf) -> None:
    """Until `accord serve` has made the tables of this version, which may start at this moment as well."""
    from django.db import DatabaseError, close_old_connections

    from accord.service.operation.ready import has_our_tables

    def there() -> bool:
        try:
            return has_our_tables()
        except DatabaseError:  # held by whoever makes them, or gone for a moment
            return False

    began, said = time.monotonic(), False
    while not stop.is_set() and time.monotonic() - began < at_most and not there():
        if not said:
            print("Waits until accord serve has made the tables of this version.", flush=True)
        said = True
        stop.wait(LOOK_EVERY)
        close_old_connections()


def _run(stop: threading.Event) -> None:
    from accord.service.clock.runner import run

    print("The clock runs. Stop with Ctrl-C.", flush=True)
    run(stop=stop)


def _until(until: str, *, as_json: bool) -> None:
    from accord.cli.travel import go

    stop = _stopped_by_signal()
    if not go(until, stop=stop.is_set, as_json=as_json):
        raise typer.Exit(130)


def _watch(stop: threading.Event) -> None:
    from django.db import DatabaseError

    from accord.service.clock.watch import recipients, run

    try:
        told = len(recipients())
    except DatabaseError:  # no reason to stop: this is what it watches for
        print("The watchdog looks every 15 seconds; the database has no tables of this version.", flush=True)
    else:
        print(f"The watchdog looks every 15 seconds and would write to {told}. Stop with Ctrl-C.", flush=True)
        if not told:
            print("Nobody would be told: set ACCORD_WATCHERS, or name a service lead.", flush=True)
    run(stop=stop)


def _once() -> None:
    from accord.service.clock.runner import Round, run_once

    rounds: Round = run_once()
    for job in rounds.jobs:
        failed = rounds.failing.get(job.name)
        print(f"{job.name}: {f'failed ({failed})' if failed else 'done'}")
    if rounds.failing:
        cure = "Look at the database and the log; what was due stays due."
        raise Cannot(f"{len(rounds.failing)} of {len(rounds.jobs)} jobs failed.", cure=cure)


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return stop
