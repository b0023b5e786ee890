from django.db import models

from accord.service.fields.classes import Keep, classified
from accord.service.fields.keys import Row


@classified(
    keep=Keep.AUDIT,
    technical="stream sequence at by role action resource resource_id facts commitments previous_hash hash",
)
class Entry(Row):
    """One thing that was done. Never updated, never deleted; no foreign keys, so that nothing cascades into it.

    `facts` holds no personal value; a personal value stands in `commitments` as its keyed commitment (E16).
    """

    stream = models.CharField(max_length=60)  # "person:<id>", "study:<slug>", "system"
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    by = models.UUIDField(null=True)  # person; None: the service itself
    role = models.CharField(max_length=30)
    action = models.CharField(max_length=60)
    resource = models.CharField(max_length=60)
    resource_id = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    commitments = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("stream", "sequence"), name="audit_one_place_in_the_chain"),)
        indexes = (models.Index(fields=("resource", "resource_id"), name="audit_by_resource"),)


@classified(keep=Keep.AUDIT, technical="stream sequence hash seal")
class Head(models.Model):
    """The end of each chain, sealed with a key that is not in the database: without it a cut tail leaves no trace."""

    stream = models.CharField(max_length=60, primary_key=True)
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)
