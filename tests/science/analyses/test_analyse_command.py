"""`accord analyse`: one page, one object, one clear message."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import made_up

from accord.cli.main import accord
from accord.science.cohort import write_cohort
from accord.science.errors import AccordError

REFERENCE = Path(__file__).parents[3] / "docs/reference/analyse.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cohort") / "c"
    write_cohort(made_up("integro", n=40), place)
    return place


def run(*arguments):
    return CliRunner().invoke(accord, ["analyse", *map(str, arguments)], catch_exceptions=True)


def test_prints_the_lead_and_the_path(folder, tmp_path):
    found = run("integro", "--cohort", folder, "--out", tmp_path / "r")
    assert found.exit_code == 0
    lines = found.output.strip().splitlines()
    assert lines[-1] == f"Report: {tmp_path / 'r' / 'report-invented.html'}"
    assert Path(lines[-1].removeprefix("Report: ")).is_file()
    assert "No comparison group: part of this would have happened anyway." in lines


def test_json_is_one_object_with_the_documented_keys(folder, tmp_path):
    found = run("integro", "--cohort", folder, "--out", tmp_path / "r", "--json")
    printed = json.loads(found.stdout)
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", REFERENCE.read_text(), re.MULTILINE))
    assert set(printed) <= documented
    assert {"report", "files", "out", "lead", "estimates", "sections", "protocol_hash"} <= set(printed)
    assert all(Path(file).is_file() for file in printed["files"])
    assert set(printed["estimates"][0]) <= documented


def test_every_kind_of_estimate_is_documented(folder, tmp_path):
    """The first word of each id stands in the reference, whichever protocol made it."""
    from accord.science.analyses import analyse
    from accord.science.protocols import load_protocol

    text = REFERENCE.read_text()
    documented = set(re.findall(r"^\| `([a-z_]+)\.", text, re.MULTILINE))
    kinds = set()
    for slug in ("routine-care", "integro", "mair", "guided-icbt", "therapist-factors"):
        kinds |= {e.id.partition(".")[0] for e in analyse(load_protocol(slug), made_up(slug, n=40)).estimates}
    assert kinds <= documented, kinds - documented


def test_a_full_folder_is_refused_before_the_work_and_kept(folder, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    found = run("integro", "--cohort", folder, "--out", tmp_path)
    assert isinstance(found.exception, AccordError)
    assert "not empty" in str(found.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    assert run("integro", "--cohort", folder, "--out", tmp_path, "--force").exit_code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(("arguments", "message"), [
    (("integr", "--cohort", "{c}"), "integro"),
    (("mair", "--cohort", "{c}"), "Nobody in this cohort is in an arm of the protocol 'mair'"),
    (("integro", "--cohort", "{c}/nowhere"), "There is no folder"),
])  # fmt: skip
def test_one_message_and_nothing_written(folder, tmp_path, arguments, message):
    found = run(*(a.format(c=folder) for a in arguments), "--out", tmp_path / "r")
    assert isinstance(found.exception, AccordError)
    assert found.exception.exit_code == 2
    assert message in str(found.exception)
    assert not (tmp_path / "r").exists()
