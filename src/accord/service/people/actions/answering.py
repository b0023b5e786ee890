"""Who answers for whom (E24)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.people.actions.parts import only_one, told
from accord.service.people.models import Accountability, Person
from accord.service.people.policies import (
    check_can_answer_for,
    check_may,
)


@transaction.atomic
def make_accountable(*, person: Person, clinician: Person, reason: str, by: Asker, now: datetime) -> Accountability:
    """From now on `clinician` answers for `person`: closes who did and opens in one step (E24).

    The same clinician again changes nothing. Two at once: one wins, the other is refused with NotNow by the partial
    unique index. Raises NotAllowed, NotNow.
    """
    check_may(by, Resource.ACCOUNTABILITY, Action.ASSIGN, person)
    check_can_answer_for(clinician, person.clinic)
    open_row = Accountability.objects.select_for_update().filter(person=person, until=None).first()
    if open_row is not None and open_row.clinician_id == clinician.pk:
        return open_row
    if open_row is not None:
        open_row.until = now
        open_row.save(update_fields=["until"])
    new = Accountability(person=person, clinician=clinician, since=now, reason=reason, by=by.person_id)
    row = only_one(new)
    facts = {"clinician": str(clinician.pk), "before": str(open_row.clinician_id) if open_row else "", "reason": reason}
    told(person.pk, "make_accountable", "accountability", row, by, now, facts=facts)
    return row


@transaction.atomic
def hand_over(*, clinician: Person, to: Person, by: Asker, now: datetime) -> int:
    """Hand over everybody a clinician answers for to a colleague; how many they were. Each is audited on her own."""
    rows = Accountability.objects.filter(clinician=clinician, until=None).select_related("person__clinic")
    people = [row.person for row in rows.order_by("since", "id")]
    for person in people:
        make_accountable(person=person, clinician=to, reason="handover", by=by, now=now)
    return len(people)
