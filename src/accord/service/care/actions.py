"""Writes of this room: alerts are raised by answers or by hand, and handled by people. Nothing here closes by itself.

Raising by a rule asks for no right: it follows from an answer whose right to be given the flow has checked. Everything
else asks `by` for the right to act on this alert. A step that came twice is one row.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accord.science.protocols.ladder import Ladder, Outcome
from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.models import Alert, AlertStep, Contact, Decided
from accord.service.care.policies import check_can_act, check_can_close, check_can_confirm, the_alert
from accord.service.care.queries import calendar_for, standing
from accord.service.care.rules.deadlines import FAIL_SAFE, acknowledge_by, contact_by, promise_of
from accord.service.care.rules.handling import BY_HAND, MODES, MORE, OUTCOMES, OUTSIDE, AlertState, Stage
from accord.service.errors import NotNow, Refusal
from accord.service.outbox.actions import enqueue
from accord.service.people.policies import check_can_answer_for, check_may
from accord.service.people.queries import accountable_for, person_with

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Person

LONGEST = 5000  # characters of a clinician's own words
Kind = AlertStep.Kind


# ---------------------------------------------------------------------------------------------------- raising


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
    _audit(alert, "alert.raised", by, now, facts=facts)
    _tell(alert, _who_answers(person, now), "alert-raised", f"alert:{alert.pk}", now)
    return alert


def _who_answers(person: Person, now: datetime) -> uuid.UUID | None:
    """Who is told first. A clinic without any clinician keeps the alert all the same: it heads its page."""
    try:
        return accountable_for(person.pk, now).pk
    except NotNow:
        return None


def _tell(alert: Alert, to: uuid.UUID | None, kind: str, occasion: str, now: datetime) -> None:
    enqueue(kind=kind, to=to, occasion=occasion, channel="email", subject_id=alert.pk, now=now)


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
    """A clinician raises an alert from anything she read or heard (C15). `about` names it, e.g. "message:<id>"."""
    person = _person_for(person_id, Resource.ALERT, Action.CREATE, by)
    if (track, tier) not in BY_HAND:
        raise Refusal(_("Choose what it is about and how high it is."), cure=_("No alert was raised."))
    text = _words(note, needed=_("Say in a few words what you read or heard."))
    clock = tier if ladder is None or tier in ladder.tiers else "r2"
    outcome = Outcome(tier, (_("Raised by a clinician."),), clock, rules=("by-hand",))
    with transaction.atomic():
        occasion = f"hand:{key}" if not about else f"{about}/hand:{key}"
        raised = raise_alert(
            person=person, episode=None, assessment_id=None, occasion=occasion[:120], track=track, outcome=outcome,
            ladder=ladder, by=by, now=now, note=text,
        )  # fmt: skip
        return raised or Alert.objects.get(person=person, occasion=occasion[:120], track=track, tier=tier)


def note_again(*, alert_id: uuid.UUID, key: uuid.UUID, now: datetime) -> None:
    """The button was pressed again while its alert stands unanswered."""
    with transaction.atomic():
        said = {"kind": Kind.NOTE, "at": now, "outcome": "again"}
        AlertStep.objects.get_or_create(alert_id=alert_id, key=key, defaults=said)


def alerts_follow(*, person_id: uuid.UUID, to: uuid.UUID, by: Asker, now: datetime) -> int:
    """A patient's open alerts go with her to the clinician who answers for her from now on; how many they are.

    For flows that have checked the right to hand her over. What somebody had in hand waits for the receipt of the new
    one; what nobody had keeps its clock: a change of hands never gives an unanswered alert more time.
    """
    with transaction.atomic():
        rows = Alert.objects.open().highest().filter(person=person_id).select_related("clinic")
        for one in standing(rows, now):
            if one.state.stage is Stage.ACKNOWLEDGED and one.state.holder != to:
                _step(one.alert, Kind.HANDED_OVER, by, now, to=to)
            _tell(one.alert, to, "alert-raised", f"alert:{one.alert.pk}:to:{to}", now)
        return len(rows)


def escalate(*, alert_id: uuid.UUID, level: int, to: uuid.UUID | None, now: datetime) -> AlertStep | None:
    """Tell the next one up that nobody has acted. None when this rung was climbed already (by another worker)."""
    with transaction.atomic():
        alert = Alert.objects.get(pk=alert_id)
        step, new = AlertStep.objects.get_or_create(
            alert=alert, kind=Kind.ESCALATED, level=level, defaults={"at": now, "to": to}
        )
        if not new:
            return None
        _audit(alert, "alert.escalated", None, now, facts={"level": level, "to": str(to or "")})
        _tell(alert, to, "alert-escalated", f"alert:{alert.pk}:{level}", now)
        return step


# ---------------------------------------------------------------------------------------------------- handling


def acknowledge(*, alert_id: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """Say "I have it". Whoever is first has it; the other is told who. Takes back a hand-over nobody confirmed."""
    with transaction.atomic():
        alert, state = _acting(alert_id, by, now)
        held = AlertStep.objects.filter(alert=alert, kind=Kind.ACKNOWLEDGED).first()
        if held is not None and state.offered_to is None and state.stage != "handed-over":
            return _already(held, by)
        step = _take(alert, by, now) if held is None else _take_back(alert, by, now)
        _take_silently(alert, by, now)
        return step


def _already(held: AlertStep, by: Asker) -> AlertStep:
    if held.by == by.person_id:
        return held
    other = person_with(held.by) if held.by else None
    who = other.name if other else _("Somebody else")
    cure = _("You can still log what you do. Speak with each other, so that only one of you calls.")
    raise NotNow(_("%(who)s has acknowledged this alert before you.") % {"who": who}, cure=cure)


def _take(alert: Alert, by: Asker, now: datetime) -> AlertStep:
    try:
        with transaction.atomic():
            step = AlertStep.objects.create(alert=alert, kind=Kind.ACKNOWLEDGED, at=now, by=by.person_id)
    except IntegrityError:
        return _already(AlertStep.objects.get(alert=alert, kind=Kind.ACKNOWLEDGED), by)
    _audit(alert, "alert.acknowledged", by, now)
    return step


def _take_back(alert: Alert, by: Asker, now: datetime) -> AlertStep:
    """A hand-over that was not confirmed ends with somebody inside who has it after all."""
    step = AlertStep.objects.create(alert=alert, kind=Kind.RECEIPT, at=now, by=by.person_id, outcome="taken-back")
    _audit(alert, "alert.taken-back", by, now)
    return step


def _same_occasion(alert: Alert) -> list[Alert]:
    """The other open alerts of the same occasion and track: lower rows that this one rose from."""
    same = Alert.objects.open().filter(person=alert.person_id, occasion=alert.occasion, track=alert.track)
    return list(same.exclude(pk=alert.pk))


def log_contact(
    *,
    person_id: uuid.UUID,
    mode: str,
    outcome: str,
    minutes: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    direction: str = "out",
    note: str = "",
    alert_id: uuid.UUID | None = None,
) -> Contact:
    """Log a contact, or the attempt of one, with mode and minutes (C31). On an alert it is a step of handling it."""
    if mode not in MODES or outcome not in OUTCOMES or direction not in ("in", "out"):
        raise Refusal(_("Choose how you tried and whether it worked."), cure=_("Nothing was logged."))
    if not 0 <= minutes <= 600:
        raise Refusal(_("Minutes are a number from 0 to 600."), cure=_("Nothing was logged."))
    text = _words(note)
    with transaction.atomic():
        if replayed := Contact.objects.for_(by, Action.VIEW).filter(key=key).first():
            return replayed
        alert = _acting(alert_id, by, now)[0] if alert_id else None
        person = alert.person if alert else _person_for(person_id, Resource.CONTACT, Action.CREATE, by)
        contact = Contact.objects.create(
            person=person, episode=alert.episode if alert else None, alert=alert, mode=mode, direction=direction,
            outcome=outcome, minutes=minutes, note=text, at=now, by=by.person_id, key=key,
        )  # fmt: skip
        if alert:
            _take_silently(alert, by, now)
            for row in (alert, *_same_occasion(alert)):
                _step(row, Kind.CONTACT, by, now, key=key, outcome=outcome, reason=mode, note=text)
        facts = {"mode": mode, "direction": direction, "outcome": outcome, "minutes": minutes}
        record(
            stream=f"person:{person.pk}", action="contact.logged", resource="contact", resource_id=contact.pk,
            by=by.person_id, role=by.main_role(), now=now, facts=facts,
        )  # fmt: skip
        return contact


def _take_silently(alert: Alert, by: Asker, now: datetime) -> None:
    """Who acts on an alert that nobody had acknowledged has it by that."""
    for row in (alert, *_same_occasion(alert)):
        if not AlertStep.objects.filter(alert=row, kind=Kind.ACKNOWLEDGED).exists():
            _take(row, by, now)


def hand_over_alert(
    *, alert_id: uuid.UUID, to: uuid.UUID | None, note: str, key: uuid.UUID, by: Asker, now: datetime
) -> AlertStep:
    """Hand an alert to a colleague, or (`to` None) to a doctor or service outside, named in the note.

    It stays with whoever handed it over until the other side confirms; unconfirmed in time, it rises like a new one.
    """
    text = _words(note, needed=None if to else _("Name the doctor or service, and what was agreed."))
    with transaction.atomic():
        alert, _state = _acting(alert_id, by, now)
        if to is not None:
            colleague = person_with(to)
            if colleague is None or to == by.person_id:
                raise Refusal(_("Choose a colleague to hand the alert to."), cure=_("It is still with you."))
            check_can_answer_for(colleague, alert.clinic)
        _take_silently(alert, by, now)
        step = _step(alert, Kind.HANDED_OVER, by, now, key=key, to=to, outcome="" if to else OUTSIDE, note=text)
        if to is not None:
            _tell(alert, to, "alert-raised", f"alert:{alert.pk}:handed:{key}", now)
        return step


def confirm_receipt(*, alert_id: uuid.UUID, note: str = "", key: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """The other side has it: the colleague says so herself; for the outside whoever was told so writes it down."""
    with transaction.atomic():
        alert, state = _acting(alert_id, by, now)
        if replayed := AlertStep.objects.filter(alert=alert, key=key).first():
            return replayed
        check_can_confirm(state, by)
        return _step(alert, Kind.RECEIPT, by, now, key=key, note=_words(note))


def add_note(*, alert_id: uuid.UUID, text: str, key: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """Write something down beside an alert."""
    words = _words(text, needed=_("Write the note first."))
    with transaction.atomic():
        alert, _state = _acting(alert_id, by, now)
        return _step(alert, Kind.NOTE, by, now, key=key, note=words)


def close_alert(*, alert_id: uuid.UUID, reason: str, note: str = "", by: Asker, now: datetime) -> AlertStep:
    """Close an alert, and the lower ones of the same occasion, with a reason that what was done bears out."""
    text = _words(note)
    with transaction.atomic():
        alert, state = _acting(alert_id, by, now)
        check_can_close(state, tier=alert.tier, reason=reason, note=text)
        step = _close(alert, reason, text, by, now)
        for earlier in _same_occasion(alert):
            _close(earlier, reason, "", by, now)
        return step


def _close(alert: Alert, reason: str, note: str, by: Asker, now: datetime) -> AlertStep:
    try:
        with transaction.atomic():
            return _step(alert, Kind.CLOSED, by, now, reason=reason, note=note)
    except IntegrityError:
        raise NotNow(_("Somebody else has closed this alert in the meantime.")) from None


# ---------------------------------------------------------------------------------------------------- parts


def _acting(alert_id: uuid.UUID, by: Asker, now: datetime) -> tuple[Alert, AlertState]:
    """The alert to act on and where it stands; refused when it is not hers to act on, or closed."""
    alert = the_alert(alert_id, by, Action.ACT)
    state = standing([alert], now)[0].state
    check_can_act(state)
    return alert, state


def _step(
    alert: Alert, kind: AlertStep.Kind, by: Asker, now: datetime, *, key: uuid.UUID | None = None, **more: object
) -> AlertStep:
    if key is not None and (replayed := AlertStep.objects.filter(alert=alert, key=key).first()):
        return replayed
    step = AlertStep.objects.create(alert=alert, kind=kind, at=now, by=by.person_id, key=key, **more)
    facts = {name: str(more[name]) for name in ("reason", "outcome", "to") if more.get(name)}
    personal = {"note": str(more["note"])} if more.get("note") else None
    _audit(alert, f"alert.{kind.value}", by, now, facts=facts, personal=personal)
    return step


def _audit(
    alert: Alert,
    action: str,
    by: Asker | None,
    now: datetime,
    *,
    facts: Mapping[str, object] | None = None,
    personal: dict[str, str] | None = None,
) -> None:
    record(
        stream=f"person:{alert.person_id}", action=action, resource="alert", resource_id=alert.pk,
        by=by.person_id if by else None, role=by.main_role() if by else "service", now=now,
        facts=dict(facts or {}), personal=personal,
    )  # fmt: skip


def _person_for(person_id: uuid.UUID, resource: Resource, action: Action, by: Asker) -> Person:
    person = person_with(person_id)
    if person is None:
        raise NotNow(_("There is nobody here under that address."))
    check_may(by, resource, action, person)
    return person


def _words(text: str, *, needed: str | None = None) -> str:
    """A clinician's own words as they are stored. Refuses NUL, more than fits, and emptiness where words are needed."""
    words = text.strip()
    if "\0" in words:
        raise Refusal(_("The text holds a character that cannot be stored (NUL)."), cure=_("Remove it and send again."))
    if len(words) > LONGEST:
        found = {"found": len(words), "limit": LONGEST}
        raise Refusal(_("The text has %(found)s characters; at most %(limit)s fit.") % found, cure=_("Shorten it."))
    if needed and not words:
        raise Refusal(needed, cure=_("Nothing was stored."))
    return words
