"""`accord clock --until`: real processes; where it is refused, what it prints, what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from plugins.servers import ACCORD

NO_PEOPLE = "from accord.service.demo import cast; cast.CAST = (); from accord.cli.serve import prepare; prepare()"


def environment(data, **more: str) -> dict[str, str]:
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": str(data), **more}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    return given


def run(*words: str, data, **more: str) -> subprocess.CompletedProcess[str]:
    command = [ACCORD, "clock", *words]
    return subprocess.run(
        command, env=environment(data, **more), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A demonstration with its staff and nobody else."""
    import sys

    data = tmp_path_factory.mktemp("clinic") / "site"
    code = f"from accord.cli.service import set_up_service; set_up_service(); {NO_PEOPLE}"
    subprocess.run([sys.executable, "-c", code], env=environment(data), check=True)
    return data


def offset(data) -> int:
    with closing(sqlite3.connect(data / "accord.sqlite3")) as database:
        return int(database.execute("select offset_seconds from demo_demonstration").fetchone()[0])


def a_day(ahead: int, data) -> str:
    """The day so many days after the one that the demonstration has come to."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset(data) + ahead * 86_400))


def test_one_object_on_standard_output_and_progress_beside_it(site):
    result = run("--until", a_day(9, site), "--json", data=site)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert sorted(told) == [
        "arrived", "failing", "from", "jobs", "mails", "reached", "steps", "until", "zone",
    ]  # fmt: skip
    assert told["arrived"] is True
    assert told["reached"] >= told["until"]
    assert told["steps"] >= 8 * 24
    assert "…" in result.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--until", "2001-01-01"), "has passed"),
        (("--until", "2999-01-01"), "two years"),
        (("--until", "tomorrow"), "no day"),
        (("--until", "2999-01-01", "--once"), "exclude each other"),
        (("--json",), "belongs to --until"),
    ],
)
def test_what_cannot_be_is_refused_in_words(site, words, part):
    before = offset(site)
    result = run(*words, data=site)
    assert result.returncode == 2
    assert part in result.stderr
    assert "Traceback" not in result.stderr
    assert offset(site) == before


def test_a_clinic_and_a_database_without_the_mark_keep_the_worlds_time(tmp_path):
    production = run("--until", "2999-01-01", data=tmp_path / "a", ACCORD_MODE="production")
    unmarked = run("--until", "2999-01-01", data=tmp_path / "b")
    assert production.returncode == unmarked.returncode == 2
    assert "time of the world" in production.stderr
    assert "no mark of a demonstration" in unmarked.stderr


def test_ctrl_c_leaves_time_where_it_was_and_the_database_whole(site):
    before = offset(site)
    process = subprocess.Popen(
        [ACCORD, "clock", "--until", a_day(700, site)], env=environment(site), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while offset(site) == before and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the rest is still ahead" in out
    assert "Traceback" not in err
    with closing(sqlite3.connect(site / "accord.sqlite3")) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        noted = database.execute("select action from audit_entry where resource = 'demonstration' order by rowid")
        assert [action for (action,) in noted][-2:] == ["travel", "arrive"]
    assert run("--until", a_day(2, site), data=site).returncode == 0
