"""`accord serve`, `manage` and `doctor`: every refusal in words, with a cure and the right exit code; nothing begun."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from plugins.postgres import free_port
from plugins.servers import ACCORD, Server
from plugins.visitor import Visitor


def run(*words: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(data), **environment}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run([ACCORD, *words], env=given, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("clinic") / "site", clock=False)
    server.start()
    yield server
    server.stop()


def test_it_says_both_addresses(clinic):
    assert f"http://127.0.0.1:{clinic.port}" in clinic.log
    assert f"http://localhost:{clinic.port}" in clinic.log


def test_the_crisis_page_is_kept_as_a_file_for_the_proxy(clinic):
    page = clinic.data / "static" / "help.html"
    assert page.read_bytes() == Visitor(clinic.url).get("/help").body
    assert stat.S_IMODE(page.stat().st_mode) == 0o644
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o755


def test_a_taken_port_is_told_before_anything_is_begun(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port), data=tmp_path / "site")
    assert result.returncode == 3
    assert f"Port {port}" in result.stderr
    assert f"--port {port + 1}" in result.stderr
    assert not (tmp_path / "site" / "accord.sqlite3").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_demonstration_opens_on_this_machine_only(tmp_path, host):
    result = run("serve", "--host", host, data=tmp_path)
    assert result.returncode == 2
    assert "this machine only" in result.stderr


def test_a_data_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("serve", data=tmp_path / "file" / "site")
    assert result.returncode == 3
    assert "ACCORD_DATA" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_to(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "keys.json").write_text(
        json.dumps({"secret": "s" * 50, "audit": "00", "commitment": "00", "fields": {"k": "00"}})
    )
    site.chmod(0o500)
    # Root may write anywhere, so the right to is taken away with the capability.
    command = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", ACCORD, "serve"]
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(site)}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    words = command if os.geteuid() == 0 else command[-2:]
    result = subprocess.run(words, env=given, capture_output=True, text=True, check=False, timeout=60)
    site.chmod(0o700)
    assert result.returncode == 3, result.stderr
    assert "cannot be written to" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("mysql://u:p@localhost/x", 2, "postgresql://"),
        (f"postgresql://u:p@127.0.0.1:{free_port()}/x", 3, "does not answer"),
    ],
    ids=["unknown kind", "nobody answers"],  # the port is another one in every process
)
def test_an_unknown_database(tmp_path, address, code, words):
    result = run("serve", "--port", str(free_port()), data=tmp_path, ACCORD_DATABASE=address)
    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_backup_waits_for_a_long_import_where_others_say_that_it_holds_the_database(clinic, tmp_path):
    held = sqlite3.connect(clinic.data / "accord.sqlite3", isolation_level=None, timeout=60)
    held.execute("BEGIN EXCLUSIVE")
    backup = subprocess.Popen(
        [ACCORD, "backup", "--out", str(tmp_path / "one.backup")], env=clinic.environment, stderr=subprocess.PIPE
    )
    refused = run("audit", "verify", data=clinic.data)  # which waits as long as a page does
    assert refused.returncode == 3, refused.stderr
    assert "is held by somebody who writes" in refused.stderr
    assert "ACCORD_DATA" not in refused.stderr
    assert backup.poll() is None
    held.execute("ROLLBACK")
    held.close()
    _out, said = backup.communicate(timeout=120)
    assert backup.returncode == 0, said
    assert (tmp_path / "one.backup").is_file()


@pytest.mark.postgres
def test_a_database_of_that_name_does_not_exist(tmp_path):
    from plugins.postgres import postgres

    with postgres() as cluster:
        address = cluster.make("there").replace("/there", "/not_there")
        result = run("serve", "--port", str(free_port()), data=tmp_path, ACCORD_DATABASE=address)
    assert result.returncode == 2
    assert "createdb not_there" in result.stderr


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_a_missing_extra_names_the_pip_line(tmp_path, command):
    code = "import sys; sys.modules['django'] = None; from accord.cli.main import main; main()"
    given = {**os.environ, "ACCORD_DATA": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", code, command], env=given, capture_output=True, text=True, check=False
    )
    assert result.returncode == 3, result.stderr
    assert "pip install 'accord[service]'" in result.stderr


def test_a_clinics_database_is_not_opened_as_a_demonstration(tmp_path):
    site = tmp_path / "site"
    assert run("manage", "migrate", data=site).returncode == 0
    with sqlite3.connect(site / "accord.sqlite3") as database:
        columns = "id, name, country, region, time_zone, hours, on_call, phone, opened_at"
        values = "('0'||hex(randomblob(15)), 'North', 'GB', '', 'UTC', '{}', 0, '', '2026-01-01')"
        database.execute(f"insert into people_clinic ({columns}) values {values}")
    result = run("serve", "--port", str(free_port()), data=site)
    assert result.returncode == 2
    assert "no mark of a demonstration" in result.stderr


def test_a_demonstration_is_not_opened_as_a_clinic(clinic, tmp_path):
    site = signed_site(tmp_path)
    result = run(
        "serve", "--port", str(free_port()), data=clinic.data,
        ACCORD_MODE="production", ACCORD_HOSTS="pain.example", ACCORD_SITE=str(site),
    )  # fmt: skip
    assert result.returncode == 2
    assert "marked as a demonstration" in result.stderr


def test_a_clinic_says_the_address_that_people_use(tmp_path):
    server = Server(
        tmp_path / "data", clock=False, ACCORD_MODE="production", ACCORD_HOSTS="pain.example",
        ACCORD_SITE=str(signed_site(tmp_path)), ACCORD_EMAIL=f"file:{tmp_path / 'mails'}",
    )  # fmt: skip
    server.start()
    try:
        assert "Accord is open: https://pain.example, where the proxy" in server.log
        assert "localhost" not in server.log
        assert stat.S_IMODE((server.data / "static" / "help.html").stat().st_mode) == 0o644
    finally:
        server.stop()


def test_production_does_not_open_unsigned(tmp_path):
    result = run("serve", "--port", str(free_port()), data=tmp_path, ACCORD_MODE="production")
    assert result.returncode == 2
    for words in ("ACCORD_HOSTS", "safety ladder", "crisis page"):
        assert words in result.stderr
    assert (tmp_path / "accord.sqlite3").stat().st_size == 0


def signed_site(folder: Path) -> Path:
    """A site's own content whose ladder and crisis page a clinician has signed."""
    from accord.science.definitions import content_files

    site = folder / "content"
    for kind, status in (("ladders", "date"), ("crisis", "on")):
        (site / kind).mkdir(parents=True)
        for path in content_files(kind, "*.yaml", site=None).values():
            signature = f"signed: {{by: A. Clinician, role: psychologist, {status}: 2026-11-01}}"
            text = path.read_text().replace("status: proposal", "status: signed").replace("signed: null", signature)
            (site / kind / path.name).write_text(text)
    return site


def test_the_doctor_says_what_is_missing_and_nothing_when_nothing_is(tmp_path):
    unsigned = json.loads(run("doctor", "--json", data=tmp_path, ACCORD_MODE="production").stdout)
    assert not unsigned["ready"]
    assert {"names", "ladder", "crisis"} <= {one["id"] for one in unsigned["findings"]}
    ready = {
        "ACCORD_MODE": "production", "ACCORD_HOSTS": "pain.example", "ACCORD_EMAIL": "smtp://localhost:25",
        "ACCORD_SITE": str(signed_site(tmp_path)),
    }  # fmt: skip
    assert run("manage", "migrate", data=tmp_path, **ready).returncode == 0
    result = run("doctor", "--json", data=tmp_path, **ready)
    told = json.loads(result.stdout)
    left = {one["id"] for one in told["findings"] if one["severity"] == "mend"}
    assert left == {"programme", "wording", "clock", "backup", "clinic"}, "nothing of what stops accord serve"
    assert result.returncode == 2
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    (tmp_path / "keys.json").chmod(0o644)
    assert "chmod 600" in run("doctor", data=tmp_path, **ready).stdout


def test_the_clock_and_the_watchdog_wait_for_the_tables(tmp_path):
    """They start together with the process that makes the tables, and nothing fails meanwhile."""
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(tmp_path / "site")}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    told = {word: tmp_path / word for word in ("clock", "--watch")}
    begun = [
        subprocess.Popen(
            list(dict.fromkeys([ACCORD, "clock", word])), env=given, stdout=out.open("wb"), stderr=subprocess.STDOUT
        )
        for word, out in told.items()
    ]
    try:
        until(lambda: all("Waits until" in out.read_text() for out in told.values()))
        with closing(sqlite3.connect(tmp_path / "site" / "accord.sqlite3")) as held:  # longer than they wait for a lock
            held.execute("BEGIN EXCLUSIVE")
            time.sleep(7)
        assert run("manage", "migrate", data=tmp_path / "site").returncode == 0
        until(lambda: "The clock runs." in told["clock"].read_text())
        until(lambda: "Nobody would be told" in told["--watch"].read_text())
        time.sleep(2)
        assert [one.poll() for one in begun] == [None, None]
    finally:
        for one in begun:
            one.terminate()
        assert [one.wait(30) for one in begun] == [0, 0]
    assert not any(bad in out.read_text() for out in told.values() for bad in ("ERROR", "Traceback"))


def until(there, seconds: int = 120) -> None:
    for _ in range(seconds * 5):
        if there():
            return
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} seconds")


def test_keys_are_made_once_when_several_start_at_once(tmp_path):
    data = tmp_path / "site"
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(data)}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    code = "from accord.service.config.environment import read_environment as r; print(r().keys['secret'])"
    many = [subprocess.Popen([sys.executable, "-c", code], env=given, stdout=subprocess.PIPE) for _ in range(6)]
    assert len({one.communicate(timeout=60)[0] for one in many}) == 1
    assert [one.returncode for one in many] == [0] * 6
    assert [path.name for path in data.iterdir()] == ["keys.json"]
    assert stat.S_IMODE((data / "keys.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words",
    [("clock", "--once"), ("backup", "--out", "kept.backup"), ("audit", "verify"),
     ("staff", "open-clinic", "--name", "A", "--country", "GB", "--zone", "UTC", "--hours", "Mon 09:00-17:00"),
     ("export", "--protocol", "routine-care", "--out", "out", "--purpose", "To see who starts and who does not.")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_earlier_tables_and_none_are_told_apart_and_nothing_is_begun(tmp_path, words):
    assert run(*words, data=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == [], "no keys and no database in a place that was never opened"
    assert run("manage", "migrate", "people", data=tmp_path).returncode == 0
    result = run(*words, data=tmp_path)
    assert result.returncode == 2, result.stderr
    assert "of an earlier version" in result.stderr
    assert "accord serve" in result.stderr
    (tmp_path / "accord.sqlite3").unlink()
    result = run(*words, data=tmp_path)
    assert result.returncode == 2, result.stderr
    assert "has no tables of Accord" in result.stderr


def test_manage_passes_on_and_words_a_wrong_command(tmp_path):
    assert "no issues" in run("manage", "check", data=tmp_path).stdout
    result = run("manage", "no_such_command", data=tmp_path)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr


def test_a_second_start_keeps_everything(clinic):
    before = clinic.ask("from accord.service.people.queries import clinics; print(clinics()[0].pk)")
    clinic.stop()
    clinic.start()
    assert clinic.ask("from accord.service.people.queries import clinics; print(clinics()[0].pk)") == before


def test_no_path_and_no_value_in_the_log(clinic):
    visitor = Visitor(clinic.url)
    visitor.get("/nowhere/canary-in-a-path?name=canary-in-a-parameter")
    page = visitor.get("/demo/")
    visitor.post(page.form(to="/enter/therapist/"), csrfmiddlewaretoken="canary-in-a-body")
    assert "canary" not in clinic.log
    assert "nowhere" not in clinic.log


@pytest.mark.parametrize("said", [True, False])
def test_a_body_without_end_is_not_read(clinic, said):
    body = b"text=" + b"a" * (9 * 1024 * 1024)
    head = b"POST /demo/time/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    length = f"Content-Length: {len(body)}\r\n\r\n".encode() if said else b"Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", clinic.port), timeout=20) as wire:
        wire.sendall(head + length)
        try:
            for start in range(0, len(body), 65536):
                piece = body[start : start + 65536]
                wire.sendall(piece if said else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        except OSError:
            pass  # it hung up while we were still talking, which is the point
        try:
            answer = wire.recv(4096)
        except OSError:
            answer = b"413"
    assert b"413" in answer


def test_the_door_needs_the_mark_a_post_and_a_token(clinic):
    visitor = Visitor(clinic.url)
    assert visitor.get("/demo/enter/therapist/").status == 405
    assert visitor.send("POST", "/demo/enter/therapist/", b"").status == 403
    assert visitor.get("/demo/").status == 200
    code = "from django.apps import apps; apps.get_model('demo', 'Demonstration').objects.all().{}"
    clinic.ask(code.format("delete()"))
    try:
        assert visitor.get("/demo/").status == 404
    finally:
        clinic.ask(
            "from django.apps import apps; from accord.service.now import now;"
            "apps.get_model('demo', 'Demonstration').objects.create(pk=1, made_at=now())"
        )
    assert visitor.get("/demo/").status == 200
