"""Ids of a page, each once: anchors are made from the ids of sections, pictures, tables and estimates.

An id handed out never holds two hyphens together, so what is made from it with `--` is free as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Idents:
    """Hands out every id once; a second asking for the same name gets `name-2`."""

    def __init__(self, numbers: Iterable[str] = ()) -> None:
        self._taken: set[str] = set()
        self._numbers = {one: self.take(f"number-{one}") for one in dict.fromkeys(numbers)}

    def take(self, name: str) -> str:
        """An id that is allowed in HTML and free: letters, digits, `-`, `_` and `.`, beginning with a letter."""
        safe = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-") or "part"
        safe = safe if safe[0].isalpha() else f"part-{safe}"
        free, again = safe, 2
        while free in self._taken:
            free, again = f"{safe}-{again}", again + 1
        self._taken.add(free)
        return free

    def number(self, estimate_id: str) -> str:
        """The anchor of an estimate in the list of all numbers."""
        return self._numbers.get(estimate_id, "every-number")

    def listed(self, estimate_id: str) -> bool:
        return estimate_id in self._numbers
