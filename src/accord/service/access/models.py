from django.db import models

from accord.service.fields.classes import Keep, classified
from accord.service.fields.keys import Row


@classified(keep=Keep.AUDIT, technical="at by role page person_id block")
class Read(Row):
    """One opening of a page that shows a person's record. Unchained; the clock seals blocks of it into the audit."""

    at = models.DateTimeField()
    by = models.UUIDField()
    role = models.CharField(max_length=30)
    page = models.CharField(max_length=80)  # the url's name, never its path
    person_id = models.UUIDField(null=True)  # whose record
    block = models.PositiveBigIntegerField(null=True)  # sequence in the audit stream "reads" that sealed it

    class Meta:
        indexes = (models.Index(fields=("block", "id"), name="access_reads_to_seal"),)


@classified(keep=Keep.WORK, hidden="key", technical="tokens updated_at")
class Bucket(models.Model):
    """A token bucket. `key` is the keyed hash of what is limited (an address, a network), never the thing itself."""

    key = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    updated_at = models.DateTimeField()
