"""What the access table cannot say about episodes: in what state a step may be taken."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.episodes.models import Episode
from accord.service.episodes.rules import COMPLETED, StepKind, may_follow, state_after
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
