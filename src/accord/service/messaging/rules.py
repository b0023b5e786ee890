"""Decisions of this room: what may be written, and by when an answer is promised to whom."""

from __future__ import annotations

import re

LONGEST = 5000  # characters of one message
_GAP = re.compile(r"\[\[(.{1,400}?)\]\]", re.DOTALL)


def problem(text: str) -> str:
    """Why a text cannot be sent: "empty", "nul", "long", or nothing. Any script is welcome."""
    if "\0" in text:
        return "nul"
    if not text.strip():
        return "empty"
    return "long" if len(text) > LONGEST else ""


def gaps(text: str) -> list[str]:
    """What a template leaves to be filled in: each `[[…]]` once, in order. Such a text is not sent as it is."""
    return list(dict.fromkeys(" ".join(one.split()) for one in _GAP.findall(text)))
