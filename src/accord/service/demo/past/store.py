"""Rows on their way into the tables: kept until there are enough, stored table by table, nothing later than now."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models

ENOUGH = 20_000  # rows in memory
AT_ONCE = 1_000  # rows in one statement


class Store:
    """Takes rows in any order; foreign keys are looked at when a transaction ends, on both databases."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.stored = 0
        self._waiting: dict[type[models.Model], list[models.Model]] = {}
        self._held = 0

    def put(self, row: models.Model, at: datetime) -> bool:
        """Keep a row of that moment; whether it has come (a past has no rows of tomorrow)."""
        if at > self.until:
            return False
        self._waiting.setdefault(type(row), []).append(row)
        self._held += 1
        return True

    def flush(self, *, all_of_it: bool = False) -> None:
        """Store what waits, when it is enough or the last."""
        if self._held < ENOUGH and not all_of_it:
            return
        for kind, rows in self._waiting.items():
            kind._default_manager.bulk_create(rows, batch_size=AT_ONCE)
        self.stored += self._held
        self._waiting, self._held = {}, 0
        if connection.vendor == "postgresql":  # look at the keys now, else the list of what to look at grows with all
            connection.check_constraints()
