"""Verifying the audit. No feature reads it: state is state, the audit is what is shown to who doubts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accord.service.audit.models import Entry, Head
from accord.service.audit.rules import Body, End, Verdict, fold, moment, verdict


def body_of(entry: Entry) -> Body:
    """Everything in an entry that its hash covers."""
    return {
        "id": str(entry.id), "stream": entry.stream, "sequence": entry.sequence, "at": moment(entry.at),
        "by": str(entry.by) if entry.by else None, "role": entry.role, "action": entry.action,
        "resource": entry.resource, "resource_id": entry.resource_id, "facts": entry.facts,
        "commitments": entry.commitments, "previous_hash": entry.previous_hash,
    }  # fmt: skip


def ends() -> dict[str, End]:
    """The recorded end of every chain."""
    return {row.stream: End(row.sequence, row.hash, row.seal) for row in Head.objects.iterator(chunk_size=2000)}


def checkpoint_lines(folder: Path) -> Iterator[str]:
    """The whole lines of every checkpoint file in order; a torn last line was never completed and is left out."""
    for path in checkpoint_files(folder):
        yield from lines_of(path)


def checkpoint_files(folder: Path) -> list[Path]:
    """The files of checkpoints, oldest first; each begins with a line that repeats the end of every chain."""
    return sorted(folder.glob("*.jsonl"))


def lines_of(path: Path) -> Iterator[str]:
    """The whole lines of one file."""
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from (text for text in file if text.endswith("\n") and text.strip())


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it was at one moment, while others write (on SQLite they wait meanwhile)."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def verify(folder: Path) -> Verdict:
    """Recompute every chain and compare it with its seal and with the checkpoints of `folder`."""
    known = fold(checkpoint_lines(folder), settings.AUDIT_KEY)  # read first: what comes after it is no fault
    with one_moment():
        return verdict(_links(), ends(), known, settings.AUDIT_KEY)


def _links() -> Iterator[tuple[Body, str]]:
    rows = Entry.objects.order_by("stream", "sequence").iterator(chunk_size=2000)
    return ((body_of(entry), entry.hash) for entry in rows)


def seals_of_reads() -> Iterator[tuple[int, Body]]:
    """The blocks of the read log that were sealed: sequence and facts of each entry of the stream `reads`."""
    yield from Entry.objects.filter(stream="reads").order_by("sequence").values_list("sequence", "facts").iterator()
