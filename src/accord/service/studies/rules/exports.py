"""Asking for an export: what may be asked, how long its file is kept, how often it is tried."""

from __future__ import annotations

from datetime import timedelta

MAKE_EXPORT = "make-export"  # the kind of the outbox's job
FORMS = ("parquet", "csv")
KEPT_FOR = timedelta(days=7)  # then the file is deleted; the row stays as long as the audit
TRIES = 3
SHORTEST, LONGEST = 10, 500  # characters of a purpose


def wrong_purpose(text: str) -> str:
    """Why a purpose cannot be kept: "nul", "short", "long", or nothing."""
    if "\0" in text:
        return "nul"
    if len(text.strip()) < SHORTEST:
        return "short"
    return "long" if len(text) > LONGEST else ""
