"""Counting along while a cohort is made, and keeping the counts for the research pages."""

from __future__ import annotations

import uuid
from datetime import datetime

import polars as pl

from accord.service.studies.models import Tally as TallyRow
from accord.service.studies.queries.ways import Ways
from accord.service.studies.rules.tally import Tally


def count_along(tally: Tally, ways: Ways, scores: pl.DataFrame) -> None:
    """Add a chunk of people to the counts."""
    tally.add_people((f"{row.count.zero:%Y-%m}" if row.enrolled else None, row.answers) for row in ways.rows)
    who = pl.col("participant")
    asked = scores.group_by("time_point", "instrument").agg(
        due=who.n_unique(), answered=who.filter(pl.col("value").is_not_null()).n_unique()
    )
    tally.add_scores(asked.iter_rows())


def keep_tally(*, clinic_id: uuid.UUID, protocol: str, tally: Tally, now: datetime) -> None:
    """The newest counts take the place of older ones; not audited: they are counts, and the cohort's maker is."""
    newer = TallyRow.objects.filter(clinic=clinic_id, protocol=protocol, counted_at__gt=now)
    if not newer.exists():
        TallyRow.objects.update_or_create(
            clinic_id=clinic_id, protocol=protocol, defaults={"counted_at": now, "counts": tally.to_json()}
        )
