"""Who answers for whom (E24)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.people.actions.fitness import check_fit
from accord.service.people.actions.parts import only_one, told
from accord.service.people.models import Accountability, Person
from accord.service.people.policies import check_can_answer_for, check_may
from accord.service.people.rules.fitness import DISCHARGED, TREATING


@transaction.atomic
def make_accountable(
    *, person: Person, clinician: Person, reason: str, covers: Sequence[str] = (), override: str = "", by: Asker,
    now: datetime,
) -> Accountability:  # fmt: skip
    """From now on `clinician` answers for `person`: closes who did and opens in one step (E24).

    Whoever is to treat her (`reason` therapist or handover) has a free place and holds the certificates that `covers`
    names: the flow knows the protocol. Without them, `override` says why it is done all the same (C40). The same
    clinician again changes nothing. Two at once: one wins, the other is refused with NotNow by the partial unique
    index. Raises NotAllowed, NotNow.
    """
    check_may(by, Resource.ACCOUNTABILITY, Action.ASSIGN, person)
    check_can_answer_for(clinician, person.clinic)
    open_row = Accountability.objects.select_for_update().filter(person=person, until=None).first()
    treats = reason in TREATING
    if open_row is not None and open_row.clinician_id == clinician.pk and (not treats or open_row.reason in TREATING):
        return open_row
    if treats:
        check_fit(
            clinician=clinician, clinic=person.clinic, covers=covers, place=True, override=override, patient=person,
            by=by, now=now,
        )  # fmt: skip
    return _change_hands(open_row, person, clinician, reason, by, now)


def _change_hands(
    open_row: Accountability | None, person: Person, clinician: Person, reason: str, by: Asker, now: datetime
) -> Accountability:
    if open_row is not None:
        open_row.until = now
        open_row.save(update_fields=["until"])
    row = only_one(Accountability(person=person, clinician=clinician, since=now, reason=reason, by=by.person_id))
    facts = {"clinician": str(clinician.pk), "before": str(open_row.clinician_id) if open_row else "", "reason": reason}
    told(person.pk, "make_accountable", "accountability", row, by, now, facts=facts)
    return row


@transaction.atomic
def give_place_back(*, person: Person, by: Asker, now: datetime) -> Accountability | None:
    """Her treatment is over: her therapist stays the one who is named, and has the place free for somebody else.

    For flows that have checked the right to end it. None when nobody treats her.
    """
    held = Accountability.objects.select_for_update().filter(person=person, until=None, reason__in=TREATING)
    open_row = held.select_related("clinician").first()
    return _change_hands(open_row, person, open_row.clinician, DISCHARGED, by, now) if open_row else None


@transaction.atomic
def hand_over(
    *, clinician: Person, to: Person, covers: Mapping[uuid.UUID, Sequence[str]] | None = None, override: str = "",
    by: Asker, now: datetime,
) -> int:  # fmt: skip
    """Hand over everybody a clinician answers for to a colleague; how many they were. Each is audited on her own.

    `covers`: by person, what her therapist must be certified for. Who was only on duty for somebody hands the duty on.
    """
    rows = Accountability.objects.filter(clinician=clinician, until=None).select_related("person__clinic")
    held = list(rows.order_by("since", "id"))
    for row in held:
        needed = (covers or {}).get(row.person_id, ())
        make_accountable(
            person=row.person, clinician=to, reason=_as_before(row), covers=needed, override=override, by=by, now=now
        )
    return len(held)


def _as_before(row: Accountability) -> str:
    """A patient is handed over; who only waits, or was discharged, is not treated by the next one either."""
    return "handover" if row.reason in TREATING else row.reason
