"""What was answered: current answers, drafts, the newest answer of somebody to a question."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accord.service.assessments.models import Answer, Assessment, Draft
from accord.service.assessments.rules.questions import (
    QUESTIONS,
    Held,
    Key,
)


def _any_of(keys: Iterable[Key]) -> Q:
    found = Q(pk__in=())
    for name, item in keys:
        found |= Q(instrument=name, item=item)
    return found


def current(assessment: Assessment) -> dict[Key, Answer]:
    """The answers as they stand: of each question its highest revision."""
    rows = assessment.answers.order_by("revision")
    return {(row.instrument, row.item): row for row in rows}


def held(answers: dict[Key, Answer]) -> dict[Key, Held]:
    """The same as plain values, for the rules."""
    return {
        key: Held(row.value if row.value is not None else row.text or None, row.revision)
        for key, row in answers.items()
    }


def draft(assessment: Assessment, instrument: str, item: str) -> Draft | None:
    """What she was typing when she stopped."""
    return assessment.drafts.filter(instrument=instrument, item=item).first()


def answers_to_questions(assessment: Assessment) -> dict[str, object]:
    """The single questions (`questions:<id>`) answered in it, by id; what was left out is None."""
    return {item: row.value if row.value is not None else row.text or None
            for (kind, item), row in current(assessment).items() if kind == "questions"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Newest:
    """What somebody answered last of an instrument: values by item (left out: None), and when the last of them came.

    `asked_again`: it was asked once more since, and nothing of that is answered; what was said before may not hold.
    """

    values: dict[str, object]
    at: datetime
    asked_again: bool


def newest_answers(person_ids: Collection[uuid.UUID], names: Collection[str]) -> dict[uuid.UUID, dict[str, Newest]]:
    """For each person and each instrument of `names`, the newest asking that she answered. Two queries for any number.

    Single questions ("questions") are taken together over all askings, the newest answer of each.
    """
    asked: dict[tuple[uuid.UUID, str], uuid.UUID] = {}
    rows = Assessment.objects.filter(person__in=set(person_ids), informant="patient").order_by("made_at", "id")
    for pk, who, instruments in rows.values_list("pk", "person_id", "instruments"):
        asked |= {(who, name): pk for name in names if name in instruments}
    given: dict[tuple[uuid.UUID, str], dict[str, tuple[uuid.UUID, object, datetime]]] = {}
    answers = Answer.objects.filter(assessment__person__in=set(person_ids), instrument__in=set(names))
    columns = ("assessment__person_id", "assessment_id", "instrument", "item", "value", "at")
    for who, pk, name, item, value, at in answers.order_by(
        "assessment__made_at", "assessment_id", "revision"
    ).values_list(*columns):
        held = given.setdefault((who, name), {})
        if name != QUESTIONS and any(other != pk for other, _, _ in held.values()):
            held.clear()  # an instrument is read as a whole, from one asking
        held[item] = (pk, value, at)
    found: dict[uuid.UUID, dict[str, Newest]] = {}
    for (who, name), held in given.items():
        last = max(at for _, _, at in held.values())
        again = name != QUESTIONS and asked.get((who, name)) not in {pk for pk, _, _ in held.values()}
        found.setdefault(who, {})[name] = Newest({item: value for item, (_, value, _) in held.items()}, last, again)
    return found
