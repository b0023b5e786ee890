"""Whether each episode repeats its newest step (ADR 0017), asked of the steps themselves."""

from __future__ import annotations

from typing import Any


def out_of_step() -> list[tuple[Any, ...]]:
    """(key, state, its newest step) of every episode whose columns say something else than its steps."""
    from accord.service.episodes.models import Episode, Step

    newest: dict[Any, tuple[str, Any]] = {}
    for episode, kind, at in Step.objects.order_by("at", "id").values_list("episode_id", "kind", "at"):
        newest[episode] = (kind, at)
    rows = Episode.objects.values_list("pk", "state", "state_since")
    return [(pk, state, newest.get(pk)) for pk, state, at in rows if (state, at) != newest.get(pk, ("referred", None))]
