"""A block of a lesson as a page shows it: its words, its fields with what she saved, why she sees it. It knows no rows.

Reading a posted block back is in `block_answers.py`. Quizzes are not posted: choosing opens the reply, nothing is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from django.utils import dateformat
from django.utils.translation import gettext as _

from accord.science.programmes import Block, LessonText, Practice, Programme, Tailored
from accord.science.programmes.blocks import (
    ActivityPlanner,
    Answer,
    ExposureLadder,
    Guide,
    Message,
    PracticeBlock,
    PracticeLog,
    Quiz,
    QuizQuestion,
    Saved,
    Story,
    ThoughtRecord,
    Values,
)
from accord.service.ui.block_answers import (
    LINES,
    TAKEN,
    Line,
    filled,
    in_words,
    planned_in_words,
    scale_numbers,
    shown,
)
from accord.service.ui.instrument_form import TILES, Choice
from accord.service.ui.lesson_words import Links, words

LINES_OPEN = 3  # empty lines that a planner offers at a time
LOG_OPEN = 7  # days of a practice log that stand open; earlier ones are folded away

Kind = Literal["text", "long_text", "number", "rows", "several", "scale", "date", "select"]


class Practised(Protocol):
    """A practice on one day, as a room's query gives it."""

    practice: str
    on: dt.date
    minutes: int
    felt: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """Her own words from an earlier lesson, where this one asks the same."""

    said: str
    at: dt.datetime
    lesson: str


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a block: the saved answers, and what she was typing when she left."""

    value: Mapping[str, Any] | None = None
    revision: int = 0
    at: dt.datetime | None = None
    read_at: dt.datetime | None = None
    draft: Mapping[str, Any] | None = None
    draft_revision: int = 0
    draft_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the blocks of a page need to know beside their own words."""

    today: dt.date
    links: Links
    programme: Programme
    practised: Iterable[Practised] = ()
    earlier: Mapping[str, Earlier] = field(default_factory=dict)  # by the field's name
    values: tuple[
        tuple[str, dt.datetime, tuple[Line, ...]], ...
    ] = ()  # what mattered to her before: lesson, when, words


@dataclass(frozen=True, slots=True)
class FieldForm:
    """One field: what is asked, its control, what stands in it, and what is wrong with it."""

    name: str
    legend: str
    kind: Kind
    choices: tuple[Choice, ...] = ()
    low: str = ""
    high: str = ""
    value: str = ""
    fault: str = ""
    whole: bool = True
    earlier: Earlier | None = None

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def top(self) -> str:
        """The highest number of a scale."""
        return next((one.label for one in reversed(self.choices) if one.value), "")

    @property
    def short(self) -> bool:
        """Whether the choices are words that can stand side by side."""
        return bool(self.choices) and all(len(one.label) <= 16 for one in self.choices if one.value)

    @property
    def first_id(self) -> str:
        """Where a link to this field leads: its control, or the first of its choices."""
        return f"{self.id}-1" if self.choices and self.kind != "select" else self.id


@dataclass(frozen=True, slots=True)
class RowForm:
    """One line of a planner or a ladder. `summary` is empty for a line that nothing stands in."""

    name: str
    place: int
    fields: tuple[FieldForm, ...]
    summary: str = ""
    day: str = ""
    done: bool = False

    @property
    def faulty(self) -> bool:
        return any(one.fault for one in self.fields)


@dataclass(frozen=True, slots=True)
class PracticeCard:
    """A practice as it is offered. `instead_of` is the title of the one in whose place it stands."""

    id: str
    title: str
    aim: str
    minutes: int
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class LogDay:
    name: str
    day: dt.date
    label: str
    ticked: bool
    felt: FieldForm


@dataclass(frozen=True, slots=True)
class LogForm:
    """The days of one practice. `was` is what stood ticked when the page was made: only what differs is written."""

    name: str
    practice: PracticeCard
    days: tuple[LogDay, ...]

    @property
    def was(self) -> str:
        return " ".join(f"{one.day.isoformat()}:{one.felt.value}" for one in self.days if one.ticked)

    @property
    def open_days(self) -> tuple[LogDay, ...]:
        return self.days[:LOG_OPEN]

    @property
    def earlier_days(self) -> tuple[LogDay, ...]:
        return self.days[LOG_OPEN:]


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block as its template shows it. Only what its kind has is filled."""

    id: str
    kind: str
    html: str
    why: str = ""
    title: str = ""  # of a guide
    person: str = ""  # of a story
    fields: tuple[FieldForm, ...] = ()
    rows: tuple[RowForm, ...] = ()
    done_rows: int = 0
    began: str = ""  # the first day of a planned week
    over: bool = False  # the planned days have passed
    practice: PracticeCard | None = None
    logs: tuple[LogForm, ...] = ()
    questions: tuple[QuizQuestion, ...] = ()
    shut: str = ""  # why it cannot be opened now
    asks: str = ""  # the fact that is missing
    saved: tuple[Line, ...] = ()
    before: tuple[tuple[str, dt.datetime, tuple[Line, ...]], ...] = ()  # her values of earlier lessons, word for word
    held: Held = Held()
    takes: bool = False  # it has fields of hers
    from_draft: bool = False

    @property
    def template(self) -> str:
        return f"patient/blocks/{self.kind}.html"

    @property
    def writes(self) -> bool:
        """Whether it has boxes to write in: then it says when they are read (C15)."""
        return any(one.kind in ("text", "long_text") for one in self.all_fields())

    def all_fields(self) -> list[FieldForm]:
        return [*self.fields, *(one for row in self.rows for one in row.fields)]

    @property
    def faults(self) -> list[FieldForm]:
        return [one for one in self.all_fields() if one.fault]


FELT: dict[str, Callable[[], str]] = {
    "calmer": lambda: _("calmer"),
    "same": lambda: _("about the same"),
    "restless": lambda: _("restless"),
    "more-pain": lambda: _("noticed the pain more"),
    "frightened": lambda: _("something frightening came up"),
}


def felt_choices(chosen: str = "") -> tuple[Choice, ...]:
    return tuple(Choice(key, label(), key == chosen) for key, label in FELT.items())


# --- one block ----------------------------------------------------------------------------------------------------


def view(
    one: Tailored,
    held: Held,
    about: About,
    *,
    raw: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> BlockView | None:
    """The block for this page, or None where she sees nothing of it. `raw` and `faults`: what was just posted.

    What she was typing when she left stands in the fields before what was saved.
    """
    block = one.block
    if isinstance(block.head, Message):
        return None
    if not one.shown:
        return _in_its_place(one, about)
    drafted = raw is None and held.draft is not None and filled(held.draft) != filled(held.value)
    answers = raw if raw is not None else held.draft if drafted else held.value
    made = _made(block, answers or {}, faults or {}, held, about)
    return replace(made, why=one.reason, from_draft=drafted)


def _in_its_place(one: Tailored, about: About) -> BlockView | None:
    """What is not shown is left out; a ladder behind its gate and a practice behind its screen say so (C9, C10)."""
    block = one.block
    if one.instead:
        named = block.head.practice if isinstance(block.head, PracticeBlock) else ""
        card = _card(about.programme, one.instead, instead_of=about.programme.practices[named].title)
        return BlockView(block.id, "practice", "", why=one.reason, practice=card, asks=one.asks)
    if one.asks or isinstance(block.head, ExposureLadder):
        kind = "shut"
        return BlockView(block.id, kind, "", shut=one.reason, asks=one.asks) if one.asks or _gated(one) else None
    return None


def _gated(one: Tailored) -> bool:
    """A ladder that waits for a doctor says so; one that is not for her stands aside for its energy version."""
    from accord.science.programmes.tailoring import GATE_SHUT

    return one.reason == GATE_SHUT


def _made(block: Block, answers: Mapping[str, Any], faults: Mapping[str, str], held: Held, about: About) -> BlockView:
    head = block.head
    bare = BlockView(block.id, block.kind, "", held=held)
    if not isinstance(head, PracticeBlock):
        bare = replace(bare, html=words(block.markdown, about.links))
    if isinstance(head, TAKEN):
        bare = replace(bare, takes=True, saved=tuple(in_words(block, held.value or {})))
    match head:
        case Saved():
            before = about.values if isinstance(head, Values) else ()
            return replace(bare, fields=tuple(_fields(block, head, answers, faults, about)), before=before)
        case ActivityPlanner():
            return _planner(bare, head, answers, faults, about)
        case ExposureLadder():
            return _ladder(bare, head, answers, faults)
        case Story():
            return replace(bare, person=head.person)
        case Guide():
            return replace(bare, title=head.title)
        case PracticeBlock():
            return replace(bare, practice=_card(about.programme, head.practice))
        case PracticeLog():
            return replace(bare, logs=tuple(_log(block, name, head.days, about) for name in head.practices))
        case Quiz():
            return replace(bare, questions=tuple(head.questions))
    return bare


# --- fields -------------------------------------------------------------------------------------------------------


def _fields(
    block: Block, head: Saved, answers: Mapping[str, Any], faults: Mapping[str, str], about: About
) -> Iterable[FieldForm]:
    for key, answer in head.fields.items():
        name = f"{block.id}.{key}"
        form = field_form(name, answer, answers.get(key), faults.get(name, ""))
        yield replace(form, earlier=about.earlier.get(key))
        if isinstance(head, ThoughtRecord) and key == _before_ways(head):
            yield _ways(block, head, answers, faults)


def _before_ways(head: ThoughtRecord) -> str:
    """The ways stand before the box in which she writes what came of hers: the first long one after the beginning."""
    names = list(head.fields)
    long = [place for place, name in enumerate(names) if place and head.fields[name].kind == "long_text"]
    return names[long[0] - 1 if long else -1]


def _ways(block: Block, head: ThoughtRecord, answers: Mapping[str, Any], faults: Mapping[str, str]) -> FieldForm:
    name = f"{block.id}.way"
    chosen = str(answers.get("way", ""))
    choices = _open(tuple(Choice(key, label, key == chosen) for key, label in head.ways.items()))
    return FieldForm(name, _("Which way would you like to go with it?"), "rows", choices, fault=faults.get(name, ""))


def field_form(name: str, answer: Answer, value: Any, fault: str = "") -> FieldForm:
    """A field with what stands in it: a saved value, or what was typed."""
    if answer.kind == "choices":
        chosen = value if isinstance(value, list) else []
        choices = tuple(Choice(key, label, key in chosen) for key, label in answer.options.items())
        return FieldForm(name, answer.ask, "several", choices, fault=fault)
    stands = shown(value)
    if answer.kind == "choice":
        choices = tuple(Choice(key, label, key == stands) for key, label in answer.options.items())
        return FieldForm(name, answer.ask, "rows", _open(choices), fault=fault)
    if answer.kind == "yes_no":
        choices = (Choice("yes", _("Yes"), stands == "yes"), Choice("no", _("No"), stands == "no"))
        return FieldForm(name, answer.ask, "rows", _open(choices), fault=fault)
    if answer.kind == "scale":
        low, high = answer.ends or ("", "")
        numbers = scale_numbers(answer)
        if len(numbers) <= TILES:
            choices = _open(tuple(Choice(one, one, one == stands) for one in numbers))
            return FieldForm(name, answer.ask, "scale", choices, low, high, fault=fault)
    kind: Kind = "number" if answer.kind in ("number", "scale") else answer.kind
    return FieldForm(name, answer.ask, kind, value=stands, fault=fault, whole=False)


def _open(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """With a way to take a choice back, once something was chosen: nothing has to be answered."""
    chosen = any(one.chosen for one in choices)
    return (*choices, Choice("", _("I leave this open"))) if chosen else choices


# --- planner and ladder -------------------------------------------------------------------------------------------


def _planner(
    bare: BlockView, head: ActivityPlanner, answers: Mapping[str, Any], faults: Mapping[str, str], about: About
) -> BlockView:
    try:
        first = dt.date.fromisoformat(str(answers.get("from")))
    except ValueError:
        first = about.today
    steps = list(answers.get("steps", []))
    lines = min(len(steps) + LINES_OPEN, LINES)
    rows = []
    for place in range(lines):
        step = steps[place] if place < len(steps) else {}
        rows.append(_planned(f"{bare.id}.{place}", place, head, first, step, faults))
    over = bool(steps) and about.today > first + dt.timedelta(days=head.days - 1)
    done = sum(bool(step.get("done")) for step in steps)
    return replace(bare, rows=tuple(rows), began=first.isoformat(), over=over, done_rows=done)


def _planned(
    name: str, place: int, head: ActivityPlanner, first: dt.date, step: Mapping[str, Any], faults: Mapping[str, str]
) -> RowForm:
    def plain(key: str, legend: str, kind: Kind, choices: tuple[Choice, ...] = ()) -> FieldForm:
        one = f"{name}.{key}"
        return FieldForm(one, legend, kind, choices, value=shown(step.get(key)), fault=faults.get(one, ""))

    days = tuple(_days(first, head.days, shown(step.get("day"))))
    kinds = tuple(Choice(key, label, key == step.get("kind")) for key, label in head.kinds.items())
    fields = (
        plain("what", _("What"), "text"),
        plain("day", _("Day"), "select", days),
        plain("when", _("When, for example after breakfast"), "text"),
        plain("minutes", _("Minutes, by the clock"), "number"),
        plain("kind", _("What kind of thing it is"), "select", kinds),
        plain("bad_day", _("On a bad day instead"), "text"),
    )
    filled = bool(step.get("what"))
    day = next((one.label for one in days if one.chosen), _("Any day")) if filled else ""
    summary = planned_in_words(head, {**step, "done": False}) if filled else ""
    return RowForm(name, place + 1, fields, summary, day, bool(step.get("done")))


def _days(first: dt.date, days: int, chosen: str) -> Iterable[Choice]:
    for day in range(days):
        label = str(dateformat.format(first + dt.timedelta(days=day), "l j F"))
        yield Choice(str(day), label, str(day) == chosen)


def _ladder(bare: BlockView, head: ExposureLadder, answers: Mapping[str, Any], faults: Mapping[str, str]) -> BlockView:
    name = f"{bare.id}.top"
    legend = _("What would you like back? This is the top of the ladder.")
    top = FieldForm(name, legend, "text", value=shown(answers.get("top")), fault=faults.get(name, ""))
    steps = list(answers.get("steps", []))
    rows = [
        _rung(f"{bare.id}.{place}", place, steps[place] if place < len(steps) else {}, faults)
        for place in range(head.steps)
    ]
    return replace(bare, fields=(top,), rows=tuple(rows))


def _rung(name: str, place: int, step: Mapping[str, Any], faults: Mapping[str, str]) -> RowForm:
    def plain(key: str, legend: str, kind: Kind) -> FieldForm:
        one = f"{name}.{key}"
        return FieldForm(one, legend, kind, value=shown(step.get(key)), fault=faults.get(one, ""))

    fields = (
        plain("what", _("Step %(place)s") % {"place": place + 1}, "text"),
        plain("fear", _("Fear, 0 to 10"), "number"),
        plain("minutes", _("Minutes"), "number"),
    )
    return RowForm(name, place + 1, fields, shown(step.get("what")), "", bool(step.get("done")))


# --- practices ----------------------------------------------------------------------------------------------------


def _card(programme: Programme, practice_id: str, *, instead_of: str = "") -> PracticeCard:
    practice = programme.practices[practice_id]
    return PracticeCard(practice_id, practice.title, practice.aim, practice.minutes, instead_of)


def _log(block: Block, practice_id: str, days: int, about: About) -> LogForm:
    name = f"{block.id}.{practice_id}"
    newest = {one.on: one for one in about.practised if one.practice == practice_id and one.minutes}
    rows = []
    for back in range(days):
        day = about.today - dt.timedelta(days=back)
        felt = newest[day].felt if day in newest else ""
        one = f"{name}.{day.isoformat()}"
        label = str(dateformat.format(day, "l j F"))
        choice = FieldForm(f"{one}.felt", _("How was it on %(day)s?") % {"day": label}, "select",
                           felt_choices(felt), value=felt)  # fmt: skip
        rows.append(LogDay(one, day, label, day in newest, choice))
    return LogForm(name, _card(about.programme, practice_id), tuple(rows))


@dataclass(frozen=True, slots=True)
class Ticked:
    """A change of a practice log: on this day she tried it (or takes that back), and how it was."""

    practice: str
    on: dt.date
    tried: bool
    felt: str


def read_log(block: Block, posted: Mapping[str, list[str]], *, today: dt.date) -> list[Ticked]:
    """What she changed in a log since the page was made; what stands as it stood is left alone."""
    head = block.head
    assert isinstance(head, PracticeLog)
    return [one for name in head.practices for one in _read_one_log(block, name, head.days, posted, today)]


def _read_one_log(
    block: Block, practice: str, days: int, posted: Mapping[str, list[str]], today: dt.date
) -> Iterable[Ticked]:
    name = f"{block.id}.{practice}"
    if f"{name}.was" not in posted:
        return
    was = dict(one.partition(":")[::2] for one in posted[f"{name}.was"][0].split())
    for back in range(days + 1):  # one more: a page that was made before midnight
        day = today - dt.timedelta(days=back)
        tried = "yes" in posted.get(f"{name}.{day.isoformat()}", [])
        felt = (posted.get(f"{name}.{day.isoformat()}.felt") or [""])[0]
        felt = felt if felt in FELT else ""
        tried = tried or bool(felt and day.isoformat() not in was)
        before = was.get(day.isoformat())
        if tried != (before is not None) or (tried and felt != before):
            yield Ticked(practice, day, tried, felt if tried else "")


def script_of(programme: Programme, practice_id: str) -> tuple[str, LessonText, Block] | None:
    """Where a practice is written: the lesson's id, its text and the block; None while it is not written."""
    for lesson in programme.lessons:
        text = programme.text(lesson.id)
        if text is None:
            continue
        for block in text.blocks:
            if isinstance(block.head, PracticeBlock) and block.head.practice == practice_id:
                return lesson.id, text, block
    return None


def anchor_of(practice: Practice) -> str:
    """Where attention rests at first: sounds, unless the practice is one of moving."""
    return "movement" if practice.kind == "movement" else "sounds"
