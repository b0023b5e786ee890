"""Small pieces of YAML written by hand, so that every line can carry its reason as a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_./-]*$")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}


def quoted(value: object) -> str:
    """A scalar that reads back as the same text or number."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    if PLAIN.match(text) and text.lower() not in RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)


def _key(value: object) -> str:
    """A key: codes such as 1 and 12 stand as numbers, they are compared as text all the same."""
    text = str(value)
    return text if re.fullmatch(r"0|[1-9]\d{0,8}", text) else quoted(text)


def flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return quoted(value)


def comment(text: str) -> str:
    """A reason as a comment of one line."""
    return "# " + " ".join(text.split())


def guessed(text: str) -> str:
    return comment(f"guess: {text}")
