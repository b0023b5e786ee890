"""Random streams: one for each purpose and chunk, so that the order of work does not matter (and chunks are alike)."""

from __future__ import annotations

import numpy as np

# The order is part of what a seed means: add at the end.
PURPOSES = (
    "cast", "people", "clusters", "severities", "days", "skipped", "leaving", "reading", "meetings", "contacts",
    "referred", "background", "events", "deviations", "sessions", "lessons", "laboratory", "recordings", "reference",
    "healthy", "therapists", "guesses", "office", "alerts", "replies", "rescues", "complaints", "load",
)  # fmt: skip
WHOLE = 0  # the key of what belongs to the cohort as a whole; chunk i has the key i + 1


def stream(seed: int, purpose: str, *, chunk: int | None = None) -> np.random.Generator:
    """A generator for a purpose, of a chunk or (None) of the whole cohort."""
    key = (WHOLE if chunk is None else chunk + 1, PURPOSES.index(purpose))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
