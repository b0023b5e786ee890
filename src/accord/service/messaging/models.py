from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from accord.service.access.table import Action, Asker, Resource
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class ThreadQuerySet(models.QuerySet["Thread"]):
    def for_(self, asker: Asker, action: Action) -> "ThreadQuerySet":
        return self.filter(reach(asker, Resource.MESSAGE, action))


@classified(keep=Keep.CARE, technical="person made_at wrote_last heard_at")
class Thread(Row):
    """The one conversation between a person and her service.

    `wrote_last` repeats who wrote the newest message and `heard_at` when she herself last did, for lists (ADR 0017):
    `Message.save` writes them.
    """

    person = models.OneToOneField("people.Person", on_delete=models.PROTECT, related_name="thread")
    made_at = models.DateTimeField()
    wrote_last = models.UUIDField(null=True)
    heard_at = models.DateTimeField(null=True)

    objects = ThreadQuerySet.as_manager()


@classified(keep=Keep.CARE, personal="text", technical="thread sequence author key sent_at reply_due_at")
class Message(Row):
    """One message. The row is the delivery; a mail that says so is a courtesy.

    `reply_due_at` is set on what a patient writes: by then somebody of her service answers.
    """

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    sequence = models.PositiveIntegerField()
    author = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    text = EncryptedTextField()
    sent_at = models.DateTimeField()
    reply_due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("thread", "sequence"), name="messaging_in_order"),
            models.UniqueConstraint(fields=("thread", "key"), name="messaging_sent_once"),
        )
        indexes = (models.Index(fields=("sent_at",), name="messaging_by_time"),)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With it goes what its thread repeats of its newest message, and of hers."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            later = Message.objects.filter(thread=OuterRef("pk"), sequence__gt=self.sequence)
            its = Thread.objects.filter(pk=self.thread_id)
            its.filter(~Exists(later)).update(wrote_last=self.author_id)
            hers = its.filter(~Exists(later.filter(author=OuterRef("person"))), person=self.author_id)
            hers.update(heard_at=self.sent_at)


@classified(keep=Keep.CARE, technical="thread reader sequence at")
class Seen(Row):
    """How far somebody has read a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="seen")
    reader = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("thread", "reader"), name="messaging_one_mark"),)


@classified(keep=Keep.CARE, personal="text", technical="thread author revision at")
class MessageDraft(Row):
    """What somebody is typing in a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    text = EncryptedTextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("thread", "author"), name="messaging_one_draft"),)
