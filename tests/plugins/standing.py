"""Whether episodes repeat their newest step, threads who wrote last and when she did (ADR 0017), asked of the rows."""

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
    last, heard = {}, {}
    said = Message.objects.order_by("sequence").values_list("thread_id", "author_id", "sent_at", "thread__person_id")
    for thread, author, at, person in said:
        last[thread] = author
        if author == person:
            heard[thread] = at
    threads = Thread.objects.values_list("pk", "wrote_last", "heard_at")
    so = [(pk, (who, at), (last.get(pk), heard.get(pk))) for pk, who, at in threads]
    return wrong + [one for one in so if one[1] != one[2]]
