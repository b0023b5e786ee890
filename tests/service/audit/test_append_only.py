"""The database itself refuses to change or delete what only grows, also for who talks to it directly."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from accord.service.access.models import Read
from accord.service.audit.actions import record
from accord.service.audit.models import Entry
from accord.service.fields.append_only import GROWING, standing

pytestmark = [pytest.mark.both, pytest.mark.django_db]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def entry(db):
    return record(stream="system", action="test", resource="thing", resource_id=1, by=None, now=NOON)


@pytest.fixture
def read(db):
    return Read.objects.create(at=NOON, by=uuid.UUID(int=1), role="therapist", page="therapist:patient")


def refused(statement, *values):
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_triggers_stand_after_the_migrations():
    assert {"audit_entry", "access_read"} <= set(GROWING)
    for table, column in GROWING.items():
        wanted = {"update", "delete"} | ({"second_setting"} if column and connection.vendor == "sqlite" else set())
        wanted |= {"truncate"} if connection.vendor == "postgresql" else set()
        assert standing(connection, table) == {f"{table}_no_{what}" for what in wanted}


@pytest.mark.parametrize("column", ["role", "hash", "action", "stream"])
def test_an_entry_is_not_changed(entry, column):
    refused(f"UPDATE audit_entry SET {column} = 'x'")


def test_an_entry_is_not_deleted(entry):
    refused("DELETE FROM audit_entry")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Entry.objects.all().delete()
    if connection.vendor == "postgresql":
        refused("TRUNCATE audit_entry")


def test_a_read_is_not_deleted_or_changed_and_sealed_once(read):
    refused("DELETE FROM access_read")
    refused("UPDATE access_read SET page = 'x'")
    assert Read.objects.filter(pk=read.pk).update(block=3) == 1
    refused("UPDATE access_read SET block = 4")
    refused("UPDATE access_read SET block = NULL")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_the_tables_are_empty_before_a_test_that_commits(time):
    assert not Entry.objects.exists()
    with transaction.atomic():
        record(stream="system", action="test", resource="thing", resource_id=1, by=None, now=NOON)
    refused("DELETE FROM audit_entry")
