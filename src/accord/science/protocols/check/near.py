"""The nearest names to a misspelt one, as a cure."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def near(name: str, known: Collection[str], *, empty: str = "there is none") -> str:
    """`Did you mean …?`, or the list of what there is."""
    matches = difflib.get_close_matches(name.replace("-", "_"), known, n=3, cutoff=0.6)
    if matches:
        return f"Did you mean {', '.join(matches)}?"
    listed = list(known)
    more = f" and {len(listed) - 12} more" if len(listed) > 12 else ""
    return f"There are: {', '.join(listed[:12])}{more}." if listed else f"Here {empty}."
