from django.db import models

from accord.service.access.table import Action, Asker, Resource
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def for_(self, asker: Asker, action: Action, resource: Resource = Resource.ASSESSMENT) -> "AssessmentQuerySet":
        """The assessments whose `resource` (answers, or scores) she may do `action` to."""
        return self.filter(reach(asker, resource, action))


@classified(
    keep=Keep.CARE,
    clinical="time_point",
    technical="episode person informant occasion sitting sittings session_id instruments planned extent wordings "
    "demonstration opens_at due_at closes_at made_at submitted_at closed_at settled_at",
)
class Assessment(Row):
    """One asking: (episode, time-point, optional session, informant) and the instruments asked (E3).

    `instruments` is the frozen order, e.g. ["questions:age", "red_flags", "safety_check", "phq_9"];
    `wordings` says per instrument which wording (pack and version, "own" or "topics only") was shown.
    A long set is split: `sitting` of `sittings` (C36). `extent` says which set was asked: the whole one (`planned`), or
    the minimum while a flare ran (C7); it can change until the first answer. `closed_at`: its window passed unsent.
    """

    episode = models.ForeignKey("episodes.Episode", on_delete=models.PROTECT, related_name="assessments")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="assessments")  # who answers
    informant = models.CharField(max_length=12, default="patient")
    time_point = models.CharField(max_length=40)  # "screening", "baseline", "weekly"
    occasion = models.PositiveSmallIntegerField(default=0)  # which repetition of the time-point
    sitting = models.PositiveSmallIntegerField(default=1)
    sittings = models.PositiveSmallIntegerField(default=1)
    session_id = models.UUIDField(null=True)
    instruments = models.JSONField()
    planned = models.JSONField(default=list)
    extent = models.CharField(max_length=10, default="whole")
    wordings = models.JSONField(default=dict)
    demonstration = models.BooleanField(default=False)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)  # what its unsent answers mean was decided for good; a new one reopens

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("episode", "time_point", "occasion", "sitting", "informant", "person"),
                name="assessments_asked_once_a_sitting",
            ),
        )
        indexes = (
            models.Index(fields=("closes_at",), condition=models.Q(submitted_at=None, closed_at=None),
                         name="assessments_open"),
            models.Index(fields=("episode", "submitted_at"), name="assessments_sent_last"),
        )  # fmt: skip


@classified(
    keep=Keep.CARE, clinical="value", personal="text", technical="assessment instrument item revision key at by"
)
class Answer(Row):
    """One answer to one question, at one revision. Never edited: a changed answer is the next revision.

    `value` is the number or the code (JSON: number, string, list); null with `text` empty means "I would rather not
    answer". `key` is the page's own key: the same post twice is one row (P2).
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    instrument = models.CharField(max_length=60)
    item = models.CharField(max_length=60)
    revision = models.PositiveSmallIntegerField()
    key = models.UUIDField()
    value = models.JSONField(null=True)
    text = EncryptedTextField(blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "key"), name="assessments_one_row_per_post"),
            models.UniqueConstraint(
                fields=("assessment", "instrument", "item", "revision"), name="assessments_one_answer_per_revision"
            ),
        )


@classified(
    keep=Keep.CARE,
    clinical="instrument scale value valid answered of band note",
    technical="assessment version wording at",
)
class Score(Row):
    """A score of a finished assessment, by `science.instruments`, with the version and wording it rests on (C6)."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    instrument = models.CharField(max_length=60)  # "demo:phq_9" when the wording was not the official one
    scale = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    wording = models.CharField(max_length=120)
    value = models.FloatField(null=True)
    valid = models.BooleanField()
    answered = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "instrument", "scale"), name="assessments_scored_once"),
        )


@classified(keep=Keep.CARE, personal="text", technical="assessment instrument item revision at")
class Draft(Row):
    """Free text as it is being typed, with a revision; replaced as she goes on, gone when the answer is stored."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="drafts")
    instrument = models.CharField(max_length=60)
    item = models.CharField(max_length=60)
    revision = models.PositiveIntegerField()
    text = EncryptedTextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "instrument", "item"), name="assessments_one_draft"),
        )
