"""The caseload: everybody whose alerts one may see, the most urgent first, with the reasons."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Max, Q, Sum

from accord.service.access.table import Asker, Resource
from accord.service.assessments.queries import Asked, askings
from accord.service.care.models import Contact
from accord.service.care.queries.alerts import Standing, open_alerts, urgency
from accord.service.care.queries.sessions import Meeting, open_sessions
from accord.service.care.queries.support import Flagged, unsettled
from accord.service.care.rules.calendar import end_of_day
from accord.service.care.rules.handling import REACHED
from accord.service.care.rules.needs import FlagFact, Need, Place, Reason, SessionFact, Situation, needs_of, place
from accord.service.care.rules.support import QUIET, WORSE, SupportStage
from accord.service.episodes.queries import going_on, no_way
from accord.service.episodes.rules import State
from accord.service.messaging.queries import Waiting, last_written, waiting, who_waits
from accord.service.people.queries import Known, Named, answered_for, clinics, known, named_for
from accord.service.people.rules.fitness import TREATING
from accord.service.programmes.queries import Pulse, pulses

ENDED = (State.DISCHARGED, State.WITHDRAWN, State.NOT_ELIGIBLE)
LATELY = timedelta(days=30)  # so long somebody whose way ended is still listed
NEVER = Asked()
SLOW = {WORSE: "change", QUIET: "silence"}  # while a flag stands open it speaks for the alert that came with it


class CaseRow(NamedTuple):
    """One person of a caseload: who she is, why she stands here, how it goes, what was last done, what comes next."""

    person_id: uuid.UUID
    state: State
    since: datetime
    needs: tuple[Reason, ...]  # every reason, the most urgent first
    alert: Standing | None  # the most urgent open one, which the first reason speaks of
    alerts: int
    waiting: Waiting | None
    flags: tuple[Flagged, ...]  # that nobody has settled, the newest first
    sessions: tuple[Meeting, ...]  # open ones, by when they begin
    course: Pulse | None
    minutes: int
    clinician_id: uuid.UUID | None  # who is named as answering for her
    begun: datetime | None  # an assessment that she has begun and not sent
    last_heard: datetime | None
    mine: bool

    @property
    def need(self) -> Need:
        """The first reason."""
        return self.needs[0].need if self.needs else Need.NOTHING

    @property
    def next_session(self) -> Meeting | None:
        return self.sessions[0] if self.sessions else None

    @property
    def reply_due(self) -> datetime | None:
        return self.waiting.reply_due_at if self.waiting else None


class _Contacts(NamedTuple):
    minutes: int
    last: datetime | None
    reached: datetime | None


NO_CONTACTS = _Contacts(0, None, None)


class _Of(NamedTuple):
    """What the rooms know of one person."""

    who: uuid.UUID
    state: State
    since: datetime
    day_ends: datetime  # of her clinic
    alerts: list[Standing]
    named: Named | None
    waits: Waiting | None
    written: datetime | None
    contacts: _Contacts
    flags: tuple[Flagged, ...]
    sessions: tuple[Meeting, ...]
    course: Pulse | None
    asked: Asked  # in her latest episode


def caseload(asker: Asker, now: datetime) -> list[CaseRow]:
    """Everybody whose alerts she may see, the most urgent first. The number of queries does not depend on theirs.

    That is whoever is answered for, has an episode or an open alert: nobody is missing because a row is. Whose
    way ended more than a month ago stands here only while an alert is open or a message of hers has no answer.
    """
    alerts: dict[uuid.UUID, list[Standing]] = {}
    for one in open_alerts(asker, now):
        alerts.setdefault(one.alert.person_id, []).append(one)
    wrote_last = who_waits(asker)
    ways = going_on(asker, Resource.ALERT, since=now - LATELY, also={*alerts, *wrote_last})
    people = {who: Known(way.clinic_id, way.since) for who, way in ways.items()}
    referred = Q(pk__in=answered_for() - set(people)) & no_way()  # and no episode yet
    people |= known(asker, Resource.ALERT, among=Q(pk__in=set(alerts) - set(people)) | referred)
    handed = {who: rows[0].alert.person for who, rows in alerts.items() if who not in people}
    people |= {who: Known(person.clinic_id, person.made_at) for who, person in handed.items()}
    # after the end of her way only alerts and messages are a reason (`needs_of`): the rest is asked of the others
    active = [who for who in people if who not in ways or ways[who].state not in ENDED]
    asked = askings([ways[who].episode_id for who in active if who in ways])
    named, waits = named_for(people), waiting((wrote_last & set(people)) | set(handed))
    written, contacts, courses = last_written(active), _contact_sums(active), pulses(active, now)
    flags, sessions = unsettled(active, now), open_sessions(active)
    day_ends = {clinic.pk: end_of_day(clinic.zone(), now) for clinic in clinics()}
    rows = []
    for who, person in people.items():
        way = ways.get(who)
        facts = _Of(
            who, way.state if way else State.REFERRED, person.since, day_ends[person.clinic_id], alerts.get(who, []),
            named.get(who), waits.get(who), written.get(who), contacts.get(who, NO_CONTACTS),
            tuple(flags.get(who, ())), tuple(sessions.get(who, ())), courses.get(who),
            asked.get(way.episode_id, NEVER) if way else NEVER,
        )  # fmt: skip
        rows.append(_case(facts, asker, now))
    return [row for _place, row in sorted(rows, key=itemgetter(0))]


def _contact_sums(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Contacts]:
    """The minutes of all contacts with each person, when the last was, and when she was last reached. One query."""
    rows = Contact.objects.counted().filter(person__in=set(ids)).order_by().values_list("person")
    sums = rows.annotate(sum=Sum("minutes"), last=Max("at"), reached=Max("at", filter=Q(outcome=REACHED)))
    return {who: _Contacts(*found) for who, *found in sums}


def _case(one: _Of, asker: Asker, now: datetime) -> tuple[Place, CaseRow]:
    situation = _situation(one, loud := _loud(one), now)
    needs, first = needs_of(situation, now), next(iter([*loud, *one.alerts]), None)
    told = any(asker.person_id in (alert.state.holder, alert.state.offered_to) for alert in one.alerts)
    clinician = one.named.clinician_id if one.named else None
    row = CaseRow(
        person_id=one.who, state=one.state, since=one.since, needs=needs,
        alert=first, alerts=len(one.alerts), waiting=one.waits,
        flags=one.flags, sessions=one.sessions, course=one.course, minutes=one.contacts.minutes,
        clinician_id=clinician, begun=situation.begun, last_heard=situation.last_heard,
        mine=told or (clinician is not None and clinician in {asker.person_id, *asker.covers}),
    )  # fmt: skip
    return place(needs, situation, now), row


def _situation(one: _Of, loud: list[Standing], now: datetime) -> Situation:
    course, waits, named = one.course, one.waits, one.named
    # before the course every asking counts as begun: what stands open is all that she has
    begun = max((asking.made_at for asking in one.asked.open if course is None or asking.begun), default=None)
    heard = (one.asked.last_sent, one.written, one.contacts.reached, course.last_active_at if course else None)
    return Situation(
        day_ends=one.day_ends,
        alert=urgency(loud[0]) if loud else None, alert_id=loud[0].alert.pk if loud else None,
        alert_words=tuple(loud[0].reasons()) if loud else (), reply_due=waits.reply_due_at if waits else None,
        wrote_at=waits.sent_at if waits else None, message_id=waits.message_id if waits else None,
        flags=tuple(_flag(flag) for flag in one.flags),
        sessions=tuple(_session(session, now) for session in one.sessions),
        course_began=course.began_at if course else None,
        begun_first_lesson=course is not None and course.begun_first_lesson,
        in_flare=course is not None and course.in_flare,
        begun=begun,
        treated_since=named.since if named and named.reason in TREATING else None,
        last_contact=one.contacts.last,
        last_heard=max((at for at in heard if at is not None), default=None),
        unread=course.unread_entries if course else 0, active=one.state not in ENDED,
    )  # fmt: skip


def _loud(one: _Of) -> list[Standing]:
    """Her open alerts but for those that an open flag speaks for, as long as they are in time."""
    kinds = [flag.flag.kind for flag in one.flags if flag.support.stage is SupportStage.OPEN]
    spoken = {SLOW[kind] for kind in kinds if kind in SLOW}
    return [alert for alert in one.alerts if alert.alert.track not in spoken or alert.state.late]


def _flag(one: Flagged) -> FlagFact:
    flag, support = one.flag, one.support
    return FlagFact(flag.pk, flag.kind, flag.raised_at, support.stage, support.look_at, tuple(flag.reasons))


def _session(one: Meeting, now: datetime) -> SessionFact:
    return SessionFact(one.session.pk, one.last.starts_at, one.waits_for_word(now))
