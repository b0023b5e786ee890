"""How much of a programme there is: what a protocol plans and a simulator delivers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from accord.science.errors import BadInput
from accord.science.programmes.model import Programme


@dataclass(frozen=True, slots=True)
class Dose:
    """Weeks; lessons to read and sessions to attend with their minutes; planned minutes of practice a week."""

    weeks: int
    lessons: int
    lesson_minutes: int
    sessions: int
    session_minutes: int
    practice_minutes_a_week: int

    @property
    def total_minutes(self) -> int:
        """Everything over the whole length: reading, sessions and practice."""
        return self.lesson_minutes + self.session_minutes + self.weeks * self.practice_minutes_a_week

    def to_dict(self) -> dict[str, int]:
        return asdict(self) | {"total_minutes": self.total_minutes}


def dose(programme: Programme, *, modules: Sequence[str] | None = None, length: str | None = None) -> Dose:
    """The planned dose of a programme, or of some of its modules, in one of its lengths (default: the first).

    A written lesson counts with the minutes of its parts, an outline with the planned ones. Practice of a week is the
    greatest that any one lesson asks for, since practices replace each other.
    """
    length = length or next(iter(programme.lengths))
    if length not in programme.lengths:
        raise BadInput(f"There is no length '{length}'.", cure=f"There are: {', '.join(programme.lengths)}.")
    chosen = programme.in_modules(modules)
    minutes = {x.id: text.minutes if (text := programme.text(x.id)) and text.parts else x.minutes for x in chosen}
    read = [minutes[lesson.id] for lesson in chosen if lesson.form == "lesson"]
    held = [minutes[lesson.id] for lesson in chosen if lesson.form != "lesson"]
    weekly = [sum(_weekly(programme, name) for name in lesson.practices) for lesson in chosen]
    weeks = programme.lengths[length].weeks
    return Dose(weeks, len(read), sum(read), len(held), sum(held), max(weekly, default=0))


def _weekly(programme: Programme, practice_id: str) -> int:
    practice = programme.practices[practice_id]
    return practice.minutes * practice.days_a_week
