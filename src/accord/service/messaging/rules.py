"""Decisions of this room: what may be written, and by when an answer is promised to whom."""

from __future__ import annotations

LONGEST = 5000  # characters of one message


def problem(text: str) -> str:
    """Why a text cannot be sent: "empty", "nul", "long", or nothing. Any script is welcome."""
    if "\0" in text:
        return "nul"
    if not text.strip():
        return "empty"
    return "long" if len(text) > LONGEST else ""
