"""Clinics: opened, their facts changed, who leads the service there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.people.actions.parts import told
from accord.service.people.models import Clinic, Person
from accord.service.people.policies import (
    check_can_answer_for,
    check_clinic,
    check_may_at,
    hidden,
)
from accord.service.people.rules.hours import read_hours


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


@transaction.atomic
def update_clinic(
    *, clinic: Clinic, name: str, country: str, region: str, time_zone: str, hours: str, phone: str, on_call: bool,
    service_lead: Person | None, by: Asker, now: datetime,
) -> Clinic:  # fmt: skip
    """Change the facts of a clinic, all of them as one form says them; what changed is told to the audit, old and new.

    Clocks that run already were given their deadlines when they began and keep them; new ones go by the new hours.
    Raises NotAllowed, Refusal (an answer that cannot be), NotNow (a lead who does not work there).
    """
    check_may_at(by, Resource.SETTINGS, Action.ACT, clinic)
    check_clinic(name=name, country=country, time_zone=time_zone, hours=hours, region=region, phone=phone)
    if service_lead is not None:
        check_can_answer_for(service_lead, clinic)
    row = Clinic.objects.select_for_update().get(pk=clinic.pk)
    given = {
        "name": name.strip(), "country": country, "region": region.strip(), "time_zone": time_zone,
        "hours": read_hours(hours), "phone": phone.strip(), "on_call": on_call,
        "service_lead_id": service_lead.pk if service_lead else None,
    }  # fmt: skip
    changed = {field: (getattr(row, field), value) for field, value in given.items() if getattr(row, field) != value}
    if changed:
        Clinic.objects.filter(pk=row.pk).update(**{field: value for field, (_before, value) in changed.items()})
        record(
            stream="system", action="update_clinic", resource="clinic", resource_id=row.pk, by=by.person_id,
            role=by.main_role(), now=now,
            facts={field: {"before": before, "now": value} for field, (before, value) in changed.items()},
        )  # fmt: skip
        row.refresh_from_db()
    return row
