"""What is done for somebody who has not started or has gone quiet: written once, at most one contact on a day."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.actions.parts import own_words, person_for
from accord.service.care.models import Rescue
from accord.service.care.policies import check_can_rescue, check_rescue
from accord.service.care.queries.rescues import stuck_row
from accord.service.care.rules.rescue import LATER as PUT_OFF
from accord.service.care.rules.rescue import ON_A_DAY, Turn, wrong_rescue


def log_rescue(
    *,
    person_id: uuid.UUID,
    kind: str,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    outcome: str = "",
    reason: str = "",
    then: str = "",
    again_on: date | None = None,
    minutes: int = 0,
    note: str = "",
) -> Rescue:
    """Write down one attempt, or that she is put off until a day. The same key twice is one row.

    Raises NotAllowed, Refusal (what was filled in), NotNow (she is not on the list, was contacted today, or her
    therapist has to reach her by the clock of an alert).
    """
    person = person_for(person_id, Resource.RESCUE, Action.CREATE, by)
    if held := _before(by, key):
        return held
    on = now.astimezone(person.clinic.zone()).date()
    again_on = again_on if then in ON_A_DAY or kind == PUT_OFF else None
    check_rescue(
        wrong_rescue(kind=kind, outcome=outcome, reason=reason, then=then, again_on=again_on, minutes=minutes, today=on)
    )
    words = own_words(note)
    row = stuck_row(by, person_id, now)
    check_can_rescue(row.turn if row else None, kind)
    assert row is not None
    try:
        with transaction.atomic():
            rescue = Rescue.objects.create(
                person=person, episode=row.episode, why=row.stuck.why, kind=kind, reason=reason, outcome=outcome,
                then=then, again_on=again_on, minutes=minutes, note=words, on=on, at=now, by=by.person_id, key=key,
            )  # fmt: skip
            facts = {"why": rescue.why, "kind": kind, "reason": reason, "outcome": outcome, "then": then}
            record(
                stream=f"person:{person.pk}", action="rescue.logged", resource="rescue", resource_id=rescue.pk,
                by=by.person_id, role=by.main_role(), now=now, facts={k: v for k, v in facts.items() if v},
                personal={"note": words} if words else None,
            )  # fmt: skip
    except IntegrityError:  # somebody else was first, by the day or by the key
        if held := _before(by, key):
            return held
        check_can_rescue(Turn.TODAY, kind)
        raise
    return rescue


def _before(by: Asker, key: uuid.UUID) -> Rescue | None:
    return Rescue.objects.for_(by, Action.VIEW).filter(key=key).first()
