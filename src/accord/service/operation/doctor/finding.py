"""One thing that is not as a clinic needs it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    MEND = "mend"  # people are not safe with it; `accord doctor` leaves with 2
    NOTE = "note"  # said, and left to the clinic


@dataclass(frozen=True, slots=True)
class Unsafe:
    """What was found, under a name that stays the same, and how to mend it."""

    id: str
    what: str
    cure: str
    severity: Severity = Severity.MEND

    @property
    def must(self) -> bool:
        return self.severity is Severity.MEND

    def to_dict(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}
