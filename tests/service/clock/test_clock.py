"""The clock's loop: every job in its time, one that fails stops no other, and silence is told; the commands."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, transaction
from typer.testing import CliRunner

from accord.cli.audit import app as audit_command
from accord.cli.clock import app as clock_command
from accord.science.errors import BadInput
from accord.service.audit.actions import record, write_checkpoint
from accord.service.clock import runner, watch
from accord.service.clock.jobs import JOBS, Job
from accord.service.clock.runner import Round, run, run_once
from accord.service.clock.watch import Watch, look_once
from accord.service.config.logs import Neutral
from accord.service.outbox.actions import beat
from accord.service.outbox.models import Heartbeat
from accord.service.outbox.queries import last_beat, stale_clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def counting(name="a", every=5.0, vital=True, error=None):
    calls = []

    def work(*, now):
        calls.append(now)
        if error:
            raise error
        return len(calls)

    return Job(name, every, work, vital), calls


def neutral(caplog):
    """What the log of an installation holds."""
    return "\n".join(Neutral().format(entry) for entry in caplog.records)


def test_each_job_runs_in_its_own_time():
    often, rarely = counting("often", 1), counting("rarely", 60)
    rounds = Round([often[0], rarely[0]])
    for second in range(120):
        rounds.tick(NOON + second * SECOND, float(second))
    assert (len(often[1]), len(rarely[1])) == (120, 2)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(hours=9), timedelta(days=4000)])
def test_a_clock_that_jumps_delays_no_job(jump):
    job, calls = counting(every=5)
    rounds = Round([job])
    for second in range(60):
        rounds.tick(NOON + second * SECOND + (jump if second >= 30 else timedelta()), float(second))
    assert len(calls) == 12
    assert stale_clock(NOON + 59 * SECOND + jump) is None


def test_one_job_that_fails_stops_no_other_and_names_nothing(caplog):
    broken, _ = counting("broken", 1, vital=False, error=ValueError("zqsecret"))
    sound, calls = counting("sound", 1)
    rounds = Round([broken, sound])
    for second in range(10):
        rounds.tick(NOON, float(second))
    assert len(calls) == 10
    assert rounds.failing == {"broken": "ValueError"}
    assert Heartbeat.objects.get(name="clock").detail == "broken"
    assert neutral(caplog).count("The job broken fails. ValueError at") == 1
    assert "zqsecret" not in neutral(caplog)


def test_while_a_vital_job_fails_the_heart_does_not_beat():
    job, calls = counting("vital", 1, error=OperationalError("x"))
    rounds = Round([job])
    for second in range(150):
        rounds.tick(NOON + second * SECOND, float(second))
    assert len(calls) == 150
    assert rounds.standing() == ["vital"]
    assert last_beat() is None
    rounds.jobs = (counting("vital", 1)[0],)
    rounds.tick(NOON + 200 * SECOND, 200.0)
    assert last_beat() == NOON + 200 * SECOND


@pytest.mark.both
def test_every_job_of_the_table_runs(published, settings, tmp_path):
    settings.CHECKPOINT_FOLDER, settings.ACCORD_EMAIL = tmp_path / "checkpoints", f"file:{tmp_path / 'mail'}"
    rounds = run_once()
    assert rounds.failing == {}
    assert set(rounds.ran) == {job.name for job in JOBS} | {"clock"}
    assert stale_clock(published.now + timedelta(seconds=1)) is None
    assert list((tmp_path / "checkpoints").iterdir())


def test_the_jobs_that_keep_people_safe_are_vital_and_frequent():
    vital = {job.name: job.every for job in JOBS if job.vital}
    assert {"escalate-alerts", "sweep-unfinished", "sweep-unread", "send-waiting"} <= set(vital)
    assert max(vital.values()) <= 60


def test_the_loop_goes_on_when_the_time_cannot_be_read(monkeypatch, caplog):
    stop, asked = threading.Event(), []

    def away():
        asked.append(1)
        if len(asked) == 3:
            stop.set()
        raise OperationalError("zqsecret")

    monkeypatch.setattr(runner, "now", away)
    run(stop=stop, tick=0)
    assert len(asked) == 3
    assert "zqsecret" not in neutral(caplog)


# --- the watchdog -----------------------------------------------------------------------------------------------


def looks(watch_, beats):
    """Look every 15 seconds; `beats` gives the heartbeat at each look as seconds after noon."""
    return [
        watch_.look(None if beat_at is None else NOON + beat_at * SECOND, NOON + n * 15 * SECOND, n * 15.0)
        for n, beat_at in enumerate(beats)
    ]


def test_a_living_clock_is_not_called_silent():
    assert set(looks(Watch(), range(0, 600, 15))) == {None}


def test_two_minutes_without_a_change_are_silence():
    seen = looks(Watch(), [0] * 12)
    assert seen[:8] == [None] * 8
    assert seen[8] == timedelta(minutes=2)


def test_a_clock_that_stood_before_the_watchdog_came_is_believed_after_a_second_look():
    seen = looks(Watch(), [-3600] * 3)
    assert seen == [None, timedelta(minutes=60, seconds=15), timedelta(minutes=60, seconds=30)]
    assert looks(Watch(), [None] * 2)[1] is not None


@pytest.mark.parametrize("jump", [-86400, 86400])
def test_a_machine_whose_time_jumps_is_not_silence(jump):
    watch_ = Watch()
    looks(watch_, [0, 15, 30])
    later = [
        watch_.look(NOON + (n * 15 + jump) * SECOND, NOON + (n * 15 + jump) * SECOND, n * 15.0) for n in range(3, 9)
    ]
    assert set(later) == {None}


@pytest.fixture
def watched(published, sink, settings):
    settings.WATCHERS = ["ops@example.org"]
    beat(name="clock", now=published.now)
    return published


def at(monkeypatch, moment):
    monkeypatch.setattr(watch, "now", lambda: moment)


def test_people_are_told_once_an_hour_and_when_it_runs_again(watched, sink, monkeypatch):
    dog, told = Watch(), timedelta()
    for second in range(0, 2 * 3600 + 300, 15):
        at(monkeypatch, watched.now + second * SECOND)
        told = look_once(dog, float(second), told)
    lead = watched.clinic.service_lead.email
    assert [mail["To"] for mail in sink.mails] == ["ops@example.org", lead] * 3
    assert "stands still" in sink.mails[0]["Subject"]
    assert "2 minutes" in sink.mails[0].get_content()
    assert "/clinic/" in sink.mails[0].get_content()
    beat(name="clock", now=watched.now + 7600 * SECOND)
    at(monkeypatch, watched.now + 7600 * SECOND)
    told = look_once(dog, 7600.0, told)
    assert "runs again" in sink.mails[-1]["Subject"]
    assert "2 hours" in sink.mails[-1].get_content()
    count = len(sink.mails)
    beat(name="clock", now=watched.now + 7610 * SECOND)
    look_once(dog, 7615.0, told)
    assert len(sink.mails) == count
    assert Heartbeat.objects.filter(name="watchdog").exists()


def test_a_mail_that_does_not_leave_is_tried_at_the_next_look(watched, sink, monkeypatch):
    dog, told = Watch(), timedelta()
    sink.mood = "busy"
    for second in range(0, 180, 15):
        at(monkeypatch, watched.now + second * SECOND)
        told = look_once(dog, float(second), told)
    assert not sink.mails
    sink.mood = "take"
    look_once(dog, 180.0, told)
    assert len(sink.mails) == 2


def test_a_database_that_is_away_is_silence_and_the_addresses_are_kept(watched, sink, monkeypatch, caplog):
    dog, told = Watch(), timedelta()
    at(monkeypatch, watched.now)
    told = look_once(dog, 0.0, told)

    def away(*_):
        raise OperationalError("zqsecret")

    monkeypatch.setattr(watch, "last_beat", away)
    for second in range(15, 180, 15):
        told = look_once(dog, float(second), told)
    assert {mail["To"] for mail in sink.mails} == {"ops@example.org", watched.clinic.service_lead.email}
    assert "zqsecret" not in neutral(caplog)


# --- the commands -----------------------------------------------------------------------------------------------


@pytest.fixture
def site(settings, tmp_path):
    settings.CHECKPOINT_FOLDER, settings.ACCORD_EMAIL = tmp_path / "checkpoints", f"file:{tmp_path / 'mail'}"
    return tmp_path


def test_accord_clock_once_says_what_was_done(site, published):
    result = CliRunner().invoke(clock_command, ["--once"])
    assert result.exit_code == 0, result.output
    assert "escalate-alerts: done" in result.output


def test_accord_clock_once_says_what_failed(site, published, monkeypatch):
    broken, _ = counting("broken", 1, error=ValueError())
    monkeypatch.setattr(runner, "run_once", lambda: _ticked(broken))
    result = CliRunner().invoke(clock_command, ["--once"])
    assert "broken: failed (ValueError)" in result.output
    assert "1 of 1 jobs failed" in str(result.exception)


def _ticked(job):
    rounds = Round([job])
    rounds.tick(NOON, 0.0)
    return rounds


def test_once_and_watch_exclude_each_other():
    result = CliRunner().invoke(clock_command, ["--once", "--watch"])
    assert isinstance(result.exception, BadInput)


def test_accord_audit_verify_says_that_all_is_whole(site, published):
    write_checkpoint(folder=site / "checkpoints", now=NOON)
    result = CliRunner().invoke(audit_command, ["verify"])
    assert result.exit_code == 0
    assert "The audit is as it was written." in result.output
    told = json.loads(CliRunner().invoke(audit_command, ["verify", "--json"]).output)
    assert set(told) == {"ok", "streams", "entries", "checkpoints", "last_checkpoint", "faults", "restores_accepted"}
    assert told["ok"]
    assert told["checkpoints"] == 1


def test_accord_audit_verify_names_what_was_tampered_with(site, published):
    write_checkpoint(folder=site / "checkpoints", now=NOON)
    with transaction.atomic():
        record(stream="person:x", action="a", resource="b", resource_id=1, by=None, now=NOON)
    write_checkpoint(folder=site / "checkpoints", now=NOON)
    (site / "checkpoints" / "000000.jsonl").write_text("{}\n")
    result = CliRunner().invoke(audit_command, ["verify"])
    assert result.exit_code == 2
    assert "damaged, or was not written by this service" in result.output
    assert "Tampering was found." in result.output


def test_a_folder_of_checkpoints_that_is_not_there_is_said(site, db):
    result = CliRunner().invoke(audit_command, ["verify", "--checkpoints", str(site / "none")])
    assert isinstance(result.exception, BadInput)


def test_the_clock_is_a_process_that_stops_when_it_is_asked_to(tmp_path):
    """The real command in a process of its own, on a database without tables: waits, and ends by a signal."""
    given = {**os.environ, "ACCORD_DATA": str(tmp_path), "ACCORD_MODE": "demo", "ACCORD_DATABASE": ""}
    given["DJANGO_SETTINGS_MODULE"] = "accord.service.config.settings"
    accord = [sys.executable, "-c", "from accord.cli.main import main; main()"]
    clock = subprocess.Popen([*accord, "clock"], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert clock.stdout
        assert "Waits until accord serve" in clock.stdout.readline()
        clock.send_signal(signal.SIGTERM)
        clock.communicate(timeout=60)
    finally:
        clock.kill()
    assert clock.returncode == 0
