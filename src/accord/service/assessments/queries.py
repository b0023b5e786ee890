"""Reads about assessments, always scoped to who asks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accord.science.instruments import Instrument, load_instrument
from accord.science.instruments.wording import WordingPack, load_wording
from accord.science.programmes import Question, load_questions
from accord.science.protocols.burden import SECONDS_AN_ITEM, SECONDS_ON_A_BAD_DAY, Count, counter
from accord.science.protocols.ladder import Ladder
from accord.service.access.table import Action, Asker
from accord.service.assessments.models import Answer, Assessment, Draft, Score
from accord.service.assessments.rules.occasions import PATIENT
from accord.service.assessments.rules.questions import (
    FIRST_QUESTIONS,
    MOOD,
    OFFICIAL,
    OWN,
    QUESTIONS,
    RED_FLAGS,
    SAFETY,
    TOPICS,
    TRACKS,
    Decided,
    Held,
    Key,
    Slot,
    decided,
    lay_out,
    next_open,
    safety_facts,
    to_be_told,
    tracks_asked,
)
from accord.service.errors import NotAllowed
from accord.service.library.queries import ladder

DEMO = "demo:"


def assessment(asker: Asker, assessment_id: uuid.UUID, action: Action = Action.VIEW) -> Assessment:
    """One assessment with its episode, person and clinic. Raises NotAllowed."""
    rows = Assessment.objects.for_(asker, action).select_related("person__clinic", "episode")
    found = rows.filter(pk=assessment_id).first()
    if found is None:
        raise NotAllowed(_("There are no questions here that you may see."))
    return found


def assessments_of(asker: Asker, person_id: uuid.UUID | None) -> list[Assessment]:
    """Everything that somebody was asked, oldest first."""
    rows = Assessment.objects.for_(asker, Action.VIEW).filter(person=person_id)
    return list(rows.select_related("episode").order_by("made_at", "id"))


def of_time_point(episode_id: uuid.UUID, time_point: str, occasion: int = 0) -> Assessment | None:
    """The asking of one time-point of an episode (its first sitting), if it was opened."""
    rows = Assessment.objects.filter(episode=episode_id, time_point=time_point, occasion=occasion)
    return rows.order_by("sitting").first()


def sent_at(episode_id: uuid.UUID, time_point: str, occasion: int = 0) -> datetime | None:
    """When all sittings of a time-point were sent; None while one is missing."""
    rows = Assessment.objects.filter(episode=episode_id, time_point=time_point, occasion=occasion)
    sent = {row.sitting: row.submitted_at for row in rows if row.submitted_at}
    whole = next((row.sittings for row in rows), 0)
    return max(sent.values()) if sent and len(sent) == whole else None


def of_episodes(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Assessment]]:
    """Everything asked in these episodes, oldest first, with the number of answers so far (`begun`); two queries."""
    rows = (
        Assessment.objects.filter(episode__in=set(ids)).annotate(begun=Exists(_any_answer())).order_by("made_at", "id")
    )
    found: dict[uuid.UUID, list[Assessment]] = {one: [] for one in ids}
    for row in rows.select_related("person__clinic", "episode"):
        found[row.episode_id].append(row)
    return found


def waiting(asker: Asker, person_id: uuid.UUID | None, now: datetime) -> list[Assessment]:
    """What somebody can answer now, the one that matters first: signs for a doctor and what stands before a part, what
    she has begun, then what closes first; with `begun` as above."""
    rows = Assessment.objects.for_(asker, Action.VIEW).filter(
        person=person_id, submitted_at=None, closed_at=None, opens_at__lte=now
    )
    rows = rows.exclude(closes_at__lte=now).annotate(begun=Exists(_any_answer()))
    found = rows.select_related("person__clinic", "episode").order_by("made_at", "id")
    return sorted(found, key=_matters_first)


def _matters_first(row: Any) -> tuple[bool, bool, bool, datetime]:
    signs = RED_FLAGS in row.instruments[:1] or row.time_point == "practice_screen"
    return not signs, not row.begun, row.closes_at is None, row.closes_at or row.opens_at


@dataclass(frozen=True, slots=True)
class Asking:
    """An assessment in a list: when it was opened, is due, was sent or closed; whether an answer was begun."""

    made_at: datetime
    due_at: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None
    begun: bool


def askings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Asking]]:
    """Every asking of these episodes, oldest first, for lists: one query, and nobody's record is opened for it."""
    rows = Assessment.objects.filter(episode__in=set(ids)).annotate(begun=Exists(_any_answer()))
    found: dict[uuid.UUID, list[Asking]] = {one: [] for one in ids}
    columns = ("episode_id", "made_at", "due_at", "submitted_at", "closed_at", "begun")
    for episode, *row in rows.order_by("made_at", "id").values_list(*columns):
        found[episode].append(Asking(*row))
    return found


def past_their_window(now: datetime) -> list[Assessment]:
    """Those that were neither sent nor closed although their window has passed; for the clock."""
    rows = Assessment.objects.filter(submitted_at=None, closed_at=None, closes_at__lte=now)
    return list(rows.select_related("person__clinic", "episode").order_by("closes_at", "id"))


def _any_answer() -> QuerySet[Answer]:
    return Answer.objects.filter(assessment=OuterRef("pk"))


@lru_cache(maxsize=1)
def _counter(site: Path | None) -> Count:
    return counter(site)


def count(name: str) -> tuple[int, float, float]:
    """Items and seconds of an instrument, or of a single question; read once."""
    return (1, SECONDS_AN_ITEM, SECONDS_ON_A_BAD_DAY) if name.startswith(f"{QUESTIONS}:") else _counter(site())(name)


def asked_of_her(names: Iterable[str]) -> list[str]:
    """Those of some instruments that a patient answers herself (what a protocol keeps on record may be others')."""
    return [name for name in names if PATIENT in instrument(name).informants]


def unfinished(now: datetime) -> list[Assessment]:
    """What somebody began and has not sent, where a question of safety was answered with anything but "not at all" and
    time has not settled what that means; oldest first, for the clock (C3). What is harmless is not even loaded."""
    first = Answer.objects.filter(_any_of(FIRST_QUESTIONS), assessment=OuterRef("pk")).exclude(value=0)
    newest = Answer.objects.filter(assessment=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = Assessment.objects.filter(Exists(first), submitted_at=None, closed_at=None).annotate(newest=Subquery(newest))
    rows = rows.filter(Q(settled_at=None) | Q(settled_at__lt=F("newest")))
    return list(rows.select_related("person__clinic", "episode").order_by("made_at", "id"))


def _any_of(keys: Iterable[Key]) -> Q:
    found = Q(pk__in=())
    for name, item in keys:
        found |= Q(instrument=name, item=item)
    return found


# --- answers ------------------------------------------------------------------------------------------------------


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


def slots(assessment: Assessment) -> tuple[Slot, ...]:
    """The questions of an assessment, laid out."""
    return _laid_out(tuple(assessment.instruments), settings.SITE_FOLDER)


def next_slot(assessment: Assessment, answered: dict[Key, Held]) -> Slot | None:
    """The question that she would see next; None when all were asked."""
    return next_open(slots(assessment), answered)


@lru_cache(maxsize=256)
def _laid_out(asked: tuple[str, ...], site: Path | None) -> tuple[Slot, ...]:
    return lay_out(asked, lambda name: _instrument(name, site), lambda: _questions_of(site))


def instrument(name: str) -> Instrument:
    """An instrument, the site's own content first; read once by a running service."""
    return _instrument(name, settings.SITE_FOLDER)


@lru_cache(maxsize=256)
def _instrument(name: str, site: Path | None) -> Instrument:
    return load_instrument(name, site=site)


def wording(name: str, language: str) -> WordingPack | None:
    """The official words of an instrument, where this site has them."""
    return load_wording(name, language=language, site=settings.SITE_FOLDER)


@lru_cache(maxsize=4)
def _questions_of(site: Path | None) -> dict[str, Question]:
    return load_questions(site=site)


def answers_to_questions(assessment: Assessment) -> dict[str, object]:
    """The single questions (`questions:<id>`) answered in it, by id; what was left out is None."""
    return {item: row.value if row.value is not None else row.text or None
            for (kind, item), row in current(assessment).items() if kind == "questions"}  # fmt: skip


def scores(asker: Asker, assessment: Assessment) -> list[Score]:
    """The scores of a finished assessment, for who may see scores."""
    from accord.service.access.table import Resource

    seen = Assessment.objects.for_(asker, Action.VIEW, Resource.SCORE).filter(pk=assessment.pk)
    return list(Score.objects.filter(assessment__in=seen).order_by("instrument", "scale"))


@dataclass(frozen=True, slots=True)
class Point:
    """One score of one person. `demo`: not from the official wording, so no band, cut-off or claim of change (C6)."""

    at: datetime
    time_point: str
    occasion: int
    value: float
    demo: bool


def series(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, list[Point]]]:
    """Per person and scale (`phq_9.total`) every valid score, oldest first; one query. The caller checks access.

    Scores from demonstration wording stand under the plain scale and are marked on each point.
    """
    rows = Score.objects.filter(assessment__person__in=set(person_ids), valid=True, value__isnull=False)
    columns = ("assessment__person", "instrument", "scale", "value", "assessment__time_point", "assessment__occasion")
    found: dict[uuid.UUID, dict[str, list[Point]]] = {one: {} for one in person_ids}
    sent = Coalesce("assessment__submitted_at", "assessment__closed_at", "at")
    for person, name, scale, value, time_point, occasion, at in rows.order_by(sent, "pk").values_list(*columns, sent):
        ref = f"{name.removeprefix(DEMO)}.{scale}"
        point = Point(at, time_point, occasion, value, demo=name.startswith(DEMO))
        found[person].setdefault(ref, []).append(point)
    return found


def site() -> Path | None:
    """The site's own content folder."""
    return settings.SITE_FOLDER


def wordings_for(names: list[str], language: str) -> dict[str, str]:
    """Per instrument what will be shown: "own", "pack <language> <version>", or "topics only" (C6)."""
    found = {}
    for name in names:
        if name.startswith(f"{QUESTIONS}:") or instrument(name).own:
            found[name] = OWN
        else:
            pack = wording(name, language)
            found[name] = f"{OFFICIAL}{pack.language} {pack.version}" if pack else TOPICS
    return found


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


# --- what the safety ladder reads -----------------------------------------------------------------------------------


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


# --- plain rows of many episodes at once, for a cohort: no words of anybody; the caller has checked access -----------

BULK = 5000  # rows that a database hands over at a time


class AskedRow(NamedTuple):
    """One asking: by when it was sent, or closed unsent. `instruments` as they were asked."""

    assessment: uuid.UUID
    episode: uuid.UUID
    informant: str
    time_point: str
    occasion: int
    sitting: int
    instruments: list[str]
    session: uuid.UUID | None
    sent_at: datetime | None
    closed_at: datetime | None


def asked_rows(episode_ids: Collection[uuid.UUID], now: datetime) -> list[AskedRow]:
    """Every asking of these episodes that was sent or closed until now. One query."""
    over = Q(submitted_at__lte=now) | Q(closed_at__lte=now)
    rows = Assessment.objects.filter(over, episode__in=set(episode_ids)).order_by("made_at", "id")
    columns = ("pk", "episode_id", "informant", "time_point", "occasion", "sitting", "instruments", "session_id",
               "submitted_at", "closed_at")  # fmt: skip
    return [AskedRow(*row) for row in rows.values_list(*columns).iterator(chunk_size=BULK)]


class ScoredRow(NamedTuple):
    """One score; `instrument` carries the mark of a demonstration wording, where it was one (C6)."""

    assessment: uuid.UUID
    instrument: str
    scale: str
    version: str
    wording: str
    value: float | None
    valid: bool
    answered: int
    of: int


def scored_rows(episode_ids: Collection[uuid.UUID], now: datetime) -> Iterator[ScoredRow]:
    """Every score of these episodes until now, asking by asking. One query."""
    rows = Score.objects.filter(assessment__episode__in=set(episode_ids), at__lte=now)
    columns = ("assessment_id", "instrument", "scale", "version", "wording", "value", "valid", "answered", "of")
    found = rows.order_by("assessment_id", "instrument", "scale").values_list(*columns)
    return (ScoredRow(*row) for row in found.iterator(chunk_size=BULK))


def told_of_herself(
    episode_ids: Collection[uuid.UUID], names: Collection[str], now: datetime
) -> dict[uuid.UUID, dict[str, object]]:
    """What was answered last to these single questions in each episode; text is not read. One query."""
    rows = Answer.objects.filter(
        assessment__episode__in=set(episode_ids), instrument=QUESTIONS, item__in=set(names), at__lte=now
    )
    columns = ("assessment__episode_id", "item", "value")
    found: dict[uuid.UUID, dict[str, object]] = {}
    ordered = rows.order_by("assessment__made_at", "assessment_id", "revision").values_list(*columns)
    for episode, item, value in ordered.iterator(chunk_size=BULK):
        found.setdefault(episode, {})[item] = value
    return found
