"""`accord doctor`: each thing that is unsafe is found under its name, with a cure, and is quiet when it is mended."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accord.science.definitions import packaged_content
from accord.service.operation import ready
from accord.service.operation.backup import BEAT
from accord.service.operation.doctor import content, place, running, staff
from accord.service.operation.doctor.examine import BEFORE, CLOSED, WITH_TABLES, closed, examine
from accord.service.operation.doctor.finding import Unsafe
from accord.service.outbox.actions import beat
from accord.service.people.models import Certificate, Clinic, Duty


def ids(check, now) -> set[str]:
    found = list(check(now))
    assert all(isinstance(one, Unsafe) and one.what and one.cure for one in found)
    return {one.id for one in found}


@pytest.fixture
def site(tmp_path, settings) -> Path:
    """A content folder of the clinic's own, as packaged."""
    for folder in ("ladders", "crisis", "programmes", "protocols"):
        shutil.copytree(packaged_content() / folder, tmp_path / folder)
    settings.SITE_FOLDER = tmp_path
    return tmp_path


@pytest.fixture
def environment(settings):
    """Change what the environment said."""
    from dataclasses import replace

    def change(**more):
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **more)

    return change


def sign(path: Path, **changes: str) -> None:
    text = path.read_text()
    for name, value in changes.items():
        text, count = re.subn(rf"^{name}: .*$", f"{name}: {value}", text, count=1, flags=re.MULTILINE)
        assert count, name
    path.write_text(text)


# --- the place --------------------------------------------------------------------------------------------------


def test_mode(settings, environment, world):
    settings.PRODUCTION = False
    assert ids(place.mode, world.now) == {"mode"}
    environment(hosts=["pain.example"])
    assert ids(place.mode, world.now) == {"mode", "demo-public"}
    settings.PRODUCTION, settings.DEBUG = True, True
    assert ids(place.mode, world.now) == {"debug"}
    settings.DEBUG = False
    assert ids(place.mode, world.now) == set()


@pytest.mark.parametrize(
    ("hosts", "address", "found"),
    [
        ([], "https://pain.example", {"names"}),
        (["pain.example"], "https://pain.example", set()),
        (["*"], "https://pain.example", {"names-any", "tls-name"}),
        ([".pain.example"], "https://x.pain.example", {"names-any", "tls-name"}),
        (["10.0.0.7"], "https://10.0.0.7", {"names-number"}),
        (["[::1]"], "https://[::1]", {"names-number", "tls-name"}),
        (["pain.example"], "http://pain.example", {"tls"}),
        (["pain.example"], "https://other.example", {"tls-name"}),
    ],
)
def test_names_and_tls(settings, environment, world, hosts, address, found):
    environment(hosts=hosts)
    settings.PRODUCTION, settings.PUBLIC_ADDRESS = True, address
    assert ids(place.names, world.now) == found


def test_keys(settings, environment, world, tmp_path):
    keys = tmp_path / "keys.json"
    environment(key_file=keys)
    settings.DATA_FOLDER = tmp_path / "data"
    assert ids(place.keys, world.now) == set()
    keys.write_text("{}")
    keys.chmod(0o640)
    assert ids(place.keys, world.now) == {"keys-mode"}
    keys.chmod(0o600)
    assert ids(place.keys, world.now) == set()
    settings.DATA_FOLDER = tmp_path
    assert ids(place.keys, world.now) == {"keys-place"}


@pytest.mark.parametrize(("free", "found"), [(50, None), (12, "note"), (4, "mend")])
def test_disk(monkeypatch, world, free, found):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(place.shutil, "disk_usage", lambda _: usage(100 << 30, (100 - free) << 30, free << 30))
    assert [str(one.severity) for one in place.disk(world.now)] == ([found] if found else [])


def test_checkpoints_on_the_same_disk(settings, monkeypatch, world, tmp_path):
    settings.DATA_FOLDER, settings.CHECKPOINT_FOLDER = tmp_path, tmp_path / "checkpoints"
    assert ids(place.checkpoints, world.now) == set(), "none has been written yet"
    settings.CHECKPOINT_FOLDER.mkdir()
    assert ids(place.checkpoints, world.now) == {"checkpoints-disk"}
    monkeypatch.setattr(place, "_disk_of", lambda folder: hash(folder))
    assert ids(place.checkpoints, world.now) == set()


def test_headers(settings, world):
    settings.PRODUCTION = True
    assert ids(place.headers, world.now) == {"headers"}
    settings.PRODUCTION = False
    assert ids(place.headers, world.now) == set()


# --- content ----------------------------------------------------------------------------------------------------


def test_an_unsigned_ladder(site, world):
    assert ids(content.ladder, world.now) == {"ladder"}
    assert "copy" not in next(content.ladder(world.now)).cure, "it lies there, and would not be copied over"
    text = (site / "ladders" / "service-default.yaml").read_text()
    assert "signed: null" in text
    sign(site / "ladders" / "service-default.yaml", status="signed",
         signed="{by: Zoe Qureshi, role: lead, date: 2026-11-01}")  # fmt: skip
    assert ids(content.ladder, world.now) == set()


def test_crisis_pages_signed_expired_and_of_the_clinics_own_country(site, world):
    assert ids(content.crisis, world.now) == {"crisis", "crisis-country"}
    page = site / "crisis" / "gb.yaml"
    day = world.now.date()
    sign(page, status="signed", signed=f"{{by: Zoe Qureshi, role: lead, on: {day}}}", expires=f"{day}",
         checked=f"{day - timedelta(days=90)}")  # fmt: skip
    assert ids(content.crisis, world.now) == {"crisis", "crisis-country", "crisis-expired"}
    sign(page, expires=f"{day + timedelta(days=20)}")
    told = list(content.crisis(world.now))
    assert {one.id for one in told} == {"crisis-country", "crisis-soon"}
    assert {one.what for one in told if one.must} == {"The clinic in AU has no crisis page that is signed and in date."}
    sign(page, expires=f"{day + timedelta(days=200)}")
    Clinic.objects.filter(country="AU").update(country="GB")
    assert ids(content.crisis, world.now) == set()


def test_a_programme_that_nobody_reviewed(site, world):
    assert ids(content.programmes, world.now) == {"programme"}
    file = site / "programmes" / "living-with-pain" / "programme.yaml"
    sign(file, **{"  clinical": "{state: reviewed, by: Zoe Qureshi, date: 2026-11-01}"})
    assert ids(content.programmes, world.now) == set()


def test_wording_that_is_not_installed(site, world):
    (found,) = content.wording(world.now)
    assert found.id == "wording"
    assert "phq_9" in found.what
    (site / "wording").mkdir()
    for name in found.what.partition(": ")[2].rstrip(".").split(", "):
        (site / "wording" / f"{name}.en.json").write_text("{}")
    assert ids(content.wording, world.now) == set()


# --- what runs --------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_the_database_is_as_it_should_be(world):
    found = list(running.database(world.now))
    assert [one for one in found if one.must] == []
    assert {one.id for one in found} <= {"embedded", "postgres-checksums"}


def test_what_a_postgresql_must_not_be_set_to(monkeypatch, world):
    unsafe = {"SHOW fsync": "off", "SHOW full_page_writes": "off", "SHOW synchronous_commit": "off",
              "SHOW data_checksums": "off", "SHOW log_statement": "all"}  # fmt: skip
    monkeypatch.setattr(running, "_one", unsafe.get)
    expected = {"fsync", "full_page_writes", "synchronous_commit", "checksums", "log"}
    assert {one.id for one in running._postgres()} == {f"postgres-{name}" for name in expected}
    safe = dict.fromkeys(unsafe, "on") | {"SHOW log_statement": "none", "SHOW synchronous_commit": "remote_apply"}
    monkeypatch.setattr(running, "_one", safe.get)
    assert list(running._postgres()) == []


@pytest.mark.parametrize(("version", "found"), [((3, 40, 1), {"embedded", "wal", "synchronous"}),
                                                ((3, 51, 3), {"embedded", "synchronous"})])  # fmt: skip
def test_the_write_ahead_log_of_an_old_sqlite(monkeypatch, world, version, found):
    monkeypatch.setattr(running, "_one", {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "1"}.get)
    monkeypatch.setattr(running.sqlite3, "sqlite_version_info", version)
    assert {one.id for one in running._embedded()} == found


def test_tables_of_another_version(monkeypatch, world):
    assert ids(running.tables, world.now) == set()
    monkeypatch.setattr(ready.MigrationExecutor, "migration_plan", lambda self, nodes: [("people", "0009")])
    assert ids(running.tables, world.now) == {"migrations"}


@pytest.mark.both
def test_clock_and_watchdog(world):
    assert ids(running.clock, world.now) == {"clock", "watchdog"}
    beat(name="clock", now=world.now)
    assert ids(running.clock, world.now) == {"watchdog"}
    beat(name="watchdog", now=world.now)
    assert ids(running.clock, world.now) == set()
    assert ids(running.clock, world.now + timedelta(minutes=5)) == {"clock", "watchdog"}


def test_mail(settings, world):
    settings.ACCORD_EMAIL = "outbox"
    assert ids(running.mail, world.now) == {"mail"}
    settings.ACCORD_EMAIL = "smtps://user:word@mail.example:465"
    assert ids(running.mail, world.now) == set()


@pytest.mark.both
def test_backups(world):
    assert ids(running.backups, world.now) == {"backup"}
    beat(name=BEAT, now=world.now)
    assert ids(running.backups, world.now + timedelta(hours=24)) == set()
    (found,) = running.backups(world.now + timedelta(hours=50))
    assert "2 days old" in found.what


# --- who answers ------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_duty_lead_and_certificate(world):
    south = f"{world.elsewhere.name}"
    found = list(staff.duty(world.now))
    assert {(one.id, south in one.what) for one in found} >= {("duty", True), ("service-lead", True)}
    Certificate.objects.update(withdrawn_at=world.now)
    Clinic.objects.update(service_lead=world.fay)
    assert {(one.id, south in one.what) for one in staff.duty(world.now)} == {
        ("duty", True), ("duty-certificate", False),
    }  # fmt: skip
    Duty.objects.all().delete()
    assert ids(staff.duty, world.now) == {"duty"}


def test_no_clinic(db):
    from accord.service.now import now

    assert ids(staff.duty, now()) == {"clinic"}


# --- all of it --------------------------------------------------------------------------------------------------


def test_a_clinic_is_closed_without_a_signed_crisis_page(settings, site, environment, world):
    settings.PRODUCTION = True
    environment(hosts=["pain.example"])
    settings.PUBLIC_ADDRESS = "https://pain.example"
    assert {one.id for one in closed(world.now)} >= {"ladder", "crisis", "crisis-country"}
    assert set(CLOSED) <= set(BEFORE)


@pytest.mark.both
def test_everything_is_examined_and_nothing_is_written(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        found = examine(world.now)
    assert found.keys() == {*BEFORE, *WITH_TABLES}
    assert connection.in_atomic_block
