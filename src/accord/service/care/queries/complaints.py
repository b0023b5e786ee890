"""Complaints: a patient's own, and those of a clinic, the overdue ones first. A therapist as such sees none."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.service.access.table import Action, Asker
from accord.service.care.models import Complaint, ComplaintStep
from accord.service.care.policies import the_complaint
from accord.service.care.queries.deciding import calendar_for
from accord.service.care.rules.complaints import ComplaintStage, Standing, acknowledge_by, standing, urgency
from accord.service.people.queries import people_with


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """One complaint and where it stands."""

    complaint: Complaint
    standing: Standing
    steps: tuple[ComplaintStep, ...]


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """One complaint with what was done, by whom (step -> name)."""

    row: ComplaintRow
    acknowledge_by: datetime
    names: dict[uuid.UUID, str]


def standings(complaints: Iterable[Complaint], now: datetime) -> dict[uuid.UUID, Standing]:
    """Where these complaints stand: one query for all their steps."""
    return {row.complaint.pk: row.standing for row in _rows(list(complaints), now)}


def _rows(complaints: Sequence[Complaint], now: datetime) -> list[ComplaintRow]:
    steps: dict[uuid.UUID, list[ComplaintStep]] = {}
    for step in ComplaintStep.objects.filter(complaint__in=[row.pk for row in complaints]).order_by("revision"):
        steps.setdefault(step.complaint_id, []).append(step)
    calendars = {row.clinic_id: calendar_for(row.clinic) for row in complaints}
    found = []
    for row in complaints:
        mine = steps.get(row.pk, [])
        first = acknowledge_by(calendars[row.clinic_id], row.made_at)
        stands = standing([one.kind for one in mine], acknowledge=first, answer=row.answer_by, now=now)
        found.append(ComplaintRow(row, stands, tuple(mine)))
    return found


def complaints_at(asker: Asker, now: datetime, *, closed: bool = False) -> list[ComplaintRow]:
    """The complaints of her clinics, the overdue ones first; with `closed` those as well. Texts are not for a list."""
    rows = Complaint.objects.for_(asker, Action.ACT).select_related("clinic", "person").defer("text")
    if not closed:
        rows = rows.exclude(steps__kind=ComplaintStep.Kind.CLOSED)
    return sorted(_rows(list(rows), now), key=lambda one: urgency(one.standing, one.complaint.made_at))


def own_complaints(asker: Asker, now: datetime) -> list[ComplaintRow]:
    """What she herself has said, the newest first."""
    mine = Complaint.objects.for_(asker, Action.VIEW).filter(person=asker.person_id).select_related("clinic")
    return _rows(list(mine.order_by("-made_at", "-id")), now)


def complaint_page(asker: Asker, complaint_id: uuid.UUID, now: datetime) -> ComplaintPage:
    """One complaint of her clinic. Raises NotAllowed."""
    row = _rows([the_complaint(complaint_id, asker, Action.ACT)], now)[0]
    who = people_with({step.by for step in row.steps if step.by is not None})
    first = acknowledge_by(calendar_for(row.complaint.clinic), row.complaint.made_at)
    return ComplaintPage(row, first, {step.pk: who[step.by].name for step in row.steps if step.by in who})


def counted_by_about(rows: Iterable[ComplaintRow]) -> list[tuple[str, int, int, int]]:
    """(about, all, open, overdue) for every code that occurs, the commonest first. For a page, not for a report."""
    every, open_, late = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        about = row.complaint.about
        every[about] += 1
        open_[about] += row.standing.stage is not ComplaintStage.CLOSED
        late[about] += row.standing.late
    return [(about, count, open_[about], late[about]) for about, count in every.most_common()]
