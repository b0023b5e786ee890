"""`accord restore`: a backup into an empty place, all of it or nothing, and compared with what it held then.

The file is read to its end and every byte authenticated before anything is touched. An embedded database is unpacked
beside its place, compared, and moved into it; a PostgreSQL one is filled and compared inside one transaction. After it,
the chains of the audit are verified; that the state is older than the checkpoints know is answered by a person, with
`accord audit accept-restore`. There is no erasure of persons in this version, so there is none to be repeated.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from accord import __version__
from accord.science.errors import BadInput
from accord.service.audit import queries as audit
from accord.service.operation import archive, tables
from accord.service.operation.backup import FORMAT
from accord.service.operation.cipher import AGAIN, backup_key, fingerprint
from accord.service.operation.tables import Held

KINDS = {"sqlite": "an embedded database", "postgresql": "a PostgreSQL database"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what the audit says of it."""

    made_at: str
    program: str
    tables: int
    rows: int
    files: int
    faults: list[str]  # of the audit: none when nothing was written after the backup


def restore(*, path: Path) -> Restored:
    """Put a backup into the empty database and the data folder of this installation. Raises BadInput."""
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", cure="Name a file that `accord backup` wrote.")
    key = backup_key(settings.ENVIRONMENT.keys)
    archive.authenticate(path, key)
    about, manifest = archive.told(path, key)
    _check(about)
    _check_empty()
    wanted = {name: Held.of(told) for name, told in manifest["tables"].items()}
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_FOLDER) as folder:
        staged = Path(folder)
        if connection.vendor == "sqlite":
            _embedded(path, key, staged, wanted, manifest["files"])
        else:
            _postgres(path, key, staged, wanted, manifest["files"], about)
    faults = [str(fault) for fault in audit.verify(settings.CHECKPOINT_FOLDER).faults]
    rows = sum(held.rows for held in wanted.values())
    return Restored(about["made_at"], about["program"], len(wanted), rows, len(manifest["files"]), faults)


# --- what is refused --------------------------------------------------------------------------------------------


def _check(about: dict[str, Any]) -> None:
    """Nothing from a newer program, for another kind of database, or without its field keys."""
    if int(about["format"]) > FORMAT:
        raise BadInput(f"The backup was made by a newer Accord ({about['program']}); this is {__version__}.",
                       cure=f"Install {about['program']} or newer; nothing was restored.")  # fmt: skip
    if about["database"] != connection.vendor:
        raise BadInput(
            f"The backup is of {KINDS[about['database']]}, and here is {KINDS[connection.vendor]}.",
            cure="Set ACCORD_DATABASE (or --into) to a database of the kind it came from; nothing was restored.",
        )
    if bool(about["demonstration"]) != bool(settings.DEMO):
        one, other = ("a demonstration", "a clinic") if about["demonstration"] else ("a clinic", "a demonstration")
        cure = "Set ACCORD_MODE as it was there; invented people and real ones never share a place."
        raise BadInput(f"The backup is of {one}, and ACCORD_MODE here is that of {other}.", cure=cure)
    unknown = {tuple(one) for one in about["migrations"]} - set(MigrationLoader(None).disk_migrations)
    if unknown:
        first = ".".join(min(unknown))
        raise BadInput(
            f"The backup was made by a newer Accord ({about['program']}): {len(unknown)} of its migrations are unknown "
            f"here, for example {first}.",
            cure="Install that version or a newer one; nothing was restored.",
        )
    here = {name: fingerprint(key) for name, key in settings.FIELD_KEYS.items()}
    if missing := sorted(name for name, told in about["field_keys"].items() if here.get(name) != told):
        cure = "Set ACCORD_KEYS to the newest key file of that service; nothing was restored."
        what = f"The key file lacks the field key {', '.join(missing)}: names and texts could not be read."
        raise BadInput(what, cure=cure)


def _check_empty() -> None:
    if standing := connection.introspection.table_names():
        raise BadInput(
            f"The database is not empty: it holds {len(standing)} tables.",
            cure="Name an empty one in ACCORD_DATABASE or ACCORD_DATA, or with --into; nothing is ever written over.",
        )


# --- unpacking --------------------------------------------------------------------------------------------------


def _embedded(path: Path, key: bytes, staged: Path, wanted: dict[str, Held], files: dict[str, Any]) -> None:
    copy = staged / "database.sqlite3"
    with archive.opened(path, key) as parts:
        for name, content, _ in parts:
            if name == archive.DATABASE:
                _kept(content, copy)
            else:
                _stage_file(name, content, staged)
    raw = sqlite3.connect(copy)
    try:
        _compare(wanted, tables.sqlite_content(raw))
    finally:
        raw.close()
    _check_files(files, staged)
    connection.close()
    _move_files(files, staged)
    _on_disk(copy)
    os.replace(copy, str(settings.DATABASES["default"]["NAME"]))


def _postgres(
    path: Path, key: bytes, staged: Path, wanted: dict[str, Held], files: dict[str, Any], about: dict[str, Any]
) -> None:
    with transaction.atomic():
        _tables_of_then({(app, name) for app, name in about["migrations"]})
        with archive.opened(path, key) as parts:
            for table, group in groupby(parts, key=lambda part: _table(part[0])):
                _fill(table, group, wanted, staged)
        for table, held in wanted.items():
            tables.follow_sequences(connection, table, held.columns)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _compare(wanted, tables.content(connection))
        _check_files(files, staged)
        _move_files(files, staged)


def _fill(table: str, group: Iterable[archive.Part], wanted: dict[str, Held], staged: Path) -> None:
    if table:
        tables.copied_in(connection, table, wanted[table].columns, _read(group))
        return
    for name, content, _ in group:
        _stage_file(name, content, staged)


def _table(name: str) -> str:
    return name.split("/")[1] if name.startswith(archive.TABLES) else ""


def _read(parts: Iterable[archive.Part]) -> Iterator[bytes]:
    for _, content, _ in parts:
        yield content.read()


def _tables_of_then(applied: set[tuple[str, str]]) -> None:
    """The empty tables as the backup's program had them: its migrations and no later one."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    known = [node for node in sorted(applied) if node in graph.nodes]
    followed = {parent.key for node in known for parent in graph.node_map[node].parents if parent.key[0] == node[0]}
    executor.migrate([node for node in known if node not in followed])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations")  # they come with the backup, with their dates
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # rows come table by table, and name rows of later tables


def _kept(content: IO[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)


def _stage_file(name: str, content: IO[bytes], staged: Path) -> None:
    if name.startswith(archive.FILES):
        _kept(content, staged / "files" / _inside(name.removeprefix(archive.FILES)))


def _inside(name: str) -> Path:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise BadInput(f"The backup names a file outside the data folder: {name}.", cure=AGAIN)
    return path


def _compare(wanted: dict[str, Held], found: dict[str, Held]) -> None:
    if wrong := tables.differing(wanted, found):
        raise BadInput(
            f"What was restored is not what was backed up, in {len(wrong)} tables ({', '.join(wrong[:3])}).",
            cure="Nothing was kept. Please report this: it is a fault of the program.",
        )


# --- files ------------------------------------------------------------------------------------------------------


def _check_files(files: dict[str, Any], staged: Path) -> None:
    """A file of that name that says something else is not written over."""
    for name, told in files.items():
        here = settings.DATA_FOLDER / _inside(name)
        if here.exists() and (not here.is_file() or _sum(here) != told["sha256"]):
            raise BadInput(f"The data folder holds another {name} already.",
                           cure="Set ACCORD_DATA to an empty folder; nothing was restored.")  # fmt: skip
        if _sum(staged / "files" / name) != told["sha256"]:
            raise BadInput(f"The file {name} is not the one that was backed up.", cure=AGAIN)


def _move_files(files: dict[str, Any], staged: Path) -> None:
    for name in files:
        here = settings.DATA_FOLDER / _inside(name)
        here.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged / "files" / name, here)


def _sum(path: Path) -> str:

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _on_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
