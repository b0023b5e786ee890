from django.db import models

from accord.service.fields.classes import Keep, classified
from accord.service.fields.keys import Row


@classified(keep=Keep.CONTENT, technical="kind slug language version sha256 source review published_at published_by")
class Snapshot(Row):
    """One published state of one content file: what it said, word for word. Never changed."""

    class Kind(models.TextChoices):
        PROTOCOL = "protocol"
        PROGRAMME = "programme"
        INSTRUMENT = "instrument"
        QUESTIONS = "questions"
        LADDER = "ladder"
        TEXT = "text"
        WORDING = "wording"
        CRISIS = "crisis"

    kind = models.CharField(max_length=20, choices=Kind)
    slug = models.CharField(max_length=80)
    language = models.CharField(max_length=12, blank=True)
    version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    source = models.TextField()
    review = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "slug", "language", "sha256"), name="library_published_once"),
        )


@classified(keep=Keep.CONTENT, technical="kind slug language snapshot since")
class Current(Row):
    """Which snapshot stands published now, one row for each file: a text may return to an earlier wording."""

    kind = models.CharField(max_length=20, choices=Snapshot.Kind)
    slug = models.CharField(max_length=80)
    language = models.CharField(max_length=12, blank=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "slug", "language"), name="library_one_stands"),)
