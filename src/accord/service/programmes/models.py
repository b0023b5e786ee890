from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accord.service.access.table import Action, Asker, Resource
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class CourseQuerySet(models.QuerySet["Course"]):
    def for_(self, asker: Asker, action: Action) -> "CourseQuerySet":
        """The courses of the people whose course she may do `action` to."""
        return self.filter(reach(asker, Resource.COURSE, action))

    def pinned(self) -> "CourseQuerySet":
        """With `pinned_id`, the snapshot it follows now, and the person whose days count."""
        newest = Move.objects.filter(course=models.OuterRef("pk")).order_by("-at", "-id").values("snapshot_id")[:1]
        follows = Coalesce(models.Subquery(newest), models.F("snapshot_id"), output_field=models.UUIDField())
        return self.annotate(pinned_id=follows).select_related("person__clinic")


@classified(keep=Keep.CARE, clinical="modules length", technical="episode person snapshot began_at")
class Course(Row):
    """One person's way through one programme. The programme is pinned: what she reads does not change under her.

    `snapshot` is what it began with; the newest `Move` says what it follows now (U13).
    """

    episode = models.OneToOneField("episodes.Episode", on_delete=models.PROTECT, related_name="course")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="courses")
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    length = models.CharField(max_length=40)
    modules = models.JSONField(default=list)  # empty: all
    began_at = models.DateTimeField()

    objects = CourseQuerySet.as_manager()


@classified(keep=Keep.CARE, personal="reason", technical="course snapshot at by")
class Move(Row):
    """The course follows another version of its programme from now on, with the reason that the person reads."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="moves")
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)


@classified(keep=Keep.CARE, clinical="kind lesson part", technical="course at by message_id")
class Mark(Row):
    """Where she is: written once, never edited. Progress is computed from these rows."""

    class Kind(models.TextChoices):
        BEGUN = "begun"  # the lesson was opened for the first time
        PART = "part"  # a part was done; `part` counts from 1
        DONE = "done"  # the lesson was done
        ANSWERED = "answered"  # the therapist answered what she saved in it (`message_id`)
        READ = "read"  # the therapist has read what she saved in it

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=10, choices=Kind)
    lesson = models.CharField(max_length=60)
    part = models.PositiveSmallIntegerField(default=0)
    message_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("course", "kind", "lesson", "part"),
                condition=Q(kind__in=("begun", "part", "done")),
                name="programmes_marked_once",
            ),
        )
        indexes = (models.Index(fields=("course", "at"), name="programmes_marks_in_order"),)


@classified(keep=Keep.CARE, personal="value", clinical="lesson block", technical="course snapshot revision key at by")
class Entry(Row):
    """What she saved in one block: her words and choices as JSON. A change is a new revision."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="entries")
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")  # what she had read
    lesson = models.CharField(max_length=60)
    block = models.CharField(max_length=60)
    revision = models.PositiveIntegerField()
    value = EncryptedTextField()
    key = models.UUIDField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("course", "lesson", "block", "revision"), name="programmes_in_order"),
            models.UniqueConstraint(fields=("course", "key"), name="programmes_saved_once"),
        )


@classified(keep=Keep.CARE, personal="value", clinical="lesson block", technical="course revision at")
class EntryDraft(Row):
    """What she is typing in a block, not saved yet."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="drafts")
    lesson = models.CharField(max_length=60)
    block = models.CharField(max_length=60)
    revision = models.PositiveIntegerField()
    value = EncryptedTextField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("course", "lesson", "block"), name="programmes_one_draft"),)


@classified(keep=Keep.CARE, personal="note", clinical="practice on minutes felt", technical="course key at by revision")
class Practised(Row):
    """A practice on one of her days: that she tried it, how long, how it was. Never a streak.

    A second row for the same day replaces the first in what is shown (`revision` rises); zero minutes takes it back.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="practised")
    practice = models.CharField(max_length=60)
    on = models.DateField()
    revision = models.PositiveIntegerField()
    minutes = models.PositiveSmallIntegerField()
    felt = models.CharField(max_length=20, blank=True)  # calmer, same, restless, more-pain, frightened
    note = EncryptedTextField(blank=True)
    key = models.UUIDField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("course", "practice", "on", "revision"), name="programmes_practised_in_order"
            ),
            models.UniqueConstraint(fields=("course", "key"), name="programmes_practised_once"),
        )
        indexes = (models.Index(fields=("course", "at"), name="programmes_practised_last"),)


@classified(keep=Keep.CARE, personal="reason", clinical="kind lesson", technical="course at by key")
class PathChange(Row):
    """A therapist's change to one path, with the reason that the person reads. The newest of a lesson counts.

    `cleared` says that a doctor has looked at what the red-flag questions told: the gate of C9 is passed until they
    are answered again. It opens nothing by itself.
    """

    class Kind(models.TextChoices):
        OPEN = "open"
        SKIP = "skip"
        HOLD = "hold"
        UNDO = "undo"
        CLEARED = "cleared"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    lesson = models.CharField(max_length=60)
    reason = EncryptedTextField()
    key = models.UUIDField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("course", "key"), name="programmes_changed_once"),)
        indexes = (models.Index(fields=("course", "at"), name="programmes_changes_in_order"),)


@classified(keep=Keep.CARE, clinical="new_pain began_at ends_at ended_at", technical="person key by")
class Flare(Row):
    """A flare: "Today: the short version". It ends by itself (`ends_at`), or when she says so (`ended_at`) (C7)."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="flares")
    new_pain = models.BooleanField(default=False)  # a new kind of pain: the red-flag questions are asked again
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    key = models.UUIDField(unique=True)
    by = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("person", "began_at"), name="programmes_flares_in_order"),)
