from django.db import models

from accord.service.fields.classes import Keep, classified
from accord.service.fields.keys import Row


@classified(
    keep=Keep.WORK,
    technical="kind to occasion channel subject_id not_before made_at state lease_until leased_by attempts "
    "reason progress done_at",
)
class Work(Row):
    """A message to send or a job to run. Holds ids, never contents or addresses: those are read when it is done."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DROPPED = "dropped"  # no longer wanted; `reason` says why
        FAILED = "failed"  # given up; a person is told

    kind = models.CharField(max_length=60)
    to = models.CharField(max_length=36, blank=True)  # a person's id; empty for a job of the service itself
    occasion = models.CharField(max_length=120)  # what it is about; one row per kind, person, occasion and channel
    channel = models.CharField(max_length=20)  # email, page, job
    subject_id = models.UUIDField(null=True)  # the row it speaks of
    not_before = models.DateTimeField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    lease_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    progress = models.FloatField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "to", "occasion", "channel"), name="outbox_said_once"),)
        indexes = (models.Index(fields=("state", "not_before"), name="outbox_next"),)


@classified(keep=Keep.WORK, technical="name at detail")
class Heartbeat(models.Model):
    """When a process that works by itself was last seen alive: the clock, and the watchdog that watches it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)
