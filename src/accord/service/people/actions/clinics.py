"""Clinics: opened, who leads the service there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.people.actions.parts import told
from accord.service.people.models import Clinic, Person
from accord.service.people.policies import (
    check_may_at,
    hidden,
)


@transaction.atomic
def open_clinic(
    *, name: str, country: str, time_zone: str, by: Asker, now: datetime, region: str = "",
    hours: dict[str, list[list[str]]] | None = None, on_call: bool = False, phone: str = "",
) -> Clinic:  # fmt: skip
    """Open a clinic. Only the service itself does this: at set-up, by command."""
    if not by.service:
        raise hidden()
    clinic = Clinic.objects.create(
        name=name, country=country, region=region, time_zone=time_zone, hours=hours or {}, on_call=on_call,
        phone=phone, opened_at=now,
    )  # fmt: skip
    record(
        stream="system", action="open_clinic", resource="clinic", resource_id=clinic.pk, by=None, role=by.main_role(),
        now=now, facts={"country": country, "time_zone": time_zone},
    )  # fmt: skip
    return clinic


@transaction.atomic
def set_service_lead(*, clinic: Clinic, person: Person, by: Asker, now: datetime) -> Clinic:
    """Name who is told when nobody else acted."""
    check_may_at(by, Resource.STAFF_LIST, Action.ASSIGN, clinic)
    Clinic.objects.filter(pk=clinic.pk).update(service_lead=person)
    clinic.service_lead = person
    told(person.pk, "set_service_lead", "clinic", clinic, by, now)
    return clinic
