"""What was done for who is missing, what went wrong, what somebody complained of."""

from django.db import models
from django.db.models import Q

from accord.service.access.table import Action, Asker, Resource, Scope, scope_of
from accord.service.care.rules.harm import IN_ERROR
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import at_clinics, reach


class RescueQuerySet(models.QuerySet["Rescue"]):
    def for_(self, asker: Asker, action: Action) -> "RescueQuerySet":
        return self.filter(reach(asker, Resource.RESCUE, action))


@classified(
    keep=Keep.CARE,
    clinical="why kind reason outcome then",
    personal="note",
    technical="person episode at on again_on by key minutes",
)
class Rescue(Row):
    """What was done for somebody who has not started or has gone quiet, and why she had. Its effect is counted."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="rescues")
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="rescues")
    why = models.CharField(max_length=20)  # care.rules.rescue.WHYS: not-started, quiet, no-consent, no-baseline
    kind = models.CharField(max_length=20)  # care.rules.rescue.KINDS: technical-help, call, message, later
    reason = models.CharField(max_length=40, blank=True)  # her reason, a code; empty while not known
    outcome = models.CharField(max_length=30, blank=True)  # reached, not-reached, left-message
    then = models.CharField(max_length=20, blank=True)  # care.rules.rescue.THEN: again, start, stop
    again_on = models.DateField(null=True)  # she is not asked before this day
    minutes = models.PositiveSmallIntegerField(default=0)
    note = EncryptedTextField(blank=True)
    on = models.DateField()  # the clinic's day
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    objects = RescueQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("person", "at"), name="care_rescues_of"),)
        constraints = (  # nobody is contacted twice on one day
            models.UniqueConstraint(
                fields=("person", "on"), condition=~Q(kind="later"), name="care_rescued_once_a_day"
            ),
        )


class HarmQuerySet(models.QuerySet["Harm"]):
    def for_(self, asker: Asker, action: Action) -> "HarmQuerySet":
        return self.filter(reach(asker, Resource.HARM, action))

    def standing(self) -> "HarmQuerySet":
        """Those that count: no later row corrects them, and they are not the correction that says "in error"."""
        return self.filter(corrected_by=None).exclude(what=IN_ERROR)


@classified(
    keep=Keep.CARE,
    clinical="what severity causality on",
    personal="note",
    technical="person episode corrects at by key",
)
class Harm(Row):
    """An adverse event: what, how bad, whether the treatment had to do with it. A correction is a new row."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="harms")
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="harms")
    what = models.CharField(max_length=40)  # a code of care.rules.harm
    severity = models.CharField(max_length=10)  # mild, moderate, severe, serious
    causality = models.CharField(max_length=10)  # unrelated, possible, probable, definite
    on = models.DateField()
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    note = EncryptedTextField(blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    objects = HarmQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("person", "on"), name="care_harms_of"),)


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def for_(self, asker: Asker, action: Action) -> "ComplaintQuerySet":
        """Complaints of her clinics; a patient's own. A colleague sees none about people she treats by that alone."""
        allowed = at_clinics(asker, Resource.COMPLAINT, action)
        if scope_of(asker, Resource.COMPLAINT, action) is Scope.OWN:
            allowed |= Q(person=asker.person_id)
        return self.filter(allowed)


@classified(keep=Keep.CARE, clinical="about", personal="text", technical="clinic person made_at by key answer_by")
class Complaint(Row):
    """Somebody says what was not right. `answer_by`: until then she hears from the service."""

    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="complaints")
    about = models.CharField(max_length=40)  # a code of care.rules.complaints
    text = EncryptedTextField()
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    objects = ComplaintQuerySet.as_manager()


@classified(keep=Keep.CARE, clinical="kind reason", personal="note", technical="complaint revision at by key")
class ComplaintStep(Row):
    """What was done about a complaint. `closed` ends it, with what came of it."""

    class Kind(models.TextChoices):
        ACKNOWLEDGED = "acknowledged"
        ANSWERED = "answered"
        CLOSED = "closed"

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind)
    revision = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40, blank=True)  # how it was answered; with what it was closed
    note = EncryptedTextField(blank=True)  # of `answered`: the words to her
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("complaint", "revision"), name="care_complaint_in_order"),
            models.UniqueConstraint(
                fields=("complaint",), condition=Q(kind="closed"), name="care_complaint_closed_once"
            ),
        )
