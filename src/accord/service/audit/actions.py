"""Writing the audit: one entry at the end of a stream's chain, in the transaction of what it tells of; checkpoints."""

from __future__ import annotations

import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accord.service.audit import rules
from accord.service.audit.models import Entry, Head
from accord.service.audit.queries import body_of, checkpoint_files, ends, lines_of
from accord.service.audit.rules import CHECKPOINTS, FIRST
from accord.service.fields.encrypted import blind
from accord.service.fields.keys import new_id

LINES_PER_FILE = 2000


def record(
    *,
    stream: str,
    action: str,
    resource: str,
    resource_id: object,
    by: uuid.UUID | None,
    role: str = "",
    now: datetime,
    facts: dict[str, Any] | None = None,
    personal: dict[str, str] | None = None,
) -> Entry:
    """Append one entry. `facts` must hold no personal value; `personal` values are stored as keyed commitments."""
    assert connection.in_atomic_block, "an audit entry is written in the transaction of what it tells of"
    head = _head(stream)
    entry = Entry(
        id=new_id(), stream=stream, sequence=head.sequence + 1, at=now, by=by, role=role, action=action,
        resource=resource, resource_id=str(resource_id), facts=rules.plain(facts or {}),
        commitments={name: commitment(resource_id, name, value) for name, value in (personal or {}).items()},
        previous_hash=head.hash,
    )  # fmt: skip
    entry.hash = rules.digest(body_of(entry))
    entry.save(force_insert=True)
    _set_head(stream, entry.sequence, entry.hash)
    return entry


def commitment(resource_id: object, name: str, value: str) -> str:
    """The keyed commitment that stands for a personal value: the same value gives the same one, for this row alone."""
    return blind(value, f"audit|{resource_id}|{name}")


def _head(stream: str) -> Head:
    """The end of a chain, locked until the transaction ends; two who start a stream at once get the same one."""
    start = {"sequence": 0, "hash": FIRST, "seal": rules.seal(settings.AUDIT_KEY, stream, 0, FIRST)}
    head, _ = Head.objects.select_for_update().get_or_create(stream=stream, defaults=start)
    return head


def _set_head(stream: str, sequence: int, chain_hash: str) -> None:
    sealed = rules.seal(settings.AUDIT_KEY, stream, sequence, chain_hash)
    Head.objects.filter(stream=stream).update(sequence=sequence, hash=chain_hash, seal=sealed)


def write_checkpoint(*, folder: Path, now: datetime) -> int | None:
    """Append the ends of the chains that changed to the newest file of `folder`, signed; None when nothing changed.

    The folder should lie where who can write the database cannot: another machine's disk, or a medium that only takes.
    A line that a crash tore is taken away; the file is on the disk before the database says how many lines there are.
    """
    with transaction.atomic():
        _head(CHECKPOINTS)
        known = _newest(folder)
        standing = {stream: end for stream, end in ends().items() if stream != CHECKPOINTS and end.sequence}
        changed = {stream: end for stream, end in standing.items() if known.ends.get(stream) != _unsealed(end)}
        if not changed:
            return None
        told = changed if known.number % LINES_PER_FILE else standing
        text = rules.line(known.number + 1, now, told, known.hash, settings.AUDIT_KEY)
        _append(folder, known.number, text)
        _set_head(CHECKPOINTS, known.number + 1, rules.line_hash(text))
    return known.number + 1


def _newest(folder: Path) -> rules.Checkpoints:
    """What the newest file says: its first line repeats every end, so older files need not be read each minute."""
    files = checkpoint_files(folder)
    return rules.fold(lines_of(files[-1]), settings.AUDIT_KEY, middle=len(files) > 1) if files else rules.Checkpoints()


def _unsealed(end: rules.End) -> rules.End:
    return rules.End(end.sequence, end.hash)


def _append(folder: Path, written: int, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{written // LINES_PER_FILE:06d}.jsonl"
    with path.open("ab+") as file:
        file.seek(0)
        held = file.read()
        if held and not held.endswith(b"\n"):
            file.truncate(held.rfind(b"\n") + 1)
        file.write(text.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
