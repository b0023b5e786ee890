from django.db import models

from accord.service.access.table import Action, Asker, Resource
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import at_clinics


@classified(keep=Keep.CARE, hidden="value", technical="study person made_at")
class Pseudonym(Row):
    """The random name of a person in the data of one study (E17). Drawn once; what it is made of is chance alone."""

    study = models.CharField(max_length=60)  # slug of the protocol
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=24)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("study", "person"), name="studies_one_pseudonym"),
            models.UniqueConstraint(fields=("study", "value"), name="studies_pseudonym_of_one"),
        )


class ExportQuerySet(models.QuerySet["Export"]):
    def for_(self, asker: Asker, action: Action) -> "ExportQuerySet":
        return self.filter(at_clinics(asker, Resource.EXPORT, action))


@classified(
    keep=Keep.AUDIT, personal="purpose",
    technical="clinic protocol snapshot asked_by asked_at key form state stage progress "
    "people rows sha256 size finished_at expires_at problem",
)  # fmt: skip
class Export(Row):
    """A cohort that somebody asked for: one row each, kept as long as the audit; the file goes at `expires_at`."""

    class State(models.TextChoices):
        ASKED = "asked"
        MADE = "made"
        FAILED = "failed"
        GONE = "gone"  # the file was deleted when its time was over
        TAKEN = "taken"  # written at the command line to a folder of the operator's: no file is kept here

    clinic = models.ForeignKey("people.Clinic", null=True, on_delete=models.PROTECT, related_name="+")  # null: all
    protocol = models.CharField(max_length=60)
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    purpose = EncryptedTextField()  # why, in the asker's words
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    key = models.UUIDField(unique=True)
    form = models.CharField(max_length=10, default="parquet")  # or csv
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    stage = models.CharField(max_length=60, blank=True)  # what is being written now
    progress = models.FloatField(default=0)
    people = models.PositiveIntegerField(null=True)
    rows = models.JSONField(default=dict)  # table -> rows
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = ExportQuerySet.as_manager()


class TallyQuerySet(models.QuerySet["Tally"]):
    def for_(self, asker: Asker, action: Action) -> "TallyQuerySet":
        return self.filter(at_clinics(asker, Resource.EXPORT, action))


@classified(keep=Keep.CARE, clinical="counts", technical="clinic protocol counted_at")
class Tally(Row):
    """How many came and how much they answered, counted whenever a cohort of one clinic is made; the newest stands."""

    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)
    counted_at = models.DateTimeField()
    counts = models.JSONField()  # studies.rules.tally.Tally

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("clinic", "protocol"), name="studies_one_tally"),)


class ReviewQuerySet(models.QuerySet["Review"]):
    def for_(self, asker: Asker, action: Action) -> "ReviewQuerySet":
        return self.filter(at_clinics(asker, Resource.REVIEW, action))


@classified(keep=Keep.CARE, clinical="result", technical="clinic protocol snapshot counted_at cohort_hash")
class Review(Row):
    """The numbers of a clinic under one protocol at one moment: the analysis of what an export of that moment holds."""

    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()
    cohort_hash = models.CharField(max_length=64)
    result = models.JSONField()  # what AnalysisResult.to_dict() gives, and the pictures as SVG

    objects = ReviewQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("clinic", "protocol", "counted_at"), name="studies_reviews_in_order"),)


@classified(keep=Keep.CARE, technical="clinic snapshot by at")
class Signature(Row):
    """A manager signed that the definitions of this version of the protocol are those of her service (C42)."""

    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("clinic", "snapshot"), name="studies_signed_once"),)
