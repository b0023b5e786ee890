"""Verifying the audit. No feature reads it: state is state, the audit is what is shown to who doubts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accord.service.audit.models import Entry, Head
from accord.service.audit.rules import Body, Checkpoints, End, Fault, chain_faults, fold, moment, seal

CHECKPOINTS = "checkpoints"  # the head that remembers how many checkpoint lines were written


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification looked at and what it found."""

    streams: int
    entries: int
    checkpoints: int
    last_checkpoint: str
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.faults


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
        return _verdict(known)


def _verdict(known: Checkpoints) -> Verdict:
    heads = ends()
    faults = [*known.faults, *_checkpoint_faults(known, heads.pop(CHECKPOINTS, None))]
    count, seen = 0, set()
    rows = Entry.objects.order_by("stream", "sequence").iterator(chunk_size=2000)
    for stream, entries in groupby(rows, key=lambda entry: entry.stream):
        seen.add(stream)
        counted = _Counted(entries)
        faults += chain_faults(stream, counted, heads.get(stream), known.ends.get(stream), settings.AUDIT_KEY)
        count += counted.count
    for stream in sorted((heads.keys() | known.ends.keys()) - seen):
        faults += chain_faults(stream, [], heads.get(stream), known.ends.get(stream), settings.AUDIT_KEY)
    return Verdict(len(seen), count, known.number, known.at, faults)


class _Counted:
    """The entries of one stream as the rules want them, counted on the way."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self.entries, self.count = entries, 0

    def __iter__(self) -> Iterator[tuple[Body, str]]:
        for entry in self.entries:
            self.count += 1
            yield body_of(entry), entry.hash


def _checkpoint_faults(known: Checkpoints, head: End | None) -> Iterator[Fault]:
    if head is None or head.sequence == 0:
        return
    if head.seal != seal(settings.AUDIT_KEY, CHECKPOINTS, head.sequence, head.hash):
        yield Fault(CHECKPOINTS, head.sequence, "the count of checkpoints was not sealed by this service.")
    if known.number < head.sequence:
        what = f"{head.sequence} lines were written, {known.number} are there; the end of the file is missing."
        yield Fault(CHECKPOINTS, known.number, what)


def seals_of_reads() -> Iterator[tuple[int, Body]]:
    """The blocks of the read log that were sealed: sequence and facts of each entry of the stream `reads`."""
    yield from Entry.objects.filter(stream="reads").order_by("sequence").values_list("sequence", "facts").iterator()
