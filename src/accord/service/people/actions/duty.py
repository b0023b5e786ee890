"""The duty of a clinic, and who is away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.errors import NotNow
from accord.service.people.actions.fitness import check_fit
from accord.service.people.actions.parts import only_one, told
from accord.service.people.models import Absence, Clinic, Duty, Person
from accord.service.people.policies import check_can_answer_for, check_can_be_on_duty, check_may_at
from accord.service.people.rules.fitness import RISK_DUTY


@transaction.atomic
def set_duty(*, clinic: Clinic, person: Person, override: str = "", by: Asker, now: datetime) -> Duty:
    """Give the duty of a clinic to somebody: who had it hands it over in the same step.

    She holds the certificate for it, or `override` says why she has it all the same (C40). Raises NotAllowed, NotNow.
    """
    check_may_at(by, Resource.DUTY, Action.ASSIGN, clinic)
    check_can_be_on_duty(person, clinic)
    open_row = Duty.objects.select_for_update().filter(clinic=clinic, until=None).first()
    if open_row is not None and open_row.person_id == person.pk:
        return open_row
    check_fit(
        clinician=person, clinic=clinic, covers=[RISK_DUTY], place=False, override=override, patient=None, by=by,
        now=now,
    )  # fmt: skip
    if open_row is not None:
        open_row.until = now
        open_row.save(update_fields=["until"])
    row = only_one(Duty(clinic=clinic, person=person, since=now, by=by.person_id))
    facts = {"clinic": str(clinic.pk), "before": str(open_row.person_id) if open_row else ""}
    told(person.pk, "set_duty", "duty", row, by, now, facts=facts)
    return row


@transaction.atomic
def set_absence(
    *, person: Person, since: datetime, until: datetime, cover: Person, by: Asker, now: datetime
) -> Absence:
    """Say when a member of staff is away and who covers. She may herself; a coordinator may for all of the clinic."""
    if by.person_id != person.pk or not by.staff:
        check_may_at(by, Resource.DUTY, Action.ASSIGN, person.clinic)
    if until <= since:
        raise NotNow(_("The absence ends before it begins."), cure=_("Check the two dates."))
    if cover.pk == person.pk:
        raise NotNow(_("Nobody can cover for herself."), cure=_("Choose a colleague."))
    check_can_answer_for(cover, person.clinic)
    row = Absence.objects.create(person=person, since=since, until=until, cover=cover, by=by.person_id, made_at=now)
    facts = {"since": since.isoformat(), "until": until.isoformat(), "cover": str(cover.pk)}
    told(person.pk, "set_absence", "absence", row, by, now, facts=facts)
    return row


@transaction.atomic
def end_absence(*, absence: Absence, by: Asker, now: datetime) -> None:
    """She is back earlier: from now on her own alerts reach her again."""
    if by.person_id != absence.person_id:
        check_may_at(by, Resource.DUTY, Action.ASSIGN, absence.person.clinic)
    if absence.until > now:
        Absence.objects.filter(pk=absence.pk).update(until=max(now, absence.since))
        told(absence.person_id, "end_absence", "absence", absence, by, now)
