"""Writing the audit: one entry at the end of a stream's chain, in the transaction of what it tells of."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from accord.service.audit.models import Entry, Head
from accord.service.fields.encrypted import blind
from accord.service.fields.keys import new_id

FIRST = "0" * 64


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
    head = Head.objects.select_for_update().filter(stream=stream).first()
    entry = Entry(
        id=new_id(), stream=stream, sequence=head.sequence + 1 if head else 1, at=now, by=by, role=role, action=action,
        resource=resource, resource_id=str(resource_id), facts=facts or {},
        commitments={name: blind(value, f"audit|{resource_id}|{name}") for name, value in (personal or {}).items()},
        previous_hash=head.hash if head else FIRST,
    )  # fmt: skip
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    sealed = {"sequence": entry.sequence, "hash": entry.hash, "seal": seal(stream, entry.sequence, entry.hash)}
    if head:
        Head.objects.filter(stream=stream).update(**sealed)
    else:
        Head.objects.create(stream=stream, **sealed)
    return entry


def digest(entry: Entry) -> str:
    """SHA-256 over the canonical JSON of everything in the entry but its own hash."""
    body = {
        "id": str(entry.id), "stream": entry.stream, "sequence": entry.sequence, "at": entry.at.isoformat(),
        "by": str(entry.by) if entry.by else None, "role": entry.role, "action": entry.action,
        "resource": entry.resource, "resource_id": entry.resource_id, "facts": entry.facts,
        "commitments": entry.commitments, "previous_hash": entry.previous_hash,
    }  # fmt: skip
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(b"accord audit 1\0" + text.encode()).hexdigest()


def seal(stream: str, sequence: int, chain_hash: str) -> str:
    """HMAC of the end of a chain, with a key that the database does not hold."""
    message = f"accord audit head 1\0{stream}\0{sequence}\0{chain_hash}".encode()
    return hmac.new(settings.AUDIT_KEY, message, hashlib.sha256).hexdigest()
