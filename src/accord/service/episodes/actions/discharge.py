"""The end of somebody's way here, and where she is sent on to, until that loop is closed (C39)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.episodes.actions.parts import told, words
from accord.service.episodes.actions.steps import write_step
from accord.service.episodes.models import Episode, Onward, OnwardStep, Step
from accord.service.episodes.policies import check_discharge_reason, check_may
from accord.service.episodes.rules import ONWARD_REASONS, StepKind, may_go_on
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.library.queries import protocol


@transaction.atomic
def discharge(*, episode: Episode, reason: str, note: str = "", by: Asker, now: datetime) -> Step:
    """End somebody's way with one of the reasons that her protocol names. Who was never enrolled can be discharged too.

    By a coordinator or whoever treats her. Raises NotAllowed, Refusal (no such reason), NotNow (it has ended).
    """
    check_may(by, episode, Resource.DISCHARGE)
    check_discharge_reason(episode, reason)
    return write_step(episode, StepKind.DISCHARGED, by, now, reason=reason, note=words(note))


@transaction.atomic
def refer_onward(
    *, episode: Episode, to: str, reason: str, note: str = "", key: uuid.UUID, by: Asker, now: datetime
) -> Onward:
    """Send somebody on to another service that her protocol names. It stays open until it is known what became of it.

    The same key twice is one. Raises NotAllowed, Refusal.
    """
    _check_may(by, episode, Action.CREATE)
    if held := Onward.objects.filter(key=key, episode=episode).first():
        return held
    if to not in protocol(episode.snapshot_id).onward:
        raise Refusal(_("Choose a service that the protocol names."), cure=_("Nothing was kept."))
    if reason not in ONWARD_REASONS:
        raise Refusal(_("Choose why."), cure=_("Nothing was kept."))
    row = Onward.objects.create(
        person=episode.person, episode=episode, to=to, reason=reason, note=words(note), made_at=now, by=by.person_id,
        key=key,
    )  # fmt: skip
    personal = {"note": row.note} if row.note else {}
    told(episode.person_id, "refer_onward", "onward", row, by, now, facts={"to": to, "reason": reason},
         personal=personal)  # fmt: skip
    return row


@transaction.atomic
def add_onward_step(
    *, onward: Onward, kind: str, note: str = "", key: uuid.UUID, by: Asker, now: datetime
) -> OnwardStep:
    """What became of it: sent, received there, seen, declined, not wanted. The last three close the loop.

    The same key twice is one. Raises NotAllowed, NotNow (it is closed, or this does not come next).
    """
    if not Onward.objects.for_(by, Action.ACT).filter(pk=onward.pk).exists():
        raise NotAllowed(_("There is nothing here that you may change."))
    Onward.objects.select_for_update().get(pk=onward.pk)
    if held := OnwardStep.objects.filter(key=key, onward=onward).first():
        return held
    kinds = list(onward.steps.order_by("revision").values_list("kind", flat=True))
    if not may_go_on(kinds, kind):
        cure = _("Open the page again: it shows what is known by now.")
        raise NotNow(_("This does not follow on what is known, or the loop is closed."), cure=cure)
    try:
        with transaction.atomic():
            step = OnwardStep.objects.create(
                onward=onward, kind=kind, revision=len(kinds) + 1, note=words(note), at=now, by=by.person_id, key=key
            )
    except IntegrityError:
        raise NotNow(_("This was done a moment ago."), cure=_("Open the page again.")) from None
    personal = {"note": step.note} if step.note else {}
    told(onward.person_id, "add_onward_step", "onward", onward, by, now, facts={"kind": kind}, personal=personal)
    return step


def _check_may(by: Asker, episode: Episode, action: Action) -> None:
    if not Episode.objects.for_(by, action, Resource.DISCHARGE).filter(pk=episode.pk).exists():
        raise NotAllowed(_("There is nothing here that you may change."))
