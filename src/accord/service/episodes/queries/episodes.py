"""Episodes: which, where they stand, the moments that windows are counted from."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.episodes.models import Anchor, Episode, EpisodeQuerySet
from accord.service.episodes.queries.standing import standing_in, standing_since
from accord.service.episodes.rules import ASKED, ENDED, State, state_after
from accord.service.errors import NotAllowed
from accord.service.people.rules.fitness import for_protocol


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One episode in a list: `episode.person` is loaded; `since` is when its state began."""

    episode: Episode
    state: State
    since: datetime


class WayRow(NamedTuple):
    """One episode in a long list, by key: where it stands, and since when."""

    episode_id: uuid.UUID
    person_id: uuid.UUID
    state: State
    since: datetime
    clinic_id: uuid.UUID  # whose she is


def episode(asker: Asker, episode_id: uuid.UUID, action: Action = Action.VIEW) -> Episode:
    """One episode with its person and clinic. Raises NotAllowed."""
    found = _loaded().for_(asker, action).filter(pk=episode_id).first()
    if found is None:
        raise NotAllowed(_("There is nothing here that you may see."))
    return found


def current_episode(asker: Asker, person_id: uuid.UUID | None) -> Episode | None:
    """Somebody's latest episode, or None where there is none that the asker may see."""
    found = _loaded().for_(asker, Action.VIEW).filter(person=person_id)
    return found.order_by("-opened_at", "-id").first()


def _loaded() -> EpisodeQuerySet:
    return Episode.objects.select_related("person__clinic", "clinic")


def state(episode: Episode) -> State:
    """Where an episode stands, from its steps."""
    return state_after(steps_of(episode)) or State.REFERRED


def steps_of(episode: Episode) -> list[str]:
    """The kinds of its steps, oldest first."""
    return list(episode.steps.order_by("at", "id").values_list("kind", flat=True))


def last_reason(episode: Episode) -> str:
    """The reason written with its latest step: for who is not eligible, the words of the rules (one a line)."""
    last = episode.steps.order_by("-at", "-id").first()
    return last.note or last.reason if last else ""


def overview(asker: Asker, *states: State, person_id: uuid.UUID | None = None) -> list[EpisodeRow]:
    """Every episode she may see, newest first, with its state; only those in `states`, or of a person, if named."""
    seen = Episode.objects.for_(asker, Action.VIEW)
    if person_id is not None:
        seen = seen.filter(person=person_id)
    rows = standing_in(seen, states).select_related("person__clinic", "referral").order_by("-opened_at", "-id")
    return [EpisodeRow(row, State(row.state), standing_since(row)) for row in rows]


def going_on(
    asker: Asker, resource: Resource = Resource.EPISODE, *, since: datetime, also: Collection[uuid.UUID] = ()
) -> dict[uuid.UUID, WayRow]:
    """By person, her latest episode whose `resource` the asker may see too, unless that ended before `since`; of the
    people in `also` it is told all the same. Two queries, which read nothing of who has gone."""
    rows = Episode.objects.for_(asker, Action.VIEW).for_(asker, Action.VIEW, resource)
    here = Q(state__in=[state.value for state in State if state not in ENDED]) | Q(state_since__gte=since)
    columns = ("opened_at", "pk", "person_id", "state", "state_since", "person__clinic_id")
    # two queries, not one with OR: a database joins for the first and looks up by key for the second
    found = [*rows.filter(here).values_list(*columns), *rows.filter(person__in=also).values_list(*columns)]
    found.sort(key=itemgetter(0, 1))
    return {who: WayRow(pk, who, State(kind), at or opened, clinic) for opened, pk, who, kind, at, clinic in found}


def episodes_with(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Episode]:
    """Episodes by key with their person, for lists whose rows were scoped before."""
    return {row.pk: row for row in _loaded().filter(pk__in=set(ids))}


def no_way() -> Q:
    """The filter for people who never had an episode."""
    return Q(~Exists(Episode.objects.filter(person=OuterRef("pk"))))


def asked_now(person_id: uuid.UUID | None = None) -> list[EpisodeRow]:
    """The episodes whose time-points are asked, with their anchors loaded; for the clock, or of one person. Two
    queries."""
    every = Episode.objects.all() if person_id is None else Episode.objects.filter(person=person_id)
    rows = standing_in(every, ASKED).select_related("person__clinic", "clinic")
    loaded = rows.prefetch_related("anchors").order_by("opened_at", "id")
    return [EpisodeRow(row, State(row.state), standing_since(row)) for row in loaded]


def anchors(episode: Episode) -> dict[str, datetime]:
    """The moments that windows are counted from, by name."""
    return {row.name: row.at for row in episode.anchors.all()}


def anchors_of(episode_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, datetime]]:
    """The same for many episodes, in one query."""
    found: dict[uuid.UUID, dict[str, datetime]] = {one: {} for one in episode_ids}
    for one, name, at in Anchor.objects.filter(episode__in=set(episode_ids)).values_list("episode_id", "name", "at"):
        found[one][name] = at
    return found


def covers_of(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """What whoever is to treat each of them must be certified for: the protocol of her latest episode, unless it has
    ended. One query."""
    rows = Episode.objects.filter(person__in=set(person_ids)).order_by("opened_at", "id")
    found: dict[uuid.UUID, tuple[str, ...]] = dict.fromkeys(person_ids, ())
    for who, slug, kind in rows.values_list("person_id", "protocol", "state"):
        found[who] = () if kind in ENDED else (for_protocol(slug),)
    return found
