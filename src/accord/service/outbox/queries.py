"""Reading what waits, what failed, and whether the clock still runs."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.service.outbox.models import Heartbeat, Work
from accord.service.outbox.rules import LEASE, LONGEST_WAIT, in_words, silent_for

CLOCK, WATCHDOG = "clock", "watchdog"


def ready(now: datetime, channels: tuple[str, ...] = ()) -> QuerySet[Work]:
    """Work that may be taken up now: due, and leased to nobody who is still alive.

    A clock that ran ahead and was put back leaves no row behind: what was due at once (`not_before` = `made_at`) is
    still due, and a wait or a lease that ends later than any can was given under the other time.
    """
    due = Q(not_before__lte=now) | Q(not_before__lte=F("made_at"), attempts=0)
    due |= Q(attempts__gt=0, not_before__gt=now + LONGEST_WAIT)
    free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + LEASE)
    rows = Work.objects.filter(due & free, state=Work.State.WAITING)
    return rows.filter(channel__in=channels) if channels else rows


def last_beat(name: str = CLOCK) -> datetime | None:
    """When a process was last seen alive."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def stale_clock(now: datetime) -> str | None:
    """What stands on every page of the staff while the clock stands still or mail does not leave; None while all is
    well. One query."""
    rows = Heartbeat.objects.filter(name__in=(CLOCK, WATCHDOG)).annotate(stuck=Subquery(_stuck(now)))
    beats = {name: (at, stuck or 0) for name, at, stuck in rows.values_list("name", "at", "stuck")}
    at, stuck = beats.get(CLOCK, (None, 0))
    if silence := silent_for(at, now):
        return _clock_words(silence)
    if stuck:
        return _stuck_words(stuck)
    if WATCHDOG in beats and silent_for(beats[WATCHDOG][0], now):
        return _(
            "The watchdog that would warn us if reminders and escalations stopped is not running. "
            "Please tell whoever runs this service."
        )
    return None


def _stuck(now: datetime) -> QuerySet[Work, int]:
    """How many mails a server has not taken three times, and how many about an alert were given up today."""
    waits = Q(state=Work.State.WAITING, attempts__gte=3)
    lost = Q(state=Work.State.FAILED, kind__startswith="alert-", done_at__gte=now - timedelta(days=1))
    rows = Work.objects.filter(waits | lost, channel="email").order_by().values("channel")
    return rows.annotate(count=Count("id")).values_list("count", flat=True)


def _stuck_words(count: int) -> str:
    return ngettext(
        "%(count)s mail could not be delivered. Alerts escalate all the same: work from the list below, and tell "
        "whoever runs this service.",
        "%(count)s mails could not be delivered. Alerts escalate all the same: work from the list below, and tell "
        "whoever runs this service.",
        count,
    ) % {"count": count}


def _clock_words(silence: timedelta) -> str:
    if silence == timedelta.max:
        return _(
            "The clock of this service is not running: no message is sent and no alert escalates by itself. "
            "Work from the list below, and tell whoever runs this service."
        )
    return _(
        "The clock of this service has stood still for %(time)s: no message is sent and no alert escalates by itself. "
        "Work from the list below, and tell whoever runs this service."
    ) % {"time": in_words(silence)}


def given_up(since: datetime) -> QuerySet[Work]:
    """What could not be sent or done and was given up since then, for the page that shows the state of the service."""
    return Work.objects.filter(state=Work.State.FAILED, done_at__gte=since).order_by("done_at")


def counts() -> dict[str, int]:
    """How many rows there are in each state."""
    return dict(Work.objects.values_list("state").annotate(n=Count("id")))


def ended_since(since: datetime) -> dict[str, dict[str, int]]:
    """How the mails ended since then: kind -> done, dropped or failed -> how many."""
    rows = Work.objects.filter(channel="email", done_at__gt=since).values_list("kind", "state").annotate(n=Count("id"))
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in rows.order_by("kind", "state"):
        found.setdefault(kind, {})[state] = count
    return found


def work_about(subject_id: uuid.UUID) -> QuerySet[Work]:
    """Everything that was to be sent about one row, oldest first."""
    return Work.objects.filter(subject_id=subject_id).order_by("made_at", "id")


def known(kinds: Collection[str]) -> set[tuple[str, str]]:
    """(person, occasion) of every mail of these kinds that was ever asked for: asking twice is asking once (U3)."""
    rows = Work.objects.filter(kind__in=kinds, channel="email").values_list("kind", "to", "occasion")
    return {(to, f"{kind} {occasion}") for kind, to, occasion in rows}


def last_sent(person_id: uuid.UUID, kinds: Collection[str]) -> datetime | None:
    """When the last mail of these kinds left to somebody."""
    rows = Work.objects.filter(to=str(person_id), kind__in=kinds, channel="email", state=Work.State.DONE)
    return rows.aggregate(last=Max("done_at"))["last"]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to a person as a list shows it. `why`: why it waits or was not sent; empty when it was sent."""

    kind: str
    asked_at: datetime
    state: str  # waiting, done, dropped, failed
    at: datetime  # when it was sent or given up, or when it will be looked at again
    why: str


def mails_to(person_id: uuid.UUID, *, most: int = 50) -> list[Mail]:
    """What was to be sent to a person, the newest first, and why something was not (U2). The caller checks access."""
    rows = Work.objects.filter(to=str(person_id), channel="email").order_by("-made_at", "-id")[:most]
    return [Mail(row.kind, row.made_at, row.state, row.done_at or row.not_before, row.reason) for row in rows]
