"""Everything that is looked at, in the order it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from accord.service.operation.doctor import content, place, running, staff
from accord.service.operation.doctor.finding import Unsafe

Check = Callable[[datetime], Iterator[Unsafe]]

# What can be told before there are tables. The first five stop `accord serve` in production.
BEFORE: dict[str, Check] = {
    "mode": place.mode, "names": place.names, "keys": place.keys, "ladder": content.ladder,
    "crisis page": content.crisis, "headers": place.headers, "mail": running.mail, "disk": place.disk,
    "checkpoints": place.checkpoints, "programmes": content.programmes, "wording": content.wording,
}  # fmt: skip
WITH_TABLES: dict[str, Check] = {
    "database": running.database, "clock": running.clock, "backup": running.backups, "duty": staff.duty,
}  # fmt: skip
CLOSED = ("names", "keys", "ladder", "crisis page")  # a clinic does not open while one of these must be mended


def examine(now: datetime, *, tables: bool = True) -> dict[str, list[Unsafe]]:
    """Each check with what it found."""
    checks = BEFORE | (WITH_TABLES if tables else {})
    return {name: list(check(now)) for name, check in checks.items()}


def closed(now: datetime) -> list[Unsafe]:
    """What stops production, of the things that can be told before the server runs."""
    return [one for name in CLOSED for one in BEFORE[name](now) if one.must]
