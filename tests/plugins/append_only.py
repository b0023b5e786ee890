"""Tables that only grow can be emptied between two tests, and by nobody else: the triggers are taken away meanwhile."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.core.management.commands import flush
    from django.db import connections

    from accord.service.fields.append_only import GROWING, dropped, raised

    emptied = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        connection = connections[str(options["database"])]
        _run(connection, [s for table in GROWING for s in dropped(connection, table)])
        try:
            emptied(self, **options)
        finally:
            _run(connection, [s for table, column in GROWING.items() for s in raised(connection, table, column)])

    flush.Command.handle = handle  # type: ignore[method-assign]


def _run(connection: object, statements: list[str]) -> None:
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        for statement in statements:
            cursor.execute(statement)
