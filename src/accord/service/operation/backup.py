"""`accord backup`: everything this installation holds at one moment, in one sealed file, while people go on writing."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accord import __version__
from accord.science.errors import BadInput
from accord.service.audit.actions import record
from accord.service.audit.queries import one_moment
from accord.service.operation import archive, tables
from accord.service.operation.cipher import MAGIC, backup_key, fingerprint
from accord.service.operation.ready import check_our_tables
from accord.service.operation.tables import Held
from accord.service.outbox.actions import beat

FORMAT = 1
BEAT = "backup"  # the heartbeat that says when the last one was made
# Folders of ACCORD_DATA that a backup leaves out: made anew, kept elsewhere on purpose, or copies themselves.
ELSEWHERE = frozenset({"static", "checkpoints", "exports", "backups"})
STEP, RESTARTS = 16_384, 3  # pages of the embedded database copied at a time; after so many new starts, all at once
PATIENCE = 120  # seconds that a backup waits for somebody who writes to the embedded database; a page waits 5


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written and read back."""

    path: Path
    size: int
    sha256: str
    tables: int
    rows: int
    files: int


def be_patient() -> None:
    """Before the first connection: wait long for an embedded database that is written to (a long import holds all)."""
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        longer = f"{options.get('init_command', '')} PRAGMA busy_timeout={PATIENCE * 1000};"
        connection.settings_dict["OPTIONS"] = {**options, "timeout": PATIENCE, "init_command": longer}


def back_up(*, out: Path, now: datetime) -> Made:
    """Write a backup to `out`, read it back, and record it. Raises BadInput; leaves nothing behind when it fails."""
    if out.exists():
        raise BadInput(f"{out} is there already.", cure="Name a new file; a backup is never written over.")
    if not out.parent.is_dir():
        raise BadInput(f"There is no folder {out.parent}.", cure="Make it, or name another one.")
    check_our_tables()
    key = backup_key(settings.ENVIRONMENT.keys)
    part = out.with_name(f".{out.name}.part")
    try:
        manifest = _write(part, key, now)
        archive.authenticate(part, key)
        part.rename(out)
        _on_disk(out.parent)
    finally:
        part.unlink(missing_ok=True)
    made = _made(out, manifest)
    try:
        _recorded(made, now)
    except BaseException:
        out.unlink()  # nobody takes everything away unrecorded
        raise
    return made


def _write(part: Path, key: bytes, now: datetime) -> dict[str, Any]:
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        with archive.written(out, key) as into:
            held = _embedded(into, now) if connection.vendor == "sqlite" else _postgres(into, now)
            manifest = {"tables": {name: one.to_dict() for name, one in held.items()}, "files": _files(into, {part})}
            into.add_json(archive.MANIFEST, manifest)
        out.flush()
        os.fsync(out.fileno())
    return manifest


def about(now: datetime) -> dict[str, Any]:
    """What must be known of a backup before it is unpacked."""
    return {
        "format": FORMAT, "program": __version__, "made_at": now.isoformat(), "database": connection.vendor,
        "demonstration": settings.DEMO,
        "migrations": sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations()),
        "field_keys": {name: fingerprint(key) for name, key in settings.FIELD_KEYS.items()},
    }  # fmt: skip


# --- the database -----------------------------------------------------------------------------------------------


def _embedded(into: archive.Writer, now: datetime) -> dict[str, Held]:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.DATA_FOLDER) as folder:
        copy = Path(folder) / "copy.sqlite3"
        _copied(copy)
        with _at_home(copy) as raw:
            for table in tables.LEFT_OUT & set(connection.introspection.table_names()):
                raw.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
            raw.commit()
            raw.execute("VACUUM")
            held = tables.sqlite_content(raw)
        into.add_json(archive.ABOUT, about(now))
        with copy.open("rb") as source:
            into.copy(archive.DATABASE, source, copy.stat().st_size)
    return held


def _copied(copy: Path) -> None:
    """SQLite's online copy. In steps, so that who writes waits little; it begins anew when somebody wrote meanwhile,
    and after a few new beginnings takes the rest in one go."""
    connection.ensure_connection()
    left = [0, 0]

    def said(_status: int, remaining: int, _total: int) -> None:
        left[1] += remaining > left[0] > 0
        left[0] = remaining
        if left[1] > RESTARTS:
            raise InterruptedError

    with _at_home(copy) as target:
        try:
            connection.connection.backup(target, pages=STEP, progress=said, sleep=0.005)
        except InterruptedError:
            connection.connection.backup(target, pages=-1)


@contextmanager
def _at_home(path: Path) -> Iterator[sqlite3.Connection]:
    raw = sqlite3.connect(path)
    try:
        yield raw
    finally:
        raw.close()


def _postgres(into: archive.Writer, now: datetime) -> dict[str, Held]:
    """Every table by COPY, all of them as of one moment."""
    held = {}
    with one_moment():
        tables.steady(connection)
        into.add_json(archive.ABOUT, about(now))
        for name in tables.table_names(connection):
            held[name] = tables.copied_out(connection, name, _numbered(into, name))
    return held


def _numbered(into: archive.Writer, table: str) -> Callable[[bytes], None]:
    count = iter(range(10**9))
    return lambda part: into.add(f"{archive.TABLES}{table}/{next(count):09d}", part)


# --- files ------------------------------------------------------------------------------------------------------


def data_files(folder: Path, besides: set[Path]) -> Iterator[Path]:
    """The files of the data folder that a backup keeps: no key, no checkpoint, nothing that is made anew."""
    database = Path(str(settings.DATABASES["default"]["NAME"]))
    never = {settings.ENVIRONMENT.key_file.resolve(), *(one.resolve() for one in besides)}
    away = {settings.CHECKPOINT_FOLDER.resolve(), settings.STATIC_ROOT.resolve()}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or path.resolve() in never or away & set(path.resolve().parents):
            continue
        hidden = any(part.startswith(".") for part in inside.parts)
        left_out = hidden or inside.parts[0] in ELSEWHERE or inside.name.startswith(database.name)
        if not left_out and not _a_backup(path):
            yield path


def _a_backup(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _files(into: archive.Writer, besides: set[Path]) -> dict[str, dict[str, Any]]:
    found = {}
    for path in data_files(settings.DATA_FOLDER, besides):
        name, data = str(path.relative_to(settings.DATA_FOLDER)), path.read_bytes()
        into.add(archive.FILES + name, data)
        found[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


# --- saying so --------------------------------------------------------------------------------------------------


def _made(out: Path, manifest: dict[str, Any]) -> Made:
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = sum(int(held["rows"]) for held in manifest["tables"].values())
    return Made(out, out.stat().st_size, digest, len(manifest["tables"]), rows, len(manifest["files"]))


def _recorded(made: Made, now: datetime) -> None:
    """That somebody took everything away in a file is written down, and when the last backup was made."""
    facts = {"sha256": made.sha256, "rows": made.rows, "tables": made.tables, "files": made.files, "bytes": made.size}
    with transaction.atomic():
        record(stream="system", action="back_up", resource="backup", resource_id=made.sha256[:32], by=None,
               role="service", now=now, facts=facts)  # fmt: skip
        beat(name=BEAT, now=now, detail=f"{made.rows} rows, {made.size} bytes, sha256 {made.sha256[:16]}")


def _on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
