"""The caseload: everybody whose alerts one may see, the most urgent first, with the reasons."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery, Sum, prefetch_related_objects

from accord.service.access.table import Asker, Resource
from accord.service.care.models import Contact
from accord.service.care.queries.alerts import Standing, open_alerts, urgency
from accord.service.care.rules.needs import Need, Place, Situation, need_of, place
from accord.service.episodes.queries import EpisodeRow, overview
from accord.service.episodes.rules import State
from accord.service.messaging.queries import Waiting, waiting
from accord.service.people.queries import accountability
from accord.service.people.queries import people as people_of

if TYPE_CHECKING:
    from accord.service.people.models import Accountability, Person


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
