"""Whether the database is ready for this version of the program."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def has_our_tables() -> bool:
    """False while a migration has still to run: before the first `accord serve`, and from an upgrade to its start."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
