"""Opening the invented clinic: once, in one transaction, in seconds; a second start finds it and keeps everything."""

from __future__ import annotations

from django.db import transaction

from accord.service.demo.actions import mark_demonstration
from accord.service.demo.queries import demonstration
from accord.service.demo.staff import open_demo_clinic
from accord.service.now import now


@transaction.atomic(durable=True)
def open_clinic() -> bool:
    """Fill an empty database with the invented clinic; False when it stands already."""
    if demonstration() is not None:
        return False
    moment = now()
    mark_demonstration(now=moment)
    open_demo_clinic(now=moment)
    return True
