"""The chain in a real database: what is written verifies; what somebody with the database's password does is found."""

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from accord.service.access.models import Read
from accord.service.access.read_log import read_faults, seal_reads
from accord.service.audit import actions, rules
from accord.service.audit.actions import commitment, record, write_checkpoint
from accord.service.audit.models import Entry, Head
from accord.service.audit.queries import body_of, verify
from accord.service.fields.append_only import GROWING, dropped, raised

pytestmark = [pytest.mark.both, pytest.mark.django_db]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BEA = "person:ana", "person:bea"


def say(stream=ANA, at=NOON, **more):
    given = {"action": "submit", "resource": "answer", "resource_id": "7", "by": uuid.UUID(int=1), "role": "patient"}
    return record(stream=stream, now=at, **(given | more))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "checkpoints"


@pytest.fixture
def chains(db, folder):
    for n in range(12):
        say(ANA if n % 3 else BEA, NOON + timedelta(minutes=n), facts={"n": n, "flag": True, "none": None, "x": [1]})
    write_checkpoint(folder=folder, now=NOON)
    return folder


@pytest.fixture
def dba(db):
    """Somebody who owns the database: the triggers are gone; she knows every hash but not the key."""
    with connection.cursor() as cursor:
        for table in GROWING:
            [cursor.execute(statement) for statement in dropped(connection, table)]
        yield cursor
        for table, column in GROWING.items():
            [cursor.execute(statement) for statement in raised(connection, table, column)]


def faults(folder):
    return [str(fault) for fault in verify(folder).faults]


def test_what_was_written_verifies(chains):
    verdict = verify(chains)
    assert verdict.whole
    assert (verdict.streams, verdict.entries, verdict.checkpoints) == (2, 12, 1)


def test_every_field_of_an_entry_is_covered_by_its_hash():
    fields = {field.attname for field in Entry._meta.concrete_fields}
    assert set(body_of(Entry(at=NOON))) == fields - {"hash"}


ODD = {"float": 1e22, "nan": float("nan"), "time": NOON, "id": uuid.UUID(int=3), "zero": "a\0b", "half": "\ud83d",
       "set": {"b", "a"}, 7: {"deep": (1, 2.5)}, "script": "שלום 痛み", "big": 2**80}  # fmt: skip


def test_facts_of_any_shape_verify_after_the_database_gave_them_back(db, folder):
    say(facts=ODD)
    assert verify(folder).whole
    assert Entry.objects.get().facts["set"] == ["a", "b"]


def test_a_personal_value_stands_only_as_a_commitment(db):
    entry = say(personal={"phone": "0123 canary"})
    assert "canary" not in json.dumps([entry.facts, entry.commitments])
    assert entry.commitments == {"phone": commitment("7", "phone", "0123 canary")}
    assert entry.commitments != say(resource_id="8", personal={"phone": "0123 canary"}).commitments


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_recorded():
    with pytest.raises(AssertionError, match="in the transaction"):
        say()


def test_an_entry_goes_with_what_it_tells_of(db):
    def both():
        with transaction.atomic():
            say()
            raise LookupError

    with pytest.raises(LookupError):
        both()
    assert not Entry.objects.exists()


def test_a_changed_entry_is_found(chains, dba):
    dba.execute("UPDATE audit_entry SET role = 'therapist' WHERE stream = %s AND sequence = 3", [ANA])
    assert faults(chains) == ["person:ana, entry 3: what it says is not what was written."]


def test_a_changed_entry_with_a_new_hash_is_found(chains, dba):
    row = Entry.objects.get(stream=ANA, sequence=3)
    row.role = "therapist"
    Entry.objects.filter(pk=row.pk).update(role=row.role, hash=rules.digest(body_of(row)))
    assert faults(chains) == ["person:ana, entry 4: it does not follow from the entry before it."]


def test_a_deleted_entry_is_found(chains, dba):
    dba.execute("DELETE FROM audit_entry WHERE stream = %s AND sequence = 3", [ANA])
    assert faults(chains) == ["person:ana, entry 4: it follows entry 2; what stood between them is missing."]


def test_a_cut_tail_is_found(chains, dba):
    dba.execute("DELETE FROM audit_entry WHERE stream = %s AND sequence > 6", [ANA])
    assert any("the chain ends here, but its sealed end is entry 8" in fault for fault in faults(chains))


def test_a_deleted_stream_is_found_with_its_head_gone_too(chains, dba):
    dba.execute("DELETE FROM audit_entry WHERE stream = %s", [ANA])
    Head.objects.filter(stream=ANA).delete()
    assert any("a checkpoint outside the database" in fault for fault in faults(chains))


def rewrite(stream):
    previous = rules.FIRST
    for row in Entry.objects.filter(stream=stream).order_by("sequence"):
        row.previous_hash = previous
        row.facts = {}
        previous = rules.digest(body_of(row))
        Entry.objects.filter(pk=row.pk).update(previous_hash=row.previous_hash, facts={}, hash=previous)
    Head.objects.filter(stream=stream).update(hash=previous)
    return previous


def test_a_chain_written_anew_is_found(chains, dba):
    rewrite(ANA)
    assert any("not made by this service" in fault for fault in faults(chains))


def test_a_chain_written_anew_with_a_stolen_key_is_found_by_the_checkpoint(chains, dba):
    end = rewrite(ANA)
    Head.objects.filter(stream=ANA).update(seal=rules.seal(settings.AUDIT_KEY, ANA, 8, end))
    assert faults(chains) == [
        "person:ana, entry 8: a checkpoint outside the database knows another entry here, or one more."
    ]


def test_a_restored_backup_is_found(chains, dba):
    held = list(Entry.objects.values()), list(Head.objects.values())
    say(ANA, NOON + timedelta(hours=1))
    write_checkpoint(folder=chains, now=NOON + timedelta(hours=1))
    dba.execute("DELETE FROM audit_entry")
    Head.objects.all().delete()
    Entry.objects.bulk_create(Entry(**row) for row in held[0])
    Head.objects.bulk_create(Head(**row) for row in held[1])
    assert faults(chains) == [
        "person:ana, entry 9: a checkpoint outside the database knows another entry here, or one more."
    ]


# --- the checkpoint file ----------------------------------------------------------------------------------------


def the_file(folder):
    return folder / "000000.jsonl"


def test_nothing_new_is_no_new_line(chains):
    assert write_checkpoint(folder=chains, now=NOON) is None
    say()
    assert write_checkpoint(folder=chains, now=NOON) == 2
    line = json.loads(the_file(chains).read_text().splitlines()[-1])
    assert list(line["ends"]) == [ANA]


def test_a_line_that_was_changed_is_found(chains):
    text = the_file(chains).read_text()
    the_file(chains).write_text(text.replace('"number":1', '"number":2'))
    assert any("damaged, or was not written by this service" in fault for fault in faults(chains))


def test_a_checkpoint_file_without_its_end_is_found(chains):
    say()
    write_checkpoint(folder=chains, now=NOON)
    the_file(chains).write_text(the_file(chains).read_text().splitlines()[0] + "\n")
    assert "2 lines were written, 1 are there" in faults(chains)[0]
    the_file(chains).unlink()
    assert "2 lines were written, 0 are there" in faults(chains)[0]


def test_a_line_from_the_middle_that_is_gone_is_found(chains):
    for n in range(3):
        say(at=NOON + timedelta(hours=n))
        write_checkpoint(folder=chains, now=NOON)
    lines = the_file(chains).read_text().splitlines(keepends=True)
    the_file(chains).write_text("".join(lines[:1] + lines[2:]))
    assert "checkpoints, entry 3: it does not follow from line 1." in faults(chains)


def test_a_torn_line_is_taken_away_and_written_again(chains):
    say()
    with the_file(chains).open("a") as file:
        file.write('{"number":2,"at":"2026-0')
    assert verify(chains).whole
    assert write_checkpoint(folder=chains, now=NOON) == 2
    assert verify(chains).whole
    assert len(the_file(chains).read_text().splitlines()) == 2


def test_a_new_file_begins_with_every_end_and_older_ones_are_read_no_more(chains, monkeypatch):
    monkeypatch.setattr(actions, "LINES_PER_FILE", 2)
    for n in range(4):
        say(at=NOON + timedelta(hours=n))
        write_checkpoint(folder=chains, now=NOON)
    assert sorted(path.name for path in chains.iterdir()) == ["000000.jsonl", "000001.jsonl", "000002.jsonl"]
    first = json.loads((chains / "000001.jsonl").read_text().splitlines()[0])
    assert set(first["ends"]) == {ANA, BEA}
    assert verify(chains).whole
    assert verify(chains).checkpoints == 5


def test_a_line_that_was_written_before_the_commit_failed_does_no_harm(chains, monkeypatch):
    say()
    monkeypatch.setattr(actions, "_set_head", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write_checkpoint(folder=chains, now=NOON)
    monkeypatch.undo()
    say()
    assert write_checkpoint(folder=chains, now=NOON) == 3
    assert verify(chains).whole


# --- the read log -----------------------------------------------------------------------------------------------


@pytest.fixture
def reads(db):
    for n in range(5):
        Read.objects.create(at=NOON, by=uuid.UUID(int=n), role="therapist", page="x", person_id=uuid.UUID(int=9))
    assert seal_reads(now=NOON) == 5
    assert seal_reads(now=NOON) == 0


def test_sealed_reads_verify(reads, folder):
    Read.objects.create(at=NOON, by=uuid.UUID(int=1), role="therapist", page="x")
    assert read_faults() == []
    assert seal_reads(now=NOON) == 1
    assert read_faults() == []
    assert verify(folder).whole


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM access_read WHERE role = 'therapist' AND page = 'x'", "5 rows of the read log were sealed, 0"),
        ("UPDATE access_read SET page = 'y'", "not what was sealed"),
        ("UPDATE access_read SET block = NULL", "5 rows of the read log were sealed, 0"),
        ("UPDATE access_read SET block = 2", "name a seal that is not there"),
    ],
)
def test_tampering_with_sealed_reads_is_found(reads, dba, statement, found):
    dba.execute(statement)
    assert any(found in fault.what for fault in read_faults())


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain(tmp_path):
    def write(number):
        for _ in range(6):
            with transaction.atomic():
                say(f"person:{number % 2}")

    at_once(*(lambda n=n: write(n) for n in range(4)))
    verdict = verify(tmp_path)
    assert verdict.whole
    assert verdict.entries == 24


def at_once(*works):
    """Each in a thread of its own; one after another on the embedded base of a test, which lives in memory."""

    def closing(work):
        try:
            work()
        finally:
            connections.close_all()

    if connection.vendor == "sqlite":
        return [work() for work in works]
    threads = [threading.Thread(target=closing, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    return [thread.join() for thread in threads]
