"""A block of a lesson as a page shows it: its words, its fields with what she saved, why she sees it. It knows no rows.

Reading a posted block back is in `block_answers.py`. Quizzes are not posted: choosing opens the reply, nothing is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from accord.science.programmes import Block, Programme, Tailored
from accord.science.programmes.blocks import (
    ActivityPlanner,
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
from accord.science.programmes.tailoring import GATE_SHUT
from accord.service.ui.block_answers import (
    LINES,
    TAKEN,
    Line,
    filled,
    in_words,
    planned_in_words,
    shown,
)
from accord.service.ui.block_fields import Earlier, FieldForm, Kind, RowForm, can_be_left_open, field_form
from accord.service.ui.instrument_form import Choice
from accord.service.ui.lesson_words import Links, words
from accord.service.ui.practice_forms import LogForm, PracticeCard, Practised, card, log_form

LINES_OPEN = 3  # empty lines that a planner offers at a time


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
        other = card(about.programme, one.instead, instead_of=about.programme.practices[named].title)
        return BlockView(block.id, "practice", "", why=one.reason, practice=other, asks=one.asks)
    # A ladder that waits for a doctor says so; one that is not for her stands aside for its energy version.
    waits = isinstance(block.head, ExposureLadder) and (one.asks or one.reason == GATE_SHUT)
    return BlockView(block.id, "shut", "", shut=one.reason, asks=one.asks) if waits else None


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
            return replace(bare, practice=card(about.programme, head.practice))
        case PracticeLog():
            return replace(
                bare,
                logs=tuple(
                    log_form(
                        block, name, head.days, programme=about.programme, practised=about.practised, today=about.today
                    )
                    for name in head.practices
                ),
            )
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
    choices = can_be_left_open(tuple(Choice(key, label, key == chosen) for key, label in head.ways.items()))
    return FieldForm(name, _("Which way would you like to go with it?"), "rows", choices, fault=faults.get(name, ""))


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
