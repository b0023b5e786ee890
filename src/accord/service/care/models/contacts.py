"""What happens between a person and a clinician: contacts, planned sessions, notes."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accord.service.access.table import Action, Asker, Resource
from accord.service.care.models.groups import Attendance
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class ContactQuerySet(models.QuerySet["Contact"]):
    def for_(self, asker: Asker, action: Action) -> "ContactQuerySet":
        return self.filter(reach(asker, Resource.CONTACT, action))

    def counted(self) -> "ContactQuerySet":
        """Without those of a group's meeting whose attendance was corrected: each meeting counts its minutes once."""
        newer = Attendance.objects.filter(
            meeting=OuterRef("attendance__meeting"), person=OuterRef("attendance__person"),
            revision__gt=OuterRef("attendance__revision"),
        )  # fmt: skip
        return self.exclude(Exists(newer))


@classified(
    keep=Keep.CARE,
    clinical="mode direction outcome minutes",
    personal="note",
    technical="person episode alert at by key",
)
class Contact(Row):
    """Anything between patient and therapist, logged in two taps: mode and minutes (C31)."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="contacts")
    episode = models.ForeignKey("episodes.Episode", null=True, on_delete=models.PROTECT, related_name="contacts")
    alert = models.ForeignKey("care.Alert", null=True, on_delete=models.PROTECT, related_name="contacts")
    mode = models.CharField(max_length=20)  # message, phone, in-person, video, group
    direction = models.CharField(max_length=10, default="out")
    outcome = models.CharField(max_length=30)  # reached, not-reached, left-message
    minutes = models.PositiveSmallIntegerField(default=0)
    note = EncryptedTextField(blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(null=True, unique=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("person", "at"), name="care_contacts_of"),)


class SessionQuerySet(models.QuerySet["Session"]):
    def for_(self, asker: Asker, action: Action) -> "SessionQuerySet":
        return self.filter(reach(asker, Resource.SESSION, action))

    def open(self) -> "SessionQuerySet":
        """Those that were neither held nor missed nor cancelled."""
        return self.exclude(Exists(SessionStep.objects.filter(session=OuterRef("pk"), kind__in=SessionStep.ENDS)))


@classified(keep=Keep.CARE, clinical="number", technical="person episode key made_at by")
class Session(Row):
    """A planned meeting with one person. When, how and how long stand in its newest step; it is never edited.

    `number` counts what was planned in an episode; which session of a protocol it is follows from those held.
    """

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="sessions")
    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    key = models.UUIDField(unique=True)
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("episode", "number"), name="care_sessions_in_order"),)


@classified(
    keep=Keep.CARE,
    clinical="kind mode minutes starts_at reason",
    personal="place note",
    technical="session revision contact key at by",
)
class SessionStep(Row):
    """What happened to a planned session. Planned and moved say when, how and where; the other three end it."""

    class Kind(models.TextChoices):
        PLANNED = "planned"
        MOVED = "moved"
        HELD = "held"  # wrote `contact`, and nothing else counts its minutes
        MISSED = "missed"  # with a reason
        CANCELLED = "cancelled"

    ENDS = ("held", "missed", "cancelled")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    revision = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    place = EncryptedTextField(blank=True)  # a room, a number, a link
    reason = models.CharField(max_length=30, blank=True)
    note = EncryptedTextField(blank=True)
    contact = models.OneToOneField(Contact, null=True, on_delete=models.PROTECT, related_name="session_step")
    key = models.UUIDField(unique=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("session", "revision"), name="care_session_steps_in_order"),
            models.UniqueConstraint(
                fields=("session",),
                condition=Q(kind__in=("held", "missed", "cancelled")),
                name="care_session_ends_once",
            ),
        )


class NoteQuerySet(models.QuerySet["Note"]):
    def for_(self, asker: Asker, action: Action) -> "NoteQuerySet":
        return self.filter(reach(asker, Resource.NOTE, action))


@classified(keep=Keep.CARE, personal="text", technical="person about key at by")
class Note(Row):
    """A clinician's own note on a person. `about` names what it is beside: "session:<id>", "flag:<id>", or nothing."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="notes")
    about = models.CharField(max_length=60, blank=True)
    text = EncryptedTextField()
    key = models.UUIDField(unique=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("person", "at"), name="care_notes_of"),)
