"""Plain rows of many people at once, for a cohort: nothing that anybody wrote is read. The caller checked access."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q

from accord.service.care.models import (
    Alert,
    AlertStep,
    Attendance,
    Complaint,
    ComplaintStep,
    Contact,
    Group,
    GroupLeader,
    GroupMember,
    Harm,
    MeetingStep,
    Rescue,
    SessionStep,
)
from accord.service.care.rules.rescue import IN_A_COURSE

CHUNK = 5000


# ---------------------------------------------------------------------------------------------------- alerts


class AlertRow(NamedTuple):
    """An alert and the moments of its handling. Of the rows of one occasion and track only the highest is here."""

    person: uuid.UUID
    episode: uuid.UUID | None
    track: str
    tier: str
    raised_at: datetime
    acknowledge_by: datetime
    contact_by: datetime | None
    acknowledged_at: datetime | None
    contacted_at: datetime | None
    closed_at: datetime | None
    reason: str


def alerts(person_ids: Collection[uuid.UUID], now: datetime) -> list[AlertRow]:
    """Every alert about these people until now, in the order of raising. Two queries."""
    kept = Alert.objects.filter(person__in=set(person_ids), raised_at__lte=now).order_by("raised_at", "id")
    columns = ("pk", "person_id", "episode_id", "track", "tier", "raised_at", "acknowledge_by", "contact_by",
               "occasion")  # fmt: skip
    rows = {(row[1], row[8], row[3]): row for row in kept.values_list(*columns).iterator(chunk_size=CHUNK)}
    wanted = (AlertStep.Kind.ACKNOWLEDGED, AlertStep.Kind.CONTACT, AlertStep.Kind.CLOSED)
    steps = AlertStep.objects.filter(alert__person__in=set(person_ids), kind__in=wanted, at__lte=now)
    first: dict[tuple[uuid.UUID, str], tuple[datetime, str]] = {}
    found = steps.order_by("at", "id").values_list("alert_id", "kind", "at", "reason")
    for alert, kind, at, reason in found.iterator(chunk_size=CHUNK):
        first.setdefault((alert, kind), (at, reason))
    return [_alert(row, {kind: first.get((row[0], kind)) for kind in wanted}) for row in rows.values()]


def _alert(row: tuple[object, ...], steps: dict[AlertStep.Kind, tuple[datetime, str] | None]) -> AlertRow:
    at = {kind: step[0] if step else None for kind, step in steps.items()}
    closed = steps[AlertStep.Kind.CLOSED]
    _pk, person, episode, track, tier, raised, acknowledge_by, contact_by, _occasion = row
    return AlertRow(
        person, episode, track, tier, raised, acknowledge_by, contact_by, at[AlertStep.Kind.ACKNOWLEDGED],  # type: ignore[arg-type]
        at[AlertStep.Kind.CONTACT], at[AlertStep.Kind.CLOSED], closed[1] if closed else "",
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- contacts


class ContactRow(NamedTuple):
    """A contact: by which means, how long, by whom, and which session it was, if one."""

    person: uuid.UUID
    episode: uuid.UUID | None
    mode: str
    minutes: int
    at: datetime
    by: uuid.UUID | None
    session: uuid.UUID | None


def contacts(person_ids: Collection[uuid.UUID], now: datetime) -> Iterator[ContactRow]:
    """Every contact with these people until now, in order. One query."""
    rows = Contact.objects.counted().filter(person__in=set(person_ids), at__lte=now).order_by("at", "id")
    columns = ("person_id", "episode_id", "mode", "minutes", "at", "by", "session_step__session_id")
    return (ContactRow(*row) for row in rows.values_list(*columns).iterator(chunk_size=CHUNK))


class SessionRow(NamedTuple):
    """A planned meeting with one person that has ended, and how."""

    session: uuid.UUID
    person: uuid.UUID
    episode: uuid.UUID
    number: int
    kind: str  # held, missed, cancelled
    starts_at: datetime
    by: uuid.UUID | None


def sessions(episode_ids: Collection[uuid.UUID], now: datetime) -> list[SessionRow]:
    """Every session of these episodes that was held, missed or cancelled until now, in order. One query."""
    rows = SessionStep.objects.filter(session__episode__in=set(episode_ids), kind__in=SessionStep.ENDS, at__lte=now)
    columns = ("session_id", "session__person_id", "session__episode_id", "session__number", "kind", "starts_at", "by")
    return [SessionRow(*row) for row in rows.order_by("session__number", "id").values_list(*columns)]


# ---------------------------------------------------------------------------------------------------- groups


class GroupRow(NamedTuple):
    """A group: form, clinic, who leads it, how many members it had within its first week."""

    group: uuid.UUID
    clinic: uuid.UUID
    open: bool
    leaders: tuple[uuid.UUID, ...]
    members: int


def groups(protocol: str, clinic_ids: Collection[uuid.UUID], now: datetime) -> list[GroupRow]:
    """The groups of a protocol at these clinics, in the order they were made. Three queries."""
    kept = Group.objects.filter(protocol=protocol, clinic__in=clinic_ids, made_at__lte=now).order_by("made_at", "id")
    leaders: dict[uuid.UUID, list[uuid.UUID]] = {}
    leading = GroupLeader.objects.filter(Q(until=None) | Q(until__gt=now), group__in=kept, since__lte=now)
    for group, who in leading.order_by("since", "id").values_list("group_id", "person_id"):
        leaders.setdefault(group, []).append(who)
    members: dict[uuid.UUID, set[uuid.UUID]] = {}
    joined = GroupMember.objects.filter(group__in=kept, since__lte=now).values_list("group_id", "person_id")
    for group, who in joined:
        members.setdefault(group, set()).add(who)
    return [
        GroupRow(group, clinic, form == Group.Form.OPEN, tuple(leaders.get(group, ())), len(members.get(group, ())))
        for group, clinic, form in kept.values_list("pk", "clinic_id", "form")
    ]


def group_of(episode_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, uuid.UUID]:
    """The group that each of these episodes belongs to, or belonged to last. One query."""
    rows = GroupMember.objects.filter(episode__in=set(episode_ids), since__lte=now).order_by("since", "id")
    return dict(rows.values_list("episode_id", "group_id"))


class CameRow(NamedTuple):
    """Whether somebody came to a meeting of her group."""

    episode: uuid.UUID
    group: uuid.UUID
    meeting: uuid.UUID
    number: int
    attended: bool
    starts_at: datetime
    contact_by: uuid.UUID | None


def attendance(episode_ids: Collection[uuid.UUID], now: datetime) -> list[CameRow]:
    """Who of these came to which meeting, the newest word counting, in order. Two queries."""
    rows = Attendance.objects.filter(episode__in=set(episode_ids), at__lte=now).order_by("meeting__number", "revision")
    columns = ("episode_id", "meeting__group_id", "meeting_id", "meeting__number", "state", "by")
    newest = {(row[0], row[2]): row for row in rows.values_list(*columns)}
    held = MeetingStep.objects.filter(meeting__in={row[2] for row in newest.values()}, at__lte=now)
    starts = dict(held.order_by("revision").values_list("meeting_id", "starts_at"))
    return [
        CameRow(episode, group, meeting, number, state == Attendance.State.ATTENDED, starts[meeting], by)
        for episode, group, meeting, number, state, by in newest.values()
        if meeting in starts
    ]


# ------------------------------------------------------------------------------- rescues, harms, complaints


class RescueRow(NamedTuple):
    """What was done for somebody who had not started or had gone quiet; all codes."""

    episode: uuid.UUID
    why: str
    kind: str
    reason: str
    outcome: str
    minutes: int
    at: datetime


def rescues(episode_ids: Collection[uuid.UUID], now: datetime) -> list[RescueRow]:
    """Every rescue in a course of these episodes until now, in order; what was tried before a course began is not
    counted. One query."""
    mine = Rescue.objects.filter(episode__in=set(episode_ids), at__lte=now, why__in=IN_A_COURSE)
    rows = mine.order_by("at", "id")
    columns = ("episode_id", "why", "kind", "reason", "outcome", "minutes", "at")
    return [RescueRow(*row) for row in rows.values_list(*columns)]


class HarmRow(NamedTuple):
    """An adverse event; all codes."""

    episode: uuid.UUID
    what: str
    severity: str
    causality: str
    on: date


def harms(episode_ids: Collection[uuid.UUID], now: datetime) -> list[HarmRow]:
    """Every adverse event of these episodes as it stands now, in order; one that was corrected counts once, as the
    last row says. One query."""
    rows = Harm.objects.standing().filter(episode__in=set(episode_ids), at__lte=now).order_by("on", "id")
    return [HarmRow(*row) for row in rows.values_list("episode_id", "what", "severity", "causality", "on")]


class ComplaintRow(NamedTuple):
    """A complaint and the moments of its handling."""

    person: uuid.UUID | None
    clinic: uuid.UUID
    about: str
    made_at: datetime
    answer_by: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    outcome: str


def complaints(clinic_ids: Collection[uuid.UUID], now: datetime) -> list[ComplaintRow]:
    """Every complaint at these clinics until now, in order. Two queries."""
    kept = Complaint.objects.filter(clinic__in=clinic_ids, made_at__lte=now).order_by("made_at", "id")
    first: dict[tuple[uuid.UUID, str], tuple[datetime, str]] = {}
    steps = ComplaintStep.objects.filter(complaint__in=kept, at__lte=now).order_by("revision")
    for complaint, kind, at, reason in steps.values_list("complaint_id", "kind", "at", "reason"):
        first.setdefault((complaint, kind), (at, reason))
    acknowledged, answered, closed = (
        {pk: step for (pk, kind), step in first.items() if kind == wanted}
        for wanted in (ComplaintStep.Kind.ACKNOWLEDGED, ComplaintStep.Kind.ANSWERED, ComplaintStep.Kind.CLOSED)
    )
    nothing = (None, "")
    return [
        ComplaintRow(
            person, clinic, about, made, by, acknowledged.get(pk, nothing)[0], answered.get(pk, nothing)[0],
            *closed.get(pk, nothing),
        )
        for pk, person, clinic, about, made, by in kept.values_list(
            "pk", "person_id", "clinic_id", "about", "made_at", "answer_by"
        )
    ]  # fmt: skip
