"""Exports from the page and from the command line: asked once, made by the worker, audited, let go of after a week."""

from __future__ import annotations

import json
import uuid
import zipfile
from datetime import timedelta

import pytest

from accord.cli.main import main
from accord.science.cohort import read_cohort
from accord.science.cohort.tables import TABLES
from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.clock.worker import work_waiting
from accord.service.errors import NotAllowed, NotNow
from accord.service.flows.export_cohort import export_cohort
from accord.service.flows.forget_exports import forget_exports
from accord.service.flows.make_export import make_export
from accord.service.studies import actions
from accord.service.studies.models import Export
from accord.service.studies.queries import exports

PURPOSE = "A paper on who comes to us, agreed with the board."


@pytest.fixture
def place(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    return settings.DATA_FOLDER


@pytest.fixture
def pia(world):
    return world.add("pia", Role.RESEARCHER)


def ask(world, by, **more):
    given = {"clinic": world.clinic, "protocol": "routine-care", "purpose": PURPOSE, "form": "parquet",
             "key": uuid.uuid4(), "by": world.asker(by), "now": world.now}  # fmt: skip
    return actions.ask_export(**(given | more))


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_asked_made_by_the_worker_and_gone_after_a_week(world, published, place, pia, tmp_path):
    assert world.episode
    row = ask(world, pia)
    assert work_waiting(now=world.now + timedelta(minutes=1)) == 1
    row.refresh_from_db()
    assert (row.state, row.people, row.rows["participants"]) == ("made", 1, 1), row.problem
    with zipfile.ZipFile(exports.zip_of(row)) as archive:
        archive.extractall(tmp_path / "out")
    assert read_cohort(tmp_path / "out" / "cohort").table("participants").height == 1
    assert exports.zip_of(row).stat().st_mode & 0o077 == 0
    told = [
        (entry.action, entry.by) for entry in Entry.objects.filter(stream="study:routine-care").order_by("sequence")
    ]
    assert told == [("ask_export", pia.pk), ("make_export", pia.pk)]
    assert forget_exports(now=row.expires_at - timedelta(seconds=1)) == 0
    assert forget_exports(now=row.expires_at) == 1
    row.refresh_from_db()
    assert row.state == "gone"
    assert not exports.zip_of(row).exists()
    with pytest.raises(NotNow):
        exports.file_of(row, exports.zip_of(row))


@pytest.mark.both
def test_asking_twice_is_asking_once(world, published, pia):
    key = uuid.uuid4()
    assert ask(world, pia, key=key).pk == ask(world, pia, key=key).pk
    assert Export.objects.count() == 1
    quy = world.add("quy", Role.STATISTICIAN)
    with pytest.raises(NotAllowed):
        ask(world, quy, key=key)


@pytest.mark.parametrize("name", ["bea", "dora", "gus", "ana", "hal"])
def test_who_may_not_is_told_nothing(world, published, name):
    with pytest.raises(NotAllowed):
        ask(world, getattr(world, name))
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"purpose": "why"}, {"purpose": "x" * 501}, {"purpose": "a\0 purpose in words"}, {"protocol": "none"},
              {"form": "xlsx"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_the_cure(world, published, pia, wrong):
    with pytest.raises(NotNow) as refused:
        ask(world, pia, **wrong)
    assert refused.value.cure
    assert not Export.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_has_lost_her_role_meanwhile_gets_nothing(world, published, place, pia):
    from accord.service.people.actions import end_role

    row = ask(world, pia)
    end_role(person=pia, role=Role.RESEARCHER, clinic=world.clinic, by=SERVICE, now=world.now)
    work_waiting(now=world.now + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == "failed"
    assert row.problem
    assert not list(exports.folder().glob("*"))


@pytest.mark.django_db(transaction=True)
def test_a_job_that_breaks_is_tried_again_and_then_says_so(world, published, place, pia, monkeypatch):
    from accord.science.errors import BadInput
    from accord.service.flows import make_export as flow

    row = ask(world, pia)
    monkeypatch.setattr(flow, "make_cohort", lambda **_: 1 / 0)
    for attempt in (1, 2):
        with pytest.raises(ZeroDivisionError):
            make_export(export_id=row.pk, now=world.now, attempt=attempt)
    row.refresh_from_db()
    assert row.state == "asked"
    with pytest.raises(BadInput):
        make_export(export_id=row.pk, now=world.now, attempt=3)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "ZeroDivisionError" in row.problem
    assert not list(exports.folder().glob(".making-*"))


@pytest.mark.django_db(transaction=True)
def test_an_operator_takes_a_cohort_to_a_folder(world, published, tmp_path):
    assert world.episode
    now = world.now + timedelta(hours=1)
    written = export_cohort(
        protocol="routine-care", clinic_id=None, out=tmp_path / "out", purpose=PURPOSE, by=SERVICE, now=now
    )
    row = Export.objects.get()
    assert (row.state, row.clinic, row.pk, row.sha256) == ("taken", None, written.export_id, written.sha256)
    assert Entry.objects.get(stream="study:routine-care").role == "service"
    again = export_cohort(
        protocol="routine-care", clinic_id=world.clinic.pk, out=tmp_path / "again", purpose=PURPOSE, by=SERVICE,
        now=now + timedelta(hours=2), counted_at=now, form="csv",
    )  # fmt: skip
    first, second = read_cohort(tmp_path / "out"), read_cohort(tmp_path / "again")
    assert again.made.people == 1
    for name in set(first.names) - {"therapists"}:  # the other clinic has one more
        columns = list(TABLES[name].schema)
        assert first.table(name).select(columns).equals(second.table(name).select(columns)), name


@pytest.mark.django_db(transaction=True)
def test_the_command(world, published, tmp_path, capsys, monkeypatch):
    def run(arguments) -> int:
        monkeypatch.setattr("sys.argv", ["accord", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0)

    assert world.episode
    given = ["export", "--protocol", "routine-care", "--out", str(tmp_path / "out"), "--json"]
    assert run([*given, "--purpose", PURPOSE]) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {
        "out",
        "export",
        "protocol",
        "protocol_hash",
        "origin",
        "people",
        "enrolled",
        "tables",
        "sha256",
    }
    for wrong, said in (
        ([*given, "--purpose", PURPOSE], "not empty"), ([*given, "--force", "--purpose", "why"], "purpose"),
        (["export", "--protocol", "no-such", "--out", str(tmp_path / "b"), "--purpose", PURPOSE], "Published here"),
        ([*given, "--force", "--purpose", PURPOSE, "--clinic", "nowhere"], "There are"),
        ([*given, "--force", "--purpose", PURPOSE, "--at", "2999-01-01"], "not come"),
        ([*given, "--force", "--purpose", PURPOSE, "--at", "noon"], "Write it like"),
    ):  # fmt: skip
        assert run(wrong) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
    assert Export.objects.count() == 1
