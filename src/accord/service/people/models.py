from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from accord.service.access.table import Action, Asker, Resource, Scope
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row, new_id
from accord.service.people.rules.fitness import DISCHARGED
from accord.service.people.rules.reminders import USUAL, Wish


def reach(asker: Asker, resource: Resource, action: Action, *, person: str = "person") -> Q:
    """The filter that a scope of the access table stands for; every `QuerySet.for_` of every room is made of it.

    `person` is the path from a row to the person whose row it is ("person", "episode__person"; "" on Person itself).
    What each of her roles gives her is put together, each role within its own clinic.
    """
    if asker.service:
        return Q()
    allowed = Q(pk__in=())
    clinic = f"{person}__clinic__in" if person else "clinic__in"
    whose = f"{person}__in" if person else "pk__in"
    if asker.clinics(resource, action, Scope.ALL):
        return Q()
    if clinics := asker.clinics(resource, action, Scope.CLINIC):
        allowed |= Q(**{clinic: clinics})
    if clinics := asker.clinics(resource, action, Scope.TREATED):
        clinicians = {asker.person_id, *asker.covers}
        treated = Accountability.objects.filter(until=None, clinician__in=clinicians, person__clinic__in=clinics)
        allowed |= Q(**{whose: treated.values("person")})
    if asker.clinics(resource, action, Scope.OWN):
        allowed |= Q(**{whose: [asker.person_id]})
    return allowed


def at_clinics(asker: Asker, resource: Resource, action: Action, *, clinic: str = "clinic") -> Q:
    """The filter for rows that belong to a clinic, not to a person: what roles of scope CLINIC or ALL reach."""
    if asker.service or asker.clinics(resource, action, Scope.ALL):
        return Q()
    return Q(**{f"{clinic}__in": asker.clinics(resource, action, Scope.CLINIC)})


@classified(keep=Keep.CONTENT, technical="name country region time_zone hours on_call phone service_lead opened_at")
class Clinic(Row):
    """A clinic (a site). `hours` says when somebody reads: weekday 0 to 6 -> [["09:00", "17:00"], …]."""

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)  # ISO 3166: public holidays and crisis numbers
    region = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=60)  # IANA
    hours = models.JSONField(default=dict)
    on_call = models.BooleanField(default=False)  # somebody answers alerts out of hours
    phone = models.CharField(max_length=40, blank=True)
    service_lead = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class PersonQuerySet(models.QuerySet["Person"]):
    def for_(self, asker: Asker, action: Action, resource: Resource = Resource.PERSON) -> "PersonQuerySet":
        """The people whose `resource` she may do `action` to."""
        return self.filter(reach(asker, resource, action, person=""))


@classified(
    keep=Keep.CARE,
    personal="name phone email where emergency_contact",
    technical="clinic country language time_zone made_at reminders reminder_hour pause_reminders_until",
)
class Person(Row):
    """Somebody: a patient, an applicant, a member of staff. A person may have no account."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="people")
    name = EncryptedTextField(blank=True)
    phone = EncryptedTextField(blank=True)
    email = EncryptedTextField(blank=True)
    where = EncryptedTextField(blank=True)  # where she is, in her own words (C4)
    emergency_contact = EncryptedTextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=60, blank=True)  # empty: the clinic's
    made_at = models.DateTimeField()
    reminders = models.BooleanField(default=True)
    reminder_hour = models.PositiveSmallIntegerField(default=USUAL)  # in her zone
    pause_reminders_until = models.DateField(null=True)  # the first day on which she wants them again

    objects = PersonQuerySet.as_manager()

    def zone(self) -> ZoneInfo:
        """Where her days begin: her own zone, or her clinic's."""
        return ZoneInfo(self.time_zone) if self.time_zone else self.clinic.zone()

    def wish(self) -> Wish:
        """What she chose about reminders."""
        return Wish(self.reminders, self.reminder_hour, self.pause_reminders_until)


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts. Django and allauth look one up by its address."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), **more)
        account.set_password(password)
        account.save()
        return account


@classified(
    keep=Keep.ACCOUNT, personal="email", hidden="password", technical="person is_active last_login made_at closed_at"
)
class Account(AbstractBaseUser):
    """A log-in. The address stands in clear because log-in looks it up (docs/adr/0009); nothing else personal does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField(Person, null=True, on_delete=models.PROTECT, related_name="account")
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[AccountManager] = AccountManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


@classified(keep=Keep.CARE, technical="person role clinic since until given_by")
class RoleHeld(Row):
    """A role that a person holds at a clinic, from when to when. Never edited but to close it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=30)  # access.table.Role
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    given_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "role", "clinic"), condition=Q(until=None), name="people_a_role_is_held_once"
            ),
        )


@classified(keep=Keep.CARE, clinical="reason", technical="person clinician since until by")
class Accountability(Row):
    """Who answers for a patient, at every instant exactly one person (E24): a hand-over closes and opens at once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accountable")
    clinician = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="answers_for")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40)  # duty, therapist, handover, cover
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person",), condition=Q(until=None), name="people_one_accountable"),
        )
        indexes = (  # after ten years who is in care is one of many
            models.Index(fields=("person",), condition=Q(until=None) & ~Q(reason=DISCHARGED), name="people_in_care"),
        )


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def to_come(self, now: datetime) -> "AbsenceQuerySet":
        """Running or to come. One that was called off ends as it begins."""
        return self.filter(until__gt=now).filter(until__gt=models.F("since"))


@classified(keep=Keep.CARE, technical="person since until cover by made_at")
class Absence(Row):
    """When a member of staff is away, and who covers: alerts go to the cover meanwhile."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    since = models.DateTimeField()
    until = models.DateTimeField()
    cover = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.UUIDField(null=True)
    made_at = models.DateTimeField()

    objects = AbsenceQuerySet.as_manager()


@classified(keep=Keep.CARE, technical="clinic person since until by")
class Duty(Row):
    """The duty clinician of a clinic: answers for every applicant before a therapist does (C4)."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="duties")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("clinic",), condition=Q(until=None), name="people_one_on_duty"),)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def for_(self, asker: Asker, action: Action) -> "CertificateQuerySet":
        return self.filter(at_clinics(asker, Resource.CERTIFICATE, action))


@classified(
    keep=Keep.CARE, personal="note", technical="person clinic covers given_on expires_on made_at by withdrawn_at key"
)
class Certificate(Row):
    """A colleague is trained for something (C40): nobody gets a person, a protocol or the duty without it.

    `covers` is "protocol:<slug>", "programme:<slug>" or "risk-duty". Written once; withdrawing sets one moment.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    covers = models.CharField(max_length=80)
    given_on = models.DateField()
    expires_on = models.DateField(null=True)  # the first day on which it no longer counts
    note = EncryptedTextField(blank=True)  # who examined, where
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    key = models.UUIDField(unique=True)

    objects = CertificateQuerySet.as_manager()


@classified(keep=Keep.CARE, technical="person clinic places since until by")
class Capacity(Row):
    """How many people a colleague can answer for at a clinic, from when to when. Never edited but to close it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="capacities")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    places = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "clinic"), condition=Q(until=None), name="people_one_capacity"),
        )


@classified(keep=Keep.CARE, personal="reason", technical="clinician clinic covers patient at by")
class Override(Row):
    """Somebody was given a duty or a person without the certificate or the place for it, and why (C40)."""

    clinician = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    covers = models.CharField(max_length=80)  # what was missing: as in Certificate, or "place"
    patient = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
