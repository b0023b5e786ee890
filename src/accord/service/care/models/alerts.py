"""What a person must act on, and what a rule found worth looking at."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accord.service.access.table import Action, Asker, Resource, Scope, scope_of
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class AlertQuerySet(models.QuerySet["Alert"]):
    def for_(self, asker: Asker, action: Action) -> "AlertQuerySet":
        """The alerts of the people she answers for, and those that were handed to her or brought up to her."""
        allowed = reach(asker, Resource.ALERT, action)
        if asker.person_id is not None and scope_of(asker, Resource.ALERT, action) is not Scope.NONE:
            brought = AlertStep.objects.filter(alert=OuterRef("pk"), to=asker.person_id)
            allowed |= Q(Exists(brought)) & Q(clinic__in=[clinic for _, clinic in asker.roles])
        return self.filter(allowed)

    def open(self) -> "AlertQuerySet":
        """Those that nobody has closed."""
        return self.exclude(Exists(AlertStep.objects.filter(alert=OuterRef("pk"), kind=AlertStep.Kind.CLOSED)))

    def highest(self) -> "AlertQuerySet":
        """Of the rows of one occasion only the last raised, which is the highest: what a list shows once."""
        same = {name: OuterRef(name) for name in ("person", "occasion", "track")}
        return self.exclude(Exists(Alert.objects.filter(pk__gt=OuterRef("pk"), **same)))


@classified(
    keep=Keep.CARE,
    clinical="track tier clock reasons rules unknown",
    personal="note",
    technical="person episode assessment_id occasion ladder promise clinic raised_at acknowledge_by contact_by by",
)
class Alert(Row):
    """Something a person must act on. Its state is computed from its `AlertStep` rows; it never closes itself.

    One alert per person, track and occasion of asking: a higher tier on the same occasion is a new row that names the
    same `occasion` with a rising `tier`, so that nothing that was raised is ever rewritten.
    """

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="alerts")
    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey("episodes.Episode", null=True, on_delete=models.PROTECT, related_name="alerts")
    assessment_id = models.UUIDField(null=True)
    occasion = models.CharField(max_length=120)  # "assessment:<id>", "help-now:<key>", "message:<id>"
    track = models.CharField(max_length=20)  # risk, health, change, silence, safeguarding
    tier = models.CharField(max_length=10)  # r1 … r3, d1, d2, i1, i2; "unknown"
    clock = models.CharField(max_length=10)  # the tier whose clock runs
    unknown = models.BooleanField(default=False)
    reasons = models.JSONField(default=list)  # in words, as the ladder says them
    rules = models.JSONField(default=list)
    note = EncryptedTextField(blank=True)  # a clinician's own words, when she raised it herself
    ladder = models.CharField(max_length=80)  # name@version, or "fail-safe" when the rules themselves failed
    promise = models.JSONField(default=dict)  # rules.deadlines.Promise: what the ladder said when this was raised
    raised_at = models.DateTimeField()
    acknowledge_by = models.DateTimeField()
    contact_by = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "occasion", "track", "tier", "clock"), name="care_raised_once"),
        )
        indexes = (models.Index(fields=("person", "raised_at"), name="care_alerts_of"),)


@classified(keep=Keep.CARE, clinical="kind reason outcome", personal="note", technical="alert at by to level key")
class AlertStep(Row):
    """What was done about an alert, by whom. Written once, never edited."""

    class Kind(models.TextChoices):
        ACKNOWLEDGED = "acknowledged"
        CONTACT = "contact"  # an attempt to reach her, with its outcome
        HANDED_OVER = "handed-over"  # to somebody else, `to`
        RECEIPT = "receipt"  # the other side confirmed
        ESCALATED = "escalated"  # nobody had acted in time; `level` counts, `to` is told
        NOTE = "note"
        CLOSED = "closed"  # with a reason

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    to = models.UUIDField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    note = EncryptedTextField(blank=True)
    key = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("alert",), condition=Q(kind="closed"), name="care_closed_once"),
            models.UniqueConstraint(fields=("alert",), condition=Q(kind="acknowledged"), name="care_acknowledged_once"),
            models.UniqueConstraint(fields=("alert", "level"), condition=Q(kind="escalated"), name="care_one_rung"),
            models.UniqueConstraint(fields=("alert", "key"), name="care_step_once"),
        )


@classified(keep=Keep.CARE, clinical="track tier clock unknown", technical="person occasion ladder at")
class Decided(Row):
    """What the ladder said on one occasion, also when it said "none": the last known tier is read from here (C2)."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="decided")
    occasion = models.CharField(max_length=120)
    track = models.CharField(max_length=20)
    tier = models.CharField(max_length=10)
    clock = models.CharField(max_length=10, blank=True)
    unknown = models.BooleanField(default=False)
    ladder = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("person", "track", "at"), name="care_decided_of"),)


class FlagQuerySet(models.QuerySet["Flag"]):
    def for_(self, asker: Asker, action: Action) -> "FlagQuerySet":
        return self.filter(reach(asker, Resource.NOTE, action))


@classified(keep=Keep.CARE, clinical="kind scale reasons numbers", technical="person episode occasion alert raised_at")
class Flag(Row):
    """Something to look at with a person, found by a rule: one row for each occasion. It never closes itself (C32).

    `reasons` are sentences of facts; `numbers` what they rest on, each with its name.
    """

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="flags")
    episode = models.ForeignKey("episodes.Episode", null=True, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20)  # rules.support.KINDS
    occasion = models.CharField(max_length=120)
    scale = models.CharField(max_length=120, blank=True)
    reasons = models.JSONField(default=list)
    numbers = models.JSONField(default=dict)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="flags")
    raised_at = models.DateTimeField()

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "kind", "occasion"), name="care_flagged_once"),)
        indexes = (models.Index(fields=("person", "raised_at"), name="care_flags_of"),)


@classified(keep=Keep.CARE, clinical="kind option helped", personal="note", technical="flag revision key at by")
class SupportStep(Row):
    """What a clinician chose to do about a flag, and three weeks later whether it helped."""

    class Kind(models.TextChoices):
        CHOSEN = "chosen"
        LOOKED = "looked"

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    revision = models.PositiveSmallIntegerField()
    option = models.CharField(max_length=30, blank=True)
    helped = models.CharField(max_length=10, blank=True)  # yes, some, no
    note = EncryptedTextField(blank=True)
    key = models.UUIDField(unique=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("flag", "revision"), name="care_support_in_order"),)
