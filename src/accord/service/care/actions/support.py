"""Flags: raised by rules once an occasion; what to do is chosen by a person and looked at again (C32)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.audit.actions import record
from accord.service.care.actions.handling import close
from accord.service.care.actions.parts import own_words, take_silently
from accord.service.care.models import Alert, Flag, SupportStep
from accord.service.care.policies import check_can_choose, check_can_look_again, the_flag
from accord.service.care.queries import supported
from accord.service.care.rules.support import KINDS
from accord.service.errors import NotNow

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Person

SUPPORT = "support-chosen"  # why an alert on change or silence is closed by choosing what to do about its flag
Kind = SupportStep.Kind


def raise_flag(
    *,
    person: Person,
    episode: Episode | None,
    kind: str,
    occasion: str,
    reasons: Sequence[str],
    by: Asker,
    now: datetime,
    numbers: Mapping[str, object] | None = None,
    scale: str = "",
    alert: Alert | None = None,
) -> Flag | None:
    """Put something to look at on her therapist's list; None when this occasion was flagged before.

    For flows: it follows from answers and days, and asks for no right. `reasons` are sentences of facts. `alert`: the
    alert that the ladder asked for on the same occasion; choosing what to do about the flag closes it.
    """
    assert kind in KINDS, f"no kind of flag: {kind}"
    with transaction.atomic():
        flag, new = Flag.objects.get_or_create(
            person=person, kind=kind, occasion=occasion[:120],
            defaults={
                "episode": episode, "scale": scale, "reasons": list(reasons), "numbers": dict(numbers or {}),
                "alert": alert, "raised_at": now,
            },
        )  # fmt: skip
        if not new:
            return None
        _told(
            flag, "flag.raised", by, now, facts={"kind": kind, "scale": scale, "alert": str(alert.pk if alert else "")}
        )
        return flag


def choose_support(
    *, flag_id: uuid.UUID, option: str, key: uuid.UUID, by: Asker, now: datetime, note: str = ""
) -> SupportStep:
    """Say what you will do about a flag. It is brought up again after three weeks: did it help?

    An alert that the same change raised is closed by that, with this as the reason: somebody acts, in one place.
    """
    text = own_words(note)
    with transaction.atomic():
        if replayed := _replayed(flag_id, key, by):
            return replayed
        flag = _locked(flag_id, by)
        one = supported([flag], now)[0]
        check_can_choose(one.support, option=option, note=text)
        step = _add(flag, Kind.CHOSEN, len(one.steps) + 1, key, by, now, option=option, note=text)
        _close_alert(flag, text, by, now)
        return step


def look_again(
    *, flag_id: uuid.UUID, helped: str, key: uuid.UUID, by: Asker, now: datetime, note: str = ""
) -> SupportStep:
    """Say whether it helped: "yes" settles the flag; "some" or "no" opens it again, to choose what to do next."""
    text = own_words(note)
    with transaction.atomic():
        if replayed := _replayed(flag_id, key, by):
            return replayed
        flag = _locked(flag_id, by)
        one = supported([flag], now)[0]
        check_can_look_again(one.support, helped=helped)
        return _add(
            flag, Kind.LOOKED, len(one.steps) + 1, key, by, now, option=one.support.option, helped=helped, note=text
        )


def _locked(flag_id: uuid.UUID, by: Asker) -> Flag:
    flag = the_flag(flag_id, by, Action.CREATE)
    Flag.objects.select_for_update().get(pk=flag.pk)
    return flag


def _replayed(flag_id: uuid.UUID, key: uuid.UUID, by: Asker) -> SupportStep | None:
    the_flag(flag_id, by, Action.CREATE)
    return SupportStep.objects.filter(flag=flag_id, key=key).first()


def _add(
    flag: Flag, kind: SupportStep.Kind, revision: int, key: uuid.UUID, by: Asker, now: datetime, **said: str
) -> SupportStep:
    try:
        with transaction.atomic():
            step = SupportStep.objects.create(
                flag=flag, kind=kind, revision=revision, key=key, at=now, by=by.person_id, **said
            )
    except IntegrityError:
        cure = _("Look at the page again: it shows what was chosen.")
        raise NotNow(_("Somebody else did this at the same moment."), cure=cure) from None
    facts = {name: said[name] for name in ("option", "helped") if said.get(name)}
    personal = {"note": said["note"]} if said.get("note") else None
    _told(flag, f"flag.{kind.value}", by, now, facts=facts, personal=personal)
    return step


def _close_alert(flag: Flag, note: str, by: Asker, now: datetime) -> None:
    """The alerts of the same occasion, when they are hers to act on."""
    if flag.alert is None:
        return
    same = {"person": flag.person_id, "occasion": flag.alert.occasion, "track": flag.alert.track}
    for alert in Alert.objects.for_(by, Action.ACT).open().filter(**same):
        take_silently(alert, by, now)
        close(alert, SUPPORT, note, by, now)


def _told(
    flag: Flag, action: str, by: Asker, now: datetime, *, facts: dict[str, str], personal: dict[str, str] | None = None
) -> None:
    record(
        stream=f"person:{flag.person_id}", action=action, resource="flag", resource_id=flag.pk, by=by.person_id,
        role=by.main_role(), now=now, facts=facts, personal=personal,
    )  # fmt: skip
