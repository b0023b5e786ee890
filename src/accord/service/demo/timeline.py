"""The past of the invented clinic, played in order: what people do at their hours, and between them what happens by
itself. A story is a generator: it says until when it waits, and goes on at that moment.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accord.service.clock.jobs import JOBS
from accord.service.clock.runner import Round
from accord.service.demo.travel import KEEPING

Story = Generator[datetime, datetime, None]  # yields the moment it waits for, is sent the moment that has come
HOME = ZoneInfo("Europe/London")
BY_ITSELF = (time(0, 15), time(10, 5))  # a day begins; mails go out at ten
log = logging.getLogger(__name__)


def at(first: datetime, day: int, hour: float) -> datetime:
    """An hour of the clinic's day, so many days after the first."""
    there = first.astimezone(HOME) + timedelta(days=day)
    return datetime.combine(there.date(), time(int(hour), round(hour % 1 * 60)), HOME).astimezone(first.tzinfo)


def play(stories: Iterable[Story], *, until: datetime) -> dict[str, str]:
    """Play all stories up to a moment, in order of time; what waits for a later one is not played. The jobs that
    failed last, by name.

    One transaction: whoever stops it leaves nothing behind, and it takes seconds instead of minutes.
    """
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        if (moment := next(story, None)) is not None:
            heapq.heappush(waiting, (moment, number, story))
    rounds = Round(sorted((job for job in JOBS if job.name not in KEEPING), key=lambda job: job.vital))
    with _one_transaction():
        _play(waiting, rounds, until)
    return rounds.failing


def _play(waiting: list[tuple[datetime, int, Story]], rounds: Round, until: datetime) -> None:
    if not waiting:
        return
    pulses = _pulses(waiting[0][0], until)
    pulse = next(pulses)
    while True:
        moment = waiting[0][0] if waiting else until
        while pulse <= min(moment, until):
            for job in rounds.jobs:
                rounds.run(job, pulse)
            if pulse >= until:
                return
            pulse = next(pulses)
        if not waiting or moment > until:
            waiting = []
            continue
        moment, number, story = heapq.heappop(waiting)
        try:
            heapq.heappush(waiting, (max(moment, story.send(moment)), number, story))
        except StopIteration:
            continue


def _pulses(first: datetime, until: datetime) -> Iterator[datetime]:
    """The moments at which what happens by itself happens: twice a day, and at the end."""
    day = 0
    while True:
        for hour in BY_ITSELF:
            moment = at(first, day, hour.hour + hour.minute / 60)
            if moment >= until:
                yield until
                return
            if moment >= first:
                yield moment
        day += 1


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Everything or nothing. The flows' own durable transactions become steps of this one (autocommit is off)."""
    if connection.in_atomic_block:  # a test's own transaction
        yield
        return
    transaction.set_autocommit(False)
    try:
        if connection.vendor == "sqlite":  # else the first savepoint would be taken for the whole
            with connection.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
        yield
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
    finally:
        transaction.set_autocommit(True)
