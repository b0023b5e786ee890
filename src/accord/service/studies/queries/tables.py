"""The tables of a chunk of ways, and those that belong to nobody in particular."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from accord.service.studies.queries import people, promises, scores, treatment
from accord.service.studies.queries.cast import Cast
from accord.service.studies.queries.frames import frame
from accord.service.studies.queries.ways import Ways


def tables_of(ways: Ways, cast: Cast, *, alerts_before: int = 0) -> dict[str, pl.DataFrame]:
    """Every table of these ways; a number of queries that does not grow with them. `alerts_before` were numbered."""
    answering = people.answering_by_way(ways)
    offered = list(treatment.lessons(ways))
    met = treatment.meetings(ways, cast)
    starts = treatment.starts(offered, met.rows, {row.name: row.episode for row in ways.rows})
    raised = promises.alerts(ways, alerts_before)
    return {
        "participants": frame("participants", people.participants(ways, cast, answering), cast.background),
        "events": frame("events", people.events(ways, cast, answering, starts)),
        "scores": frame("scores", scores.scores(ways)),
        "sessions": frame("sessions", met.rows),
        "contacts": frame("contacts", treatment.contacts(ways, cast, met.names)),
        "lessons": frame("lessons", offered),
        "alerts": frame("alerts", raised),
        "replies": frame("replies", promises.replies(ways)),
        "rescues": frame("rescues", promises.rescues(ways)),
    }


def common_tables(
    cast: Cast, clinic_ids: Sequence[uuid.UUID], names: Mapping[uuid.UUID, str], first: datetime | None
) -> dict[str, pl.DataFrame]:
    """Groups, therapists, complaints. `first`: when the first of the cohort came, from which complaints are counted."""
    return {
        "groups": frame("groups", treatment.groups(cast)),
        "therapists": frame("therapists", treatment.therapists(cast, clinic_ids)),
        "complaints": frame("complaints", promises.complaints(clinic_ids, cast, names, first)),
    }
