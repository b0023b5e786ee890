"""Alerts are raised by answers or by hand. Raising by a rule asks for no right: it follows from an answer whose right
to be given the flow has checked.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accord.science.protocols.ladder import Ladder, Outcome
from accord.service.access.table import Action, Asker, Resource
from accord.service.care.actions.parts import Kind, own_words, person_for, tell, told
from accord.service.care.models import Alert, AlertStep, Decided
from accord.service.care.policies import check_about
from accord.service.care.queries import calendar_for
from accord.service.care.rules.deadlines import FAIL_SAFE, acknowledge_by, contact_by, promise_of
from accord.service.care.rules.handling import BY_HAND, MORE
from accord.service.errors import NotNow, Refusal
from accord.service.people.queries import accountable_for

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Person


def raise_alert(
    *,
    person: Person,
    episode: Episode | None,
    assessment_id: uuid.UUID | None,
    occasion: str,
    track: str,
    outcome: Outcome,
    ladder: Ladder | None,
    by: Asker,
    now: datetime,
    note: str = "",
) -> Alert | None:
    """Keep what the ladder said on this occasion; when it asks for one, raise an alert and tell who answers for her.

    Call it for every decision of the ladder, "none" too: the last known tier is read from what is kept here. Returns
    None when there is nothing to raise: tier "none", or the same or more was raised on this occasion before. A higher
    tier on the same occasion is a new row; a lower one leaves what was raised open and notes on it what was answered
    since; where that was closed already, a new reason is an alert of its own. `ladder` None: the rules themselves
    failed, and the alert is the fail-safe one.
    """
    with transaction.atomic():
        _keep_decision(person, occasion, track, outcome, ladder, now)
        if outcome.clock is None:
            return None
        raised = _raised_on(person, occasion, track)
        height = _height(ladder, track, outcome.clock, outcome.tier)
        above = [row for row in raised if _height(ladder, track, row.clock, row.tier) >= height]
        if above:
            if still_open := list(Alert.objects.open().filter(pk__in=[row.pk for row in above]).order_by("pk")):
                _note_later(still_open[-1], outcome, now)
                return None
            if not _says_more(above, outcome):
                return None
            occasion = f"{occasion}#{len(raised) + 1}"
        return _raise(person, episode, assessment_id, occasion, track, outcome, ladder, by, now, note)


def _raised_on(person: Person, occasion: str, track: str) -> list[Alert]:
    """What was raised on an occasion, and again after it was closed, in that order."""
    same = Q(occasion=occasion) | Q(occasion__startswith=f"{occasion}#")
    rows = Alert.objects.select_for_update().filter(same, person=person, track=track)
    return list(rows.order_by("pk"))


def _says_more(closed: list[Alert], outcome: Outcome) -> bool:
    """Whether an answer gives a reason that the closed alerts of its occasion did not show."""
    known = {reason[:120] for row in closed for reason in row.reasons}
    notes = AlertStep.objects.filter(alert__in=closed, outcome=MORE).values_list("reason", flat=True)
    return not {reason[:120] for reason in outcome.reasons} <= known | set(notes)


def _keep_decision(
    person: Person, occasion: str, track: str, outcome: Outcome, ladder: Ladder | None, now: datetime
) -> None:
    said = {"tier": outcome.tier, "clock": outcome.clock or "", "unknown": outcome.unknown}
    last = Decided.objects.filter(person=person, occasion=occasion, track=track).order_by("-at", "-id").first()
    if last is None or any(getattr(last, name) != value for name, value in said.items()):
        name = ladder.name if ladder else FAIL_SAFE
        Decided.objects.create(person=person, occasion=occasion, track=track, ladder=name, at=now, **said)


def _height(ladder: Ladder | None, track: str, clock: str, tier: str) -> tuple[int, int]:
    order = ladder.track(track) if ladder else [clock]
    return tuple(order.index(name) if name in order else -1 for name in (clock, tier))  # type: ignore[return-value]


def _raise(
    person: Person,
    episode: Episode | None,
    assessment_id: uuid.UUID | None,
    occasion: str,
    track: str,
    outcome: Outcome,
    ladder: Ladder | None,
    by: Asker,
    now: datetime,
    note: str,
) -> Alert:
    assert outcome.clock is not None
    promise, calendar = promise_of(ladder, outcome.clock), calendar_for(person.clinic)
    alert = Alert.objects.create(
        person=person, clinic=person.clinic, episode=episode, assessment_id=assessment_id, occasion=occasion,
        track=track, tier=outcome.tier, clock=outcome.clock, unknown=outcome.unknown, reasons=list(outcome.reasons),
        rules=list(outcome.rules), note=note, ladder=ladder.name if ladder else FAIL_SAFE, promise=promise.to_json(),
        raised_at=now, acknowledge_by=acknowledge_by(promise, calendar, now),
        contact_by=contact_by(promise, calendar, now), by=by.person_id,
    )  # fmt: skip
    facts = {"track": track, "tier": alert.tier, "clock": alert.clock, "rules": alert.rules, "ladder": alert.ladder}
    told(alert, "alert.raised", by, now, facts=facts)
    tell(alert, _who_answers(person, now), "alert-raised", f"alert:{alert.pk}", now)
    return alert


def _who_answers(person: Person, now: datetime) -> uuid.UUID | None:
    """Who is told first. A clinic without any clinician keeps the alert all the same: it heads its page."""
    try:
        return accountable_for(person.pk, now).pk
    except NotNow:
        return None


def _note_later(alert: Alert, outcome: Outcome, now: datetime) -> None:
    """A later answer on the same occasion closes nothing; the alert shows what it added, or that it said less."""
    for reason in outcome.reasons:
        if reason not in alert.reasons:
            _note_once(alert.pk, reason, now, outcome=MORE, reason=reason[:120])
    if (alert.tier, alert.clock) != (outcome.tier, outcome.clock):
        _note_once(alert.pk, f"{outcome.tier}/{outcome.clock}", now, outcome=f"later:{outcome.tier}")


def _note_once(alert_id: uuid.UUID, about: str, now: datetime, **more: str) -> None:
    key = uuid.uuid5(alert_id, about)
    AlertStep.objects.get_or_create(alert_id=alert_id, key=key, defaults={"kind": Kind.NOTE, "at": now, **more})


def raise_alert_by_hand(
    *,
    person_id: uuid.UUID,
    track: str,
    tier: str,
    note: str,
    key: uuid.UUID,
    ladder: Ladder | None,
    by: Asker,
    now: datetime,
    about: str = "",
) -> Alert:
    """A clinician raises an alert from anything she read or heard (C15).

    `about` names the text ("message:<id>", "entry:<id>", "answer:<id>" …): then one tap is enough, no words are asked
    for, and a second tap on the same text while its alert is open is the same alert. Without it she says what it was.
    """
    person = person_for(person_id, Resource.ALERT, Action.CREATE, by)
    if (track, tier) not in BY_HAND:
        raise Refusal(_("Choose what it is about and how high it is."), cure=_("No alert was raised."))
    check_about(about)
    text = own_words(note, needed=None if about else _("Say in a few words what you read or heard."))
    clock = tier if ladder is None or tier in ladder.tiers else "r2"
    said = _("Raised by a clinician from what was written.") if about else _("Raised by a clinician.")
    outcome = Outcome(tier, (said,), clock, rules=("by-hand",))
    with transaction.atomic():
        if about and (standing := _open_about(person, about, track, tier)):
            return standing
        occasion = f"hand:{key}" if not about else f"{about}/hand:{key}"
        raised = raise_alert(
            person=person, episode=None, assessment_id=None, occasion=occasion[:120], track=track, outcome=outcome,
            ladder=ladder, by=by, now=now, note=text,
        )  # fmt: skip
        return raised or Alert.objects.get(person=person, occasion=occasion[:120], track=track, tier=tier)


def _open_about(person: Person, about: str, track: str, tier: str) -> Alert | None:
    """The open alert that was raised by hand about the same text, at the same height."""
    rows = Alert.objects.open().select_for_update().filter(person=person, track=track, tier=tier)
    return rows.filter(occasion__startswith=f"{about}/hand:").order_by("pk").first()
