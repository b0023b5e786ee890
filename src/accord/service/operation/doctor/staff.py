"""Who answers: duty, service lead, the certificate for the duty (C4, C40)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accord.service.errors import NotNow
from accord.service.operation.doctor.finding import Unsafe
from accord.service.people.policies import check_certified
from accord.service.people.queries import clinics, duty_of


def duty(now: datetime) -> Iterator[Unsafe]:
    for clinic in clinics():
        on_duty = duty_of(clinic.pk, now)
        if on_duty is None:
            yield Unsafe("duty", f"{clinic.name} has no duty clinician.", "A coordinator sets one at /office/.")
        else:
            try:
                check_certified(on_duty, "risk-duty", now, clinic=clinic)
            except NotNow:
                cure = "A coordinator enters the certificate, or gives the duty to somebody who has it."
                what = f"Who is on duty at {clinic.name} has no certificate for it that counts today."
                yield Unsafe("duty-certificate", what, cure)
        if clinic.service_lead_id is None:
            cure = "Name one: the last to be told of an alert."
            yield Unsafe("service-lead", f"{clinic.name} has no service lead.", cure)
    if not clinics():
        yield Unsafe(
            "clinic", "There is no clinic yet.", "Open one: accord staff open-clinic, then accord staff import."
        )
