"""Whether the database is ready for this version of the program."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accord.science.errors import BadInput


def has_our_tables() -> bool:
    """False while a migration has still to run: before the first `accord serve`, and from an upgrade to its start."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def check_our_tables() -> None:
    """Raises BadInput for a database without tables of Accord, most often not the one that was meant, and for tables
    of an earlier version."""
    if "people_clinic" not in connection.introspection.table_names():
        cure = "Set ACCORD_KEYS, ACCORD_DATA and ACCORD_DATABASE as for accord serve, which makes the tables."
        raise BadInput("This database has no tables of Accord.", cure=cure)
    if not has_our_tables():
        cure = "Start accord serve, which brings them up to this one; or use the version that made them."
        raise BadInput("The tables of this database are of an earlier version.", cure=cure)
