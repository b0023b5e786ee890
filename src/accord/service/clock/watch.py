"""The watchdog: a process apart from the clock that writes to people when the clock has stood still for two minutes.

It uses the gateway directly, because the sender of the outbox is part of what has stopped. A database that does not
answer counts as silence; the addresses it read last, and those of ACCORD_WATCHERS, are kept for that hour.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from accord.science.definitions import content_files
from accord.service.clock.sender import link
from accord.service.fields.keys import new_id
from accord.service.gateways.email.outcome import NotSent
from accord.service.gateways.email.send import send
from accord.service.library.rules import split_title
from accord.service.now import now, without_database
from accord.service.outbox.actions import beat
from accord.service.outbox.queries import WATCHDOG, last_beat
from accord.service.outbox.rules import SILENCE, in_words
from accord.service.people import queries as people

log = logging.getLogger(__name__)
LOOK_EVERY = 15.0  # seconds
SAY_EVERY = timedelta(hours=1).total_seconds()
SURE_AFTER = 3 * 5.0  # seconds of looking in which a living clock would have beaten three times


@dataclass(slots=True)
class Watch:
    """What the watchdog has seen. Times in seconds are of a clock that cannot jump."""

    last: datetime | None = None
    since: float | None = None  # since when the heartbeat has not changed
    silent: bool = False
    said_at: float | None = None
    addresses: list[str] = field(default_factory=list)

    def look(self, beat_at: datetime | None, moment: datetime, at: float) -> timedelta | None:
        """How long the clock has been silent; None while it lives.

        Only a heartbeat that does not change is silence: a machine whose time jumps makes an old heartbeat of a fresh
        one, until the next. One that is old at the first look is believed after fifteen seconds without a change.
        """
        if self.since is None or beat_at != self.last:
            self.last, self.since = beat_at, at
            return None
        still = timedelta(seconds=at - self.since)
        apart = abs(moment - beat_at) if beat_at else SILENCE
        sure = still >= SILENCE or (apart >= SILENCE and still.total_seconds() >= SURE_AFTER)
        return max(still, apart) if sure else None

    def to_say(self, silence: timedelta | None, at: float) -> str:
        """Which mail is due now: that it stands still (at once, then each hour), that it runs again, or none."""
        if silence is None:
            return "mail-clock-runs-again" if self.said_at is not None else ""
        if self.said_at is None or at - self.said_at >= SAY_EVERY:
            return "mail-clock-stopped"
        return ""


def run(*, stop: threading.Event | None = None, every: float = LOOK_EVERY) -> None:
    """Watch until `stop` is set."""
    stop, watch, silence = stop or threading.Event(), Watch(), timedelta()
    while not stop.is_set():
        close_old_connections()
        silence = look_once(watch, time.monotonic(), silence)
        stop.wait(every)


def look_once(watch: Watch, at: float, before: timedelta) -> timedelta:
    """One look, and the mail that it asks for; returns how long the clock had been silent when it last was."""
    moment, beat_at = _read(watch)
    silence = watch.look(beat_at, moment, at)
    told = silence if silence is not None else before
    if (name := watch.to_say(silence, at)) and tell(watch, name, told, moment):
        watch.said_at = at if silence is not None else None
    return told


def _read(watch: Watch) -> tuple[datetime, datetime | None]:
    """The time and the heartbeat; says that the watchdog lives, and keeps the addresses while they can be read."""
    try:
        moment, seen = now(), last_beat()
        watch.addresses = recipients()
        beat(name=WATCHDOG, now=moment)
    except Exception:
        log.error("The watchdog cannot read the database.", exc_info=True)
        return without_database(), watch.last
    return moment, seen


def recipients() -> list[str]:
    """The service leads of all clinics and the addresses of ACCORD_WATCHERS, each once."""
    leads = [people.address_of(clinic.service_lead_id) for clinic in people.clinics() if clinic.service_lead_id]
    return list(dict.fromkeys(address for address in (*settings.WATCHERS, *leads) if address))


def tell(watch: Watch, name: str, silence: timedelta, moment: datetime) -> bool:
    """Write to everybody; True when at least one mail left. The machine's log says it as well."""
    service = urlsplit(settings.PUBLIC_ADDRESS).netloc
    values = {"time": in_words(silence), "service": service, "link": link("therapist:caseload")}
    subject, body = split_title(_text(name))
    log.error(f"{name} ({values['time']})")
    addresses = watch.addresses or settings.WATCHERS
    return sum(_send(address, subject, body, values, moment) for address in addresses) > 0


def _send(address: str, subject: str, body: str, values: dict[str, str], moment: datetime) -> bool:
    try:
        send(to=address, subject=subject, body=body, values=values, reference=str(new_id()), now=moment)
    except NotSent as error:
        log.error(f"A mail of the watchdog did not leave: {error.reason}")
        return False
    return True


def _text(name: str) -> str:
    """The words, from the files: the database may be what has stopped."""
    path: Path = content_files("texts/en", "mail-*.md", site=settings.SITE_FOLDER)[name]
    return path.read_text(encoding="utf-8")
