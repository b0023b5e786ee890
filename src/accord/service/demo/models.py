from django.db import models

from accord.service.fields.classes import Keep, classified


@classified(keep=Keep.WORK, technical="made_at offset_seconds past")
class Demonstration(models.Model):
    """The mark that a database is a demonstration, how far its clock was moved forward, which past it has (E13, E21).

    `past` says how the bulk of earlier people was made (people, years, seed …); empty: none was brought in.
    """

    made_at = models.DateTimeField()
    offset_seconds = models.BigIntegerField(default=0)
    past = models.JSONField(default=dict)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="demo_one_mark"),)
