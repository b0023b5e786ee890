"""Opening the invented clinic: once, in seconds; a second start finds it and keeps everything that was typed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.demo.actions import mark_demonstration
from accord.service.demo.cast import fill
from accord.service.demo.past.bring import PROTOCOL, bring_past
from accord.service.demo.queries import demonstration
from accord.service.demo.staff import ILA, open_demo_clinic, staff
from accord.service.fields.keys import new_id
from accord.service.now import now
from accord.service.people.queries import clinics
from accord.service.studies.actions.exports import ask_export
from accord.service.studies.actions.reviews import ask_for_review

if TYPE_CHECKING:
    from accord.service.people.models import Clinic


def open_clinic() -> int:
    """Mark an empty database and staff the clinic in one step, then bring in its people and its past; how many came
    now, those of the past not counted.

    A start that was interrupted is taken up where it stopped.
    """
    moment = now()
    if demonstration() is None:
        with transaction.atomic(durable=True):
            mark_demonstration(now=moment)
            open_demo_clinic(now=moment)
    came = fill(clinic=clinics()[0], now=moment)
    with transaction.atomic(durable=True):
        bring_past(clinic=clinics()[0], now=moment, people=settings.DEMO_PAST)
    if came:
        _ask_for_numbers(clinics()[0], moment)
    return came


def _ask_for_numbers(clinic: Clinic, moment: datetime) -> None:
    """The manager's numbers and a researcher's export, asked for; the clock makes them within a minute."""
    with transaction.atomic(durable=True):
        ask_for_review(clinic_id=clinic.pk, protocol=PROTOCOL, key=new_id(), by=SERVICE, now=moment)
        ask_export(
            clinic=clinic, protocol=PROTOCOL, purpose="Invented: to see whether the service reaches who needs it most.",
            form="csv", key=new_id(), by=staff(ILA, moment), now=moment,
        )  # fmt: skip
