"""Time travel in a demonstration: its clock goes forward an hour at a time, and everything that falls due happens then.

A single jump would let weeks fall due at one moment: reminders after the form was closed, a flag before the answers it
rests on. Each step is a row that the running server reads too, so its pages and its own clock follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accord.service.clock.jobs import JOBS
from accord.service.clock.runner import Round
from accord.service.demo.actions import note_travel, set_clock
from accord.service.errors import NotNow
from accord.service.now import now
from accord.service.outbox.queries import ended_since
from accord.service.people.queries import hours_of_days

STEP = timedelta(hours=1)
FARTHEST = timedelta(days=731)
KEEPING = frozenset(
    {"seal-reads", "forget-buckets", "write-checkpoint", "work-waiting"}
)  # nothing falls due in them: once, at the end
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
    journey, marks = Journey(start, until, start), hours_of_days()
    while not (journey.arrived or journey.failing or stop()):
        say(journey.reached)
        set_clock(to=min(until, next_hour(journey.reached)))
        journey.reached = now()
        _happen(journey, whole=journey.arrived or not journey.steps or _is_mark(journey.reached, marks))
    Round(job for job in JOBS if job.name in KEEPING).tick(journey.reached, 0)
    journey.mails = ended_since(start)
    note_travel(action="arrive", until=until, now=journey.reached)
    return journey


def next_hour(moment: datetime) -> datetime:
    """The next full hour: reminders that are due at ten are sent at ten."""
    return moment.replace(minute=0, second=0, microsecond=0) + STEP


def _is_mark(moment: datetime, marks: Collection[tuple[ZoneInfo, int]]) -> bool:
    """Whether somebody's day begins, or her hour for mails."""
    return any(moment.astimezone(zone).hour in (0, hour) for zone, hour in marks)


def _happen(journey: Journey, *, whole: bool) -> None:
    """What is due at this stop. Alerts, sweeps and mails at every stop; what goes by the day (`whole`: questionnaires,
    lessons, reminders, flags) where a day or an hour for mails begins. A job that fails is tried again.
    """
    chosen = [job for job in JOBS if job.name not in KEEPING and (job.vital or whole)]
    rounds = Round(sorted(chosen, key=lambda job: job.vital))  # mails leave in the hour in which they are written
    for turn in range(TRIES):
        for job in rounds.jobs if turn == 0 else [job for job in rounds.jobs if job.name in rounds.failing]:
            did = rounds.run(job, journey.reached)
            journey.jobs[job.name] += did if isinstance(did, int) else 0
    journey.steps += 1
    journey.failing = dict(rounds.failing)
