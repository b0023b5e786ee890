"""How many came and how much they answered, counted along with a cohort: what the research pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counts of a cohort, chunk by chunk. `asked` counts people by (time-point, instrument): due, and answered."""

    people: int = 0
    enrolled: Counter[str] = field(default_factory=Counter)  # month, like 2026-11
    answers: Counter[str] = field(default_factory=Counter)  # granted, withdrawn, not_asked
    due: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add_people(self, rows: Iterable[tuple[str | None, str]]) -> None:
        """(month of enrolment or None, whether what she told may be used) of each way."""
        for month, answers in rows:
            self.people += 1
            self.answers[answers] += 1
            if month is not None:
                self.enrolled[month] += 1

    def add_scores(self, rows: Iterable[tuple[str, str, int, int]]) -> None:
        """(time-point, instrument, people who were asked, people with a score of it)."""
        for time_point, instrument, due, answered in rows:
            self.due[time_point, instrument] += due
            self.answered[time_point, instrument] += answered

    def to_json(self) -> dict[str, Any]:
        asked: dict[str, dict[str, list[int]]] = {}
        for (time_point, instrument), due in sorted(self.due.items()):
            asked.setdefault(time_point, {})[instrument] = [due, self.answered[time_point, instrument]]
        return {
            "people": self.people, "enrolled": dict(sorted(self.enrolled.items())), "answers": dict(self.answers),
            "asked": asked,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many were asked an instrument at a time-point, and how many answers could be scored."""

    time_point: str
    instrument: str
    due: int
    answered: int

    @property
    def share(self) -> float:
        return self.answered / self.due


def completeness(counts: Mapping[str, Any], order: Iterable[str]) -> list[Completeness]:
    """The rows of the page, time-points in the order of the protocol."""
    asked = counts.get("asked", {})
    return [
        Completeness(time_point, instrument, due, answered)
        for time_point in order
        for instrument, (due, answered) in sorted(asked.get(time_point, {}).items())
        if due
    ]


def recruitment(enrolled: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """(month, enrolled in it, enrolled until its end), every month from the first to the last, empty ones too."""
    if not enrolled:
        return []
    first, last = min(enrolled), max(enrolled)
    year, month = map(int, first.split("-"))
    rows, total = [], 0
    while (name := f"{year}-{month:02}") <= last:
        total += enrolled.get(name, 0)
        rows.append((name, enrolled.get(name, 0), total))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return rows
