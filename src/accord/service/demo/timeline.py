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
BY_ITSELF = 10.1  # the hour of each day at which mails go out
OPENING = frozenset({"open-due-assessments", "start-courses"})  # what people's next steps wait for: every day
RECENT = timedelta(days=5)  # until then the rest is done twice a week, which is near enough for a past
log = logging.getLogger(__name__)


def at(first: datetime, day: int, hour: float) -> datetime:
    """An hour of the clinic's day, so many days after the first."""
    there = first.astimezone(HOME) + timedelta(days=day)
    return datetime.combine(there.date(), time(int(hour), round(hour % 1 * 60)), HOME).astimezone(first.tzinfo)


def before(end: datetime, story: Story) -> Story:
    """A story as far as it lies before a moment."""
    moment = next(story, None)
    while moment is not None and moment < end:
        try:
            moment = story.send((yield moment))
        except StopIteration:
            return


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
    """Whoever's moment comes first goes on; each day's work of the clock comes in its place between."""
    pulses = list(_pulses(waiting[0][0], until)) if waiting else []
    for number, pulse in enumerate(pulses):
        while waiting and waiting[0][0] <= pulse:
            moment, place, story = heapq.heappop(waiting)
            try:
                heapq.heappush(waiting, (max(moment, story.send(moment)), place, story))
            except StopIteration:
                continue
        whole = number % 3 == 0 or until - pulse <= RECENT
        for job in rounds.jobs:
            if whole or job.name in OPENING:
                rounds.run(job, pulse)


def _pulses(first: datetime, until: datetime) -> Iterator[datetime]:
    """The moments at which what happens by itself happens: once a day, and at the end."""
    days = ((until - first).days + 2) if until > first else 0
    yield from (moment for day in range(days) if first <= (moment := at(first, day, BY_ITSELF)) < until)
    yield until


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
