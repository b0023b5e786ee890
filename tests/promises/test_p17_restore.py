"""P17: what a restore brings back is what was backed up, or nothing at all, and it says why.

The drill: a clinic opens, people write, a backup is made while they write, everything is destroyed, the backup is put
back at another place with the key file that was kept apart. On both databases. A bit is flipped in every region of the
file, the file is cut at every region, bytes are added; the key file is another one, or missing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugins.postgres import Postgres, postgres
from plugins.promises import counted, size
from plugins.servers import ACCORD, Server
from plugins.signed import signed

CONTENT = """
import json
from django.db import connection, transaction
from accord.service.operation.tables import content
with transaction.atomic():
    print(json.dumps({name: held.to_dict() for name, held in content(connection).items()}))
"""
# One row after another, each confirmed on standard output once it is committed.
WRITING = """
import sys
from django.db import transaction
from accord.service.access.table import SERVICE
from accord.service.now import without_database as now
from accord.service.people.actions import add_person
from accord.service.people.queries import clinics
clinic, n = clinics()[0], 0
while True:
    n += 1
    with transaction.atomic(durable=True):
        add_person(clinic=clinic, name=f"Drill {n}", email=f"drill{n}@example.org", by=SERVICE, now=now())
    print(n, flush=True)
"""


@dataclass
class Clinic:
    """A clinic that was opened, wrote while a backup was made, and is gone: the backup and the keys are left."""

    kind: str
    folder: Path
    backup: Path
    keys: Path
    held: dict[str, dict[str, object]]  # what it held before anybody wrote
    cluster: Postgres | None
    before: int  # rows that were confirmed before the backup began
    after: int  # rows that were confirmed when it had ended

    def place(self, name: str) -> dict[str, str]:
        """An empty place, with the keys that were kept apart."""
        address = self.cluster.make(name.replace("-", "_")) if self.cluster else ""
        site = str(self.folder / "content")
        keys = str(self.keys)
        return {"ACCORD_DATA": str(self.folder / name), "ACCORD_DATABASE": address, "ACCORD_KEYS": keys,
                "ACCORD_SITE": site}  # fmt: skip

    def restore(self, place: dict[str, str], *words: str, file: Path | None = None):
        return accord("restore", str(file or self.backup), *words, **place)


def environment(**more: str) -> dict[str, str]:
    given = {**os.environ, "ACCORD_MODE": "production", "ACCORD_HOSTS": "pain.example", **more}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    return given


def accord(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ACCORD, *words], env=environment(**more), capture_output=True, text=True, check=False)


def ask(code: str, **more: str) -> str:
    lines = f"from accord.cli.service import set_up_service; set_up_service()\n{code}"
    ran = subprocess.run(
        [sys.executable, "-c", lines], env=environment(**more), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request, tmp_path_factory) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp(f"drill-{request.param}")
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres()) if request.param == "postgres" else None
        yield _opened_and_destroyed(request.param, folder, cluster)


def _opened_and_destroyed(kind: str, folder: Path, cluster: Postgres | None) -> Clinic:
    keys, site = folder / "kept-apart" / "keys.json", folder / "site"
    place = {
        "ACCORD_DATA": str(site), "ACCORD_DATABASE": cluster.make("accord") if cluster else "",
        "ACCORD_KEYS": str(keys), "ACCORD_SITE": str(signed(folder / "content")),
    }  # fmt: skip
    site.mkdir()
    for words in (["migrate"], ["createcachetable"], ["publish_content"]):
        assert accord("manage", *words, **place).returncode == 0
    hours = ["--zone", "Europe/London", "--hours", "Mon-Fri 09:00-17:00"]
    assert accord("staff", "open-clinic", "--name", "Drill", "--country", "GB", *hours, **place).returncode == 0
    (site / "papers").mkdir()
    (site / "papers" / "plan.txt").write_text("what is kept beside the database")
    assert accord("clock", "--once", **place).returncode == 0  # checkpoints stand beside the data
    held = json.loads(ask(CONTENT, **place))
    code = f"from accord.cli.service import set_up_service; set_up_service()\n{WRITING}"
    writer = subprocess.Popen([sys.executable, "-c", code], env=environment(**place), stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    before = max(int(writer.stdout.readline()) for _ in range(20))
    made = accord("backup", "--out", str(folder / "one.backup"), "--json", **place)
    writer.terminate()
    after = max(int(line) for line in writer.stdout.read().split())
    writer.wait()
    assert made.returncode == 0, made.stderr
    assert after > before + 5, "nobody wrote while the backup was made"
    kept = folder / "checkpoints"
    shutil.copytree(site / "checkpoints", kept)
    shutil.rmtree(site)
    return Clinic(kind, folder, folder / "one.backup", keys, held, cluster, before, after)


def nothing_was_done(place: dict[str, str]) -> None:
    """No table, no file."""
    folder = Path(place["ACCORD_DATA"])
    left = [path.name for path in folder.rglob("*")] if folder.exists() else []
    assert left == []
    if place["ACCORD_DATABASE"]:
        told = ask("from django.db import connection; print(connection.introspection.table_names())", **place)
        assert told.strip() == "[]"


def refused(ran, code: int, *words: str) -> None:
    assert ran.returncode == code, (ran.returncode, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    for word in words:
        assert word in ran.stderr, ran.stderr


# --- the drill --------------------------------------------------------------------------------------------------


def test_p17_everything_comes_back(clinic):
    place = clinic.place("back")
    began = time.monotonic()
    done = clinic.restore(place, "--json")
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    found = json.loads(ask(CONTENT, **place))
    grown = {name for name in found if found[name] != clinic.held.get(name)}
    assert found.keys() == clinic.held.keys()
    assert grown == {"people_person", "audit_entry", "audit_head"}, "only what was written meanwhile is more"
    rows = found["people_person"]["rows"] - clinic.held["people_person"]["rows"]
    assert clinic.before <= rows <= clinic.after, "what was confirmed before the backup began is in it"
    entries = found["audit_entry"]["rows"] - clinic.held["audit_entry"]["rows"]
    assert entries == rows, "one moment: each person with her entry, and no half of anybody"
    counted("P17", f"drill on {clinic.kind}", rows=json.loads(done.stdout)["rows"], seconds_to_restore=round(took, 1))
    kept = Path(place["ACCORD_DATA"]) / "papers" / "plan.txt"
    assert kept.read_text() == "what is kept beside the database"
    assert not (Path(place["ACCORD_DATA"]) / "keys.json").exists(), "no key is in a backup"


def test_p17_it_opens_again_and_writes_on(clinic):
    place = clinic.place("open")
    assert clinic.restore(place).returncode == 0
    server = Server(Path(place["ACCORD_DATA"]), place["ACCORD_DATABASE"], clock=False, **environment(**place))
    server.start()
    server.stop()
    said = ask(
        "from accord.service.people.queries import people; from accord.service.access.table import SERVICE; "
        "print(sum(p.name.startswith('Drill ') for p in people(SERVICE)))",
        **place,
    )
    assert int(said) >= clinic.before


def test_p17_what_is_lost_is_answered_for_by_a_person(clinic):
    place = clinic.place("accepted")
    shutil.copytree(clinic.folder / "checkpoints", Path(place["ACCORD_DATA"]) / "checkpoints")
    assert clinic.restore(place).returncode == 0
    assert accord("audit", "verify", **place).returncode == 0, "the checkpoints know nothing that the backup lacks"
    refused(accord("audit", "accept-restore", "--reason", "the disk of the server broke", **place), 2, "nothing to")
    newer = clinic.place("newer-checkpoints")
    ask("from accord.service.clock.jobs import _checkpoint; from accord.service.now import now; _checkpoint(now=now())",
        **place)  # fmt: skip
    for n in range(3):
        ask(f"from django.db import transaction\nfrom accord.service.audit.actions import record\n"
            f"from accord.service.now import now\nwith transaction.atomic():\n"
            f"    record(stream='{'system' if n else 'person:new'}', action='x', resource='x', resource_id='{n}', "
            f"by=None, now=now())", **place)  # fmt: skip
    assert accord("clock", "--once", **place).returncode == 0
    shutil.copytree(Path(place["ACCORD_DATA"]) / "checkpoints", Path(newer["ACCORD_DATA"]) / "checkpoints")
    done = clinic.restore(newer)
    assert done.returncode == 0
    assert "accept-restore" in done.stdout
    older = accord("audit", "verify", **newer)
    assert older.returncode == 2
    assert "An older database was put in place" in older.stdout
    assert "accept-restore" in older.stdout
    assert accord("clock", "--once", **newer).returncode == 0
    assert accord("audit", "verify", **newer).returncode == 2, "the clock writes on, and hushes nothing up"
    refused(accord("audit", "accept-restore", "--reason", "short", **newer), 2, "10")
    assert accord("audit", "accept-restore", "--reason", "the disk of the server broke", **newer).returncode == 0
    after = accord("audit", "verify", **newer)
    assert after.returncode == 0, after.stdout
    assert "accepted" in after.stdout
    assert accord("clock", "--once", **newer).returncode == 0
    assert accord("audit", "verify", **newer).returncode == 0


# --- refusals ---------------------------------------------------------------------------------------------------


def test_p17_another_key(clinic):
    place = clinic.place("another-key") | {"ACCORD_KEYS": str(clinic.folder / "another" / "keys.json")}
    Path(place["ACCORD_KEYS"]).parent.mkdir(exist_ok=True)
    given = json.loads(clinic.keys.read_text())
    Path(place["ACCORD_KEYS"]).write_text(json.dumps(given | {"audit": "ab" * 32}))
    refused(clinic.restore(place), 2, "another key file", "ACCORD_KEYS")
    nothing_was_done(place)


def test_p17_the_field_key_is_not_in_the_key_file(clinic):
    place = clinic.place("field-key") | {"ACCORD_KEYS": str(clinic.folder / "fields.json")}
    given = json.loads(clinic.keys.read_text())
    Path(place["ACCORD_KEYS"]).write_text(json.dumps(given | {"fields": {"k2": "cd" * 32}}))
    refused(clinic.restore(place), 2, "field key k1")
    nothing_was_done(place)


def test_p17_no_key(clinic):
    place = clinic.place("no-key") | {"ACCORD_KEYS": str(clinic.folder / "nowhere.json")}
    refused(clinic.restore(place), 2, "no key file", "kept apart")
    assert not Path(place["ACCORD_KEYS"]).exists(), "a new key file would hide that the old one is missing"
    nothing_was_done(place)


def test_p17_not_over_anything(clinic):
    place = clinic.place("full")
    assert clinic.restore(place).returncode == 0
    before = ask(CONTENT, **place)
    refused(clinic.restore(place), 2, "not empty", "--into")
    assert ask(CONTENT, **place) == before


def test_p17_into_another_place(clinic):
    """A drill beside the running clinic: its own address and folder stay as they are."""
    own = {"ACCORD_DATA": str(clinic.folder / "own"), "ACCORD_DATABASE": "", "ACCORD_KEYS": str(clinic.keys)}
    place = clinic.place("elsewhere")
    words = ["--into", place["ACCORD_DATA"]]
    if clinic.cluster:
        refused(clinic.restore(own, "--into", place["ACCORD_DATABASE"]), 2, "--files")
        words = ["--into", place["ACCORD_DATABASE"], "--files", place["ACCORD_DATA"]]
    done = clinic.restore(own, *words)
    assert done.returncode == 0, done.stderr
    assert "ACCORD_KEYS=" in done.stdout
    assert not (clinic.folder / "own").exists()
    assert json.loads(ask(CONTENT, **place)).keys() == clinic.held.keys()


def test_p17_from_a_newer_program(clinic):
    """The same file, read by a program that lacks one migration that it names."""
    place = clinic.place("older-program")
    code = (
        "import sys; from accord.cli.service import set_up_service; set_up_service()\n"
        "from django.db.migrations.loader import MigrationLoader\n"
        "load = MigrationLoader.load_disk\n"
        "def older(self):\n    load(self); self.disk_migrations.pop(('studies', '0001_initial'))\n"
        "MigrationLoader.load_disk = older\n"
        f"sys.argv = ['accord', 'restore', {str(clinic.backup)!r}]\n"
        "from accord.cli.main import main; main()"
    )
    given = environment(**place)
    ran = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=False)
    refused(ran, 2, "newer Accord", "studies.0001_initial")
    nothing_was_done(place)


def test_p17_of_the_other_kind_of_database(clinic):
    if clinic.cluster:
        place = {"ACCORD_DATA": str(clinic.folder / "kind"), "ACCORD_DATABASE": "", "ACCORD_KEYS": str(clinic.keys)}
        refused(clinic.restore(place), 2, "PostgreSQL", "ACCORD_DATABASE")
        nothing_was_done(place)
    else:
        refused(clinic.restore(clinic.place("clinic") | {"ACCORD_MODE": "demo"}), 2, "demonstration")


REGIONS = ("magic", "header", "sum", "first chunk", "middle", "last chunk", "last byte")


def _place_in(region: str, whole: bytes, draw: random.Random) -> int:
    first = whole.index(b"\n", 16) + 1
    return {
        "magic": draw.randrange(16), "header": draw.randrange(16, first), "sum": draw.randrange(first, first + 65),
        "first chunk": draw.randrange(first + 65, first + 1000), "middle": draw.randrange(first + 65, len(whole)),
        "last chunk": draw.randrange(len(whole) - 1000, len(whole)), "last byte": len(whole) - 1,
    }[region]  # fmt: skip


def test_p17_a_flipped_bit_a_cut_and_an_added_byte_are_found_wherever_they_are(clinic):
    """In one process, since each refusal as a command takes a second; the commands are asked once each below."""
    whole, draw = clinic.backup.read_bytes(), random.Random(17)
    spoilt = []
    for region in REGIONS:
        for _ in range(size(12, 1000)):
            place = _place_in(region, whole, draw)
            bit = bytes([whole[place] ^ (1 << draw.randrange(8))])
            spoilt.append(whole[:place] + bit + whole[place + 1 :])
            spoilt.append(whole[:place])
    spoilt += [whole + b"\0", whole + whole, whole + whole[-(1 << 20) :], b"", whole[: len(whole) // 2]]
    folder = clinic.folder / "spoilt"
    folder.mkdir(exist_ok=True)
    found = _found(spoilt, folder, clinic.keys)
    assert found == len(spoilt)
    assert _found([whole], folder, clinic.keys) == 0, "a harness that finds fault with everything finds nothing"
    counted("P17", f"spoilt files, {clinic.kind}", spoilt=len(spoilt), found=found)


def _found(files: list[bytes], folder: Path, keys: Path) -> int:
    from accord.science.errors import BadInput
    from accord.service.operation.archive import authenticate
    from accord.service.operation.cipher import backup_key

    key, found = backup_key(json.loads(keys.read_text())), 0
    for data in files:
        path = folder / "one.backup"
        path.write_bytes(data)
        try:
            authenticate(path, key)
        except BadInput as error:
            found += bool(error.finding.cure)
    return found


@pytest.mark.parametrize("region", ["magic", "header", "middle", "cut"])
def test_p17_a_damaged_backup_restores_nothing(clinic, region):
    whole, file = clinic.backup.read_bytes(), clinic.folder / f"{region}.backup"
    place = _place_in(region, whole, random.Random(1)) if region != "cut" else len(whole) - 5000
    spoilt = whole[:place] if region == "cut" else whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    file.write_bytes(spoilt)
    where = clinic.place(f"damaged-{region}")
    refused(clinic.restore(where, file=file), 2, file.name, "older backup")
    nothing_was_done(where)


# --- the backup itself ------------------------------------------------------------------------------------------


def test_p17_a_backup_is_read_by_nobody_without_the_key(clinic):
    whole = clinic.backup.read_bytes()
    for canary in (b"drill1@example.org", b"people_person", b"CREATE TABLE", b"SQLite format"):
        assert canary not in whole
    assert clinic.backup.stat().st_mode & 0o077 == 0


def test_p17_a_backup_is_refused_where_it_would_do_harm(clinic):
    place = clinic.place("refused")
    Path(place["ACCORD_DATA"]).mkdir()
    refused(accord("backup", "--out", str(clinic.backup), **place), 2, "there already")
    refused(accord("backup", "--out", str(clinic.folder / "no" / "x"), **place), 2, "no folder")
    refused(accord("backup", "--out", str(clinic.folder / "unmounted"), **place), 2, "no folder")
    refused(accord("backup", "--out", str(clinic.folder / "empty.backup"), **place), 2, "no tables of Accord")
    refused(accord("audit", "verify", **place), 2, "no tables of Accord")
    refused(accord("restore", str(clinic.folder / "none.backup"), **place), 2, "no file")
    refused(accord("restore", str(clinic.keys), **place), 2, "does not begin as a backup")
    assert not list(clinic.folder.glob(".*.part"))


def test_p17_a_command_in_the_wrong_place_leaves_nothing_there(clinic):
    place = clinic.place("wrong-place") | {"ACCORD_KEYS": str(clinic.folder / "wrong-place.json")}
    for words in (
        ("backup", "--out", str(clinic.folder / "wrong-place.backup")), ("audit", "verify"),
        ("audit", "accept-restore", "--reason", "it was restored"),
        ("export", "--protocol", "routine-care", "--out", str(clinic.folder / "cohort"), "--purpose", "to look at it"),
    ):  # fmt: skip
        refused(accord(*words, **place), 2, "no key file")
    assert not [path for path in clinic.folder.rglob("wrong-place*") if path.is_file() or any(path.iterdir())]
