"""Which course an episode is ready for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.access.table import SERVICE
from accord.service.assessments import queries as assessments
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.library import queries as library
from accord.service.people import queries as people
from accord.service.programmes.models import Course

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.library.models import Snapshot

THERAPISTS = ("therapist", "handover")  # reasons of accountability that mean: she has a therapist


@dataclass(frozen=True, slots=True)
class ToBegin:
    """The course that an episode is ready for."""

    snapshot: Snapshot
    length: str
    modules: tuple[str, ...]


def course_at(episode: Episode) -> Course | None:
    """The course of an episode, once it has begun."""
    return Course.objects.pinned().filter(episode=episode.pk).first()


def ready(episode: Episode, now: datetime) -> ToBegin | None:
    """What an episode's course would be, once the baseline is sent (or its time is over) and she has a therapist."""
    if episodes.state(episode) is not State.ENROLLED or not _asked_first(episode, now):
        return None
    named = people.accountability([episode.person_id]).get(episode.person_id)
    if named is None or named.reason not in THERAPISTS:
        return None
    return _course_for(episode)


def _asked_first(episode: Episode, now: datetime) -> bool:
    if assessments.sent_at(episode.pk, "baseline") is not None:
        return True
    asked = assessments.of_time_point(episode.pk, "baseline")  # unanswered to its end: nobody is kept from her course
    return asked is not None and asked.closes_at is not None and asked.closes_at <= now


def _course_for(episode: Episode) -> ToBegin | None:
    """The programme of the protocol's arm. With several arms an allocation says which: then nothing begins here."""
    arms = [arm for arm in library.protocol(episode.snapshot_id).arms.values() if arm.programme]
    if len(arms) != 1:
        return None
    snapshot = library.programme_snapshot(str(arms[0].programme))
    described = library.programme(snapshot)
    if not described.lessons:
        return None
    return ToBegin(snapshot, arms[0].length or next(iter(described.lengths)), tuple(arms[0].modules))


def without_course() -> list[Episode]:
    """Enrolled episodes whose course has not begun; for the clock."""
    rows = episodes.overview(SERVICE, State.ENROLLED)
    have = set(Course.objects.filter(episode__in=[row.episode.pk for row in rows]).values_list("episode_id", flat=True))
    return [row.episode for row in rows if row.episode.pk not in have]
