"""`accord instruments` and `accord score`, as somebody at a terminal or a script meets them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from accord.cli.main import main
from accord.science.instruments import instrument_ids

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "instruments.md"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `accord …` in a folder of its own: (exit code, standard output, standard error)."""
    monkeypatch.delenv("ACCORD_SITE", raising=False)
    monkeypatch.chdir(tmp_path)

    def runner(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accord", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return runner


def documented(command: str) -> set[str]:
    """The keys that the reference lists for the `--json` of a command."""
    text = REFERENCE.read_text(encoding="utf-8")
    part = text.split(f"`{command}`:", 1)[1].split("\n\n`accord", 1)[0].split("\n## ", 1)[0]
    return set(re.findall(r"`([a-z_]+)`", part))


def keys_of(value: Any) -> set[str]:
    """All keys of a JSON value, of lists of objects too; maps whose keys are data are left out."""
    if isinstance(value, list):
        return set().union(*(keys_of(entry) for entry in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    data = {"options", "scores", "reliable_change", "minimal_important_change", "bands", "cutoffs"}
    inner = [keys_of(entry) for key, entry in value.items() if key not in data]
    return set(value).union(*inner) if inner else set(value)


def phq(tmp_path: Path, *rows: str, name: str = "answers.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(["id," + ",".join(f"item_{n}" for n in range(1, 10)), *rows, ""]), encoding="utf-8")
    return path


def test_list_as_json_has_the_documented_keys(run: Run) -> None:
    code, out, _ = run("instruments", "list", "--json")
    listed = json.loads(out)
    assert code == 0
    assert [entry["id"] for entry in listed["instruments"]] == instrument_ids()
    assert keys_of(listed) == documented("accord instruments list")


def test_list_for_people_marks_what_is_not_verified(run: Run) -> None:
    code, out, _ = run("instruments", "list")
    assert code == 0
    assert re.search(r"asq .*not verified", out)
    assert re.search(r"safety_check .*own", out)


def test_show_as_json_has_the_documented_keys(run: Run) -> None:
    code, out, _ = run("instruments", "show", "PHQ-9", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["id"] == "phq_9"
    assert keys_of(shown) == documented("accord instruments show") | documented("accord instruments list") - {
        "instruments"
    }
    scale = shown["scale_details"][0]
    assert [band["low"] for band in scale["bands"]] == [0, 5, 10, 15, 20]
    assert scale["reliable_change"]["basis"] == "convention"


def test_show_for_people_prints_people_behind_cutoffs_and_the_mark(run: Run) -> None:
    _, out, _ = run("instruments", "show", "pcs")
    assert "cut-off 30: 75th percentile of the sample; injured workers, Canada" in out
    assert "NOT VERIFIED" in run("instruments", "show", "asq")[1]
    assert "SERVICE CONVENTION" in run("instruments", "show", "phq_9.total")[1]
    assert "not scored: the key" in run("instruments", "show", "wai_sr_t")[1]


def test_check_holds_and_has_the_documented_keys(run: Run) -> None:
    code, out, _ = run("instruments", "check", "asq", "PEG", "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["ok"], report["checked"]) == (True, ["asq", "peg"])
    assert report["findings"][0]["warning"] is True
    assert keys_of(report) == documented("accord instruments check")


def test_check_of_a_broken_definition_leaves_with_2(
    run: Run, monkeypatch: pytest.MonkeyPatch, site: Path, write: Callable[..., str]
) -> None:
    write(("expect: {total: null}", "expect: {total: 0}"))
    monkeypatch.setenv("ACCORD_SITE", str(site))
    code, out, err = run("instruments", "check", "mood_2")
    assert (code, out) == (2, "")
    assert "instruments/mood_2.yaml, line 19: example 'one missing'" in err
    code, out, err = run("instruments", "check", "mood_2", "--json")
    assert (code, json.loads(out)["ok"], err) == (2, False, "")


@pytest.mark.parametrize(
    "words", [("instruments", "show", "nothing"), ("score", "nothing", "x"), ("score", "phq_9", "x.csv")]
)
def test_a_wrong_name_is_one_line_and_2(run: Run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("accord: ")
    assert "Traceback" not in err


def test_a_site_that_is_no_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_SITE", "/nowhere/at/all")
    code, _, err = run("instruments", "list")
    assert code == 2
    assert "ACCORD_SITE names /nowhere/at/all" in err


def test_score_prints_csv(run: Run, tmp_path: Path) -> None:
    path = phq(tmp_path, "a,1,1,1,1,1,1,1,1,", "b,3,3,3,3,3,3,3,3,3")
    code, out, err = run("score", "PHQ-9", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "id,total,answered,valid,band,note", "a,9.0,8,true,mild,item 9: not answered", "b,27.0,9,true,severe,"
    ]  # fmt: skip


def test_score_as_json_has_the_documented_keys(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("score", "phq_9", str(phq(tmp_path, "a,1,1,1,1,1,1,1,1,1")), "--json")
    report = json.loads(out)
    assert code == 0
    assert keys_of(report) == documented("accord score")
    assert report["scores"] == [
        {"id": "a", "total": 9.0, "answered": 9, "valid": True, "band": "mild", "note": None}
    ]  # fmt: skip
    assert report["scales"][0]["ref"] == "phq_9.total"


@pytest.mark.parametrize("name", ["scores.csv", "scores.parquet"])
def test_score_into_a_file(run: Run, tmp_path: Path, name: str) -> None:
    code, out, _ = run("score", "phq_9", str(phq(tmp_path, "a,1,1,1,1,1,1,1,1,1")), "--out", name)
    assert code == 0
    assert "1 scored" in out
    written = pl.read_csv(tmp_path / name) if name.endswith("csv") else pl.read_parquet(tmp_path / name)
    assert written["total"].to_list() == [9.0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv", name]


def test_nothing_is_written_when_a_late_row_is_wrong(run: Run, tmp_path: Path) -> None:
    path = phq(tmp_path, *[f"p{n},1,1,1,1,1,1,1,1,1" for n in range(50)], "z,1,1,1,1,1,1,1,1,4")
    (tmp_path / "old.csv").write_text("kept", encoding="utf-8")
    code, out, err = run("score", "phq_9", str(path), "--out", "old.csv")
    assert (code, out) == (2, "")
    assert "answers.csv, row 51, column item_9: found 4. Allowed is a whole number from 0 to 3, or empty." in err
    assert (tmp_path / "old.csv").read_text(encoding="utf-8") == "kept"
    assert not list(tmp_path.glob("*.part"))


def test_demonstration_wording_on_the_command_line(run: Run, tmp_path: Path) -> None:  # C6
    _, out, _ = run("score", "phq_9", str(phq(tmp_path, "a,3,3,3,3,3,3,3,3,3")), "--wording", "demo", "--json")
    report = json.loads(out)
    assert report["scales"][0]["ref"] == "demo:phq_9.total"
    assert report["scores"][0] == {
        "id": "a", "demo_total": 27.0, "answered": 9, "valid": True, "band": None, "note": None
    }  # fmt: skip


def test_a_file_with_two_possible_directions_must_say_which(run: Run, tmp_path: Path) -> None:  # correction 10
    path = tmp_path / "pgic.csv"
    path.write_text("id,item_1\na,1\nb,7\nc,\n", encoding="utf-8")
    code, _, err = run("score", "pgic", str(path))
    assert code == 2
    assert "Add --coding one_best (as in the definition) or --coding seven_best" in err
    assert "a,1.0,1,true,responder" in run("score", "pgic", str(path), "--coding", "one_best")[1]
    assert run("score", "pgic", str(path), "--coding", "seven_best")[1].splitlines()[1:] == [
        "a,7.0,1,true,not a responder", "b,1.0,1,true,responder", "c,,0,false,"
    ]  # fmt: skip
    assert run("score", "phq_9", str(phq(tmp_path, "a,1,1,1,1,1,1,1,1,1")), "--coding", "one_best")[0] == 2


def test_a_cell_is_never_run_as_a_formula(run: Run, tmp_path: Path) -> None:  # E23
    _, out, _ = run("score", "phq_9", str(phq(tmp_path, "=1+1,1,1,1,1,1,1,1,1,1", "-5,1,1,1,1,1,1,1,1,1")))
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == ["'=1+1", "-5"]


def test_a_file_without_keys_is_numbered(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("item_1,item_2,item_3\n1,2,3\n4,5,6\n", encoding="utf-8")
    assert run("score", "peg", str(path))[1].splitlines()[1:] == ["1,2.0,3,true,", "2,5.0,3,true,"]


def test_what_is_not_verified_is_said_beside_its_scores(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pdi.csv"
    path.write_text(",".join(f"item_{n}" for n in range(1, 8)) + "\n1,1,1,1,1,1,1\n", encoding="utf-8")
    code, out, err = run("score", "pdi", str(path), "--json")
    assert (code, json.loads(out)["verified"]) == (0, False)
    assert err.startswith("note: pdi is not verified")


@pytest.mark.parametrize("words", [("--wording", "mine"), ("--out", "scores.xlsx")])
def test_wrong_options(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out, err = run("score", "phq_9", str(phq(tmp_path, "a,1,1,1,1,1,1,1,1,1")), *words)
    assert (code, out) == (2, "")
    assert err.startswith("accord: --")


def test_progress_of_a_long_file_goes_to_standard_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.cli.score.LONG", 1)
    _, out, err = run("score", "phq_9", str(phq(tmp_path, "a,1,1,1,1,1,1,1,1,1")), "--json")
    assert json.loads(out)["rows"] == 1
    assert "scoring answers.csv" in err


def test_import_wording_needs_a_site(run: Run, tmp_path: Path) -> None:
    code, _, err = run("instruments", "import-wording", "pack.json")
    assert code == 2
    assert "Set ACCORD_SITE" in err


def test_import_wording_into_the_site(run: Run, tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_SITE", str(site))
    pack = tmp_path / "pack.csv"
    pack.write_text("item,text\n1,one\n2,two\n3,three\n", encoding="utf-8")
    words = ("--instrument", "peg", "--language", "it", "--version", "1", "--licence", "ours to use")
    code, out, _ = run("instruments", "import-wording", str(pack), *words, "--json")
    assert code == 0
    assert json.loads(out)["file"] == str(site / "wording" / "peg.it.json")
    assert set(json.loads(out)) == documented("accord instruments import-wording")
    assert json.loads(run("instruments", "show", "peg", "--json")[1])["wording"] == ["it"]
    assert "packs of the site: it" in run("instruments", "show", "peg")[1]
