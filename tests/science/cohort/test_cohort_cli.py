"""`accord cohort check|show|map`: exit codes, JSON keys as documented, and the stamp of invented data."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import polars as pl
import pytest

from accord.cli.main import main
from accord.science.cohort import Cohort, InlineScale, Manifest, write_cohort

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "cohort-format.md").read_text(encoding="utf-8")
MAPPING = """mapping: 1
title: A file
person: id
time: {column: visit, values: {1: baseline, 2: post}}
scales:
  mood.total: {name: Mood, minimum: 0, maximum: 10, direction: higher_worse, source: ours}
scores:
  - {scale: mood.total, column: mood}
"""


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["accord", "cohort", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scale = InlineScale(name="Mood", minimum=0, maximum=10, direction="higher_worse", source="ours")
    manifest = Manifest(origin="simulated", title="Two people", scales={"mood.total": scale}, seed=7)
    people = pl.DataFrame({"participant": ["a1", "b2"], "role": ["patient"] * 2})
    scores = pl.DataFrame(
        {
            "participant": ["a1", "b2", "a1"], "informant": ["patient"] * 3, "instrument": ["mood"] * 3,
            "scale": ["total"] * 3, "time_point": ["baseline", "baseline", "post"], "value": [7.0, None, 3.0],
        }
    )  # fmt: skip
    return write_cohort(Cohort(manifest, {"participants": people, "scores": scores}), tmp_path / "cohort")


def documented(command: str) -> set[str]:
    """The keys that the reference page lists for a command, and those of the lists within."""
    paragraph = next(part for part in PAGE.split("\n\n") if part.startswith(f"`accord cohort {command} DIR --json`"))
    return set(re.findall(r"`(\w+)`", paragraph)) - {"accord"}


def keys_of(value: object) -> set[str]:
    """All keys of an object and of the objects in its lists."""
    if isinstance(value, dict):
        inner = [one for key, one in value.items() if key not in ("people", "arms", "events", "tables")]
        return set(value) | {key for one in inner for key in keys_of(one)}
    return {key for one in value for key in keys_of(one)} if isinstance(value, list) else set()


def test_show_stamps_invented_data_at_the_top_and_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "show", folder) == 0
    out = capsys.readouterr().out
    assert out.count("Invented data: this cohort is simulated") == 2
    assert out.count("(invented data)") == 2
    assert "mood.total" in out


def test_show_json_has_the_documented_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "show", folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert keys_of(found) == documented("show")
    assert found["invented"] is True
    by_time = {row["time_point"]: (row["n"], row["missing"], row["mean"]) for row in found["scales"]}
    assert by_time == {"baseline": (1, 1, 7.0), "post": (1, 1, 3.0)}
    assert found["patterns"] == [
        {"answered": [], "people": 1}, {"answered": ["baseline", "post"], "people": 1},
    ]  # fmt: skip


def test_show_writes_the_missing_pattern_with_the_stamp_in_name_and_picture(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "show", folder, "--out", tmp_path / "missing.svg") == 0
    text = (tmp_path / "missing.invented.svg").read_text()
    assert text.startswith("<?xml")
    assert "var(--" not in text
    assert "nvented" in text
    assert run(monkeypatch, "show", folder, "--out", tmp_path / "missing.png") == 2


def test_check_of_a_good_cohort(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "check", folder) == 0
    out = capsys.readouterr().out
    assert "no errors, no warnings" in out
    assert "Invented data" in out


def test_check_of_a_bad_cohort_leaves_with_two_and_lists_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = pl.read_parquet(folder / "scores.parquet").with_columns(value=pl.lit(11.0), participant=pl.lit("zz"))
    wrong.write_parquet(folder / "scores.parquet")
    text = json.loads((folder / "cohort.json").read_text())
    (folder / "cohort.json").write_text(json.dumps({**text, "checksums": {}}))
    assert run(monkeypatch, "check", folder, "--json") == 2
    found = json.loads(capsys.readouterr().out)
    assert keys_of(found) == documented("check")
    assert found["ok"] is False
    assert {finding["column"] for finding in found["findings"]} == {"value", "participant"}


def test_map_writes_a_cohort_and_says_how_it_read_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "f.csv").write_text("id;visit;mood\na;1;7,5\na;2;4,5\n")
    words = ("map", tmp_path / "m.yaml", tmp_path / "f.csv", "--out", tmp_path / "c", "--made-on", "2026-01-31")
    assert run(monkeypatch, *words) == 0
    assert "columns by semicolon, decimal comma" in capsys.readouterr().out
    assert json.loads((tmp_path / "c" / "cohort.json").read_text())["made_on"] == "2026-01-31"
    assert run(monkeypatch, *words) == 2
    assert "not empty" in capsys.readouterr().err
    assert run(monkeypatch, *words, "--force", "--json") == 0
    assert set(json.loads(capsys.readouterr().out)) == {"out", "notes", "cohort"}


def test_map_that_fails_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "f.csv").write_text("id,visit,mood\na,1,77\n")
    assert run(monkeypatch, "map", tmp_path / "m.yaml", tmp_path / "f.csv", "--out", tmp_path / "c") == 2
    told = capsys.readouterr().err
    assert told.startswith("accord: f.csv, row 2, column mood: found 77 for mood.total; 0 to 10 is allowed.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv", "m.yaml"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("map", "m.yaml", "f.csv"), "no folder to write to"),
        (("map", "m.yaml", "--out", "c"), "no file to map"),
        (("map", "m.yaml", "f.csv", "--out", "c", "--made-on", "yesterday"), "is no date"),
        (("map", "m.yaml", "nowhere.csv", "--out", "c"), "There is no file"),
        (("check", "nowhere"), "There is no folder"),
        (("show", "."), "no cohort.json"),
    ],
)
def test_wrong_words_leave_with_two(
    words: tuple[str, ...], message: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "f.csv").write_text("id,visit,mood\na,1,7\n")
    assert run(monkeypatch, *words) == 2
    assert message in capsys.readouterr().err


def test_draft_map_show_without_a_hand_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "\n".join(f"{person},{person % 2},{person % 20 + 1},{person % 15}" for person in range(30))
    (tmp_path / "f.csv").write_text(f"id,arm,gad7_pre,gad7_post\n{rows}\n")
    assert run(monkeypatch, "map", "--draft", tmp_path / "f.csv", "--out", tmp_path / "d") == 0
    assert "guesses, each with its reason" in capsys.readouterr().out
    assert run(monkeypatch, "map", tmp_path / "d" / "mapping.yaml", tmp_path / "f.csv", "--out", tmp_path / "c") == 0
    assert run(monkeypatch, "show", tmp_path / "c") == 0
    assert "gad_7.total" in capsys.readouterr().out
    assert run(monkeypatch, "map", "--draft", tmp_path / "f.csv", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"out", "mapping", "protocol", "guesses", "problems"}
    assert found["problems"] == []
