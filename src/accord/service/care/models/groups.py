"""Groups: form, leaders, members, calendar, who came."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accord.service.access.table import Action, Asker, Resource, Scope
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import at_clinics


class GroupQuerySet(models.QuerySet["Group"]):
    def for_(self, asker: Asker, action: Action) -> "GroupQuerySet":
        """The groups of her clinics, those she leads (or whose leader she covers for), and her own."""
        allowed = at_clinics(asker, Resource.GROUP, action)
        if clinics := asker.clinics(Resource.GROUP, action, Scope.TREATED):
            leads = GroupLeader.objects.filter(
                group=OuterRef("pk"), person__in={asker.person_id, *asker.covers}, until=None
            )
            allowed |= Q(Exists(leads), clinic__in=clinics)
        if asker.clinics(Resource.GROUP, action, Scope.OWN):
            allowed |= Q(Exists(GroupMember.objects.filter(group=OuterRef("pk"), person=asker.person_id)))
        return self.filter(allowed)


@classified(keep=Keep.CARE, clinical="form", technical="clinic protocol name places made_at by key closed_at")
class Group(Row):
    """A group of people who meet: closed (all start together) or open (people join later)."""

    class Form(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"

    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)
    name = models.CharField(max_length=80)  # neutral: it stands in a calendar (C41)
    form = models.CharField(max_length=10, choices=Form)
    places = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    key = models.UUIDField(unique=True)

    objects = GroupQuerySet.as_manager()


@classified(keep=Keep.CARE, technical="group person since until by")
class GroupLeader(Row):
    """Who leads a group, from when to when."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="leaders")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("group", "person"), condition=Q(until=None), name="care_leads_once"),
        )


@classified(keep=Keep.CARE, clinical="reason", technical="group person episode since until by")
class GroupMember(Row):
    """Who belongs to a group, from when to when. Never edited but to close it, with a reason."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="groups")
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="groups")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("episode",), condition=Q(until=None), name="care_one_group_at_a_time"),
        )


@classified(keep=Keep.CARE, technical="group number made_at by key")
class Meeting(Row):
    """A planned meeting of a group. When, where and how long stand in its newest step."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="meetings")
    number = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "number"), name="care_meetings_in_order"),)


@classified(
    keep=Keep.CARE, clinical="kind mode minutes starts_at reason", personal="place",
    technical="meeting revision at by key",
)  # fmt: skip
class MeetingStep(Row):
    """What happened to a planned meeting: planned, moved, held, cancelled. The last two end it."""

    ENDS = ("held", "cancelled")

    class Kind(models.TextChoices):
        PLANNED = "planned"
        MOVED = "moved"
        HELD = "held"
        CANCELLED = "cancelled"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    revision = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    place = EncryptedTextField(blank=True)
    reason = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("meeting", "revision"), name="care_meeting_steps_in_order"),
            models.UniqueConstraint(
                fields=("meeting",), condition=Q(kind__in=("held", "cancelled")), name="care_meeting_ends_once"
            ),
        )


@classified(keep=Keep.CARE, clinical="state reason", technical="meeting person episode revision contact at by")
class Attendance(Row):
    """Who came to a meeting. The newest revision counts, and its contact: see `Contact.objects.counted()`."""

    class State(models.TextChoices):
        ATTENDED = "attended"
        MISSED = "missed"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=30, blank=True)
    revision = models.PositiveSmallIntegerField()
    contact = models.OneToOneField("care.Contact", null=True, on_delete=models.PROTECT, related_name="attendance")
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("meeting", "person", "revision"), name="care_attendance_in_order"),
        )
