"""What a database holds, apart from how it lies there: its tables in order, their rows in order, a hash of each.

The logical hash of a table is the SHA-256 of its rows, by primary key, its columns by name. On PostgreSQL the rows are
as COPY writes them under fixed settings, on SQLite as the database gives them back.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# Sessions and the cache are not kept: after a restore everybody logs in anew.
LEFT_OUT = frozenset({"django_session", "django_cache", "usersessions_usersession"})
PART = 8 << 20  # bytes of one table that are held in memory
STEADY = "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; \
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"


@dataclass(frozen=True, slots=True)
class Held:
    """What a table holds."""

    rows: int
    sha256: str
    columns: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"columns": list(self.columns)}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Held:
        return cls(int(told["rows"]), str(told["sha256"]), tuple(told["columns"]))


def differing(wanted: dict[str, Held], found: dict[str, Held]) -> list[str]:
    """The tables whose content is not what it should be."""
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def table_names(connection: BaseDatabaseWrapper) -> list[str]:
    """Every table that a backup keeps."""
    return sorted(name for name in connection.introspection.table_names() if name not in LEFT_OUT)


def content(connection: BaseDatabaseWrapper) -> dict[str, Held]:
    """The logical content of the database behind this connection; on PostgreSQL inside a transaction."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return sqlite_content(connection.connection)
    steady(connection)
    return {name: copied_out(connection, name, lambda part: None) for name in table_names(connection)}


# --- SQLite -----------------------------------------------------------------------------------------------------


def sqlite_content(raw: sqlite3.Connection) -> dict[str, Held]:
    names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    return {name: _sqlite_held(raw, name) for (name,) in sorted(names) if name not in LEFT_OUT}


def _sqlite_held(raw: sqlite3.Connection, table: str) -> Held:
    described = raw.execute(f'PRAGMA table_info("{table}")').fetchall()
    columns = sorted(str(row[1]) for row in described)
    order = [str(row[1]) for row in sorted(described, key=lambda row: row[5]) if row[5]] or columns
    digest, rows = hashlib.sha256(), 0
    cursor = raw.execute(f'SELECT {_listed(columns)} FROM "{table}" ORDER BY {_listed(order)}')  # noqa: S608 - names of the database itself
    for row in cursor:
        digest.update(repr(tuple(row)).encode())
        rows += 1
    return Held(rows, digest.hexdigest(), tuple(columns))


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def steady(connection: BaseDatabaseWrapper) -> None:
    """Fix what the text of a value depends on, for this transaction."""
    with connection.cursor() as cursor:
        for statement in STEADY.split("; "):
            cursor.execute(statement)


def copied_out(connection: BaseDatabaseWrapper, table: str, take: Callable[[bytes], None]) -> Held:
    """The rows of a table in order, given to `take` in parts; their count and hash."""
    columns, order = _postgres_columns(connection, table)
    question = f'COPY (SELECT {_listed(columns)} FROM "{table}" ORDER BY {order}) TO STDOUT'  # noqa: S608 - names of the database itself
    digest, rows = hashlib.sha256(), 0
    for part in _parts(connection, question):
        digest.update(part)
        rows += part.count(b"\n")  # in COPY's text a line break inside a value is written \n
        take(part)
    return Held(rows, digest.hexdigest(), tuple(columns))


def copied_in(connection: BaseDatabaseWrapper, table: str, columns: tuple[str, ...], parts: Iterator[bytes]) -> None:
    """The rows of a table as `copied_out` gave them."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({_listed(list(columns))}) FROM STDIN') as copy,
    ):
        for part in parts:
            copy.write(part)


def _parts(connection: BaseDatabaseWrapper, question: str) -> Iterator[bytes]:
    held = bytearray()
    with connection.cursor() as cursor, cursor.copy(question) as copy:
        for data in copy:
            held += data
            if len(held) >= PART:
                yield bytes(held)
                held.clear()
    if held:
        yield bytes(held)


def _postgres_columns(connection: BaseDatabaseWrapper, table: str) -> tuple[list[str], str]:
    """The columns by name, and the order of the rows: the primary key, text by its bytes and not by a language."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, a.attcollation <> 0, array_position(i.indkey, a.attnum) FROM pg_attribute a "
            "LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
            "WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            [f'"{table}"'],
        )
        found = sorted(cursor.fetchall())
    key = sorted((place, name, text) for name, text, place in found if place is not None)
    ordered = key or [(0, name, text) for name, text, _ in found]
    order = ", ".join(f'"{name}"' + (' COLLATE "C"' if text else "") for _, name, text in ordered)
    return [name for name, _, _ in found], order


def follow_sequences(connection: BaseDatabaseWrapper, table: str, columns: tuple[str, ...]) -> None:
    """Numbers that the database gives go on after the highest that was restored."""
    with connection.cursor() as cursor:
        for column in columns:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
            if sequence := cursor.fetchone()[0]:
                highest = f'(SELECT max("{column}") FROM "{table}")'  # noqa: S608 - names of the database itself
                cursor.execute(f"SELECT setval(%s, coalesce({highest}, 1), {highest} IS NOT NULL)", [sequence])
