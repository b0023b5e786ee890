"""What is known about her, under the names that a programme's rules read. Missing is absent, never taken for no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FLAGS = tuple(f"item_{number}" for number in range(1, 9))
TOLD_BY_A_DOCTOR = {"rheumatologist": True, "other_doctor": True, "other_person": False, "nobody": False}


@dataclass(frozen=True, slots=True)
class Known:
    """The newest answers about her: values by item, and when the red flags were answered."""

    red_flags: Mapping[str, object]
    flags_at: datetime | None
    questions: Mapping[str, object]


def facts(known: Known, cleared_at: datetime | None) -> dict[str, object]:
    """Her facts. A clinician's word that a doctor has looked counts for the red flags answered before it (C9)."""
    found: dict[str, object | None] = {
        "red_flags.any": _any_flag(known, cleared_at),
        "red_flags.worse_after_effort": known.red_flags.get("worse_after_effort"),
        "body_practice_caution": known.questions.get("body_practice_caution"),
        "fibromyalgia": TOLD_BY_A_DOCTOR.get(str(known.questions.get("fibromyalgia_diagnosed_by"))),
    }
    return {name: value for name, value in found.items() if value is not None}


def _any_flag(known: Known, cleared_at: datetime | None) -> bool | None:
    answers = [known.red_flags.get(item) for item in FLAGS]
    if 1 in answers:
        return not (cleared_at is not None and known.flags_at is not None and cleared_at >= known.flags_at)
    return False if answers == [0] * len(FLAGS) else None


def answers(entries: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """`answers.<field>` of what she saved; what she left empty is absent."""
    return {
        f"answers.{name}": value
        for values in entries.values()
        for name, value in values.items()
        if value is not None and value != "" and not isinstance(value, dict)
    }
