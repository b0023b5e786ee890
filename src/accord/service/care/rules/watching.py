"""What is found by watching a course: worse, no better half way, quiet, not started. Plain values in, findings out.

Words are the flow's; nothing here is claimed of a scale without a founded limit (C16, C38).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.science.instruments import Scale
from accord.science.protocols.deterioration import Limit, Worse, no_better_now, worse_now
from accord.service.care.rules.needs import START
from accord.service.care.rules.support import NOT_ON_TRACK, NOT_STARTED, QUIET, WORSE

RHYTHM = timedelta(days=7)  # what a course asks for where nothing else is due: something every week
QUIET_DAYS, QUIET_DAYS_AFTER_R2 = 7, 2


@dataclass(frozen=True, slots=True)
class Measured:
    """One score: when, at which time-point and repetition."""

    at: datetime
    time_point: str
    occasion: int
    value: float

    @property
    def name(self) -> str:
        return f"{self.time_point}:{self.occasion}"


@dataclass(frozen=True, slots=True)
class Nominated:
    """A scale that the protocol nominates, with its founded limit and her scores in this episode, the first first."""

    scale: Scale
    limit: Limit
    points: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of one person in a course."""

    course_began: datetime
    begun_first_lesson: bool
    last_heard: datetime | None  # an answer, a message, a lesson, a practice, a contact in which she was reached
    unanswered: tuple[datetime, ...] = ()  # when each asking that she has not sent was due
    finished: bool = False  # every lesson is done
    in_flare: bool = False
    flare_ended: datetime | None = None  # the last one
    last_tier: int = 0
    nominated: tuple[Nominated, ...] = ()
    half_way: str = ""  # the time-point at which "no better so far" is said
    flagged: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # (kind, scale) of what is not settled
    open_flags: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # of these, what nobody has taken up


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to flag, with what it rests on; `occasion` makes it one flag however often one looks."""

    kind: str
    occasion: str
    nominated: Nominated | None = None
    worse: Worse | None = None
    same: tuple[Nominated, ...] = ()
    days: int = 0
    since: datetime | None = None

    @property
    def scale(self) -> str:
        return self.nominated.limit.ref if self.nominated else ""


def findings(one: Watched, now: datetime) -> list[Finding]:
    """Everything to flag now. What is flagged and not settled is not flagged again; silence is always told, since the
    ladder's clock goes on with it."""
    found = [*_worse(one), *_half_way(one), *_not_started(one, now), *_quiet(one, now)]
    return [finding for finding in found if finding.kind == QUIET or (finding.kind, finding.scale) not in one.flagged]


def _worse(one: Watched) -> Iterator[Finding]:
    for scale in one.nominated:
        values = [point.value for point in scale.points]
        if worse := worse_now(values, scale.scale.sign, scale.limit):
            yield Finding(WORSE, f"{scale.limit.ref}:{scale.points[-1].name}", scale, worse)


def _half_way(one: Watched) -> Iterator[Finding]:
    """No better than at the start on every nominated scale of which that can be said."""
    upto = [_until(scale, one.half_way) for scale in one.nominated]
    said = [(scale, no_better_now(values, scale.scale.sign, scale.limit)) for scale, values in upto if values]
    known = [(scale, same) for scale, same in said if same is not None]
    if known and all(same for _scale, same in known):
        yield Finding(NOT_ON_TRACK, f"no-better:{one.half_way}", same=tuple(scale for scale, _same in known))


def _until(scale: Nominated, half_way: str) -> tuple[Nominated, Sequence[float]]:
    """Her scores from the first to the one half way; none when she was not measured then."""
    index = next((i for i, point in enumerate(scale.points) if half_way and point.time_point == half_way), 0)
    cut = Nominated(scale.scale, scale.limit, scale.points[: index + 1]) if index else scale
    return cut, [point.value for point in cut.points] if index else []


def _not_started(one: Watched, now: datetime) -> Iterator[Finding]:
    waited = now - one.course_began
    if not one.begun_first_lesson and not one.in_flare and waited >= START:
        yield Finding(NOT_STARTED, "not-started", days=waited.days, since=one.course_began)


def _quiet(one: Watched, now: datetime) -> Iterator[Finding]:
    since = overdue_since(one, now)
    needed = QUIET_DAYS_AFTER_R2 if one.last_tier >= 2 else QUIET_DAYS
    if since is not None and (days := (now - since).days) >= needed:
        yield Finding(QUIET, f"quiet:{since:%Y-%m-%dT%H:%M}", days=days, since=since)


def overdue_since(one: Watched, now: datetime) -> datetime | None:
    """Since when something is due without a sign of life; None when nothing is.

    Due is an asking whose day has passed, and in an unfinished course something once a week. A flare moves this clock,
    unless her last known tier of risk was R2 or more (C7).
    """
    heard = max(one.last_heard or one.course_began, one.course_began)
    due = [at for at in one.unanswered if at > heard]
    due += [] if one.finished else [heard + RHYTHM]
    if not due or min(due) > now:
        return None
    since = min(due)
    if one.last_tier >= 2:
        return since
    if one.in_flare:
        return None
    return max(since, one.flare_ended) if one.flare_ended else since
