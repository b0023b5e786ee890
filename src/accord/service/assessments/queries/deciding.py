"""What the ladder reads of an assessment, and what it decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError

from accord.science.protocols.ladder import Ladder
from accord.service.assessments.models import Answer, Assessment
from accord.service.assessments.queries.answers import current, held
from accord.service.assessments.queries.definitions import instrument
from accord.service.assessments.rules.questions import (
    MOOD,
    OFFICIAL,
    SAFETY,
    TRACKS,
    Decided,
    Key,
    decided,
    safety_facts,
    to_be_told,
    tracks_asked,
)
from accord.service.library.queries import ladder


def facts(assessment: Assessment, now: datetime, answers: dict[Key, Answer] | None = None) -> dict[str, object]:
    """The record that `science.protocols.ladder.tier_of` decides; `last_tier` is care's and is added by the flow."""
    answers = current(assessment) if answers is None else answers
    asked = answers.get((SAFETY, "item_1"))
    official = str(assessment.wordings.get(MOOD, "")).startswith(OFFICIAL)
    return safety_facts(
        held(answers),
        minutes=(now - asked.at).total_seconds() / 60 if asked else None,
        previous=_previous(assessment),
        official=official,
        total=_mood_total(answers) if official else None,
    )


def decisions(
    assessment: Assessment, last_tier: Callable[[], int], now: datetime, *, saved: Answer | None = None
) -> list[Decided]:
    """What is to be told of an assessment: after one answer (`saved`), or of all of it once it is sent.

    When facts or ladder cannot be read, the fail-safe says so: a person must look. A failing database is not caught,
    because then nothing was kept either.
    """
    if saved is not None and saved.instrument not in TRACKS:
        return []
    answers = current(assessment)
    official = str(assessment.wordings.get(MOOD, "")).startswith(OFFICIAL)
    tracks = tracks_asked(held(answers), official=official)
    if saved is not None:
        tracks = [track for track in tracks if track in TRACKS[saved.instrument]]
    if not tracks:
        return []
    record, rules = _read(assessment, now, answers, last_tier, sent=saved is None)
    again = saved is not None and saved.value is None and saved.revision > 1
    found = [decided(rules, record, track) for track in tracks]
    return [one for one in found if to_be_told(one.outcome, finished=saved is None, left_out_again=again)]


def _read(
    assessment: Assessment, now: datetime, answers: dict[Key, Answer], last_tier: Callable[[], int], *, sent: bool
) -> tuple[dict[str, object] | None, Ladder | None]:
    try:
        record = facts(assessment, now, answers) | {"last_tier": last_tier()}
        if sent:
            record.pop("follow_up_minutes", None)  # nothing more will come: what was left open has waited long enough
        return record, ladder(assessment.episode.ladder_id)
    except DatabaseError:
        raise
    except Exception:  # whatever it was, the answer is kept and somebody is told
        return None, None


def _previous(assessment: Assessment) -> dict[Key, object]:
    """The latest answers to the two risk questions on earlier occasions of the same person."""
    wanted = Answer.objects.filter(
        assessment__person=assessment.person_id, assessment__made_at__lt=assessment.made_at,
        instrument__in=(SAFETY, MOOD), item__in=("item_1", "item_9"),
    )  # fmt: skip
    rows = wanted.exclude(assessment=assessment.pk).order_by("assessment__made_at", "revision")
    return {(row.instrument, row.item): row.value for row in rows}


def _mood_total(answers: dict[Key, Answer]) -> float | None:
    """The total of a PHQ-9 once all of its questions were shown; by the instrument's own missing rule."""
    import polars as pl

    from accord.science.instruments import score_answers

    definition = instrument(MOOD)
    if any((MOOD, item.id) not in answers for item in definition.items):
        return None
    frame = pl.DataFrame(
        {item.id: [answers[MOOD, item.id].value] for item in definition.items},
        schema_overrides={i.id: pl.Float64 for i in definition.items},
    )
    return score_answers(definition, frame)["total"][0]
