"""Whether episodes repeat their newest step and threads who wrote last (ADR 0017), asked of steps and messages."""

from __future__ import annotations

from typing import Any


def out_of_step() -> list[tuple[Any, ...]]:
    """(key, what its column says, what is so) of every episode and thread whose columns say something else."""
    from accord.service.episodes.models import Episode, Step
    from accord.service.messaging.models import Message, Thread

    newest: dict[Any, tuple[str, Any]] = {}
    for episode, kind, at in Step.objects.order_by("at", "id").values_list("episode_id", "kind", "at"):
        newest[episode] = (kind, at)
    rows = Episode.objects.values_list("pk", "state", "state_since")
    wrong = [(pk, state, newest.get(pk)) for pk, state, at in rows if (state, at) != newest.get(pk, ("referred", None))]
    last = dict(Message.objects.order_by("sequence").values_list("thread_id", "author_id"))
    threads = Thread.objects.values_list("pk", "wrote_last")
    return wrong + [(pk, who, last.get(pk)) for pk, who in threads if who != last.get(pk)]
