"""An episode: opened, its steps, the moments that windows are counted from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.episodes.actions.parts import told
from accord.service.episodes.models import Anchor, Episode, Referral, Step
from accord.service.episodes.policies import check_can_step, check_may
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotAllowed, NotNow


@transaction.atomic
def open_episode(
    *, person: Any, clinic: Any, protocol: str, snapshot: Any, ladder: Any, referral: Referral | None = None,
    by: Asker, now: datetime,
) -> Episode:  # fmt: skip
    """Begin somebody's way through one protocol, at one published version of it and of its safety ladder."""
    if not by.service and not Referral.objects.for_(by, Action.ACT).filter(person=person).exists():
        raise NotAllowed(_("There is nothing here that you may change."))
    episode = Episode.objects.create(
        person=person, clinic=clinic, protocol=protocol, snapshot=snapshot, ladder=ladder, referral=referral,
        opened_at=now,
    )  # fmt: skip
    told(person.pk, "open_episode", "episode", episode, by, now, facts={"protocol": protocol})
    add_step(episode=episode, kind=StepKind.REFERRED, by=by, now=now)
    return episode


@transaction.atomic
def add_step(*, episode: Episode, kind: StepKind, by: Asker, now: datetime, reason: str = "", note: str = "") -> Step:
    """Write down what happened. Raises NotAllowed, and NotNow when it does not fit the state (or came twice)."""
    check_may(by, episode)
    return write_step(episode, kind, by, now, reason=reason, note=note)


def write_step(episode: Episode, kind: StepKind, by: Asker, now: datetime, *, reason: str = "", note: str = "") -> Step:
    """The step itself, where the right to take it was checked."""
    Episode.objects.select_for_update().get(pk=episode.pk)  # two at once: the second sees the first
    check_can_step(episode, kind)
    try:
        with transaction.atomic():
            step = Step.objects.create(
                episode=episode, kind=kind.value, at=now, by=by.person_id, reason=reason[:300], note=note
            )
    except IntegrityError:
        raise NotNow(_("This was done a moment ago."), cure=_("Open the page again.")) from None
    facts = {"kind": kind.value, "reason": reason[:300]}
    told(episode.person_id, "add_step", "episode", episode, by, now, facts=facts)
    return step


@transaction.atomic
def set_anchor(*, episode: Episode, name: str, at: datetime, by: Asker, now: datetime) -> Anchor:
    """A moment that windows are counted from (E5). Setting the same one again changes nothing."""
    check_may(by, episode)
    anchor, made = Anchor.objects.get_or_create(
        episode=episode, name=name, defaults={"at": at, "set_at": now, "by": by.person_id}
    )
    if made:
        told(episode.person_id, "set_anchor", "anchor", anchor, by, now, facts={"name": name, "at": at.isoformat()})
    return anchor
