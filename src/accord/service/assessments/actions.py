"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.assessments.models import Answer, Assessment, Draft, Score
from accord.service.assessments.policies import check_can_answer
from accord.service.assessments.queries import current, held, instrument, slots
from accord.service.assessments.rules.occasions import PATIENT
from accord.service.assessments.rules.questions import OWN, QUESTIONS, SAME, SAME_ANSWER, TOPICS, next_open
from accord.service.audit.actions import record
from accord.service.errors import NotNow, Stale

MOST_CHARACTERS = 5_000  # of a free text


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands now. `replayed` when the same post (or the same answer) had come before: nothing was written."""

    answer: Answer
    replayed: bool


def _told(assessment: Assessment, action: str, by: Asker, now: datetime, **more: Any) -> None:
    record(
        stream=f"person:{assessment.person_id}", action=action, resource="assessment", resource_id=assessment.pk,
        by=by.person_id, role=by.main_role(), now=now, **more,
    )  # fmt: skip


@transaction.atomic
def open_assessment(
    *, episode: Any, time_point: str, instruments: list[str], wordings: dict[str, str], by: Asker, now: datetime,
    occasion: int = 0, sitting: int = 1, sittings: int = 1, opens_at: datetime | None = None,
    due_at: datetime | None = None, closes_at: datetime | None = None,
) -> Assessment:  # fmt: skip
    """Ask the person of an episode. Opening the same sitting of a time-point twice opens it once.

    `wordings` says per instrument what will be shown: "own", "topics only", or "pack <language> <version>" (C6).
    """
    opened, made = Assessment.objects.get_or_create(
        episode=episode, time_point=time_point, occasion=occasion, sitting=sitting, informant=PATIENT,
        person=episode.person,
        defaults={
            "instruments": instruments, "planned": instruments, "sittings": sittings, "wordings": wordings,
            "demonstration": TOPICS in wordings.values(), "opens_at": opens_at or now, "due_at": due_at,
            "closes_at": closes_at, "made_at": now,
        },
    )  # fmt: skip
    if made:
        _told(opened, "open_assessment", by, now, facts={"time_point": time_point, "instruments": instruments})
    return opened


@transaction.atomic
def set_extent(*, assessment: Assessment, instruments: list[str], extent: str, by: Asker, now: datetime) -> bool:
    """Ask the minimum, or the whole set again, of an assessment that was not begun; whether anything changed (C7)."""
    row = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if row.submitted_at or row.closed_at or row.extent == extent or row.answers.exists() or row.drafts.exists():
        return False
    Assessment.objects.filter(pk=row.pk).update(instruments=instruments, extent=extent)
    assessment.instruments, assessment.extent = instruments, extent
    _told(row, "set_extent", by, now, facts={"extent": extent, "instruments": instruments})
    return True


def settle(*, assessment: Assessment, now: datetime) -> None:
    """Nothing that its unsent answers could still come to mean is left; a later answer has it looked at again."""
    Assessment.objects.filter(pk=assessment.pk).update(settled_at=now)


@transaction.atomic
def close_missed(*, assessment: Assessment, by: Asker, now: datetime) -> bool:
    """Its window passed, or she left, and it was not sent: nothing more is asked. What she had answered is scored."""
    if not Assessment.objects.filter(pk=assessment.pk, submitted_at=None, closed_at=None).update(closed_at=now):
        return False
    assessment.closed_at = now
    answers = current(assessment)
    made = _scores(assessment, answers, now) if answers else []
    facts = {"time_point": assessment.time_point, "answered": len(answers), "scores": len(made)}
    _told(assessment, "close_missed", by, now, facts=facts)
    return True


@transaction.atomic
def save_answer(
    *, assessment: Assessment, instrument: str, item: str, value: Any, text: str = "", revision: int, key: uuid.UUID,
    by: Asker, now: datetime,
) -> Saved:  # fmt: skip
    """Keep one answer. `revision` is the one that the page showed (0: none yet); the row gets the next.

    The same `key` with the same answer is the same post: nothing is written. Another answer that was stored since the
    page was shown is never overwritten: Stale carries both. `value` None with no text is "I would rather not answer".
    Raises Stale, NotAllowed, NotNow (sent already, not open).
    """
    known = assessment.answers.filter(key=key).first()
    if known is not None:
        return _replayed(known, instrument, item, value, text)
    check_can_answer(by, assessment, now)
    last = _last(assessment, instrument, item)
    stored = last.revision if last else 0
    if last is not None and stored != revision:
        return _other(last, value, text)
    try:
        with transaction.atomic():
            answer = Answer.objects.create(
                assessment=assessment, instrument=instrument, item=item, revision=stored + 1, key=key, value=value,
                text=text, at=now, by=by.person_id,
            )  # fmt: skip
    except IntegrityError:  # another request was faster: what it stored decides
        return _after_race(assessment, instrument, item, value, text, key)
    assessment.drafts.filter(instrument=instrument, item=item).delete()
    facts = {
        "instrument": instrument,
        "item": item,
        "revision": answer.revision,
        "left_out": value is None and not text,
    }
    _told(assessment, "save_answer", by, now, facts=facts, personal={"answer": f"{value!r} {text}"})
    return Saved(answer, replayed=False)


def _last(assessment: Assessment, instrument: str, item: str) -> Answer | None:
    return assessment.answers.filter(instrument=instrument, item=item).order_by("-revision").first()


def _replayed(known: Answer, instrument: str, item: str, value: Any, text: str) -> Saved:
    if (known.instrument, known.item) != (instrument, item):
        raise NotNow(_("This page was sent before, with another question."), cure=_("Open the question again."))
    return _other(known, value, text)


def _other(last: Answer, value: Any, text: str) -> Saved:
    """The same answer was stored already, or another one: then both are shown and she decides."""
    if (last.value, last.text or "") == (value, text):
        return Saved(last, replayed=True)
    cure = _("Nothing was overwritten. Choose which of the two answers counts.")
    message = _("This question was answered meanwhile, in another window or on another device.")
    raise Stale(message, cure=cure, held=last, given=(value, text))


def _after_race(assessment: Assessment, instrument: str, item: str, value: Any, text: str, key: uuid.UUID) -> Saved:
    known = assessment.answers.filter(key=key).first()
    if known is not None:
        return _replayed(known, instrument, item, value, text)
    return _other(assessment.answers.filter(instrument=instrument, item=item).latest("revision"), value, text)


@transaction.atomic
def keep_draft(
    *, assessment: Assessment, instrument: str, item: str, text: str, revision: int, by: Asker, now: datetime
) -> Draft:
    """Keep what she is typing. An older page never overwrites a newer draft: Stale carries what is kept."""
    check_can_answer(by, assessment, now)
    kept, made = Draft.objects.get_or_create(
        assessment=assessment, instrument=instrument, item=item, defaults={"revision": 1, "text": text, "at": now}
    )
    if made or kept.text == text:
        return kept
    if not Draft.objects.filter(pk=kept.pk, revision=revision).update(revision=F("revision") + 1, at=now):
        message = _("A newer text is kept, from another window or device.")
        raise Stale(message, cure=_("Open the question again to see it."), held=kept, given=(None, text))
    kept.revision, kept.text, kept.at = revision + 1, text, now
    kept.save(update_fields=["text"])
    return kept


@transaction.atomic
def finish(*, assessment: Assessment, by: Asker, now: datetime) -> list[Score]:
    """Send an assessment: from now on its answers stand, and they are scored. Sending twice is sending once.

    Raises NotNow while a question is open that was not answered and not left out.
    """
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if locked.submitted_at is not None:
        assessment.submitted_at = locked.submitted_at
        return list(locked.scores.all())
    check_can_answer(by, locked, now)
    answers = current(locked)
    if next_open(slots(locked), held(answers)) is not None:
        raise NotNow(_("Some questions are still open."), cure=_("Go on where you stopped; all you answered is kept."))
    Assessment.objects.filter(pk=locked.pk).update(submitted_at=now)
    assessment.submitted_at = now
    made = _scores(locked, answers, now)
    _told(locked, "finish_assessment", by, now, facts={"time_point": locked.time_point, "scores": len(made)})
    return made


def _scores(assessment: Assessment, answers: dict[tuple[str, str], Answer], now: datetime) -> list[Score]:
    """The scores of an assessment, stored."""
    asked = [name for name in assessment.instruments if not name.startswith(QUESTIONS)]
    return Score.objects.bulk_create([score for name in asked for score in _scored(assessment, name, answers, now)])


def _scored(assessment: Assessment, name: str, answers: dict[tuple[str, str], Answer], now: datetime) -> list[Score]:
    """The scores of one instrument by `science.instruments`: the page and a file of a million rows share this."""
    import polars as pl

    from accord.science.instruments import score_answers

    definition = instrument(name)
    if not definition.scales:
        return []
    shown = assessment.wordings.get(name, OWN if definition.own else TOPICS)
    demo = shown == TOPICS
    values = {item.id: [_number(answers, (name, item.id))] for item in definition.items}
    frame = pl.DataFrame(values, schema=dict.fromkeys(values, pl.Float64))
    row = score_answers(definition, frame, wording=TOPICS if demo else "official").row(0, named=True)
    mark, main = ("demo_", f"demo:{name}") if demo else ("", name)
    made = []
    for scale in definition.scales.values():
        prefix = "" if scale is definition.main else f"{mark}{scale.id}_"
        made.append(
            Score(
                assessment=assessment, instrument=main, scale=scale.id, version=definition.version, wording=shown,
                value=row[f"{mark}{scale.id}"], valid=bool(row[f"{prefix}valid"]),
                answered=row[f"{prefix}answered"] or 0, of=len(scale.items), band=row.get(f"{prefix}band") or "",
                note=(row.get("note") or "")[:200], at=now,
            )
        )  # fmt: skip
    return made


def _number(answers: dict[tuple[str, str], Answer], key: tuple[str, str]) -> float | None:
    answer = answers.get(key)
    if answer is None and key in SAME and (same := answers.get(SAME[key])) is not None:
        return SAME_ANSWER.get(str(same.value))
    return float(answer.value) if answer is not None and isinstance(answer.value, int | float) else None
