"""A code of a service (a reason, an answer) as one part of an estimate's id: lower case letters, digits and _."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^a-z0-9]+")


def code(word: str) -> str:
    """`Not-recorded, yet` as `not_recorded_yet`."""
    return _OTHER.sub("_", word.lower()).strip("_") or "unnamed"
