"""Plain rows of many episodes at once, for a cohort: nothing that anybody wrote is read. The caller checked access."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from accord.service.episodes.models import Acknowledgement, Anchor, Consent, Episode, Onward, OnwardStep, Step

CHUNK = 5000
CLOSES = ("seen", "declined", "not-wanted")  # what ends an onward referral


class Way(NamedTuple):
    """One episode: whose, where, under which version of its protocol."""

    episode: uuid.UUID
    person: uuid.UUID
    clinic: uuid.UUID
    protocol: str
    snapshot: uuid.UUID
    opened_at: datetime
    source: str
    referred_at: datetime


def ways(protocol: str, clinic_ids: Collection[uuid.UUID], now: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(episode, person) of everybody who has come under a protocol at these clinics, by when it was. One query."""
    rows = Episode.objects.filter(protocol=protocol, clinic__in=clinic_ids, opened_at__lte=now)
    return list(rows.order_by("opened_at", "id").values_list("pk", "person_id").iterator(chunk_size=CHUNK))


def ways_of(person_ids: Collection[uuid.UUID], now: datetime) -> list[Way]:
    """Every episode of these people, of whatever protocol, in the order of opening. One query."""
    rows = Episode.objects.filter(person__in=set(person_ids), opened_at__lte=now).order_by("opened_at", "id")
    columns = ("pk", "person_id", "clinic_id", "protocol", "snapshot_id", "opened_at", "referral__source",
               "referral__made_at")  # fmt: skip
    found = rows.values_list(*columns).iterator(chunk_size=CHUNK)
    return [
        Way(key, person, clinic, protocol, snapshot, opened, source or "", referred or opened)
        for key, person, clinic, protocol, snapshot, opened, source, referred in found
    ]


class Happened(NamedTuple):
    """A step of an episode. `reason` may be in somebody's own words: only codes that a protocol names may leave."""

    episode: uuid.UUID
    kind: str
    at: datetime
    reason: str


def steps(episode_ids: Collection[uuid.UUID], now: datetime) -> Iterator[Happened]:
    """What happened to these episodes until now, in order. One query."""
    rows = Step.objects.filter(episode__in=set(episode_ids), at__lte=now).order_by("at", "id")
    found = rows.values_list("episode_id", "kind", "at", "reason")
    return (Happened(*row) for row in found.iterator(chunk_size=CHUNK))


def enrolled_at(episode_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, datetime]:
    """The moment that days are counted from, of who has one. One query."""
    rows = Anchor.objects.filter(episode__in=set(episode_ids), name="enrolment", at__lte=now)
    return dict(rows.values_list("episode_id", "at"))


def acknowledged(episode_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, datetime]:
    """When whoever was referred in these episodes was first told that it had arrived. One query."""
    rows = Acknowledgement.objects.filter(referral__episode__in=set(episode_ids), at__lte=now)
    return dict(rows.values_list("referral__episode", "at"))


def agreed_to(episode_ids: Collection[uuid.UUID], scope: str) -> set[uuid.UUID]:
    """The episodes in which a consent stands that names this scope, as of the real present. One query.

    A consent that was taken back does not come again by looking at an earlier moment.
    """
    rows = Consent.objects.filter(episode__in=set(episode_ids), withdrawn_at=None)
    return {episode for episode, scopes in rows.values_list("episode_id", "scopes") if scope in scopes}


def ever_agreed(episode_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The episodes in which somebody consented at all. One query."""
    rows = Consent.objects.filter(episode__in=set(episode_ids))
    return set(rows.values_list("episode_id", flat=True))


class SentOn(NamedTuple):
    """Somebody was sent on to another service, and how that ended, if so."""

    episode: uuid.UUID
    to: str
    reason: str
    at: datetime
    ended: str
    ended_at: datetime | None


def sent_on(episode_ids: Collection[uuid.UUID], now: datetime) -> list[SentOn]:
    """Every onward referral of these episodes until now, in order. Two queries."""
    rows = Onward.objects.filter(episode__in=set(episode_ids), made_at__lte=now).order_by("made_at", "id")
    found = list(rows.values_list("pk", "episode_id", "to", "reason", "made_at"))
    closing = OnwardStep.objects.filter(onward__episode__in=set(episode_ids), kind__in=CLOSES, at__lte=now)
    ends = {onward: (kind, at) for onward, kind, at in closing.values_list("onward_id", "kind", "at")}
    return [SentOn(episode, to, why, at, *ends.get(pk, ("", None))) for pk, episode, to, why, at in found]


def followed(clinic_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, dict[uuid.UUID, int]]]:
    """clinic -> protocol -> snapshot -> how many ways were begun under it. One query, counted by the database."""
    rows = Episode.objects.filter(clinic__in=clinic_ids).values_list("clinic_id", "protocol", "snapshot_id")
    found: dict[uuid.UUID, dict[str, dict[uuid.UUID, int]]] = {}
    for clinic, protocol, snapshot, n in rows.annotate(n=Count("pk")).order_by("protocol"):
        found.setdefault(clinic, {}).setdefault(protocol, {})[snapshot] = n
    return found
