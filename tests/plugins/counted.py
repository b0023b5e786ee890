"""A count to look at: the analysis of invented people, kept as a review without the way through an export."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4)
def counted_result(n: int = 300, seed: int = 1) -> dict[str, Any]:
    """What a review keeps of so many invented people in routine care."""
    from accord.science.analyses import analyse
    from accord.science.protocols import load_protocol
    from accord.science.simulation import simulate
    from accord.service.studies.rules.kept import as_kept

    protocol = load_protocol("routine-care")
    return as_kept(analyse(protocol, simulate(protocol, n=n, seed=seed), allow_invented=True), protocol)


def review_of(
    world: Any, clinic: Any, at: datetime | None = None, *, n: int = 300, seed: int = 1, result: Any = None
) -> Any:
    """A review of this clinic, as if it had been counted then."""
    from accord.service.library.queries import protocol_snapshot
    from accord.service.studies.models import Review

    return Review.objects.create(
        clinic=clinic, protocol="routine-care", snapshot=protocol_snapshot("routine-care"),
        counted_at=at or world.now, cohort_hash="0" * 64, result=result or counted_result(n, seed),
    )  # fmt: skip
