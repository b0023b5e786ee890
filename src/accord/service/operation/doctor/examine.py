"""Everything that is looked at, in the order it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from accord.service.operation.doctor import content as contents
from accord.service.operation.doctor import place, running, staff
from accord.service.operation.doctor.finding import Unsafe

Check = Callable[[datetime], Iterator[Unsafe]]

# What can be told before there are tables. The first five stop `accord serve` in production.
BEFORE: dict[str, Check] = {
    "mode": place.mode, "names": place.names, "keys": place.keys, "ladder": contents.ladder,
    "crisis page": contents.crisis, "headers": place.headers, "mail": running.mail, "disk": place.disk,
    "checkpoints": place.checkpoints, "programmes": contents.programmes, "wording": contents.wording,
}  # fmt: skip
WITH_TABLES: dict[str, Check] = {
    "database": running.database, "clock": running.clock, "backup": running.backups, "duty": staff.duty,
}  # fmt: skip
CLOSED = ("names", "keys", "ladder", "crisis page")  # a clinic does not open while one of these must be mended


READS_CONTENT = ("ladder", "crisis page", "headers", "programmes", "wording")  # takes a page's time and more


def examine(now: datetime, *, tables: bool = True, content: bool = True) -> dict[str, list[Unsafe]]:
    """Each check with what it found. Without `content`: what can be told within the time of a page."""
    checks = BEFORE | (WITH_TABLES if tables else {})
    return {name: list(check(now)) for name, check in checks.items() if content or name not in READS_CONTENT}


def closed(now: datetime) -> list[Unsafe]:
    """What stops production, of the things that can be told before the server runs."""
    return [one for name in CLOSED for one in BEFORE[name](now) if one.must]
