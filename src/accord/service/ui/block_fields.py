"""A field of a lesson as a form: what is asked, its control, what stands in it, what is wrong with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from accord.science.programmes.blocks import Answer
from accord.service.ui.block_answers import scale_numbers, shown
from accord.service.ui.instrument_form import TILES, Choice

Kind = Literal["text", "long_text", "number", "rows", "several", "scale", "date", "select"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Her own words from an earlier lesson, where this one asks the same."""

    said: str
    at: dt.datetime
    lesson: str


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


def field_form(name: str, answer: Answer, value: Any, fault: str = "") -> FieldForm:
    """A field with what stands in it: a saved value, or what was typed."""
    if answer.kind == "choices":
        chosen = value if isinstance(value, list) else []
        choices = tuple(Choice(key, label, key in chosen) for key, label in answer.options.items())
        return FieldForm(name, answer.ask, "several", choices, fault=fault)
    stands = shown(value)
    if answer.kind == "choice":
        choices = tuple(Choice(key, label, key == stands) for key, label in answer.options.items())
        return FieldForm(name, answer.ask, "rows", can_be_left_open(choices), fault=fault)
    if answer.kind == "yes_no":
        choices = (Choice("yes", _("Yes"), stands == "yes"), Choice("no", _("No"), stands == "no"))
        return FieldForm(name, answer.ask, "rows", can_be_left_open(choices), fault=fault)
    if answer.kind == "scale":
        low, high = answer.ends or ("", "")
        numbers = scale_numbers(answer)
        if len(numbers) <= TILES:
            choices = can_be_left_open(tuple(Choice(one, one, one == stands) for one in numbers))
            return FieldForm(name, answer.ask, "scale", choices, low, high, fault=fault)
    kind: Kind = "number" if answer.kind in ("number", "scale") else answer.kind
    return FieldForm(name, answer.ask, kind, value=stands, fault=fault, whole=False)


def can_be_left_open(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """With a way to take a choice back, once something was chosen: nothing has to be answered."""
    chosen = any(one.chosen for one in choices)
    return (*choices, Choice("", _("I leave this open"))) if chosen else choices
