"""The clock's loop: each second, whatever is due. One job that fails stops no other, and never the loop.

Whether a job is due is measured by a clock that cannot jump; what a job decides, it decides by `now`. The heartbeat is
written only while every vital job works, so that a job that fails for two minutes is told like a clock that stands.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import datetime

from django.db import close_old_connections, connections

from accord.service.clock.jobs import JOBS, Job
from accord.service.now import now
from accord.service.outbox.actions import beat
from accord.service.outbox.queries import CLOCK

log = logging.getLogger(__name__)
TICK = 1.0
BEAT_EVERY = 5.0


class Round:
    """When each job ran last, and which of them fail at present. With `beside`, long jobs have threads of their own."""

    def __init__(self, jobs: Iterable[Job] = JOBS, *, beside: bool = False) -> None:
        self.jobs = tuple(jobs)
        self.beside = beside
        self.threads: dict[str, threading.Thread] = {}
        self.ran: dict[str, float] = {}
        self.failing: dict[str, str] = {}

    def tick(self, moment: datetime, at: float) -> dict[str, object]:
        """Run what is due at the monotonic time `at`, then beat; what each job returned."""
        told = {job.name: self._begin(job, moment) for job in self.jobs if self._due(job, at)}
        self.ran |= dict.fromkeys(told, at)
        if at - self.ran.get(CLOCK, -BEAT_EVERY) >= BEAT_EVERY and self._beat(moment):
            self.ran[CLOCK] = at
        return told

    def standing(self) -> list[str]:
        """The vital jobs that fail at present."""
        return [job.name for job in self.jobs if job.vital and job.name in self.failing]

    def _due(self, job: Job, at: float) -> bool:
        return at - self.ran.get(job.name, -job.every) >= job.every

    def _begin(self, job: Job, moment: datetime) -> object:
        """Run it here, or start its thread unless the last one is still at it."""
        if not (job.long and self.beside):
            return self.run(job, moment)
        before = self.threads.get(job.name)
        if before is None or not before.is_alive():
            self.threads[job.name] = threading.Thread(
                target=self._aside, args=(job, moment), name=job.name, daemon=True
            )
            self.threads[job.name].start()
        return None

    def _aside(self, job: Job, moment: datetime) -> None:
        close_old_connections()
        self.run(job, moment)
        connections.close_all()

    def run(self, job: Job, moment: datetime) -> object:
        """Run one job now; what it returned, or None when it failed (then it stands in `failing`)."""
        try:
            told: object = job.run(now=moment)
        except Exception as error:
            if job.name not in self.failing:
                log.error(f"The job {job.name} fails.", exc_info=True)
            self.failing[job.name] = type(error).__name__
            return None
        if self.failing.pop(job.name, None):
            log.error(f"The job {job.name} works again.")
        return told

    def _beat(self, moment: datetime) -> bool:
        if self.standing():
            return False
        try:
            beat(name=CLOCK, now=moment, detail=", ".join(sorted(self.failing)))
        except Exception:
            log.error("The heartbeat could not be written.", exc_info=True)
            return False
        return True


def run(*, stop: threading.Event | None = None, tick: float = TICK) -> None:
    """Run until `stop` is set. Whatever happens to the database meanwhile, the loop goes on."""
    stop = stop or threading.Event()
    rounds = Round(beside=True)
    while not stop.is_set():
        close_old_connections()
        moment = _now()
        if moment is not None:
            rounds.tick(moment, time.monotonic())
        stop.wait(tick)
    close_old_connections()


def run_once() -> Round:
    """Every job once, and a heartbeat: for a timer of the machine, and for tests."""
    rounds = Round()
    rounds.tick(now(), time.monotonic())
    return rounds


def _now() -> datetime | None:
    """The present moment; in a demonstration the database says how far it was moved, and may not answer."""
    try:
        return now()
    except Exception:
        log.error("The clock cannot read the time.", exc_info=True)
        return None
