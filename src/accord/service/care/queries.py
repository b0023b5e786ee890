"""Reads of this room: alerts and where they stand, what is due, who needs somebody. Scoped to who asks.

Those without an `asker` answer flows and the clock, never a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery, Sum, prefetch_related_objects

from accord.science.errors import AccordError
from accord.science.protocols.ladder import Ladder
from accord.service.access.table import SERVICE, Action, Asker, Resource
from accord.service.care.models import Alert, AlertStep, Contact, Decided
from accord.service.care.policies import the_alert
from accord.service.care.rules import deadlines
from accord.service.care.rules.calendar import Calendar, calendar_of
from accord.service.care.rules.deadlines import promise_from
from accord.service.care.rules.handling import MORE, AlertState, Done, Rung, Stage, alert_state, rungs_to_climb
from accord.service.care.rules.needs import Need, Place, Situation, need_of, place
from accord.service.episodes.queries import EpisodeRow, current_episode, overview
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow
from accord.service.library import queries as library
from accord.service.messaging.queries import Waiting, waiting
from accord.service.people.policies import check_may
from accord.service.people.queries import accountability, accountable_for, people_with, person_with
from accord.service.people.queries import people as people_of

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Accountability, Clinic, Person

KNOWN = {"none": 0, "r1": 1, "r2": 2, "r3": 3}


def last_tier(person_id: uuid.UUID) -> int:
    """The last known tier of risk, 0 to 3 (the ladder's fact `last_tier`): what was last decided and not unknown."""
    tiers = Decided.objects.filter(person=person_id, track="risk", tier__in=KNOWN).order_by("-at", "-id")
    tier = tiers.values_list("tier", flat=True).first()
    return KNOWN[tier] if tier else 0


def last_tiers(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """`last_tier` of many people in one query."""
    rows = Decided.objects.filter(person__in=set(ids), track="risk", tier__in=KNOWN).order_by("at", "id")
    return {person: KNOWN[tier] for person, tier in rows.values_list("person_id", "tier")}


def ladder_of(episode: Episode | None) -> Ladder | None:
    """The safety ladder of an episode as it was published; None when it cannot be read: the fail-safe applies."""
    if episode is None:
        return None
    try:
        return library.ladder(episode.ladder_id)
    except AccordError:
        return None


def ladder_for(person_id: uuid.UUID) -> Ladder | None:
    """The ladder of a person's latest episode, or else the service's own; None when neither can be read."""
    if found := ladder_of(current_episode(SERVICE, person_id)):
        return found
    try:
        return library.ladder(library.ladder_snapshot("service-default"))
    except AccordError:
        return None


def reply_due(person: Person, now: datetime) -> datetime:
    """By when a message that she sends now is answered, as the page promises it."""
    return deadlines.reply_due(calendar_for(person.clinic), now, last_tier=last_tier(person.pk))


def calendar_for(clinic: Clinic) -> Calendar:
    """The working-time calendar of a clinic."""
    return calendar_of(
        time_zone=clinic.time_zone, hours=clinic.hours, country=clinic.country, region=clinic.region,
        on_call=clinic.on_call,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert and where it stands."""

    alert: Alert
    steps: tuple[Done, ...]
    state: AlertState

    def reasons(self) -> list[str]:
        """Why it was raised, and what later answers on the same occasion added; the weightiest first."""
        return [step.reason for step in reversed(self.steps) if step.outcome == MORE] + list(self.alert.reasons)


def done(step: AlertStep) -> Done:
    """A stored step as the rules read it."""
    return Done(step.kind, step.at, step.by, step.to, step.level, step.reason, step.outcome)


def standing(alerts: Iterable[Alert], now: datetime) -> list[Standing]:
    """Where these alerts stand: one query for all their steps, whatever their number."""
    rows = list(alerts)
    steps: dict[uuid.UUID, list[Done]] = {}
    for step in AlertStep.objects.filter(alert__in=[row.pk for row in rows]).defer("note").order_by("at", "id"):
        steps.setdefault(step.alert_id, []).append(done(step))
    calendars = {row.clinic_id: calendar_for(row.clinic) for row in rows}
    return [
        Standing(row, tuple(steps.get(row.pk, ())), _state(row, steps.get(row.pk, []), calendars[row.clinic_id], now))
        for row in rows
    ]


def _state(alert: Alert, steps: list[Done], calendar: Calendar, now: datetime) -> AlertState:
    return alert_state(
        acknowledge_by=alert.acknowledge_by, contact_by=alert.contact_by, steps=steps,
        promise=promise_from(alert.promise), calendar=calendar, now=now,
    )  # fmt: skip


def open_alerts(asker: Asker, now: datetime) -> list[Standing]:
    """The open alerts that she may see, the most urgent first; of one occasion only the highest."""
    rows = Alert.objects.for_(asker, Action.VIEW).open().highest().select_related("person", "clinic")
    return sorted(standing(rows, now), key=urgency)


def urgency(one: Standing) -> tuple[int, int, datetime]:
    """Order of need: what nobody has in hand before what somebody has, the higher clock first, then the deadline."""
    in_hand = one.state.stage is Stage.ACKNOWLEDGED and not one.state.late
    return int(in_hand), -KNOWN.get(one.alert.clock, 0), one.state.due or one.alert.raised_at


def owned_open_alerts(person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """The open alerts that a member of staff has in hand, or that were handed to her: she cannot leave with them."""
    return [
        one
        for one in standing(Alert.objects.open().select_related("clinic"), now)
        if person_id in (one.state.holder, one.state.offered_to)
    ]


def may_see(asker: Asker, person_id: uuid.UUID) -> bool:
    """Whether the alerts about this person are hers to see: then her clinical page is."""
    person = person_with(person_id)
    try:
        if person is not None:
            check_may(asker, Resource.ALERT, Action.VIEW, person)
    except NotAllowed:
        return False
    return person is not None


def open_alerts_of(person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """The open alerts about a patient."""
    return sorted(standing(Alert.objects.open().filter(person=person_id).select_related("clinic"), now), key=urgency)


def escalations_due(now: datetime) -> list[tuple[Alert, Rung, set[uuid.UUID]]]:
    """Every rung that is due and was not climbed, computed from rows alone: whatever the clock missed.

    With each: who was told of the alert before.
    """
    found: list[tuple[Alert, Rung, set[uuid.UUID]]] = []
    alerts = Alert.objects.open().filter(raised_at__lte=now).select_related("clinic")
    for one in standing(alerts, now):
        rungs = rungs_to_climb(
            raised_at=one.alert.raised_at, contact_by=one.alert.contact_by, steps=one.steps,
            promise=promise_from(one.alert.promise), calendar=calendar_for(one.alert.clinic), now=now,
        )  # fmt: skip
        told = {step.to for step in one.steps if step.to is not None}
        found += [(one.alert, rung, told) for rung in rungs]
    return found


def wanted(alert_id: uuid.UUID, now: datetime) -> bool:
    """Whether a message about this alert is still worth sending: it is open, and nobody has it in hand or is late."""
    found = standing(Alert.objects.filter(pk=alert_id).select_related("clinic"), now)
    return bool(found) and (found[0].state.stage in (Stage.RAISED, Stage.HANDED_OVER) or found[0].state.late)


def unanswered_help_now(person_id: uuid.UUID) -> uuid.UUID | None:
    """An open alert of the help button that nobody has acknowledged."""
    rows = Alert.objects.open().filter(person=person_id, occasion__startswith="help-now:")
    return rows.exclude(steps__kind=AlertStep.Kind.ACKNOWLEDGED).values_list("pk", flat=True).first()


def raised_on(person_id: uuid.UUID, occasion: str) -> uuid.UUID:
    """The highest alert of an occasion."""
    rows = Alert.objects.filter(person=person_id, occasion=occasion).order_by("-raised_at", "-id")
    return rows.values_list("pk", flat=True)[0]


def contacts_of(asker: Asker, person_id: uuid.UUID) -> list[Contact]:
    """Every contact with a person, the newest first."""
    return list(Contact.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("-at", "-id"))


# ---------------------------------------------------------------------------------------------------- the caseload


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One person of a caseload: who she is, why she stands here, what was last done."""

    person: Person
    state: State
    since: datetime
    need: Need
    alert: Standing | None  # the most urgent open one
    alerts: int
    waiting: Waiting | None
    last_contact: Contact | None
    minutes: int
    clinician: Person | None  # who is named as answering for her
    begun: datetime | None  # an assessment that is open since
    last_heard: datetime | None
    mine: bool


ENDED = (State.DISCHARGED, State.WITHDRAWN, State.NOT_ELIGIBLE)


def caseload(asker: Asker, now: datetime) -> list[CaseRow]:
    """Everybody whose alerts she may see, the most urgent first. The number of queries does not depend on theirs.

    That is whoever has an accountable clinician, an episode or an open alert: nobody is missing because a row is.
    """
    ways = {row.episode.person_id: row for row in reversed(overview(asker))}
    alerts: dict[uuid.UUID, list[Standing]] = {}
    for one in open_alerts(asker, now):
        alerts.setdefault(one.alert.person_id, []).append(one)
    people = {row.pk: row for row in people_of(asker, Resource.ALERT)}
    people |= {who: rows[0].alert.person for who, rows in alerts.items() if who not in people}
    named = accountability(people)
    people = {who: row for who, row in people.items() if who in named or who in ways or who in alerts}
    prefetch_related_objects(list(people.values()), "assessments")
    waits, contacts = waiting(people), _contact_sums(people)
    rows = [
        _case(person, ways.get(who), alerts.get(who, []), waits.get(who), contacts.get(who), named.get(who), asker, now)
        for who, person in people.items()
    ]
    return [row for _place, row in sorted(rows, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class _Contacts:
    last: Contact
    minutes: int


def _contact_sums(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Contacts]:
    """The last contact of each person and the minutes of all. Two queries."""
    mine = Contact.objects.filter(person__in=set(ids))
    minutes = dict(mine.values_list("person").annotate(sum=Sum("minutes")))
    newest = mine.filter(person=OuterRef("person")).order_by("-at", "-id").values("pk")[:1]
    last = mine.filter(pk=Subquery(newest)).defer("note")
    return {row.person_id: _Contacts(row, minutes[row.person_id]) for row in last}


def _case(
    person: Person,
    way: EpisodeRow | None,
    alerts: list[Standing],
    waits: Waiting | None,
    contacts: _Contacts | None,
    named: Accountability | None,
    asker: Asker,
    now: datetime,
) -> tuple[Place, CaseRow]:
    asked = list(person.assessments.all())
    begun = max((one.made_at for one in asked if one.submitted_at is None), default=None)
    sent = [one.submitted_at for one in asked if one.submitted_at is not None]
    heard = [*sent, *([waits.sent_at] if waits else []), *([contacts.last.at] if contacts else [])]
    state = way.state if way else State.REFERRED
    treated = named.since if named and named.reason in ("therapist", "handover") else None
    situation = Situation(
        alert=urgency(alerts[0]) if alerts else None, reply_due=waits.reply_due_at if waits else None,
        waits=waits is not None, begun=begun, treated_since=treated,
        last_contact=contacts.last.at if contacts else None, last_heard=max(heard, default=None),
        active=state not in ENDED,
    )  # fmt: skip
    need = need_of(situation, now)
    told = any(asker.person_id in (one.state.holder, one.state.offered_to) for one in alerts)
    row = CaseRow(
        person=person, state=state, since=way.since if way else person.made_at, need=need,
        alert=alerts[0] if alerts else None, alerts=len(alerts), waiting=waits,
        last_contact=contacts.last if contacts else None, minutes=contacts.minutes if contacts else 0,
        clinician=named.clinician if named else None, begun=begun, last_heard=situation.last_heard,
        mine=told or (named is not None and named.clinician_id in {asker.person_id, *asker.covers}),
    )  # fmt: skip
    return place(need, situation, now), row


# ---------------------------------------------------------------------------------------------------- one alert


@dataclass(frozen=True, slots=True)
class Told:
    """One step of an alert as its page shows it: who did what when, in whose name."""

    kind: str
    at: datetime
    by: str  # empty: the service itself
    to: str
    level: int | None
    reason: str
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Everything that is needed to act on an alert."""

    standing: Standing
    story: tuple[Told, ...]
    holder: Person | None
    offered_to: Person | None
    told_first: Person | None
    others: tuple[Standing, ...]  # other open alerts about the same person
    may_act: bool


def alert_page(asker: Asker, alert_id: uuid.UUID, now: datetime) -> AlertPage:
    """An alert with its story. Raises NotAllowed for who may not see it."""
    alert = the_alert(alert_id, asker, Action.VIEW)
    one = standing([alert], now)[0]
    steps = list(AlertStep.objects.filter(alert=alert).order_by("at", "id"))
    ids = {who for step in steps for who in (step.by, step.to) if who} | {one.state.holder, one.state.offered_to}
    names: dict[uuid.UUID | None, Person] = dict(people_with([who for who in ids if who]).items())
    others = [other for other in open_alerts_of(alert.person_id, now) if other.alert.occasion != alert.occasion]
    seen = set(Alert.objects.for_(asker, Action.VIEW).filter(person=alert.person_id).values_list("pk", flat=True))
    return AlertPage(
        standing=one, story=tuple(_told(step, names) for step in steps), holder=names.get(one.state.holder),
        offered_to=names.get(one.state.offered_to), told_first=_first(alert, now),
        others=tuple(other for other in others if other.alert.pk in seen),
        may_act=Alert.objects.for_(asker, Action.ACT).filter(pk=alert.pk).exists(),
    )  # fmt: skip


def _told(step: AlertStep, names: Mapping[uuid.UUID | None, Person]) -> Told:
    by, to = names.get(step.by), names.get(step.to)
    return Told(
        step.kind, step.at, by.name if by else "", to.name if to else "", step.level, step.reason, step.outcome,
        step.note,
    )  # fmt: skip


def _first(alert: Alert, now: datetime) -> Person | None:
    try:
        return accountable_for(alert.person_id, now)
    except NotNow:
        return None


def alerts_of(asker: Asker, person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """Every alert about a person that she may see, closed ones too, the newest first."""
    rows = Alert.objects.for_(asker, Action.VIEW).filter(person=person_id).highest()
    return standing(rows.select_related("clinic", "person").order_by("-raised_at", "-id"), now)
