"""`accord protocols`: what it prints, its exit codes, and keys that stand in the reference."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tiny_protocol import GOOD, as_text

from accord.cli.main import main

REFERENCE = (Path(__file__).parents[3] / "docs/reference/protocols.md").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", REFERENCE))))


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def accord(monkeypatch, capsys) -> Callable[..., Done]:
    """The command as a person types it, in this process."""

    def run(*arguments: str, site: Path | None = None) -> Done:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("ACCORD_SITE", str(site or ""))
        monkeypatch.setattr(sys, "argv", ["accord", "protocols", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out = capsys.readouterr()
        return Done(int(end.value.code or 0), out.out, out.err)

    return run


def keys(value: object) -> set[str]:
    """Every key of an object of fixed shape; names of arms and of sources are the protocol's, not keys of ours."""
    if isinstance(value, list):
        return {key for entry in value for key in keys(entry)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {key for name in value if name not in ("arms", "sources") for key in keys(value[name])}


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("check", "integro"), ("show", "mair"), ("schedule", "therapist-factors")],
    ids=lambda arguments: arguments[0],
)
def test_json_is_one_object_whose_keys_are_documented(accord, arguments):
    done = accord(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    undocumented = sorted(keys(found) - DOCUMENTED)
    assert undocumented == []


def test_show_prints_both_lists_with_their_counts(accord):
    done = accord("show", "routine-care")
    found = json.loads(accord("show", "routine-care", "--json").stdout)
    assert f"Read in a source: {len(found['sourced'])} statements" in done.stdout
    assert f"Assumed: {len(found['assumed'])} statements" in done.stdout
    assert found["unmarked"] == []
    assert "[dear2023, abstract]" in done.stdout


def test_check_prints_burden_and_false_alarms(accord):
    done = accord("check", "routine-care")
    assert done.returncode == 0
    assert "longest sitting is post, patient" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["baseline", "patient", "51", "6.0", "8.5"] in rows  # 51 items x 7 s, x 10 s on a bad day
    assert "of stable patients would be called worse at least once" in done.stdout
    assert "routine-care: no errors" in done.stdout


def test_a_broken_protocol_of_the_site_leaves_with_2_and_its_line(accord, tmp_path):
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "tiny.yaml").write_text(as_text(GOOD).replace("session:4", "session:9"))
    done = accord("check", "tiny", site=tmp_path)
    assert done.returncode == 2
    line = next(n for n, text in enumerate((folder / "tiny.yaml").read_text().split("\n"), 1) if "session:9" in text)
    assert f"tiny.yaml, line {line}: session_4 counts from session:9, but one has 8 planned sessions." in done.stdout
    assert json.loads(accord("check", "tiny", "--json", site=tmp_path).stdout)["ok"] is False
    assert accord("list", site=tmp_path).returncode == 0


def test_list_names_a_file_that_cannot_be_read_and_goes_on(accord, tmp_path):
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "broken.yaml").write_text("protocol: [\n")
    done = accord("list", "--json", site=tmp_path)
    entries = {entry["protocol"]: entry for entry in json.loads(done.stdout)["protocols"]}
    assert "not valid YAML" in entries["broken"]["error"]
    assert entries["mair"]["target"] == 41


@pytest.mark.parametrize("command", ["check", "show", "schedule"])
@pytest.mark.parametrize("name", ["nobody", "nowhere/at-all.yaml", ""])
def test_an_unknown_protocol_is_one_line_on_standard_error(accord, command, name):
    done = accord(command, name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("accord: There is no protocol")
    assert "Traceback" not in done.stderr


def test_schedule_draws_a_picture(accord, tmp_path):
    target = tmp_path / "schedule.svg"
    done = accord("schedule", "mair", "--out", str(target))
    assert done.returncode == 0
    assert ElementTree.parse(target).getroot().tag.endswith("svg")
    assert "After the groups" in done.stdout
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("target", ["schedule.png", "missing/schedule.svg"])
def test_a_picture_that_cannot_be_written_leaves_nothing_behind(accord, tmp_path, target):
    done = accord("schedule", "mair", "--out", str(tmp_path / target))
    assert done.returncode == 2
    assert done.stderr.startswith("accord: ")
    assert list(tmp_path.iterdir()) == []
