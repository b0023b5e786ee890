"""Decisions of this room: what may be written, whether it was made personal, how promises of an answer were kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

LONGEST = 5000  # characters of one message
NAMES = 4  # different words: hers and the writer's own, which a page may fill in
GONE = 0.1  # the share of a template's words that may be missing in what still counts as the template
_GAP = re.compile(r"\[\[(.{1,400}?)\]\]", re.DOTALL)


def problem(text: str) -> str:
    """Why a text cannot be sent: "empty", "nul", "long", or nothing. Any script is welcome."""
    if "\0" in text:
        return "nul"
    if not text.strip():
        return "empty"
    return "long" if len(text) > LONGEST else ""


def gaps(text: str) -> list[str]:
    """What a template leaves to be filled in: each `[[…]]` once, in order. Such a text is not sent as it is."""
    return list(dict.fromkeys(" ".join(one.split()) for one in _GAP.findall(text)))


def impersonal(text: str, templates: Iterable[str]) -> str:
    """Why a clinician's text has not been made personal: "gaps", "unchanged", or nothing.

    Unchanged is a template whose words are nearly all still there, with no more new words than two names have; spaces,
    case and the order of words do not count.
    """
    if gaps(text):
        return "gaps"
    given = _words(text)
    return "unchanged" if any(_same(given, _words(_GAP.sub(" ", one))) for one in templates) else ""


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _same(given: Counter[str], template: Counter[str]) -> bool:
    new, gone = len(given - template), (template - given).total()
    return bool(template) and new <= NAMES and gone <= template.total() * GONE


# ---------------------------------------------------------------------------------------------------- promises kept


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise of an answer: when she wrote, by when it was promised, when somebody answered, if so."""

    sent_at: datetime
    due_at: datetime
    answered_at: datetime | None

    def in_time(self, now: datetime) -> bool | None:
        """Yes or no; None while it is neither answered nor late."""
        if self.answered_at is not None:
            return self.answered_at <= self.due_at
        return False if self.due_at < now else None


@dataclass(frozen=True, slots=True)
class Kept:
    """How promises were kept: counts, and the hours that answers took (median and the slowest one in twenty)."""

    promised: int
    in_time: int
    late: int
    open: int
    median_hours: float | None
    slowest_hours: float | None  # 95th percentile; None below twenty answers

    @property
    def share(self) -> float | None:
        """Answered in time, of those whose time has come."""
        return self.in_time / (self.in_time + self.late) if self.in_time + self.late else None


def kept(promises: Sequence[Promised], now: datetime) -> Kept:
    """Count promises at `now`. An answer that came late counts as late, and so does one that is not there yet."""
    said = [one.in_time(now) for one in promises]
    hours = sorted((one.answered_at - one.sent_at).total_seconds() / 3600 for one in promises if one.answered_at)
    middle = quantiles(hours, n=2, method="inclusive")[0] if len(hours) > 1 else (hours[0] if hours else None)
    slow = quantiles(hours, n=20, method="inclusive")[18] if len(hours) >= 20 else None
    return Kept(len(said), said.count(True), said.count(False), said.count(None), middle, slow)
