"""Start and stay: who is on the list, why, since when, what she last did, what was tried, and whose turn it is."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.care.models import Alert, Contact, Rescue
from accord.service.care.queries.silence import Heard, Signs, signs_of
from accord.service.care.queries.support import unsettled
from accord.service.care.rules.rescue import (
    LATER,
    STOP,
    Stuck,
    Tried,
    Turn,
    known_reason,
    of_this_time,
    place,
    stuck,
    turn,
    unreached,
)
from accord.service.care.rules.support import NOT_STARTED, QUIET, SupportStage
from accord.service.episodes.queries import WayRow, episodes_with, going_on, overview
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed
from accord.service.messaging.queries import last_written_to
from accord.service.people.policies import check_may
from accord.service.people.queries import accountability, person_with

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Person

BEFORE = (State.ELIGIBLE, State.CONSENTED)
STATES = (*BEFORE, State.ENROLLED)
HERS = ("risk", "safeguarding")  # tracks on which her therapist, and nobody else, reaches her


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One person of the list. `person` is loaded; whether her number may be shown is asked apart from it."""

    person: Person
    episode: Episode
    stuck: Stuck
    turn: Turn
    back_on: date | None
    last: Heard | None
    begun: bool  # she has begun the questions that wait for her
    tried: tuple[Rescue, ...]  # of this episode, the newest first
    reason: str
    unreached: int
    clinician: Person | None  # her therapist, where she has one

    @property
    def wants_to_stop(self) -> bool:
        """She has said so in this silence, and nothing has come of it yet."""
        mine = of_this_time(self.stuck, [plain(row) for row in self.tried])
        return bool(mine) and mine[0].then == STOP


def start_and_stay(asker: Asker, now: datetime) -> list[StuckRow]:
    """Everybody on the list whose rescues the asker may see, in order. The number of queries does not depend on
    theirs."""
    ways = going_on(asker, Resource.RESCUE, since=now)
    return _rows({who: way for who, way in ways.items() if way.state in STATES}, now)


def stuck_row(asker: Asker, person_id: uuid.UUID, now: datetime) -> StuckRow | None:
    """One person of the list; None when nothing holds her up at the moment. Raises NotAllowed."""
    person = person_with(person_id)
    if person is None:
        raise NotAllowed(_("There is nobody here that you may see."))
    check_may(asker, Resource.RESCUE, Action.VIEW, person)
    found = next(iter(overview(asker, *STATES, person_id=person_id)), None)
    if found is None:
        return None
    way = WayRow(found.episode.pk, person_id, found.state, found.since, person.clinic_id)
    return next(iter(_rows({person_id: way}, now)), None)


def _rows(ways: dict[uuid.UUID, WayRow], now: datetime) -> list[StuckRow]:
    signs = signs_of({who: way.episode_id for who, way in ways.items()}, now)
    held = {who: one for who, way in ways.items() if (one := _stuck(way, signs[who], now))}
    episodes = episodes_with([ways[who].episode_id for who in held])
    tried, contacted, theirs = rescues_among(episodes), _last_day(held), _hers(held, now)
    named = accountability(held)
    rows = []
    for who, one in held.items():
        episode = episodes[ways[who].episode_id]
        person, mine = episode.person, tried.get(episode.pk, [])
        zone, plainly = person.clinic.zone(), [plain(row) for row in mine]
        today, last_at = now.astimezone(zone).date(), contacted.get(who)
        days = [row.on for row in mine if row.kind != LATER] + ([last_at.astimezone(zone).date()] if last_at else [])
        with_her = signs[who].tier >= 2 or one.why in theirs.get(who, ())
        whose, back = turn(one, plainly, therapist_has=with_her, contacted_on=max(days, default=None), today=today)
        answers = named.get(who)
        row = StuckRow(
            person=person, episode=episode, stuck=one, turn=whose, back_on=back, last=signs[who].last,
            begun=signs[who].begun, tried=tuple(mine),
            reason=known_reason(plainly), unreached=unreached(one, plainly),
            clinician=answers.clinician if answers and answers.reason != "duty" else None,
        )  # fmt: skip
        rows.append((place(one, plainly, today), row))
    return [row for _place, row in sorted(rows, key=lambda pair: pair[0])]


def _stuck(row: WayRow, one: Signs, now: datetime) -> Stuck | None:
    waits = row.state is not State.ELIGIBLE and one.watched is None and one.open is not None
    return stuck(
        eligible_since=row.since if row.state is State.ELIGIBLE else None,
        baseline_since=row.since if waits else None, watched=one.watched, now=now,
    )  # fmt: skip


def plain(row: Rescue) -> Tried:
    """A stored rescue as the rules read it."""
    return Tried(row.kind, row.on, row.at, row.outcome, row.then, row.again_on, row.reason)


def rescues_among(episode_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Rescue]]:
    """What was tried in each of these episodes, the newest first, without notes. One query; scoped before."""
    found: dict[uuid.UUID, list[Rescue]] = {}
    rows = Rescue.objects.filter(episode__in=set(episode_ids)).defer("note").order_by("-at", "-id")
    for row in rows:
        found.setdefault(row.episode_id, []).append(row)
    return found


def rescues_of(asker: Asker, person_id: uuid.UUID) -> list[Rescue]:
    """Everything that was tried with a person, the newest first."""
    return list(Rescue.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("-at", "-id"))


def _last_day(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When somebody of the service last tried to reach each of them, in a call or in writing. Two queries."""
    calls = Contact.objects.filter(person__in=set(ids), direction="out").values_list("person").annotate(last=Max("at"))
    found = dict(calls)
    for who, at in last_written_to(ids).items():
        found[who] = max(at, found.get(who, at))
    return found


def _hers(ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, set[str]]:
    """For whom her therapist has something in hand, and which silence it covers: any, where an alert of risk is open;
    the one whose flag she has chosen something about."""
    found: dict[uuid.UUID, set[str]] = {}
    open_ = Alert.objects.open().filter(person__in=set(ids), track__in=HERS).values_list("person", flat=True)
    for who in open_:
        found[who] = {NOT_STARTED, QUIET, "no-baseline", "no-consent"}
    for who, flags in unsettled(ids, now).items():
        taken = {one.flag.kind for one in flags if one.support.stage is SupportStage.WAITING}
        found.setdefault(who, set()).update(taken & {NOT_STARTED, QUIET})
    return found


def help_wanted(rescue_id: uuid.UUID, now: datetime) -> bool:
    """Whether the mail with the way back in is still of use: she has not been here since it was asked for."""
    row = Rescue.objects.filter(pk=rescue_id).first()
    if row is None:
        return False
    last = signs_of({row.person_id: row.episode_id}, now)[row.person_id].last
    return last is None or last.at <= row.at
