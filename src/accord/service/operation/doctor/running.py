"""What runs: the database and its settings, the clock, mail, backups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from accord.service.operation.backup import BEAT
from accord.service.operation.doctor.finding import Severity, Unsafe
from accord.service.operation.ready import has_our_tables
from accord.service.outbox.queries import CLOCK, WATCHDOG, last_beat
from accord.service.outbox.rules import in_words, silent_for

A_DAY = timedelta(hours=25)  # a backup each night, and an hour for it to be made
SAFE_WAL = (3, 51, 3)  # below it, SQLite's WAL can lose what it said was saved
# PostgreSQL's setting -> what it must be, and what is lost without it.
KEPT = {
    "fsync": ("on", "A power cut can destroy the database."),
    "full_page_writes": ("on", "A power cut can leave half a page."),
    "synchronous_commit": ("on", "An answer of which the page said that it was saved can be lost."),
}


def tables(now: datetime) -> Iterator[Unsafe]:
    """Looked at first: without them nothing below can be told."""
    if not has_our_tables():
        yield Unsafe("migrations", "The tables are not those of this version.", "accord serve makes them.")


def database(now: datetime) -> Iterator[Unsafe]:
    yield from _embedded() if connection.vendor == "sqlite" else _postgres()


def _embedded() -> Iterator[Unsafe]:
    cure = "Set ACCORD_DATABASE to a PostgreSQL database; the embedded one is for one process on one machine."
    yield Unsafe("embedded", "The database is the embedded one.", cure, Severity.NOTE)
    journal, synchronous = _one("PRAGMA journal_mode"), _one("PRAGMA synchronous")
    if journal == "wal" and sqlite3.sqlite_version_info < SAFE_WAL:
        cure = "sqlite3 accord.sqlite3 'PRAGMA journal_mode=TRUNCATE' while nothing else runs."
        what = f"The database keeps a write-ahead log, which SQLite {sqlite3.sqlite_version} can corrupt."
        yield Unsafe("wal", what, cure)
    if int(synchronous) < 2:
        yield Unsafe("synchronous", "The database does not wait for the disk.", "Set PRAGMA synchronous=FULL again.")


def _postgres() -> Iterator[Unsafe]:
    for name, (wanted, lost) in KEPT.items():
        if (found := _one(f"SHOW {name}")) != wanted and not (name == "synchronous_commit" and found != "off"):
            yield Unsafe(
                f"postgres-{name}", f"PostgreSQL runs with {name} = {found}. {lost}", f"Set {name} = {wanted}."
            )
    if _one("SHOW data_checksums") != "on":
        cure = "Stop it, run pg_checksums --enable, start it; new clusters: initdb --data-checksums."
        what = "PostgreSQL keeps no checksums of its pages: a disk that rots is not noticed."
        yield Unsafe("postgres-checksums", what, cure, Severity.NOTE)
    if _one("SHOW log_statement") != "none":
        cure = "Set log_statement = none, log_parameter_max_length_on_error = 0."
        yield Unsafe("postgres-log", "PostgreSQL writes statements, and so people's values, into its log.", cure)


def _one(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def clock(now: datetime) -> Iterator[Unsafe]:
    silence = silent_for(last_beat(CLOCK), now)
    if silence == timedelta.max:
        yield Unsafe("clock", "The clock has never run: nothing is sent and no alert rises.", "Start accord clock.")
    elif silence:
        cure = "Start accord clock again, and look at its log."
        yield Unsafe("clock", f"The clock has stood still for {in_words(silence)}.", cure)
    if silent_for(last_beat(WATCHDOG), now):
        cure = "Run accord clock --watch on another machine."
        yield Unsafe("watchdog", "Nobody would be told if the clock stopped.", cure, Severity.NOTE)


def mail(now: datetime) -> Iterator[Unsafe]:
    if not settings.ACCORD_EMAIL.startswith(("smtp://", "smtps://")):
        cure = "Set ACCORD_EMAIL to smtp://user:password@host:port."
        yield Unsafe("mail", "No mail leaves this installation, so nobody is told of an alert by mail.", cure)


def backups(now: datetime) -> Iterator[Unsafe]:
    last = last_beat(BEAT)
    cure = "accord backup --out FOLDER, each night by a timer (deploy/systemd); restore one as a drill."
    if last is None:
        yield Unsafe("backup", "There is no backup.", cure)
    elif now - last > A_DAY:
        yield Unsafe("backup", f"The last backup is {in_words(now - last)} old.", cure)
