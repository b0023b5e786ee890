"""What she saved, in words: the name of a block, and each question with her answer as anybody can read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from accord.science.programmes.blocks import ActivityPlanner, Answer, ExposureLadder, Saved, ThoughtRecord
from accord.science.programmes.lesson_text import Block

_LEAD = re.compile(r"\*\*(.+?)\*\*")
LONGEST_TEXT = 10_000  # characters of one text
LONGEST_VALUE = 60_000  # characters of all that one block saves


def title_of(block: Block) -> str:
    """The name of a block: its own title, else the bold words it begins with, else its id in plain words."""
    own = getattr(block.head, "title", None)
    if own:
        return str(own)
    lead = _LEAD.match(block.markdown)
    return lead[1].strip(" .:") if lead else block.id.replace("_", " ").capitalize()


def said(block: Block | None, value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(question, answer in words) of every answer that is not empty, in the order of the block."""
    head = block.head if block is not None else None
    if isinstance(head, ActivityPlanner):
        steps = [(_planned_for(value, step), _planned(head, step)) for step in value.get("steps", [])]
        return [(day, words) for day, words in steps if words]
    if isinstance(head, ExposureLadder):
        return [(ask, words) for ask, words in _ladder(value) if words]
    fields = head.fields if isinstance(head, Saved) else {}
    if isinstance(head, ThoughtRecord):
        fields = {**fields, "way": Answer(ask="The way chosen", kind="choice", options=head.ways)}
    order = [*(name for name in fields if name in value), *(name for name in value if name not in fields)]
    told = [(_ask(name, fields), _words(value[name], fields.get(name))) for name in order]
    return [(ask, words) for ask, words in told if words]


def _planned_for(value: Mapping[str, Any], step: Mapping[str, Any]) -> str:
    """The day of a planned step: a date, or any day."""
    try:
        day = date.fromisoformat(str(value["from"])) + timedelta(days=int(step["day"]))
    except (KeyError, ValueError, OverflowError):
        return "Any day"
    return f"{day:%A} {day.day} {day:%B}"


def _planned(head: ActivityPlanner, step: Mapping[str, Any]) -> str:
    minutes = f"{step['minutes']} minutes by the clock" if step.get("minutes") else ""
    kind = head.kinds.get(str(step.get("kind")), "")
    instead = f"on a bad day: {step['bad_day']}" if step.get("bad_day") else ""
    parts = (step.get("what"), step.get("when"), minutes, kind, instead, "done" if step.get("done") else "")
    return ", ".join(str(part) for part in parts if part)


def _ladder(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [("At the top of the ladder", str(value.get("top", "")))]
    for step in value.get("steps", []):
        fear = f"Fear {step['fear']} of 10" if step.get("fear") is not None else "A step"
        minutes = f"{step['minutes']} minutes" if step.get("minutes") else ""
        parts = (step.get("what"), minutes, "tried" if step.get("done") else "")
        found.append((fear, ", ".join(str(part) for part in parts if part)))
    return found


def _ask(name: str, fields: Mapping[str, Answer]) -> str:
    return fields[name].ask if name in fields else name.replace("_", " ").capitalize()


def _words(value: Any, field: Answer | None) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(filter(None, (_words(one, field) for one in value)))
    if isinstance(value, dict):
        pairs = ((str(name).replace("_", " "), _words(one, None)) for name, one in value.items())
        return ", ".join(f"{name}: {words}" for name, words in pairs if words)
    if field is not None and value in field.options:
        return field.options[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def problem(value: object) -> str:
    """Why what came cannot be kept: "shape", "nul", "long"; empty when it can."""
    if not isinstance(value, dict):
        return "shape"
    return next((found for one in _leaves(value) if (found := _leaf_problem(one))), "")


def _leaf_problem(value: object) -> str:
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, bool | int | float) else "shape"
    return "nul" if "\0" in value else "long" if len(value) > LONGEST_TEXT else ""


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value, *(leaf for one in value.values() for leaf in _leaves(one))]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]
