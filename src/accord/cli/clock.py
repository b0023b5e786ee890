"""`accord clock`: what happens by itself (send, escalate, sweep, seal), and the watchdog that watches it."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from accord.cli.service import Cannot, connect, set_up_service
from accord.science.errors import BadInput

app = typer.Typer(add_completion=False)


@app.command()
def clock(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, once, and say what was done.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Be the watchdog: write to people when the clock stands still.")
    ] = False,
) -> None:
    """Run the clock until it is stopped. Several may run at once. Run `accord clock --watch` on another machine."""
    if once and watch:
        raise BadInput("--once and --watch exclude each other.", cure="Give one of them.")
    set_up_service()
    connect()
    if once:
        _once()
        return
    stop = _stopped_by_signal()
    if watch:
        _watch(stop)
        return
    from accord.service.clock.runner import run

    print("The clock runs. Stop with Ctrl-C.", flush=True)
    run(stop=stop)


def _watch(stop: threading.Event) -> None:
    from accord.service.clock.watch import recipients, run

    told = len(recipients())
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
