"""Writing the audit: one entry at the end of a stream's chain, in the transaction of what it tells of; checkpoints."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accord.service.audit import rules
from accord.service.audit.models import Entry, Head
from accord.service.audit.queries import body_of, checkpoint_files, checkpoint_lines, ends, lines_of, verify
from accord.service.audit.rules import CHECKPOINTS, FIRST
from accord.service.errors import NotNow
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


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first entry of a stream: what it tells of."""

    stream: str
    resource_id: object
    facts: dict[str, Any] = field(default_factory=dict)


def begin_streams(
    begun: Sequence[Beginning], *, action: str, resource: str, by: uuid.UUID | None, role: str, now: datetime
) -> None:
    """Write the first entry of many new streams at once. A stream that exists already breaks the transaction."""
    assert connection.in_atomic_block, "an audit entry is written in the transaction of what it tells of"
    entries = [
        Entry(
            id=new_id(), stream=one.stream, sequence=1, at=now, by=by, role=role, action=action, resource=resource,
            resource_id=str(one.resource_id), facts=rules.plain(one.facts), previous_hash=FIRST,
        )
        for one in begun
    ]  # fmt: skip
    for entry in entries:
        entry.hash = rules.digest(body_of(entry))
    Entry.objects.bulk_create(entries, batch_size=1000)
    sealed = [(one, rules.seal(settings.AUDIT_KEY, one.stream, 1, one.hash)) for one in entries]
    Head.objects.bulk_create(
        [Head(stream=one.stream, sequence=1, hash=one.hash, seal=seal) for one, seal in sealed], batch_size=1000
    )


def commitment(resource_id: object, name: str, value: str) -> str:
    """The keyed commitment that stands for a personal value: the same value gives the same one, for this row alone."""
    return blind(value, f"audit|{resource_id}|{name}")


def _head(stream: str) -> Head:
    """The end of a chain, locked until the transaction ends; two who start a stream at once get the same one."""
    start = {"sequence": 0, "hash": FIRST, "seal": rules.seal(settings.AUDIT_KEY, stream, 0, FIRST)}
    head, _made = Head.objects.select_for_update().get_or_create(stream=stream, defaults=start)
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


@transaction.atomic
def accept_restore(*, folder: Path, reason: str, now: datetime) -> list[rules.Fault]:
    """A person answers for a database that was put back from a backup: what it lacks is known, and why it is so.

    Recorded in the stream `system` with what was lost, and as a checkpoint line that says every end anew; what was
    found before it stays readable in the lines. Returns what was accepted. Raises NotNow when there is nothing to
    accept, or when something is wrong that no restore leaves behind: that is tampering, and is not accepted.
    """
    _head(CHECKPOINTS)
    verdict = verify(folder)
    if others := [fault for fault in verdict.faults if not fault.older]:
        cure = _("Look at accord audit verify, and find out how it came about.")
        raise NotNow(_("This is not what a restore leaves behind: %(what)s") % {"what": others[0]}, cure=cure)
    if not verdict.faults:
        raise NotNow(_("There is nothing to accept: the database is as its checkpoints know it."))
    lost = {fault.stream: fault.sequence or 0 for fault in verdict.faults}
    record(stream="system", action="accept_restore", resource="audit", resource_id="checkpoints", by=None,
           role="service", now=now, facts={"reason": reason, "streams": len(lost), "last_known": lost})  # fmt: skip
    known = rules.fold(checkpoint_lines(folder), settings.AUDIT_KEY)
    standing = {stream: end for stream, end in ends().items() if stream != CHECKPOINTS and end.sequence}
    text = rules.line(known.number + 1, now, standing, known.hash, settings.AUDIT_KEY, restored=True)
    _append(folder, known.number, text)
    _set_head(CHECKPOINTS, known.number + 1, rules.line_hash(text))
    return verdict.faults


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
