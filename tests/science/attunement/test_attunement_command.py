"""`accord attunement`: a simulated INTEGRO study from its files to process and outcome, and what stops it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_up_pairs import run, write_index, write_study

from accord.science.cohort import check_cohort, read_cohort

PAGE = Path(__file__).parents[3] / "docs/reference/attunement.md"


@pytest.fixture(scope="module")
def integro(tmp_path_factory):
    """14 people, four sessions each of five minutes, three signals; heart rate measured and reported."""
    root = tmp_path_factory.mktemp("integro")
    with pytest.MonkeyPatch.context() as patch:
        assert run(patch, "simulate", "integro", "-n", "14", "--seed", "1", "--signals", "5", "--out", root / "c") == 0
        words = ("attunement", "--cohort", root / "c", "--signal", "heart_rate", "--surrogates", "39")
        assert run(patch, *words, "--out", root / "report") == 0
    return root


def test_the_recordings_become_the_table_of_a_sound_cohort(integro):
    assert [str(finding) for finding in check_cohort(integro / "c") if not finding.warning] == []
    cohort = read_cohort(integro / "c")
    table = cohort.table("synchrony")
    assert table["method"].unique().to_list() == ["windowed_cross_correlation"]
    assert set(table["surrogate"].unique()) == {"pseudo-dyads"}
    assert table["surrogates"].unique().to_list() == [39]
    assert table["therapist"].null_count() == 0
    assert set(table["time_point"].unique()) == {"session_2", "session_5", "session_9", "session_12"}
    assert "accord attunement" in cohort.manifest.made_from[-1]
    assert cohort.truth  # what stood beside stays


def test_what_was_put_in_comes_back(integro):
    table = read_cohort(integro / "c").table("synchrony")
    put_in = pl.read_csv(integro / "c/signals/put_in.csv").select(
        "participant", "session", "signal", "coupling", "lag_s"
    )
    both = table.join(put_in, on=["participant", "session", "signal"])
    assert both.height == table.height > 40
    assert np.corrcoef(both["coupling"], both["value"])[0, 1] > 0.5
    led = both.filter(pl.col("leader") != "none")
    assert led["leader"].unique().to_list() == ["patient"]
    assert (led["peak_lag_s"] - led["lag_s"]).abs().median() < 0.5


def test_the_report_goes_from_chance_to_process_and_outcome(integro):
    page = (integro / "report/report-invented.html").read_text(encoding="utf-8")
    figures = {path.name for path in (integro / "report/figures").glob("*.svg")}
    assert figures == {"overview-invented.svg", "associations-invented.svg"}
    analysis = json.loads((integro / "report/analysis-invented.json").read_text(encoding="utf-8"))
    ids = {estimate["id"]: estimate for estimate in analysis["estimates"]}
    for name in ("attunement.heart_rate.mean", "association.attunement_with_wai_sr_total.within",
                 "association.attunement_with_wai_s_t_total.between", "association.attunement.within",
                 "association.attunement.reverse_between", "association.early_attunement.between"):  # fmt: skip
        assert ids[name]["value"] is not None, name
        assert ids[name]["ci_low"] < ids[name]["value"] < ids[name]["ci_high"]
    assert ids["association.attunement_with_wai_sr_total.therapists"]["value"] is None  # five therapists
    assert "invented data" in page
    words = re.sub(r"<[^>]+>", " ", page)
    assert "this may be talking, breathing or moving, not closeness" in words
    assert "No comparison group" in words
    assert not re.search(r"\bmediat\w*|\beffects? of\b|\befficacy\b|\bcaused by\b", words, re.IGNORECASE)


def test_the_same_protocol_reads_the_table_afterwards(integro, tmp_path, monkeypatch):
    words = ("analyse", "integro", "--cohort", integro / "c", "--out", tmp_path / "report")
    assert run(monkeypatch, *words, "--allow-invented") == 0
    analysis = json.loads((tmp_path / "report/analysis-invented.json").read_text(encoding="utf-8"))
    found = {e["id"]: e["value"] for e in analysis["estimates"]}
    ours = json.loads((integro / "report/analysis-invented.json").read_text(encoding="utf-8"))
    for estimate in ours["estimates"]:
        if estimate["id"].startswith(("association.attunement.", "association.early_attunement")):
            assert found[estimate["id"]] == estimate["value"]


def test_the_simulator_writes_the_same_bytes_again(integro, tmp_path, monkeypatch):
    run(monkeypatch, "simulate", "integro", "-n", "14", "--seed", "1", "--signals", "5", "--out", tmp_path / "c")
    names = sorted(path.name for path in (integro / "c/signals").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "c/signals").iterdir())
    for name in ("index.csv", "put_in.csv", *[one for one in names if one.endswith("patient-invented.parquet")][:8]):
        assert (tmp_path / "c/signals" / name).read_bytes() == (integro / "c/signals" / name).read_bytes()


def test_again_it_measures_nothing_and_says_the_same(integro, monkeypatch, capsys):
    before = (integro / "c/synchrony.parquet").read_bytes()
    lines = (integro / "c/attunement/journal.jsonl").read_text().count("\n")
    words = ("attunement", "--cohort", integro / "c", "--signal", "heart_rate", "--surrogates", "39", "--json")
    assert run(monkeypatch, *words) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (integro / "c/synchrony.parquet").read_bytes() == before
    assert (integro / "c/attunement/journal.jsonl").read_text().count("\n") == lines
    documented = PAGE.read_text(encoding="utf-8")
    assert [key for key in found if f"`{key}`" not in documented] == []
    table = documented + (PAGE.parent / "cohort-format.md").read_text(encoding="utf-8")
    keys = {key for one in [*found["measured"], *found["left_out"]] for key in one}
    assert [key for key in sorted(keys) if f"`{key}`" not in table] == []
    index = pl.read_csv(integro / "c/signals/index.csv").filter(pl.col("signal") == "heart_rate")
    assert len(found["measured"]) + len(found["left_out"]) == index.height // 2


def test_a_second_signal_stands_beside_the_first(integro, monkeypatch, capsys):
    words = ("attunement", "--cohort", integro / "c", "--signal", "skin_conductance", "--surrogates", "39")
    assert run(monkeypatch, *words, "--method", "susy") == 0
    table = read_cohort(integro / "c").table("synchrony")
    assert set(table.select("signal", "method").unique().iter_rows()) == {
        ("heart_rate", "windowed_cross_correlation"),
        ("skin_conductance", "susy"),
    }
    assert " left out; the rest" in capsys.readouterr().out


def test_a_study_without_a_protocol_is_still_measured(tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path / "c")
    out = tmp_path / "out"
    assert run(monkeypatch, "attunement", "--cohort", study, "--surrogates", "39", "--out", out) == 0
    said = capsys.readouterr()
    assert "9 sessions are in the table" in said.out
    assert "accord: measuring 9 of 9" in said.err
    assert "No protocol was given" in (out / "report.html").read_text(encoding="utf-8")


def test_bad_recordings_are_told_and_the_rest_goes_on(tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path / "c")
    (study / "signals/p0_1_patient.csv").write_bytes(bytes(range(256)) * 9)
    assert run(monkeypatch, "attunement", "--cohort", study, "--surrogates", "39") == 0
    said = capsys.readouterr()
    assert "left out: p0, session_1, heart_rate: p0_1_patient.csv: this is no text" in said.err
    assert "1 session left out; the rest was measured." in said.out
    assert read_cohort(study).table("synchrony").height == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "nope"), "There are: wlcc"),
        (("--surrogate", "nope"), "There are: segment-shuffle"),
        (("--rate", "0"), "0 Hz"),
        (("--signal", "voice"), "There are: heart_rate"),
        (("--protocol", "nope"), "nope"),
        (("--signals", "nowhere"), "holds no index.csv"),
        (("--window", "9000"), "No session of 2 could be measured"),
        (("--workers", "2", "--dask", "local"), "Give one of them"),
    ],
)
def test_what_cannot_be_is_said_and_the_cohort_stays_as_it_was(tmp_path, monkeypatch, capsys, words, said):
    study = write_study(tmp_path / "c", people=1, sessions=2)
    before = sorted((path.name, path.read_bytes()) for path in study.glob("*.*"))
    out = tmp_path / "out"
    assert run(monkeypatch, "attunement", "--cohort", study, "--surrogates", "39", "--out", out, *words) == 2
    assert said in capsys.readouterr().err
    assert sorted((path.name, path.read_bytes()) for path in study.glob("*.*")) == before
    assert not out.exists()


def test_people_who_are_not_in_the_cohort_are_named(tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path / "c", people=1, sessions=1)
    row = {
        "participant": "stranger",
        "session": "1",
        "who": "patient",
        "signal": "heart_rate",
        "file": "p0_1_patient.csv",
    }
    write_index(study / "signals", [row])
    assert run(monkeypatch, "attunement", "--cohort", study) == 2
    assert "'stranger' is not in the cohort" in capsys.readouterr().err


def test_no_cohort_and_no_recordings_are_refused(tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, "attunement", "--cohort", tmp_path / "nothing") == 2
    assert "no folder" in capsys.readouterr().err
    for words, said in (
        (("routine-care", "--signals", "5"), "records nothing"), (("integro", "--signals", "0"), "0 minutes"),
        (("integro", "--signals", "nan"), "nan minutes"), (("integro", "-n", "9000", "--signals", "5"), "too many"),
    ):  # fmt: skip
        assert run(monkeypatch, "simulate", *words, "--out", tmp_path / "x") == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "x").exists()
