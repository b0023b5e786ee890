"""The way ends: the last questions of the protocol were answered, or their time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.occasions import last_window
from accord.service.episodes import queries as episodes
from accord.service.episodes.actions import add_step
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotNow
from accord.service.library.queries import protocol
from accord.service.people.actions import give_place_back


def end_course(*, now: datetime) -> int:
    """Discharge everybody whose last time-point is answered or closed; how many they were. Twice is once."""
    rows = [row.episode for row in episodes.asked_now()]
    asked = assessments.of_episodes([episode.pk for episode in rows])
    ended = 0
    for episode in rows:
        last = last_window(protocol(episode.snapshot_id), episodes.anchors(episode), episode.person.zone())
        if last is None:
            continue
        own = [row for row in asked[episode.pk] if row.time_point == last.time_point]
        done = [row for row in own if row.submitted_at and row.sitting == row.sittings]
        if not (done or now >= last.closes_at):
            continue
        reason = "programme_completed" if done else "lost_contact"
        try:
            with transaction.atomic(durable=True):
                add_step(episode=episode, kind=StepKind.DISCHARGED, reason=reason, by=SERVICE, now=now)
                give_place_back(person=episode.person, by=SERVICE, now=now)
        except NotNow:  # somebody ended it at this moment
            continue
        ended += 1
    return ended
