"""Primary keys: UUIDv7, made by us, so that a row has its key before it has a place, and keys sort by time (E3)."""

from __future__ import annotations

import uuid

import uuid_utils
from django.db import models


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


class Row(models.Model):
    """A table whose key is ours. `created_at` is given by the action, never by the database."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
