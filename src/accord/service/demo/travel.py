"""Time travel in a demonstration: its clock goes forward an hour at a time, and everything that falls due happens then.

A single jump would let weeks fall due at one moment: reminders after the form was closed, a flag before the answers it
rests on. Each step is a row that the running server reads too, so its pages and its own clock follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.service.clock.jobs import JOBS
from accord.service.clock.runner import Round
from accord.service.demo.actions import note_travel, set_clock
from accord.service.errors import NotNow
from accord.service.now import now
from accord.service.outbox.queries import ended_since

STEP = timedelta(hours=1)
FARTHEST = timedelta(days=731)
KEEPING = frozenset({"seal-reads", "forget-buckets", "write-checkpoint"})  # nothing falls due in them: once, at the end
TRIES = 3  # a job may meet a database that is busy with the server's own clock


@dataclass(slots=True)
class Journey:
    """A journey through time: how far it came, and what happened on the way."""

    start: datetime
    until: datetime
    reached: datetime
    steps: int = 0
    jobs: Counter[str] = field(default_factory=Counter)  # job -> how many things it did
    mails: dict[str, dict[str, int]] = field(default_factory=dict)  # kind -> how it ended -> how many
    failing: dict[str, str] = field(default_factory=dict)

    @property
    def arrived(self) -> bool:
        return self.reached >= self.until


def check_can_travel(until: datetime, moment: datetime) -> None:
    """Raises NotNow for a moment that has passed and for one more than two years ahead."""
    if until <= moment:
        raise NotNow("That moment has passed. Time moves forward here.", cure="Name a later day.")
    if until - moment > FARTHEST:
        raise NotNow("That is more than two years ahead.", cure="Name an earlier day; you can travel again from there.")


def travel(
    *, until: datetime, stop: Callable[[], bool] = lambda: False, say: Callable[[datetime], None] = lambda _: None
) -> Journey:
    """Go on to `until`, hour by hour, and run what is due at each; ends early when `stop` says so or a job fails.

    Whenever it ends, what happened has happened and the rest is still ahead: each step is whole. Raises NotAllowed in
    a database without the mark of a demonstration, NotNow as `check_can_travel`.
    """
    start = now()
    check_can_travel(until, start)
    note_travel(action="travel", until=until, now=start)
    journey, rounds = Journey(start, until, start), Round(job for job in JOBS if job.name not in KEEPING)
    while not (journey.arrived or journey.failing or stop()):
        say(journey.reached)
        set_clock(to=min(until, next_hour(journey.reached)))
        journey.reached = now()
        _happen(journey, rounds)
    Round(job for job in JOBS if job.name in KEEPING).tick(journey.reached, 0)
    journey.mails = ended_since(start)
    note_travel(action="arrive", until=until, now=journey.reached)
    return journey


def next_hour(moment: datetime) -> datetime:
    """The next full hour: reminders that are due at ten are sent at ten."""
    return moment.replace(minute=0, second=0, microsecond=0) + STEP


def _happen(journey: Journey, rounds: Round) -> None:
    """Every job that is due by the time travelled, once; a job that fails is tried again before the journey stops."""
    at = (journey.reached - journey.start).total_seconds()
    told = rounds.tick(journey.reached, at)
    for _ in range(TRIES - 1):
        again = [job for job in rounds.jobs if job.name in rounds.failing]
        told |= {job.name: rounds.run(job, journey.reached) for job in again}
    journey.steps += 1
    journey.failing = dict(rounds.failing)
    journey.jobs.update({name: did for name, did in told.items() if isinstance(did, int)})
