"""What the access table cannot say about episodes: in what state a step may be taken."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource, Role
from accord.service.episodes.models import Episode, Letter
from accord.service.episodes.rules import (
    ADMINISTRATIVE,
    COMPLETED,
    StepKind,
    letter_kinds,
    may_follow,
    state_after,
    unfilled,
)
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.library.queries import protocol


def check_may(by: Asker, episode: Episode, resource: Resource = Resource.EPISODE) -> None:
    """Her own episode (ANSWER), or one that she acts on as staff (ACT)."""
    for action in (Action.ANSWER, Action.ACT):
        if Episode.objects.for_(by, action, resource).filter(pk=episode.pk).exists():
            return
    raise NotAllowed(_("There is nothing here that you may change."))


def can_step(episode: Episode, kind: StepKind) -> bool:
    return may_follow(state_after(episode.steps.order_by("at", "id").values_list("kind", flat=True)), kind)


def check_can_step(episode: Episode, kind: StepKind) -> None:
    """The step fits the state. Raises NotNow."""
    if not can_step(episode, kind):
        cure = _("Open the page again: it shows where things stand.")
        raise NotNow(_("This cannot be done now: things have moved on, or are not there yet."), cure=cure)


def check_discharge_reason(episode: Episode, reason: str) -> None:
    """A reason that the protocol names; that the programme was completed is said of those who were enrolled.

    Raises Refusal."""
    if reason not in discharge_reasons(episode):
        cure = _("Nothing was changed.")
        raise Refusal(_("Choose one of the reasons that the protocol names."), cure=cure)


def discharge_reasons(episode: Episode) -> list[str]:
    """The reasons of the protocol that fit where the episode stands."""
    named = protocol(episode.snapshot_id).discharge
    enrolled = episode.steps.filter(kind=StepKind.ENROLLED.value).exists()
    return [one for one in named if enrolled or one != COMPLETED]


def the_letter(letter_id: uuid.UUID, by: Asker, action: Action) -> Letter:
    """A letter that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    rows = Letter.objects.for_(by, action).select_related("person__clinic", "episode__clinic")
    if (found := rows.filter(pk=letter_id).first()) is None:
        raise NotAllowed(_("There is no letter here that you may see."))
    return found


def check_may_write(by: Asker, episode: Episode, kind: str) -> None:
    """A letter that the episode's protocol has, by somebody who may write it: clinical ones by clinicians alone."""
    hidden = NotAllowed(_("There is nothing here that you may write."))
    if kind not in letter_kinds(protocol(episode.snapshot_id).letters):
        raise hidden
    reaches = by
    if kind not in ADMINISTRATIVE:
        reaches = replace(by, roles=frozenset(held for held in by.roles if held[0] is not Role.COORDINATOR))
    if not Episode.objects.for_(reaches, Action.CREATE, Resource.LETTER).filter(pk=episode.pk).exists():
        raise hidden


def can_write(by: Asker, episode: Episode, kind: str) -> bool:
    try:
        check_may_write(by, episode, kind)
    except NotAllowed:
        return False
    return True


def check_words(*, addressee: str, subject: str, body: str) -> None:
    """A letter goes out whole: to somebody, about something, with nothing left open. Raises Refusal."""
    kept = _("Nothing was signed; your words stand below as you typed them.")
    if not addressee.strip() or not subject.strip() or not body.strip():
        raise Refusal(_("A letter needs whom it goes to, a subject and words."), cure=kept)
    if "\0" in addressee + subject + body:
        raise Refusal(_("The text holds a character that cannot be stored."), cure=_("Take it out and sign again."))
    for text, limit in ((addressee, 500), (subject, 150), (body, 20_000)):
        if len(text) > limit:
            found = {"found": f"{len(text):,}", "limit": f"{limit:,}"}
            raise Refusal(_("A part has %(found)s characters; up to %(limit)s can be kept.") % found, cure=kept)
    if open_ := unfilled(f"{addressee}\n{subject}\n{body}"):
        told = ", ".join(open_[:5])
        cure = _("Fill them in, or take them out: %(gaps)s.") % {"gaps": told}
        raise Refusal(_("Something is still open in the letter, so it was not signed."), cure=cure)
