"""Where many episodes stand. Lists read what each episode repeats of its newest step (ADR 0017)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count

from accord.service.episodes.models import Episode, EpisodeQuerySet
from accord.service.episodes.rules import State


def standing_in(rows: EpisodeQuerySet, states: Collection[State]) -> EpisodeQuerySet:
    """The episodes that stand in one of these states; all where none is named."""
    return rows.filter(state__in=[state.value for state in states]) if states else rows


def counted(rows: EpisodeQuerySet) -> dict[State, int]:
    """How many episodes stand in each state."""
    found: Any = rows.order_by().values_list("state").annotate(count=Count("pk"))
    return {State(state): count for state, count in found}


def standing_since(row: Episode) -> datetime:
    """Since when an episode stands where it stands."""
    return row.state_since or row.opened_at
