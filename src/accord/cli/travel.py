"""The words around `accord clock --until`: which moment is meant, where time may be moved, what is said of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accord.cli.service import Cannot, connect
from accord.science.errors import BadInput

if TYPE_CHECKING:
    from accord.service.demo.travel import Journey

ENDED = {"done": "sent", "dropped": "no longer wanted", "failed": "given up"}


def go(until: str, *, stop: Callable[[], bool], as_json: bool) -> bool:
    """Travel and say what happened; False when it was stopped on the way. Raises BadInput, and Cannot when a job
    fails."""
    check_marked()
    from accord.service.demo.travel import check_can_travel, travel
    from accord.service.errors import NotNow
    from accord.service.now import now
    from accord.service.people.queries import clinics

    zone = ZoneInfo(clinics()[0].time_zone)
    moment = moment_of(until, zone)
    try:
        check_can_travel(moment, now())
    except NotNow as refused:
        raise BadInput(refused.message, cure=refused.cure) from refused
    journey = travel(until=moment, stop=stop, say=lambda reached: _progress(reached, moment, zone))
    _progress_done()
    print(json.dumps(as_object(journey, zone)) if as_json else in_words(journey, zone), flush=True)
    if journey.failing:
        names = ", ".join(f"{name} ({error})" for name, error in sorted(journey.failing.items()))
        cure = "Look at the database and the log; what was due stays due. Then travel on from here."
        raise Cannot(f"Time stands still here because a job fails: {names}.", cure=cure)
    return journey.arrived


def check_marked() -> None:
    """Raises BadInput in production and in a database that carries no mark of a demonstration."""
    from django.conf import settings

    cure = "Only a demonstration's time can be moved: make demo, or accord serve with ACCORD_MODE=demo, makes one."
    if settings.PRODUCTION:
        raise BadInput("This is a clinic (ACCORD_MODE=production): its time is the time of the world.", cure=cure)
    if "demo_demonstration" in connect().introspection.table_names():
        from accord.service.demo.queries import demonstration

        if demonstration() is not None:
            return
    raise BadInput("This database carries no mark of a demonstration: its time is the time of the world.", cure=cure)


def moment_of(given: str, zone: ZoneInfo) -> datetime:
    """A day (its first minute) or a day and time, in the clinic's zone unless it names its own."""
    try:
        moment = datetime.fromisoformat(given) if len(given) > 10 else datetime.combine(
            date.fromisoformat(given), time()
        )  # fmt: skip
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        meant = local.astimezone(UTC)
        there = meant.astimezone(local.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        cure = "Write a day like 2027-01-31, or a day and time like 2027-01-31T09:30."
        raise BadInput(f"{given!r} is no day.", cure=cure) from error
    if there.replace(tzinfo=None) != local.replace(tzinfo=None):
        cure = f"The next moment there is: {there:%Y-%m-%dT%H:%M}."
        raise BadInput(f"{given} does not exist in {zone.key}: the clocks go forward that night.", cure=cure)
    return meant


def as_object(journey: Journey, zone: ZoneInfo) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "zone": zone.key, "from": journey.start.astimezone(zone).isoformat(timespec="seconds"),
        "until": journey.until.astimezone(zone).isoformat(timespec="seconds"),
        "reached": journey.reached.astimezone(zone).isoformat(timespec="seconds"),
        "arrived": journey.arrived, "steps": journey.steps, "jobs": dict(sorted(journey.jobs.items())),
        "mails": journey.mails, "failing": journey.failing,
    }  # fmt: skip


def in_words(journey: Journey, zone: ZoneInfo) -> str:
    """The same for a person: where she is in time, and what happened on the way."""
    lines = [f"It is {_told(journey.reached.astimezone(zone))} ({zone.key}); {journey.steps} steps."]
    if not journey.arrived:
        lines += [f"Stopped on the way to {_told(journey.until.astimezone(zone))}; the rest is still ahead."]
    lines += [f"  {name:<24} {count:>5}" for name, count in sorted(journey.jobs.items()) if count]
    for kind, ends in journey.mails.items():
        lines += [f"  mail {kind:<19} " + ", ".join(f"{count} {ENDED[end]}" for end, count in ends.items())]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  Nothing fell due."])


def _told(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M}"


def _progress(at: datetime, until: datetime, zone: ZoneInfo) -> None:
    """A screen shows each hour in place; a file gets one line a week."""
    reached, until = at.astimezone(zone), until.astimezone(zone)
    if sys.stderr.isatty():
        print(f"\r{reached:%a %d %b %Y %H:%M}  until {until:%d %b %Y}", end="", file=sys.stderr, flush=True)
    elif reached.hour == 0 and reached.weekday() == 0:
        print(f"{reached:%d %b %Y} …", file=sys.stderr, flush=True)


def _progress_done() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
