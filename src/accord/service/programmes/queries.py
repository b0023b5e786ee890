"""Reads about courses. Those that take an `asker` show only what she may see; the others take a course that was."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accord.science.programmes import (
    Change,
    HarmText,
    Lesson,
    LessonState,
    LessonText,
    Practice,
    Programme,
    Progress,
    Screened,
    Tailored,
    screened,
    tailored,
    unlocked,
)
from accord.science.programmes.blocks import PracticeBlock
from accord.science.programmes.lesson_text import Block
from accord.service.access.table import SERVICE, Action, Asker
from accord.service.assessments import queries as assessments
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow
from accord.service.library import queries as library
from accord.service.people import queries as people
from accord.service.programmes.models import Course, Entry, EntryDraft, Flare, Mark, Move, PathChange, Practised
from accord.service.programmes.rules import days, facts, flares, path, versions, words

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.library.models import Snapshot

ENROLMENT = "enrolment"
THERAPISTS = ("therapist", "handover")  # reasons of accountability that mean: she has a therapist
ASKED = ("red_flags", "questions")  # what the facts of a programme rest on


# ---------------------------------------------------------------------------------------------------- a course


def course_of(asker: Asker, person_id: uuid.UUID | None) -> Course | None:
    """The course of somebody's latest episode that has one; None where there is none that the asker may see."""
    rows = Course.objects.for_(asker, Action.VIEW).filter(person=person_id).pinned()
    return rows.order_by("-began_at", "-id").first()


def snapshot_of(course: Course) -> uuid.UUID:
    """The snapshot that a course follows now."""
    known = getattr(course, "pinned_id", None)
    if known is None:
        newest = course.moves.order_by("-at", "-id").values_list("snapshot_id", flat=True).first()
        known = newest or course.snapshot_id
    return uuid.UUID(str(known))


def programme_of(course: Course) -> Programme:
    """The programme that she follows, word for word as it was when her course was pinned to it."""
    return library.programme(snapshot_of(course))


def zone_of(course: Course) -> ZoneInfo:
    return course.person.zone()


def today_of(course: Course, now: datetime) -> date:
    """Her date."""
    return days.local_day(now, zone_of(course))


# ---------------------------------------------------------------------------------------------------- what is known


@dataclass(frozen=True, slots=True)
class _Path:
    """The rows of one course that say where she is, as plain values, and her days."""

    course: Course
    programme: Programme
    enrolled: datetime
    anchors: dict[str, int]
    marks: list[path.Marked]
    changes: list[path.Changed]
    record: dict[str, object]
    spells: list[tuple[Flare, flares.Spell]]
    practised: list[tuple[date, int]]

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.course)


def record(course: Course, now: datetime) -> dict[str, object]:
    """What the rules of her programme read: facts from her newest answers, and what she saved (`answers.<field>`)."""
    given = assessments.newest_answers([course.person_id], ASKED).get(course.person_id, {})
    cleared = _cleared_at(course.changes.all())
    values = {f"{row.lesson}/{row.block}": _value(row) for row in _current_entries([course.pk])}
    return facts.facts(_known(given), cleared) | facts.answers(values)


def _known(given: Mapping[str, assessments.Newest]) -> facts.Known:
    flags, questions = given.get("red_flags"), given.get("questions")
    values = flags.values if flags is not None and not flags.asked_again else {}
    return facts.Known(values, flags.at if flags else None, questions.values if questions else {})


def _cleared_at(changes: Iterable[PathChange]) -> datetime | None:
    return max((row.at for row in changes if row.kind == PathChange.Kind.CLEARED), default=None)


def _paths(courses: list[Course], now: datetime, *, whole: bool) -> dict[uuid.UUID, _Path]:
    """The paths of some courses in a number of queries that does not grow with them.

    `whole`: with all that she saved; otherwise only what the unlocking rules of the programmes read is opened.
    """
    keys, who = [course.pk for course in courses], {course.person_id for course in courses}
    anchors = episodes.anchors_of([course.episode_id for course in courses])
    given = assessments.newest_answers(who, ASKED)
    marks, changes = _grouped(Mark, keys), _grouped(PathChange, keys)
    practised, spells = _practised_rows(keys), _flares_by_person(who)
    programmes = {course.pk: programme_of(course) for course in courses}
    saved = _answers_needed(courses, programmes, whole=whole)
    found: dict[uuid.UUID, _Path] = {}
    for course in courses:
        zone, own = zone_of(course), anchors[course.episode_id]
        enrolled = own.get(ENROLMENT, course.began_at)
        rows = changes.get(course.pk, [])
        known = facts.facts(_known(given.get(course.person_id, {})), _cleared_at(rows))
        found[course.pk] = _Path(
            course=course, programme=programmes[course.pk], enrolled=enrolled,
            anchors={name.replace("-", "_"): days.course_day(at, zone, enrolled) for name, at in own.items()},
            marks=[path.Marked(row.kind, row.lesson, row.part, days.course_day(row.at, zone, enrolled))
                   for row in marks.get(course.pk, [])],
            changes=[path.Changed(row.kind, row.lesson, row.reason, days.course_day(row.at, zone, enrolled))
                     for row in rows],
            record=known | facts.answers(saved.get(course.pk, {})),
            spells=[(row, _spell(row)) for row in spells.get(course.person_id, [])],
            practised=practised.get(course.pk, []),
        )  # fmt: skip
    return found


def _grouped(model: Any, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {}
    for row in model.objects.filter(course__in=keys).order_by("at", "id"):
        found.setdefault(row.course_id, []).append(row)
    return found


def _practised_rows(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[tuple[date, int]]]:
    """(day, minutes) of what counts: of each practice and day the highest revision."""
    rows = Practised.objects.filter(course__in=keys).order_by("revision")
    last = {(row[0], row[1], row[2]): row[3] for row in rows.values_list("course_id", "practice", "on", "minutes")}
    found: dict[uuid.UUID, list[tuple[date, int]]] = {}
    for (course_id, _practice, on), minutes in last.items():
        found.setdefault(course_id, []).append((on, minutes))
    return found


def _answers_needed(
    courses: list[Course], programmes: Mapping[uuid.UUID, Programme], *, whole: bool
) -> dict[uuid.UUID, dict[str, dict[str, object]]]:
    read = {key for key, one in programmes.items() if any(n.startswith("answers.") for n in path.facts_of_path(one))}
    keys = [course.pk for course in courses if whole or course.pk in read]
    found: dict[uuid.UUID, dict[str, dict[str, object]]] = {}
    for row in _current_entries(keys) if keys else []:
        found.setdefault(row.course_id, {})[f"{row.lesson}/{row.block}"] = _value(row)
    return found


def _current_entries(keys: Collection[uuid.UUID]) -> list[Entry]:
    """Of each block the highest revision, in the order they were saved."""
    rows = Entry.objects.filter(course__in=keys).order_by("revision", "at", "id")
    last = {(row.course_id, row.lesson, row.block): row for row in rows}
    return sorted(last.values(), key=lambda row: (row.at, row.pk))


def _value(row: Entry | EntryDraft) -> dict[str, Any]:
    return dict(json.loads(row.value)) if row.value else {}


# ---------------------------------------------------------------------------------------------------- where she is


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """Where she is in her course on a day, in words and numbers that pages show.

    `current`: what comes now (begun before open, not what is to wait). `due_on`: the day by which it is hoped to be
    done, moved by each day of a flare; None when no day can be told. `practised_days_this_week`: of the last seven.
    """

    course: Course
    programme: Programme
    day: int
    today: date
    states: list[LessonState]
    current: LessonState | None
    next_opens: LessonState | None
    done: int
    total: int
    flare: Flare | None
    practised_days_this_week: int
    due_on: date | None
    parts_done: Mapping[str, frozenset[int]]
    changes: Mapping[str, Change]
    progress: Progress = field(repr=False)

    def state_of(self, lesson_id: str) -> LessonState | None:
        return next((one for one in self.states if one.lesson.id == lesson_id), None)

    def opens_on(self, one: LessonState) -> date | None:
        """The date on which a shut lesson opens, where a day can be told."""
        if one.opens_on_day is None:
            return None
        return self.today + timedelta(days=one.opens_on_day - self.day)


def standing(course: Course, now: datetime) -> CourseStanding:
    """Where she is now."""
    return _standing(_paths([course], now, whole=True)[course.pk], now)


def preview(course: Course, on: date) -> CourseStanding:
    """What she would see on a day ("patient X on day N"), if she did nothing from now on; an earlier day as it was.

    Noon of that day in her zone; what happened on later days is left out. Facts and answers are those of today.
    """
    noon = datetime.combine(on, time(12), tzinfo=zone_of(course)).astimezone(UTC)
    return _standing(_paths([course], noon, whole=True)[course.pk], noon)


def _standing(one: _Path, now: datetime) -> CourseStanding:
    course, programme = one.course, one.programme
    today, day = days.local_day(now, one.zone), days.course_day(now, one.zone, one.enrolled)
    progress = path.progress_of(one.marks, one.changes, one.anchors, one.record, day)
    modules = course.modules or None
    states = unlocked(programme, progress, day, modules=modules, length=course.length)
    running = next((row for row, spell in reversed(one.spells) if spell.runs(now)), None)
    now_comes = path.current(states, progress.changes)
    due = None
    if now_comes is not None:
        moved = _flare_days_since(one, now_comes.lesson.id, progress)
        due = path.due_day(
            programme, progress, now_comes.lesson.id, modules=modules, length=course.length, flare_days=moved
        )
    return CourseStanding(
        course=course, programme=programme, day=day, today=today, states=states, current=now_comes,
        next_opens=path.next_opens(states), done=sum(state.state == "done" for state in states),
        total=sum(state.state != "skipped" for state in states), flare=running,
        practised_days_this_week=days.practised_days(one.practised, today),
        due_on=None if due is None else today + timedelta(days=due - day),
        parts_done=path.parts_done(one.marks, day), changes=progress.changes, progress=progress,
    )  # fmt: skip


def _flare_days_since(one: _Path, lesson_id: str, progress: Progress) -> int:
    """Flare days since she began a lesson, or since her treatment began where she has not."""
    since = progress.started.get(lesson_id, min(progress.anchors.values(), default=0))
    first = days.local_day(one.enrolled, one.zone) + timedelta(days=since)
    covered = {day for _row, spell in one.spells for day in flares.days_of(spell, one.zone)}
    return sum(day >= first for day in covered)


# ---------------------------------------------------------------------------------------------------- one lesson


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as she sees it: every block with the reason why it is or is not shown."""

    number: int
    title: str
    minutes: int
    blocks: tuple[Tailored, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson for her. `because`: why it is open, or what was decided with her about it."""

    course: Course
    programme: Programme
    lesson: Lesson
    text: LessonText
    opening: tuple[Tailored, ...]
    parts: tuple[PartView, ...]
    part_done: frozenset[int]
    state: LessonState
    because: str

    @property
    def next_part(self) -> PartView | None:
        """Where she goes on: the first part that is not done."""
        return next((part for part in self.parts if not part.done), None)

    def part(self, number: int) -> PartView | None:
        return next((part for part in self.parts if part.number == number), None)

    def block(self, block_id: str) -> Tailored | None:
        every = (*self.opening, *(block for part in self.parts for block in part.blocks))
        return next((one for one in every if one.block.id == block_id), None)


def tailored_lesson(course: Course, lesson_id: str, now: datetime) -> LessonView:
    """A lesson as she reads it. Raises NotAllowed for one that is not in her course; NotNow, with the reason, for one
    that is not open for her. Lessons that she began once never shut.
    """
    one = _paths([course], now, whole=True)[course.pk]
    stands = _standing(one, now)
    state = stands.state_of(lesson_id)
    if state is not None and not path.readable(state, stands.progress):
        raise NotNow(state.reason, cure=_("The others stay open for you."))
    return _view(one, stands, lesson_id)


def preview_lesson(course: Course, lesson_id: str, on: date) -> LessonView:
    """The same on any day and open or not, for who prepares it with her: what she would see, and why."""
    noon = datetime.combine(on, time(12), tzinfo=zone_of(course)).astimezone(UTC)
    one = _paths([course], noon, whole=True)[course.pk]
    return _view(one, _standing(one, noon), lesson_id)


def _view(one: _Path, stands: CourseStanding, lesson_id: str) -> LessonView:
    state, text = stands.state_of(lesson_id), None
    if state is not None:
        text = one.programme.text(lesson_id)
    if state is None or text is None:
        raise NotAllowed(_("There is no such lesson in this course."))
    seen = {found.block.id: found for found in tailored(text, one.record, programme=one.programme)}
    done = stands.parts_done.get(lesson_id, frozenset())
    parts = tuple(
        PartView(number, part.title, part.minutes, tuple(seen[block.id] for block in part.blocks), number in done)
        for number, part in enumerate(text.parts, start=1)
    )
    opening = tuple(seen[block.id] for block in text.opening)
    return LessonView(one.course, one.programme, state.lesson, text, opening, parts, done, state, state.reason)


@dataclass(frozen=True, slots=True)
class PracticeView:
    """A practice as it is offered to her: with its harm text, its script and, where its screen is not passed, the one
    that is offered instead (`screened`)."""

    id: str
    practice: Practice
    harm: HarmText
    screened: Screened
    lesson: str  # where its script stands; empty: it has none
    script: Block | None


def practices(course: Course, now: datetime) -> list[PracticeView]:
    """The practices of the lessons she has begun, in the order of the programme."""
    one = _paths([course], now, whole=True)[course.pk]
    stands = _standing(one, now)
    open_to_her = [state.lesson for state in stands.states if path.readable(state, stands.progress)]
    names = dict.fromkeys(name for lesson in open_to_her for name in lesson.practices)
    offered = dict.fromkeys(screened(one.programme, name, one.record).offered for name in names)
    return [_practice(one, name) for name in {**names, **offered}]


def practice(course: Course, practice_id: str, now: datetime) -> PracticeView:
    """One practice of her programme. Raises NotAllowed for another."""
    one = _paths([course], now, whole=True)[course.pk]
    if practice_id not in one.programme.practices:
        raise NotAllowed(_("There is no such practice in this course."))
    return _practice(one, practice_id)


def _practice(one: _Path, name: str) -> PracticeView:
    lesson, script = _script(one.programme, name)
    return PracticeView(
        name, one.programme.practices[name], one.programme.harm_text(name), screened(one.programme, name, one.record),
        lesson, script,
    )  # fmt: skip


def _script(programme: Programme, name: str) -> tuple[str, Block | None]:
    for lesson in programme.lessons:
        text = programme.text(lesson.id)
        for block in text.blocks if text else ():
            if isinstance(block.head, PracticeBlock) and block.head.practice == name:
                return lesson.id, block
    return "", None


# ---------------------------------------------------------------------------------------------------- what she saved


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands in one block. `said`: each question with her answer in words. `gone`: the block is not in the version
    that she follows now; what she wrote is kept all the same. `replayed`: nothing was written, it stood already."""

    lesson: str
    lesson_title: str
    block: str
    title: str
    value: dict[str, Any]
    revision: int
    at: datetime
    snapshot_id: uuid.UUID
    read_by_therapist_at: datetime | None = None
    said: tuple[tuple[str, str], ...] = ()
    gone: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """What she was typing in a block when she stopped; `gone` as above."""

    lesson: str
    block: str
    title: str
    value: dict[str, Any]
    revision: int
    at: datetime
    said: tuple[tuple[str, str], ...] = ()
    gone: bool = False


def entries(asker: Asker, person_id: uuid.UUID) -> list[Saved]:
    """Everything that somebody saved in her courses, in the order it was saved; what stands now of each block."""
    courses = {row.pk: row for row in Course.objects.for_(asker, Action.VIEW).filter(person=person_id).pinned()}
    read = _read_marks(list(courses))
    return [saved_as(row, courses[row.course_id], read) for row in _current_entries(list(courses))]


def entry(course: Course, lesson: str, block: str) -> Saved | None:
    """What stands in one block, or None."""
    row = course.entries.filter(lesson=lesson, block=block).order_by("-revision").first()
    return saved_as(row, course, _read_marks([course.pk])) if row else None


def earlier(course: Course, lesson: str, block: str) -> list[Saved]:
    """Every revision of one block, the oldest first: nothing that she saved is lost by saving again."""
    rows, read = course.entries.filter(lesson=lesson, block=block).order_by("revision"), _read_marks([course.pk])
    return [saved_as(row, course, read) for row in rows]


def lesson_entries(course: Course, lesson: str) -> dict[str, Saved]:
    """What she saved in a lesson, by block, in three queries however many there are."""
    read = _read_marks([course.pk])
    return {row.block: saved_as(row, course, read) for row in _current_entries([course.pk]) if row.lesson == lesson}


def draft(course: Course, lesson: str, block: str) -> Drafted | None:
    """What she is typing in one block; hers alone, nobody else is shown it."""
    row = course.drafts.filter(lesson=lesson, block=block).first()
    return _drafted(row, course) if row else None


def drafts(course: Course, lesson: str = "") -> list[Drafted]:
    """Everything that she typed and has not saved, what an earlier version of a lesson asked for included (U8)."""
    rows = course.drafts.filter(lesson=lesson) if lesson else course.drafts.all()
    return [_drafted(row, course) for row in rows.order_by("at", "id")]


def saved_as(row: Entry, course: Course, read: Mapping[tuple[uuid.UUID, str], list[datetime]]) -> Saved:
    """A row as the pages show it, in the words of the version that she had read."""
    lesson, block = _found(row.snapshot_id, row.lesson, row.block)
    value = _value(row)
    seen = min((at for at in read.get((course.pk, row.lesson), []) if at >= row.at), default=None)
    return Saved(
        lesson=row.lesson, lesson_title=lesson.title if lesson else row.lesson, block=row.block,
        title=words.title_of(block) if block else row.block, value=value, revision=row.revision, at=row.at,
        snapshot_id=row.snapshot_id, read_by_therapist_at=seen, said=tuple(words.said(block, value)),
        gone=_found(snapshot_of(course), row.lesson, row.block)[1] is None,
    )  # fmt: skip


def _drafted(row: EntryDraft, course: Course) -> Drafted:
    block = _found(snapshot_of(course), row.lesson, row.block)[1]
    known = block or next((b for one in _versions(course) if (b := _found(one, row.lesson, row.block)[1])), None)
    value = _value(row)
    title = words.title_of(known) if known else row.block
    said = tuple(words.said(known, value))
    return Drafted(row.lesson, row.block, title, value, row.revision, row.at, said, block is None)


def _versions(course: Course) -> list[uuid.UUID]:
    """Every version that she followed, the newest first."""
    return [*course.moves.order_by("-at", "-id").values_list("snapshot_id", flat=True), course.snapshot_id]


def _found(snapshot_id: uuid.UUID, lesson: str, block: str) -> tuple[Lesson | None, Block | None]:
    programme = library.programme(snapshot_id)
    known = next((one for one in programme.lessons if one.id == lesson), None)
    text = programme.text(lesson)
    return known, next((one for one in text.blocks if one.id == block), None) if text else None


def _read_marks(keys: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], list[datetime]]:
    rows = Mark.objects.filter(course__in=keys, kind__in=(Mark.Kind.READ, Mark.Kind.ANSWERED))
    found: dict[tuple[uuid.UUID, str], list[datetime]] = {}
    for course_id, lesson, at in rows.values_list("course_id", "lesson", "at"):
        found.setdefault((course_id, lesson), []).append(at)
    return found


def answered(course: Course, lesson: str) -> list[uuid.UUID]:
    """The messages in which the therapist answered what she saved in a lesson, the oldest first."""
    rows = course.marks.filter(kind=Mark.Kind.ANSWERED, lesson=lesson).order_by("at", "id")
    return [one for one in rows.values_list("message_id", flat=True) if one is not None]


# ---------------------------------------------------------------------------------------------------- practice, flares


def practised(course: Course, since: date) -> list[Practised]:
    """What she practised since a day, the newest first: of each practice and day what counts."""
    rows = course.practised.filter(on__gte=since).order_by("revision")
    last = {(row.practice, row.on): row for row in rows}
    return sorted((row for row in last.values() if row.minutes), key=lambda row: (row.on, row.at), reverse=True)


def practised_on(course: Course, practice_id: str, on: date) -> Practised | None:
    """What stands for one practice on one day."""
    return course.practised.filter(practice=practice_id, on=on).order_by("-revision").first()


def flare_of(person_id: uuid.UUID, now: datetime) -> Flare | None:
    """The flare that runs now."""
    rows = Flare.objects.filter(person=person_id, began_at__lte=now, ends_at__gt=now, ended_at=None)
    return rows.order_by("-began_at", "-id").first()


def flares_of(person_ids: Collection[uuid.UUID], since: datetime) -> dict[uuid.UUID, list[Flare]]:
    """The flares of some people that were not over before `since`, the oldest first."""
    found: dict[uuid.UUID, list[Flare]] = {one: [] for one in person_ids}
    for row in Flare.objects.filter(person__in=set(person_ids), ends_at__gte=since).order_by("began_at", "id"):
        if row.ended_at is None or row.ended_at >= since:
            found[row.person_id].append(row)
    return found


def _flares_by_person(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Flare]]:
    found: dict[uuid.UUID, list[Flare]] = {}
    for row in Flare.objects.filter(person__in=ids).order_by("began_at", "id"):
        found.setdefault(row.person_id, []).append(row)
    return found


def _spell(row: Flare) -> flares.Spell:
    return flares.Spell(row.began_at, row.ends_at, row.ended_at)


def first_of_many_flares(newest: Flare, zone: ZoneInfo) -> Flare | None:
    """The first flare of a week with three flare days or more that ends with `newest`; None for fewer (C7)."""
    rows = Flare.objects.filter(person=newest.person_id, ends_at__gte=newest.began_at - 2 * days.WEEK)
    by_spell = {_spell(row): row for row in rows.order_by("began_at", "id")}
    first = flares.first_of_many(by_spell, zone, _spell(newest))
    return by_spell[first] if first else None


# ---------------------------------------------------------------------------------------------------- many people


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """One person's course in a list. `states`: one for each lesson. `last_active_at`: the last time she opened a
    lesson, did a part, saved something or noted a practice; what others did about her does not count."""

    course_id: uuid.UUID
    done: int
    total: int
    current_title: str
    began_at: datetime
    last_active_at: datetime | None
    begun_first_lesson: bool
    flare_since: datetime | None
    flare_days_7: int
    states: tuple[str, ...]
    unread_entries: int
    day: int


def summaries(person_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, CourseSummary]:
    """The course of each of these people who has one. A number of queries that does not grow with them."""
    rows = Course.objects.filter(person__in=set(person_ids)).pinned().order_by("began_at", "id")
    courses = list({row.person_id: row for row in rows}.values())
    if not courses:
        return {}
    paths, active, unread = _paths(courses, now, whole=False), *_activity(courses)
    return {
        course.person_id: _summary(paths[course.pk], active.get(course.pk), unread.get(course.pk, 0), now)
        for course in courses
    }


def _summary(one: _Path, active: datetime | None, unread: int, now: datetime) -> CourseSummary:
    stands = _standing(one, now)
    return CourseSummary(
        course_id=one.course.pk, done=stands.done, total=stands.total,
        current_title=stands.current.lesson.title if stands.current else "", began_at=one.course.began_at,
        last_active_at=active, begun_first_lesson=bool(stands.progress.started),
        flare_since=stands.flare.began_at if stands.flare else None,
        flare_days_7=flares.flare_days((spell for _row, spell in one.spells), one.zone, now),
        states=tuple(state.state for state in stands.states), unread_entries=unread, day=stands.day,
    )  # fmt: skip


def _activity(courses: list[Course]) -> tuple[dict[uuid.UUID, datetime], dict[uuid.UUID, int]]:
    """When each was last active, and how much of what stands saved nobody has read. Three queries, nothing opened."""
    keys = [course.pk for course in courses]
    last: dict[uuid.UUID, datetime] = {}
    read: dict[tuple[uuid.UUID, str], datetime] = {}
    for course_id, kind, lesson, at in Mark.objects.filter(course__in=keys).values_list(
        "course_id", "kind", "lesson", "at"
    ):
        if kind in (path.BEGUN, path.PART, path.DONE):
            last[course_id] = max(at, last.get(course_id, at))
        else:
            read[course_id, lesson] = max(at, read.get((course_id, lesson), at))
    for course_id, at in Practised.objects.filter(course__in=keys).values_list("course_id", "at"):
        last[course_id] = max(at, last.get(course_id, at))
    newest: dict[tuple[uuid.UUID, str, str], datetime] = {}
    saved = Entry.objects.filter(course__in=keys).order_by("revision")
    for course_id, lesson, block, at in saved.values_list("course_id", "lesson", "block", "at"):
        newest[course_id, lesson, block] = at
        last[course_id] = max(at, last.get(course_id, at))
    unread: dict[uuid.UUID, int] = {}
    for (course_id, lesson, _block), at in newest.items():
        if (course_id, lesson) not in read or read[course_id, lesson] < at:
            unread[course_id] = unread.get(course_id, 0) + 1
    return last, unread


# ---------------------------------------------------------------------------------------------------- versions


@dataclass(frozen=True, slots=True)
class Moved:
    """That her course follows another version since then, why, and what that changed."""

    at: datetime
    reason: str
    changes: tuple[versions.LessonChange, ...]


def newer_version(course: Course) -> Snapshot | None:
    """The published version of her programme, where it is not the one that she follows."""
    slug = course.snapshot.slug
    found = library.programme_snapshot(slug)
    return found if found.pk != snapshot_of(course) else None


def what_changes(course: Course, snapshot: Snapshot) -> list[versions.LessonChange]:
    """What moving her course to another version would change, lesson by lesson (U13)."""
    return versions.changes_between(programme_of(course), library.programme(snapshot))


def moves(course: Course) -> list[Moved]:
    """Every move of her course with its reason and what it changed, the newest first."""
    rows = list(Move.objects.filter(course=course).order_by("at", "id"))
    before = [course.snapshot_id, *(row.snapshot_id for row in rows)]
    return [
        Moved(row.at, row.reason,
              tuple(versions.changes_between(library.programme(old), library.programme(row.snapshot_id))))
        for old, row in reversed(list(zip(before, rows, strict=False)))
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------- beginning


@dataclass(frozen=True, slots=True)
class ToBegin:
    """The course that an episode is ready for."""

    snapshot: Snapshot
    length: str
    modules: tuple[str, ...]


def ready(episode: Episode, now: datetime) -> ToBegin | None:
    """What an episode's course would be, once the baseline is sent (or its time is over) and she has a therapist."""
    if episodes.state(episode) is not State.ENROLLED or not _asked_first(episode, now):
        return None
    named = people.accountability([episode.person_id]).get(episode.person_id)
    if named is None or named.reason not in THERAPISTS:
        return None
    return _course_for(episode)


def _asked_first(episode: Episode, now: datetime) -> bool:
    if assessments.sent_at(episode.pk, "baseline") is not None:
        return True
    asked = assessments.of_time_point(episode.pk, "baseline")  # unanswered to its end: nobody is kept from her course
    return asked is not None and asked.closes_at is not None and asked.closes_at <= now


def _course_for(episode: Episode) -> ToBegin | None:
    """The programme of the protocol's arm. With several arms an allocation says which: then nothing begins here."""
    arms = [arm for arm in library.protocol(episode.snapshot_id).arms.values() if arm.programme]
    if len(arms) != 1:
        return None
    snapshot = library.programme_snapshot(str(arms[0].programme))
    described = library.programme(snapshot)
    if not described.lessons:
        return None
    return ToBegin(snapshot, arms[0].length or next(iter(described.lengths)), tuple(arms[0].modules))


def without_course() -> list[Episode]:
    """Enrolled episodes whose course has not begun; for the clock."""
    rows = episodes.overview(SERVICE, State.ENROLLED)
    have = set(Course.objects.filter(episode__in=[row.episode.pk for row in rows]).values_list("episode_id", flat=True))
    return [row.episode for row in rows if row.episode.pk not in have]
