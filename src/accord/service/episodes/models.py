from dataclasses import replace
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accord.service.access.table import Action, Asker, Resource, Role
from accord.service.episodes.rules import ADMINISTRATIVE, ONCE, State
from accord.service.fields.classes import Keep, classified
from accord.service.fields.encrypted import EncryptedTextField
from accord.service.fields.keys import Row
from accord.service.people.models import reach


class ReferralQuerySet(models.QuerySet["Referral"]):
    def for_(self, asker: Asker, action: Action) -> "ReferralQuerySet":
        """The referrals of people whose episodes she may do `action` to."""
        return self.filter(reach(asker, Resource.EPISODE, action))


class EpisodeQuerySet(models.QuerySet["Episode"]):
    def for_(self, asker: Asker, action: Action, resource: Resource = Resource.EPISODE) -> "EpisodeQuerySet":
        """The episodes whose `resource` (the episode itself, or its consent) she may do `action` to."""
        return self.filter(reach(asker, resource, action))


@classified(
    keep=Keep.APPLICANT,
    personal="note referrer",
    hidden="token_hash",
    clinical="source",
    technical="person clinic protocol came made_at made_by confirmed_at expires_at key",
)
class Referral(Row):
    """Somebody was sent to us or came by herself. It counts once confirmed by the link that was sent (E22)."""

    class Came(models.TextChoices):
        PAGE = "page"  # through a page of ours, which said at once that it has arrived
        LETTER = "letter"
        PHONE = "phone"

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="referrals")
    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)
    source = models.CharField(max_length=40)  # a source that the protocol names; "self"
    came = models.CharField(max_length=10, choices=Came, default=Came.PAGE)
    referrer = EncryptedTextField(blank=True)  # who sent her, and where an answer reaches them
    note = EncryptedTextField(blank=True)
    key = models.UUIDField(null=True, unique=True)  # of the form of the office
    token_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = ReferralQuerySet.as_manager()


@classified(
    keep=Keep.CARE, clinical="protocol state", technical="person clinic snapshot ladder referral opened_at state_since"
)
class Episode(Row):
    """One person's way through one protocol: the hub (E11). Where it stands is what its `Step` rows lead to.

    `state` and `state_since` repeat the newest of them for lists (ADR 0017): `Step.save` writes them, nothing decides
    by them about one person.
    """

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="episodes")
    clinic = models.ForeignKey("people.Clinic", on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)  # slug
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    ladder = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    referral = models.OneToOneField(Referral, null=True, on_delete=models.PROTECT, related_name="episode")
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=30, default=State.REFERRED.value)  # episodes.rules.State
    state_since = models.DateTimeField(null=True)  # None until the first step is written

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("state", "opened_at"), name="episodes_by_state"),
            models.Index(fields=("state_since",), name="episodes_by_change"),
        )


@classified(keep=Keep.CARE, clinical="kind reason", personal="note", technical="episode at by")
class Step(Row):
    """Something that happened to an episode; written once, never edited. `episodes.rules.State` reads them in order."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=30)  # episodes.rules.StepKind
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    note = EncryptedTextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("episode", "at"), name="episodes_steps_in_order"),)
        constraints = (
            models.UniqueConstraint(
                fields=("episode", "kind"),
                condition=Q(kind__in=tuple(kind.value for kind in ONCE)),
                name="episodes_once",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With it goes what its episode repeats of its newest step."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            older = Episode.objects.filter(Q(state_since=None) | Q(state_since__lte=self.at), pk=self.episode_id)
            older.update(state=self.kind, state_since=self.at)


@classified(keep=Keep.CARE, clinical="scopes", technical="episode person snapshot given_at withdrawn_at reason")
class Consent(Row):
    """A person's yes to one version of one text. Withdrawal closes it; a new yes is a new row."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")
    scopes = models.JSONField(default=list)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("episode", "person"), condition=Q(withdrawn_at=None), name="episodes_one_open_consent"
            ),
        )


@classified(keep=Keep.CARE, clinical="at", technical="episode name set_at by")
class Anchor(Row):
    """A moment that windows are counted from (E5): enrolment, treatment-start, session:n …"""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="anchors")
    name = models.CharField(max_length=40)
    at = models.DateTimeField()
    set_at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("episode", "name"), name="episodes_one_anchor"),)


@classified(keep=Keep.APPLICANT, technical="referral how at by")
class Acknowledgement(Row):
    """Whoever sent somebody (or came by herself) was told that it arrived, within the hours the protocol promises."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="acknowledgement")
    how = models.CharField(max_length=20)  # page, email, letter, phone
    at = models.DateTimeField()
    by = models.UUIDField(null=True)


class OnwardQuerySet(models.QuerySet["Onward"]):
    def for_(self, asker: Asker, action: Action) -> "OnwardQuerySet":
        return self.filter(reach(asker, Resource.DISCHARGE, action))


@classified(keep=Keep.CARE, clinical="to reason", personal="note", technical="person episode made_at by key")
class Onward(Row):
    """Somebody is sent on to another service (`to`: a word of the protocol). Open until a step closes the loop."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="onward")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="onward")
    to = models.CharField(max_length=60)
    reason = models.CharField(max_length=60)
    note = EncryptedTextField(blank=True)
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    objects = OnwardQuerySet.as_manager()


@classified(keep=Keep.CARE, clinical="kind", personal="note", technical="onward revision at by key")
class OnwardStep(Row):
    """What became of it: sent, received there, seen there, declined, she did not want it. The last three close it."""

    class Kind(models.TextChoices):
        SENT = "sent"
        RECEIVED = "received"
        SEEN = "seen"
        DECLINED = "declined"  # by the other service
        NOT_WANTED = "not-wanted"  # by her

    onward = models.ForeignKey(Onward, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind)
    revision = models.PositiveSmallIntegerField()
    note = EncryptedTextField(blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("onward", "revision"), name="episodes_onward_in_order"),
            models.UniqueConstraint(
                fields=("onward",),
                condition=Q(kind__in=("seen", "declined", "not-wanted")),
                name="episodes_onward_closed_once",
            ),
        )


class LetterQuerySet(models.QuerySet["Letter"]):
    def for_(self, asker: Asker, action: Action) -> "LetterQuerySet":
        """The letters about people whose letters she reaches; by the office's role alone only administrative ones."""
        rows = self.filter(reach(asker, Resource.LETTER, action))
        if asker.service:
            return rows
        others = replace(asker, roles=frozenset(held for held in asker.roles if held[0] is not Role.COORDINATOR))
        return rows.filter(reach(others, Resource.LETTER, action) | Q(kind__in=ADMINISTRATIVE))


@classified(
    keep=Keep.CARE,
    clinical="kind",
    personal="addressee text",
    technical="person episode snapshot onward made_at by key",
)
class Letter(Row):
    """One letter, word for word. A correction is a new letter; `LetterStep` says what became of it."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="letters")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=40)  # a letter that the protocol names, or "risk"
    snapshot = models.ForeignKey("library.Snapshot", on_delete=models.PROTECT, related_name="+")  # the text it fills
    onward = models.ForeignKey(Onward, null=True, on_delete=models.PROTECT, related_name="letters")
    addressee = EncryptedTextField()
    text = EncryptedTextField()
    made_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    key = models.UUIDField(unique=True)

    objects = LetterQuerySet.as_manager()


@classified(keep=Keep.CARE, technical="letter kind how at by")
class LetterStep(Row):
    """A letter was sent (how), or withdrawn before it went."""

    class Kind(models.TextChoices):
        SENT = "sent"
        WITHDRAWN = "withdrawn"

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind)
    how = models.CharField(max_length=20, blank=True)  # post, hand, secure-mail
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("letter",), name="episodes_letter_ends_once"),)
