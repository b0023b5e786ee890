"""Tables that only grow: triggers in the database refuse to change or delete a row, whoever asks.

Used in a migration: `operations = [append_only("audit_entry")]`. On SQLite a later migration that rebuilds the table
loses its triggers, so that one must end with `append_only` again; a test looks whether they stand.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

GROWING: dict[str, str] = {}  # table -> its column that may be set once, of every migration that was read


def append_only(table: str, *, may_set_once: str = "") -> migrations.RunPython:
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE of `table`. One column may be set once, from NULL."""
    GROWING[table] = may_set_once

    def stand(apps: Any, schema_editor: Any) -> None:
        for statement in raised(schema_editor.connection, table, may_set_once):
            schema_editor.execute(statement, None)

    def fall(apps: Any, schema_editor: Any) -> None:
        for statement in dropped(schema_editor.connection, table):
            schema_editor.execute(statement, None)

    return migrations.RunPython(stand, fall)


def raised(connection: Any, table: str, may_set_once: str = "") -> list[str]:
    """The statements that put the triggers up."""
    message = f"{table} only grows: its rows are never changed and never deleted"
    if connection.vendor == "sqlite":
        return _sqlite(table, message, may_set_once, _columns(connection, table))
    if connection.vendor == "postgresql":
        return _postgresql(table, message, may_set_once)
    raise NotImplementedError(f"No triggers are written for {connection.vendor}.")


def dropped(connection: Any, table: str) -> list[str]:
    """The statements that take the triggers away."""
    where = "" if connection.vendor == "sqlite" else f" ON {table}"
    return [f"DROP TRIGGER IF EXISTS {name}{where}" for name in _names(table)]


def standing(connection: Any, table: str) -> set[str]:
    """Which of the triggers of a table stand in the database."""
    question = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return {name for (name,) in cursor.fetchall()} & set(_names(table))


def _names(table: str) -> list[str]:
    return [f"{table}_no_{what}" for what in ("update", "second_setting", "delete", "truncate")]


def _columns(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def _sqlite(table: str, message: str, may_set_once: str, columns: list[str]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    fixed = ", ".join(f'"{name}"' for name in columns if name != may_set_once)
    statements = [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {fixed} ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
    ]
    if may_set_once:
        again = f'UPDATE OF "{may_set_once}" ON {table} WHEN OLD."{may_set_once}" IS NOT NULL'
        statements.append(f"CREATE TRIGGER {table}_no_second_setting BEFORE {again} {refuse}")
    return statements


def _postgresql(table: str, message: str, may_set_once: str) -> list[str]:
    function = f"{table}_only_grows"
    body = f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END"
    changed = ""
    if may_set_once:
        others = f"to_jsonb(OLD) - '{may_set_once}' IS DISTINCT FROM to_jsonb(NEW) - '{may_set_once}'"
        changed = f' WHEN (OLD."{may_set_once}" IS NOT NULL OR {others})'
    do = f"EXECUTE FUNCTION {function}()"
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW{changed} {do}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {do}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {do}",
    ]
