"""What she saved, in words: the name of a block, and each question with her answer as anybody can read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from accord.science.programmes.blocks import Answer, Saved
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
    fields = block.head.fields if block is not None and isinstance(block.head, Saved) else {}
    order = [*(name for name in fields if name in value), *(name for name in value if name not in fields)]
    told = [(_ask(name, fields), _words(value[name], fields.get(name))) for name in order]
    return [(ask, words) for ask, words in told if words]


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
