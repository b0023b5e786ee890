"""Which column or channel of a file is meant, and how the time column is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.science.errors import BadInput, NotFound, Place
from accord.science.signals.kinds import matching
from accord.science.signals.limits import Limits

TIME_NAMES = re.compile(
    r"^(time|t|times|timestamps?|stamps?|time[ _]?stamps?|unix[ _]?time([ _]?stamp)?|"
    r"timestamp[ _]unix|epoch|seconds|secs?|sensor timestamp|phone timestamp|date ?time|elapsed( time)?|since start)"
    r"([ _]*[\[(]?(s|sec|ms|us|µs|ns|min)[\])]?)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller wants from a file; every reader gets one."""

    signal: str
    column: str | None = None
    time: str | None = None
    time_unit: str | None = None
    rate_hz: float | None = None
    who: str = ""
    unit: str | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def wanted(self) -> str:
        return self.column or self.signal


def chosen(names: Sequence[str], request: Request, *, file: str, what: str = "column") -> str:
    """The one name that is meant (of several, the one that names whose it is); NotFound or BadInput lists them else."""
    found = matching(names, request.wanted)
    if len(found) > 1 and request.who:  # `ecg patient` and `ecg therapist` stand in one file
        found = [name for name in found if request.who.lower() in name.lower()] or found
    listed = ", ".join(names[:20]) or "none"
    if not found:
        cure = f"There are: {listed}. Name the {what} that holds the signal."
        raise NotFound(f"no {what} is '{request.wanted}'.", cure=cure, where=Place(file=file))
    if len(found) > 1:
        cure = f"Name one of them as the {what}."
        raise BadInput(f"'{request.wanted}' can be {' or '.join(found[:10])}.", cure=cure, where=Place(file=file))
    return found[0]


def distinct(names: Sequence[str]) -> list[str]:
    """The names, numbered where one comes twice, so that nobody gets the first of two by chance: `ECG #1`, `ECG #2`."""
    return [
        f"{name} #{names[:at].count(name) + 1}" if names.count(name) > 1 else name
        for at, name in enumerate(list(names))
    ]


def time_column(names: Sequence[str], request: Request, *, file: str) -> str | None:
    """The column with the times: the one asked for, else the first that is called so; None when there is none."""
    if request.time is None:
        return next((name for name in names if TIME_NAMES.match(name.strip())), None)
    found = matching(names, request.time)
    if found:
        return found[0]
    cure = f"There are: {', '.join(names[:20])}. Name the column with the times, or give the rate."
    raise NotFound(f"no column is '{request.time}'.", cure=cure, where=Place(file=file))
