from django.db import models

from accord.service.fields.classes import Keep, classified


@classified(keep=Keep.WORK, technical="made_at offset_seconds")
class Demonstration(models.Model):
    """The mark that a database is a demonstration, and how far its clock was moved forward (E13, E21)."""

    made_at = models.DateTimeField()
    offset_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="demo_one_mark"),)
