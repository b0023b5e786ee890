"""The read log: unchained rows, sealed in blocks by the clock, so that a page view costs one insert (E16).

A block's seal is the hash over its rows in the order of their keys; it stands as an entry of the audit stream `reads`,
which is chained, sealed and repeated in the checkpoints like any other. Rows of the last minute are not sealed yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from accord.service.access.models import Read
from accord.service.audit.actions import record
from accord.service.audit.queries import one_moment, seals_of_reads
from accord.service.audit.rules import READS, Fault, canonical, moment

STREAM = "reads"
AT_MOST = 20_000  # rows in one block; the next minute takes the rest


def seal_reads(*, now: datetime) -> int:
    """Seal what was read since the last block; how many rows that were. Two clocks at once seal each row once."""
    with transaction.atomic():
        rows = list(Read.objects.select_for_update(skip_locked=_can_skip()).filter(block=None).order_by("id")[:AT_MOST])
        if not rows:
            return 0
        facts = {"rows": len(rows), "sha256": digest(rows)}
        entry = record(stream=STREAM, action="seal", resource="reads", resource_id=rows[-1].pk, by=None, now=now,
                       facts=facts)  # fmt: skip
        Read.objects.filter(pk__in=[row.pk for row in rows]).update(block=entry.sequence)
    return len(rows)


def digest(rows: Iterable[Read]) -> str:
    """SHA-256 over the rows of a block, everything but the block itself."""
    told = [
        [str(row.pk), moment(row.at), str(row.by), row.role, row.page, str(row.person_id) if row.person_id else None]
        for row in rows
    ]
    return hashlib.sha256(READS.encode() + b"\0" + canonical(told)).hexdigest()


def read_faults() -> list[Fault]:
    """Blocks of the read log that are not as they were sealed."""
    with one_moment():
        return list(_faults())


def _faults() -> Iterator[Fault]:
    last = 0
    for sequence, facts in seals_of_reads():
        last = sequence
        rows = list(Read.objects.filter(block=sequence).order_by("id"))
        if len(rows) != facts["rows"]:
            yield Fault(STREAM, sequence, f"{facts['rows']} rows of the read log were sealed, {len(rows)} are there.")
        elif digest(rows) != facts["sha256"]:
            yield Fault(STREAM, sequence, "a row of the read log is not what was sealed.")
    beyond = Read.objects.aggregate(last=Max("block"))["last"] or 0
    if beyond > last:
        yield Fault(STREAM, beyond, "rows of the read log name a seal that is not there.")


def _can_skip() -> bool:
    return bool(connection.features.has_select_for_update_skip_locked)
