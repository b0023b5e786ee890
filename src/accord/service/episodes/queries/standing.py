"""Where many episodes stand, asked of the database: the kind of the last step of each.

Most episodes of a clinic have ended, and nothing follows a discharge or a withdrawal: a list of those on the way first
leaves out, by an index, whoever has such a step, and looks up the last step of the others only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from accord.service.episodes.models import EpisodeQuerySet, Step
from accord.service.episodes.rules import State, StepKind

FINAL = (StepKind.DISCHARGED.value, StepKind.WITHDRAWN.value)  # nothing follows these


def stated(rows: EpisodeQuerySet) -> QuerySet[Any]:
    """Each episode with `last_kind` and `last_at`, of its last step; None where it has none yet."""
    last = Step.objects.filter(episode=OuterRef("pk")).order_by("-at", "-id")
    return rows.annotate(last_kind=Subquery(last.values("kind")[:1]), last_at=Subquery(last.values("at")[:1]))


def standing_in(rows: EpisodeQuerySet, states: Collection[State]) -> QuerySet[Any]:
    """The episodes that stand in one of these states, stated."""
    wanted = {state.value for state in states}
    ended, going = wanted.intersection(FINAL), wanted.difference(FINAL)
    final = Step.objects.filter(episode=OuterRef("pk"))
    still = Q(~Exists(final.filter(kind__in=FINAL)), last_kind__in=sorted(going))
    if not ended:
        return stated(rows).filter(still)
    over = Q(pk__in=Step.objects.filter(kind__in=sorted(ended)).values("episode"))
    return stated(rows).filter(over | still if going else over)


def counted(rows: EpisodeQuerySet) -> dict[State, int]:
    """How many episodes stand in each state. Two queries."""
    over = rows.filter(steps__kind__in=FINAL).order_by().values_list("steps__kind").annotate(count=Count("pk"))
    going = standing_in(rows, [state for state in State if state.value not in FINAL]).order_by()
    found = [*over, *going.values_list("last_kind").annotate(count=Count("pk"))]
    return {State(kind): count for kind, count in found}


def state_of(row: Any) -> State:
    """The state of a row that is stated; before its first step an episode is a referral."""
    return State(row.last_kind) if row.last_kind else State.REFERRED
