"""What the office reads: who came, who waits, whose arrival was not acknowledged, which onward referrals are open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils.translation import gettext as _

from accord.science.errors import NotFound
from accord.service.access.table import Action, Asker
from accord.service.episodes.models import Episode, Onward, OnwardStep, Referral, Step
from accord.service.episodes.queries.episodes import EpisodeRow
from accord.service.episodes.queries.standing import counted, standing_in, standing_since
from accord.service.episodes.rules import LOOP, ONWARD_CLOSES, State, StepKind, acknowledge_by, onward_next
from accord.service.errors import NotAllowed
from accord.service.library.queries import protocol, protocol_snapshot
from accord.service.people.queries import has_therapist

WAITS = (State.ELIGIBLE, State.CONSENTED, State.ENROLLED)  # for a therapist, while the duty clinician answers for her
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """A list that is as long as the clinic is old: counted and cut by the database, page by page."""

    query: QuerySet[Any]
    made: Callable[[Any], Row]

    def count(self) -> int:
        return self.query.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Row]:
        return [self.made(row) for row in self.query[part]]


@dataclass(frozen=True, slots=True)
class WaitRow:
    """Somebody who waits for a therapist; since when: the day she was found eligible."""

    episode: Episode
    state: State
    since: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """A referral whose arrival nobody has acknowledged, and until when that was promised."""

    referral: Referral
    due: datetime | None  # None: the protocol promises nothing


@dataclass(frozen=True, slots=True)
class OnwardRow:
    """An onward referral with what is known of it."""

    onward: Onward
    steps: tuple[OnwardStep, ...]
    since: datetime  # when something was last heard of it
    next: tuple[str, ...]  # what can be said now; nothing once it is closed
    late: bool  # open, and nothing was heard of it for two weeks


def who_came(asker: Asker, *states: State, source: str = "") -> Rows[EpisodeRow]:
    """The episodes she may see, newest first, with their state; only those in `states`, from a source, if named."""
    seen = Episode.objects.for_(asker, Action.VIEW)
    seen = seen.filter(referral__source=source) if source else seen
    rows = standing_in(seen, states).select_related("person__clinic", "referral").order_by("-opened_at", "-id")
    return Rows(rows, lambda row: EpisodeRow(row, State(row.state), standing_since(row)))


def how_many(asker: Asker) -> dict[State, int]:
    """How many episodes stand in each state."""
    return counted(Episode.objects.for_(asker, Action.VIEW))


def who_waits(asker: Asker) -> Rows[WaitRow]:
    """Who waits for a therapist, the longest first."""
    eligible = Step.objects.filter(episode=OuterRef("pk"), kind=StepKind.ELIGIBLE.value).order_by("at", "id")
    rows = (
        standing_in(Episode.objects.for_(asker, Action.VIEW), WAITS)
        .exclude(has_therapist())
        .annotate(eligible_at=Subquery(eligible.values("at")[:1]))
        .select_related("person__clinic", "referral")
        .order_by("eligible_at", "opened_at", "id")
    )
    return Rows(rows, lambda row: WaitRow(row, State(row.state), row.eligible_at or row.opened_at))


# ---------------------------------------------------------------------------------------------------- referrals


def not_confirmed(asker: Asker, *, source: str = "") -> Rows[Referral]:
    """Referrals whose link nobody has used yet, the newest first; from one source, if named."""
    rows = Referral.objects.for_(asker, Action.VIEW).filter(confirmed_at=None)
    rows = rows.filter(source=source) if source else rows
    return Rows(rows.select_related("person__clinic", "clinic").order_by("-made_at", "-id"), lambda row: row)


def unacknowledged(asker: Asker) -> list[Owed]:
    """Referrals by letter or telephone whose arrival nobody has acknowledged, the longest overdue first.

    What came through a page was acknowledged by it, or by the mail with the link.
    """
    rows = Referral.objects.for_(asker, Action.VIEW).filter(acknowledgement=None).exclude(came=Referral.Came.PAGE)
    loaded = rows.select_related("person__clinic", "clinic").order_by("made_at", "id")
    hours: dict[str, int | None] = {}
    found = []
    for row in loaded:
        if row.protocol not in hours:
            hours[row.protocol] = acknowledgement_hours(row.protocol)
        promised = hours[row.protocol]
        found.append(Owed(row, acknowledge_by(row.made_at, promised) if promised else None))
    return sorted(found, key=lambda one: (one.due is None, one.due or one.referral.made_at))


def acknowledgement_hours(slug: str) -> int | None:
    """Within how many hours a referral is acknowledged, as the protocol stands now; None where it promises nothing."""
    said = _referral_clause(slug)
    return said.acknowledgement_hours if said else None


def referral_sources(slug: str) -> list[str]:
    """Who may send somebody, in the protocol's words, as it stands now; nobody where it does not say."""
    said = _referral_clause(slug)
    return list(said.sources) if said else []


def _referral_clause(slug: str) -> Any:
    try:
        return protocol(protocol_snapshot(slug)).referral
    except NotFound:  # never published here
        return None


def referrals_of(asker: Asker, person_id: uuid.UUID) -> list[Referral]:
    """Every referral of a person, the newest first, with its acknowledgement."""
    rows = Referral.objects.for_(asker, Action.VIEW).filter(person=person_id)
    return list(rows.select_related("clinic", "acknowledgement").order_by("-made_at", "-id"))


def referral_with(key: uuid.UUID) -> Referral | None:
    """The referral that a form of the office has made already, for the flow that is asked twice."""
    return Referral.objects.select_related("person__clinic", "clinic").filter(key=key).first()


def ways_of(asker: Asker, person_id: uuid.UUID) -> list[tuple[Episode, list[Step]]]:
    """Every episode of a person, the newest first, each with its steps, oldest first. Two queries."""
    steps = Prefetch("steps", queryset=Step.objects.order_by("at", "id"))
    rows = Episode.objects.for_(asker, Action.VIEW).filter(person=person_id).select_related("clinic", "referral")
    return [(row, list(row.steps.all())) for row in rows.prefetch_related(steps).order_by("-opened_at", "-id")]


# ---------------------------------------------------------------------------------------------------- the way on


def onward_open(asker: Asker, now: datetime) -> list[OnwardRow]:
    """Onward referrals of which it is not known what became, those that were silent for longest first."""
    rows = Onward.objects.for_(asker, Action.VIEW).exclude(steps__kind__in=ONWARD_CLOSES)
    return sorted((_onward(row, now) for row in _with_steps(rows)), key=lambda row: row.since)


def onward_of(asker: Asker, person_id: uuid.UUID, now: datetime) -> list[OnwardRow]:
    """The onward referrals of a person, the newest first."""
    rows = Onward.objects.for_(asker, Action.VIEW).filter(person=person_id)
    return [_onward(row, now) for row in _with_steps(rows).order_by("-made_at", "-id")]


def onward(asker: Asker, onward_id: uuid.UUID) -> Onward:
    """One onward referral that she may act on. Raises NotAllowed."""
    found = Onward.objects.for_(asker, Action.ACT).select_related("person", "episode").filter(pk=onward_id).first()
    if found is None:
        raise NotAllowed(_("There is nothing here that you may see."))
    return found


def onward_services(episode: Episode) -> list[str]:
    """Where the protocol of an episode sends people on to, in its words."""
    return list(protocol(episode.snapshot_id).onward)


def _with_steps(rows: QuerySet[Onward]) -> QuerySet[Onward]:
    steps = Prefetch("steps", queryset=OnwardStep.objects.order_by("revision"))
    return rows.select_related("person__clinic", "episode").prefetch_related(steps)


def _onward(row: Onward, now: datetime) -> OnwardRow:
    steps = tuple(row.steps.all())
    since = steps[-1].at if steps else row.made_at
    next_ = onward_next([step.kind for step in steps])
    return OnwardRow(row, steps, since, next_, bool(next_) and now - since > LOOP)
