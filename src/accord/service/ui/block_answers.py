"""What she wrote in a block of a lesson: what is taken back from a posted page, and how it is read back in words.

Everything may be left out. What cannot be kept is said beside its field, and what was typed is given back.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from accord.science.programmes import Block
from accord.science.programmes.blocks import ActivityPlanner, Answer, ExposureLadder, Saved, ThoughtRecord
from accord.service.ui.instrument_form import LONGEST, Unusable

SHORT = 300  # characters of a single line
LINES = 21  # steps of a planner
MINUTES = (1, 240)
FEAR = (0, 10)
TAKEN = (Saved, ActivityPlanner, ExposureLadder)  # heads whose answers are kept as an entry

Posted = Mapping[str, list[str]]


@dataclass(slots=True)
class Given:
    """A block as it was posted. `raw` is what was typed, to be put back; `faults` by the posted name."""

    value: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def read_block(block: Block, posted: Posted, *, today: dt.date) -> Given:
    """The block's fields out of everything that was posted. Nothing that was not offered is taken."""
    given = Given()
    if isinstance(block.head, Saved):
        _read_fields(block, block.head, posted, given)
    elif isinstance(block.head, ActivityPlanner):
        _read_planner(block, block.head, posted, today, given)
    elif isinstance(block.head, ExposureLadder):
        _read_ladder(block, block.head, posted, given)
    return given


def clean(raw: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as far as a draft can hold it: no zero bytes, no text beyond the longest."""

    def one(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("\0", "")[:LONGEST]
        if isinstance(value, list):
            return [one(each) for each in value[:LINES]]
        return {key: one(each) for key, each in value.items()} if isinstance(value, dict) else value

    return {key: one(value) for key, value in raw.items()}


# --- one field ----------------------------------------------------------------------------------------------------


def _first(posted: Posted, name: str) -> str:
    found = posted.get(name) or [""]
    return found[0].replace("\r\n", "\n").strip()


def _keep(given: Given, into: dict[str, Any], key: str, name: str, typed: Any, read: Callable[[], Any]) -> None:
    """Reads one field: its value where it can be kept, else its fault; nothing where it was left out."""
    try:
        value = read()
    except Unusable as wrong:
        given.faults[name] = wrong.message
        return
    if value not in ("", None, []):
        into[key] = value


def line_of_text(text: str, limit: int = LONGEST) -> str:
    """Plain text in any script, within its limit."""
    if "\0" in text:
        raise Unusable(_("Your text held a character that cannot be stored. We took it out; please keep it again."))
    if len(text) > limit:
        said = {"found": f"{len(text):,}", "limit": f"{limit:,}"}
        message = _(
            "Your text has %(found)s characters; up to %(limit)s can be kept. What stands here is its beginning."
        )
        raise Unusable(message % said)
    return text


def number(text: str, low: float | None, high: float | None, *, whole: bool = False) -> float | int | None:
    if not text:
        return None
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or (whole and found != int(found)):
        raise Unusable(_("Write a number, with digits."))
    if (low is not None and found < low) or (high is not None and found > high):
        said = {"low": f"{low:g}" if low is not None else "…", "high": f"{high:g}" if high is not None else "…"}
        raise Unusable(_("Write a number between %(low)s and %(high)s.") % said)
    return int(found) if found == int(found) else found


def _chosen(text: str, offered: Mapping[str, Any]) -> Any:
    if text and text not in offered:
        raise Unusable(_("Choose one of these, or leave it open."))
    return offered.get(text)


def _several(texts: list[str], offered: Mapping[str, Any]) -> list[str]:
    if any(text not in offered for text in texts):
        raise Unusable(_("Choose among these, or leave it open."))
    return [key for key in offered if key in texts]


def _date(text: str) -> str | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unusable(_("Write the day as year-month-day, for example 2026-04-14.")) from None


def scale_numbers(answer: Answer) -> dict[str, int]:
    """What stands to choose from on a scale, by what is posted."""
    return {str(one): one for one in range(int(answer.low or 0), int(answer.high or 0) + 1)}


YES_NO = {"yes": True, "no": False}


def _read_answer(answer: Answer, typed: Any) -> Any:
    if answer.kind == "choices":
        return _several(typed, answer.options)
    readers: dict[str, Callable[[], Any]] = {
        "text": lambda: line_of_text(typed, SHORT),
        "long_text": lambda: line_of_text(typed),
        "number": lambda: number(typed, answer.low, answer.high),
        "scale": lambda: _chosen(typed, scale_numbers(answer)),
        "choice": lambda: _chosen(typed, {key: key for key in answer.options}),
        "yes_no": lambda: _chosen(typed, YES_NO),
        "date": lambda: _date(typed),
    }
    return readers[answer.kind]()


def _read_fields(block: Block, head: Saved, posted: Posted, given: Given) -> None:
    if isinstance(head, ThoughtRecord):
        name = f"{block.id}.way"
        given.raw["way"] = way = _first(posted, name)
        _keep(given, given.value, "way", name, way, lambda: _chosen(way, {key: key for key in head.ways}))
    for key, answer in head.fields.items():
        name = f"{block.id}.{key}"
        typed: Any = posted.get(name, []) if answer.kind == "choices" else _first(posted, name)
        given.raw[key] = typed
        _keep(given, given.value, key, name, typed, lambda a=answer, t=typed: _read_answer(a, t))  # type: ignore[misc]


# --- a week of planned steps, a ladder ----------------------------------------------------------------------------


def _read_planner(block: Block, head: ActivityPlanner, posted: Posted, today: dt.date, given: Given) -> None:
    began = _first(posted, f"{block.id}.from")
    try:
        first = dt.date.fromisoformat(began)
    except ValueError:
        first = today
    given.raw["from"] = first.isoformat()
    lines = [_planned(block, head, posted, place, given) for place in range(LINES)]
    given.raw["steps"] = _typed([raw for raw, _value in lines])
    steps = [value for _raw, value in lines if value]
    if steps:
        steps.sort(key=lambda step: step.get("day", head.days))
        given.value |= {"from": first.isoformat(), "steps": steps}


def _typed(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines in their places, without the empty ones after the last: a fault stands beside its own line."""
    last = max((place for place, line in enumerate(lines) if any(line.values())), default=-1)
    return lines[: last + 1]


def _planned(
    block: Block, head: ActivityPlanner, posted: Posted, place: int, given: Given
) -> tuple[dict[str, Any], dict[str, Any]]:
    name = f"{block.id}.{place}"
    keys = ("what", "day", "when", "minutes", "kind", "bad_day")
    raw: dict[str, Any] = {key: _first(posted, f"{name}.{key}") for key in keys}
    raw["done"] = _first(posted, f"{name}.done") == "yes"
    step: dict[str, Any] = {}
    days = {str(day): day for day in range(head.days)}
    readers: dict[str, Callable[[], Any]] = {
        "what": lambda: line_of_text(raw["what"], SHORT),
        "day": lambda: _chosen(raw["day"], days),
        "when": lambda: line_of_text(raw["when"], SHORT),
        "minutes": lambda: number(raw["minutes"], *MINUTES, whole=True),
        "kind": lambda: _chosen(raw["kind"], {key: key for key in head.kinds}),
        "bad_day": lambda: line_of_text(raw["bad_day"], SHORT),
    }
    for key, read in readers.items():
        _keep(given, step, key, f"{name}.{key}", raw[key], read)
    if step and not raw["what"]:
        given.faults.setdefault(f"{name}.what", _("Write what you plan, or empty this line."))
    if step:
        step["done"] = raw["done"]
    return raw, step


def _read_ladder(block: Block, head: ExposureLadder, posted: Posted, given: Given) -> None:
    name = f"{block.id}.top"
    given.raw["top"] = top = _first(posted, name)
    _keep(given, given.value, "top", name, top, lambda: line_of_text(top, SHORT))
    rungs = [_rung(f"{block.id}.{place}", posted, given) for place in range(head.steps)]
    given.raw["steps"] = _typed([raw for raw, _value in rungs])
    steps = [value for _raw, value in rungs if value]
    if steps:
        given.value["steps"] = sorted(steps, key=lambda step: -step.get("fear", -1))


def _rung(name: str, posted: Posted, given: Given) -> tuple[dict[str, Any], dict[str, Any]]:
    raw: dict[str, Any] = {key: _first(posted, f"{name}.{key}") for key in ("what", "fear", "minutes")}
    raw["done"] = _first(posted, f"{name}.done") == "yes"
    step: dict[str, Any] = {}
    _keep(given, step, "what", f"{name}.what", raw["what"], lambda: line_of_text(raw["what"], SHORT))
    _keep(given, step, "fear", f"{name}.fear", raw["fear"], lambda: number(raw["fear"], *FEAR, whole=True))
    _keep(
        given, step, "minutes", f"{name}.minutes", raw["minutes"], lambda: number(raw["minutes"], *MINUTES, whole=True)
    )
    if step and not raw["what"]:
        given.faults.setdefault(f"{name}.what", _("Write what the step is, or empty this line."))
    if step:
        step["done"] = raw["done"]
    return raw, step


# --- in words -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One answer as it is read: what was asked and what she said. `field` is empty for a step."""

    asked: str
    said: str
    field: str = ""


def in_words(block: Block, value: Mapping[str, Any]) -> list[Line]:
    """Everything that was kept in a block, for whoever reads it: her, her therapist, a printed page."""
    head = block.head
    if isinstance(head, ActivityPlanner):
        return [Line(day_of(value, step), planned_in_words(head, step)) for step in value.get("steps", [])]
    if isinstance(head, ExposureLadder):
        return list(_ladder_in_words(value))
    if not isinstance(head, Saved):
        return []
    lines = [
        Line(answer.ask, said(answer, value[key]), key)
        for key, answer in head.fields.items()
        if value.get(key) is not None
    ]
    if isinstance(head, ThoughtRecord) and value.get("way") in head.ways:
        lines.append(Line(_("The way you chose"), head.ways[value["way"]], "way"))
    return lines


def said(answer: Answer, value: Any) -> str:
    """One saved answer as it is read back."""
    if answer.kind == "choices" and isinstance(value, list):
        return "; ".join(answer.options.get(str(one), str(one)) for one in value)
    if answer.kind == "choice":
        return answer.options.get(str(value), str(value))
    if answer.kind == "yes_no":
        return _("yes") if value is True or value == "yes" else _("no")
    if answer.kind == "date":
        return _day_in_words(str(value))
    if answer.kind == "scale":
        return _("%(number)s, from %(low)s to %(high)s") % {
            "number": shown(value), "low": f"{answer.low:g}", "high": f"{answer.high:g}",
        }  # fmt: skip
    return shown(value)


def shown(value: Any) -> str:
    """A value as it stands in its field."""
    if value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _day_in_words(iso: str) -> str:
    try:
        return str(dateformat.format(dt.date.fromisoformat(iso), "l j F"))
    except ValueError:
        return iso


def day_of(value: Mapping[str, Any], step: Mapping[str, Any]) -> str:
    """The day of a planned step, as a date; "Any day" where she named none."""
    try:
        first = dt.date.fromisoformat(str(value.get("from")))
        return str(dateformat.format(first + dt.timedelta(days=int(step["day"])), "l j F"))
    except (KeyError, ValueError, OverflowError):
        return _("Any day")


def planned_in_words(head: ActivityPlanner, step: Mapping[str, Any]) -> str:
    """What, when, for how long, and what instead on a bad day."""
    minutes = _("%(minutes)s minutes by the clock") % {"minutes": step["minutes"]} if step.get("minutes") else ""
    kind = head.kinds.get(str(step.get("kind")), "")
    text = ", ".join(part for part in (str(step.get("what", "")), str(step.get("when", "")), minutes) if part)
    text += f" – {kind}" if kind else ""
    if step.get("bad_day"):
        text += ". " + _("On a bad day: %(instead)s") % {"instead": step["bad_day"]}
    return f"{text} ({_('done')})" if step.get("done") else text


def _ladder_in_words(value: Mapping[str, Any]) -> Iterator[Line]:
    if value.get("top"):
        yield Line(_("What you would like back"), str(value["top"]), "top")
    for step in value.get("steps", []):
        fear = _("Fear %(number)s of 10") % {"number": step["fear"]} if step.get("fear") is not None else _("A step")
        minutes = _("%(minutes)s minutes") % {"minutes": step["minutes"]} if step.get("minutes") else ""
        tried = _("tried") if step.get("done") else ""
        yield Line(fear, ", ".join(part for part in (str(step.get("what", "")), minutes, tried) if part))


def filled(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in a value or in what was typed, as text and without what is empty: so that two can be compared."""
    found: dict[str, Any] = {}
    for key, one in (value or {}).items():
        if key == "steps":
            found[key] = [line for step in one if (line := filled(step))]
        elif one is not False and one not in ("", None, []):
            found[key] = one if isinstance(one, list) else shown(one)
    return found
