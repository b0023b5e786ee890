"""`accord simulate`: what it writes and says, and what it refuses with nothing left behind."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.science.cohort import read_cohort
from accord.science.protocols import load_protocol, protocol_document, protocol_hash

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "simulate.md").read_text(encoding="utf-8")


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["accord", "simulate", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_a_cohort_is_written_and_said_to_be_invented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "MAIR", "-n", 30, "--seed", 4, "--out", tmp_path / "c") == 0
    said = capsys.readouterr().out
    assert "Invented" in said
    assert "30 enrolled of" in said
    cohort = read_cohort(tmp_path / "c")
    assert cohort.origin == "simulated"
    assert cohort.manifest.n == 30
    assert cohort.manifest.seed == 4
    assert cohort.manifest.protocol_hash == protocol_hash(protocol_document("mair").text)
    assert cohort.truth["contrast_g.fiq.total.post.mair_relaxation"] == pytest.approx(1.0, abs=0.01)


def test_json_has_the_documented_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "mair", "-n", 5, "--out", tmp_path / "c", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert found["referred"] == found["tables"]["participants"] - 20  # the reference group was not referred


def test_without_n_as_many_as_the_protocol_plans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "integro", "--out", tmp_path / "c", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == load_protocol("integro").sample_size.n


def test_chunks_are_written_with_a_bar_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["accord.science.simulation.simulate"], "CHUNK", 40)
    assert run(monkeypatch, "mair", "-n", 100, "--out", tmp_path / "c", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["n"] == 100
    assert "inventing 100 people" in err
    cohort = read_cohort(tmp_path / "c")
    assert cohort.table("allocation").height == 100
    assert len(list((tmp_path / "c" / "scores").iterdir())) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mair", "-n", 0], "at least 1"),
        (["mair", "-n", 99_000_000], "several cohorts"),
        (["mair", "--seed", -2], "negative"),
        (["marr"], "Did you mean mair"),
        (["no/such/file.yaml"], "no protocol file"),
        (["mair", "-n", "many"], "valid integer"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[object], says: str
) -> None:
    assert run(monkeypatch, *words, "--out", tmp_path / "c") == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_protocol_without_the_block_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = protocol_document("mair").text
    (tmp_path / "bare.yaml").write_text(re.sub(r"(?ms)^simulate:.*?(?=^\S|\Z)", "", text), encoding="utf-8")
    assert run(monkeypatch, tmp_path / "bare.yaml", "--out", tmp_path / "c") == 2
    assert "simulate:" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_a_full_folder_is_refused_before_the_work_unless_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert run(monkeypatch, "mair", "-n", 5, "--out", folder) == 2
    assert "not empty" in capsys.readouterr().err
    assert run(monkeypatch, "mair", "-n", 5, "--out", folder, "--force") == 0
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert read_cohort(folder).manifest.n == 5
    assert run(monkeypatch, "mair", "-n", 5, "--out", folder / "mine.txt") == 2
