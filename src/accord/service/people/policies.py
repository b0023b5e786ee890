"""What the access table cannot say about people: whose clinic, which role, in what state. Pairs: check, can."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from accord.service.access.table import CLINICIANS, STAFF, Action, Asker, Resource, Role, Scope, scope_of
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.models import Accountability, Capacity, Certificate, Clinic, Duty, Person, RoleHeld
from accord.service.people.rules.fitness import DISCHARGED, RISK_DUTY, TREATING, counts, free
from accord.service.people.rules.hours import read_hours
from accord.service.people.rules.reminders import EARLIEST, LATEST

LONGEST_PAUSE = timedelta(days=366)


def hidden() -> NotAllowed:
    """What a stranger is told: the same as for somebody who does not exist."""
    return NotAllowed(_("There is nobody here under that address whom you may see."))


def check_may(by: Asker, resource: Resource, action: Action, person: Person) -> None:
    """`by` may do `action` to this person's `resource`."""
    if not Person.objects.for_(by, action, resource).filter(pk=person.pk).exists():
        raise hidden()


def check_may_at(by: Asker, resource: Resource, action: Action, clinic: Clinic) -> None:
    """`by` may do `action` at this clinic as a whole."""
    scope = scope_of(by, resource, action)
    if scope is not Scope.ALL and clinic.pk not in by.clinics(resource, action, Scope.CLINIC):
        raise hidden()


def can_at(by: Asker, resource: Resource, action: Action, clinic: Clinic) -> bool:
    try:
        check_may_at(by, resource, action, clinic)
    except NotAllowed:
        return False
    return True


def holds(person_id: uuid.UUID, roles: frozenset[Role], clinic_id: uuid.UUID) -> bool:
    """She holds one of these roles at this clinic now."""
    held = RoleHeld.objects.filter(person=person_id, clinic=clinic_id, until=None, role__in=[str(one) for one in roles])
    return held.exists()


def check_can_answer_for(clinician: Person, clinic: Clinic) -> None:
    """Somebody who is made accountable is a clinician there, and her account is open."""
    closed = hasattr(clinician, "account") and not clinician.account.is_active
    if closed or not holds(clinician.pk, CLINICIANS, clinic.pk):
        cure = _("Choose somebody who is a therapist, a supervisor or a duty clinician at this clinic.")
        raise NotNow(_("This member of staff cannot answer for people of this clinic."), cure=cure)


def can_answer_for(clinician: Person, clinic: Clinic) -> bool:
    try:
        check_can_answer_for(clinician, clinic)
    except NotNow:
        return False
    return True


def check_can_be_on_duty(person: Person, clinic: Clinic) -> None:
    if not holds(person.pk, frozenset({Role.DUTY_CLINICIAN, Role.SUPERVISOR}), clinic.pk):
        cure = _("Give her the role of duty clinician first, or choose somebody who has it.")
        raise NotNow(_("This member of staff cannot take the duty of this clinic."), cure=cure)


def check_can_leave(person: Person, clinic: Clinic | None = None) -> None:
    """Nobody goes while she answers for somebody or is on duty: people would be left alone (safety 4.5)."""
    patients = Accountability.objects.filter(clinician=person, until=None).exclude(reason=DISCHARGED)
    duties = Duty.objects.filter(person=person, until=None)
    if clinic is not None:
        patients, duties = patients.filter(person__clinic=clinic), duties.filter(clinic=clinic)
    if count := patients.count():
        cure = _("Hand them over first; then this can be done.")
        raise NotNow(_("She still answers for %(count)s people.") % {"count": count}, cure=cure)
    if duties.exists():
        raise NotNow(_("She is on duty."), cure=_("Give the duty to somebody else first; then this can be done."))


def can_leave(person: Person, clinic: Clinic | None = None) -> bool:
    try:
        check_can_leave(person, clinic)
    except NotNow:
        return False
    return True


def check_can_give_role(by: Asker, person: Person, role: Role, clinic: Clinic) -> None:
    """Roles of staff are given by a manager of the clinic or by the service at set-up, and by nobody to herself."""
    if role not in STAFF:
        check_may_at(by, Resource.PERSON, Action.CREATE, clinic)
        return
    check_may_at(by, Resource.STAFF_LIST, Action.ASSIGN, clinic)
    if by.person_id == person.pk:
        raise NotNow(_("Nobody gives or ends a role of her own."), cure=_("Ask another manager."))


def can_give_role(by: Asker, person: Person, role: Role, clinic: Clinic) -> bool:
    try:
        check_can_give_role(by, person, role, clinic)
    except (NotAllowed, NotNow):
        return False
    return True


def check_reminders(hour: int, pause_until: date | None, time_zone: str, now: datetime) -> None:
    """An hour of the day, a zone that exists, a pause that ends. Raises NotNow."""
    if not EARLIEST <= hour <= LATEST:
        said = _("Reminders come between %(first)s:00 and %(last)s:00.") % {"first": EARLIEST, "last": LATEST}
        raise NotNow(said, cure=_("Choose an hour of the day."))
    if time_zone and time_zone not in available_timezones():
        raise NotNow(_("We do not know this time zone."), cure=_("Choose one from the list."))
    if pause_until is not None and pause_until > now.date() + LONGEST_PAUSE:
        cure = _("To have none at all, switch them off.")
        raise NotNow(_("A pause can last for up to a year."), cure=cure)


# ---------------------------------------------------------------------------------------------------- fit to take (C40)


def covers_in_words(covers: str) -> str:
    """What a certificate is for, as a page says it."""
    kind, _sep, slug = covers.partition(":")
    if covers == RISK_DUTY:
        return _("duty for alerts of risk")
    said = {"what": slug.replace("-", " ")}
    return _("protocol %(what)s") % said if kind == "protocol" else _("programme %(what)s") % said


def check_certified(clinician: Person, covers: str, now: datetime, *, clinic: Clinic | None = None) -> None:
    """She holds a certificate for this at the clinic (her own, unless named) that counts today. Raises NotNow."""
    where = clinic or clinician.clinic
    rows = Certificate.objects.filter(person=clinician, clinic=where, covers=covers, withdrawn_at=None)
    day = now.astimezone(where.zone()).date()
    if any(counts(given, expires, day) for given, expires in rows.values_list("given_on", "expires_on")):
        return
    said = {"who": clinician.name, "what": covers_in_words(covers)}
    cure = _(
        "A coordinator enters the certificate on the colleague's own page, or goes on without it and says why. "
        "Nothing was changed."
    )
    raise NotNow(_("%(who)s has no certificate that counts today: %(what)s.") % said, cure=cure)


def check_place(clinician: Person, clinic: Clinic) -> None:
    """She has a place free, or nobody has said how many she has. Raises NotNow.

    The row of her places is locked: of two who take the last place at once, on PostgreSQL the second waits and sees
    the first; SQLite writes one after the other anyway.
    """
    row = Capacity.objects.select_for_update().filter(person=clinician, clinic=clinic, until=None).first()
    taken = people_now(clinician.pk, clinic.pk)
    if free(row.places if row else None, taken) != 0 or row is None:
        return
    said = {"who": clinician.name, "taken": taken, "places": row.places}
    cure = _(
        "Choose a colleague with a free place; a coordinator changes the places on the page of staff, or goes on "
        "without a place and says why. Nothing was changed."
    )
    raise NotNow(_("%(who)s has no free place: %(taken)s people, %(places)s places.") % said, cure=cure)


def people_now(clinician_id: uuid.UUID, clinic_id: uuid.UUID) -> int:
    """How many people of a clinic a clinician treats now: they hold her places."""
    rows = Accountability.objects.filter(clinician=clinician_id, until=None, reason__in=TREATING)
    return rows.filter(person__clinic=clinic_id).count()


LONGEST_NAME, LONGEST_PHONE, LONGEST_REGION = 120, 40, 10  # characters of a clinic's facts


def check_clinic(*, name: str, country: str, time_zone: str, hours: str, region: str, phone: str) -> None:
    """The facts of a clinic are such that alerts, holidays and crisis numbers can be had from them. Raises Refusal."""
    nothing = _("Nothing was changed.")
    for said, most in ((name, LONGEST_NAME), (phone, LONGEST_PHONE), (region, LONGEST_REGION)):
        if len(said.strip()) > most or "\0" in said:
            limit = {"found": f"{len(said.strip()):,}", "limit": most}
            raise Refusal(_("One answer has %(found)s characters; up to %(limit)s can be kept.") % limit, cure=nothing)
    if not name.strip():
        raise Refusal(_("The clinic has no name."), cure=nothing)
    if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
        raise Refusal(_("A country is two capital letters, as GB or DE."), cure=nothing)
    if time_zone not in available_timezones():
        raise Refusal(_("We do not know this time zone."), cure=_("Write it as Europe/Berlin. Nothing was changed."))
    try:
        known = read_hours(hours)
    except ValueError as error:
        cure = _("Write them as Mon-Fri 09:00-17:00; Sat 10:00-12:00. Nothing was changed.")
        raise Refusal(_("These hours cannot be read: %(part)s") % {"part": str(error)[:60]}, cure=cure) from None
    if not known:
        cure = _("Write them as Mon-Fri 09:00-17:00; Sat 10:00-12:00. Nothing was changed.")
        raise Refusal(_("No hours are given: then nobody would ever answer in time."), cure=cure)
