"""Opening the invented clinic: once, in seconds; a second start finds it and keeps everything that was typed."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accord.service.demo.actions import mark_demonstration
from accord.service.demo.cast import fill
from accord.service.demo.past.bring import bring_past
from accord.service.demo.queries import demonstration
from accord.service.demo.staff import open_demo_clinic
from accord.service.now import now
from accord.service.people.queries import clinics


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
    return came
