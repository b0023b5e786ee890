"""Practices as forms: the card of one, how it was, and a log of days that counts nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils import dateformat
from django.utils.translation import gettext as _

from accord.science.programmes import Block, Practice, Programme
from accord.science.programmes.blocks import PracticeLog
from accord.service.ui.block_fields import FieldForm
from accord.service.ui.instrument_form import Choice

LOG_OPEN = 7  # days of a practice log that stand open; earlier ones are folded away


class Practised(Protocol):
    """A practice on one day, as a room's query gives it."""

    practice: str
    on: dt.date
    minutes: int
    felt: str


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


FELT: dict[str, Callable[[], str]] = {
    "calmer": lambda: _("calmer"),
    "same": lambda: _("about the same"),
    "restless": lambda: _("restless"),
    "more-pain": lambda: _("noticed the pain more"),
    "frightened": lambda: _("something frightening came up"),
}


def felt_choices(chosen: str = "") -> tuple[Choice, ...]:
    return tuple(Choice(key, label(), key == chosen) for key, label in FELT.items())


def card(programme: Programme, practice_id: str, *, instead_of: str = "") -> PracticeCard:
    practice = programme.practices[practice_id]
    return PracticeCard(practice_id, practice.title, practice.aim, practice.minutes, instead_of)


def log_form(
    block: Block, practice_id: str, days: int, *, programme: Programme, practised: Iterable[Practised], today: dt.date
) -> LogForm:
    name = f"{block.id}.{practice_id}"
    newest = {one.on: one for one in practised if one.practice == practice_id and one.minutes}
    rows = []
    for back in range(days):
        day = today - dt.timedelta(days=back)
        felt = newest[day].felt if day in newest else ""
        one = f"{name}.{day.isoformat()}"
        label = str(dateformat.format(day, "l j F"))
        choice = FieldForm(f"{one}.felt", _("How was it on %(day)s?") % {"day": label}, "select",
                           felt_choices(felt), value=felt)  # fmt: skip
        rows.append(LogDay(one, day, label, day in newest, choice))
    return LogForm(name, card(programme, practice_id), tuple(rows))


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


def anchor_of(practice: Practice) -> str:
    """Where attention rests at first: sounds, unless the practice is one of moving."""
    return "movement" if practice.kind == "movement" else "sounds"
