"""`accord pool` as a person uses it: reference figures from files, foreign columns, and one message for bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from accord.cli.main import main

DATA = Path(__file__).parents[2] / "published" / "data"
GANDY = DATA / "gandy2022_forest_interference.csv"
BCG = DATA / "ref_bcg_yi_vi.csv"
FIBRO = DATA / "fibromyalgia_psychotherapy_smd.csv"
META = json.loads((DATA / "meta.json").read_text())
KEYS = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "q_p", "pi_low", "pi_high", "method")


@pytest.fixture
def accord(monkeypatch, capsys):
    """Run the command; (exit code, standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["accord", "pool", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.fixture
def pooled(accord):
    """The object that `--json` prints, of a run that went well."""

    def run(*arguments):
        code, out, err = accord(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return run


def written(folder, text, name="studies.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_the_forest_of_23(pooled):
    """The figures of test_metafor_pool.py, from the file as it was published, with comments above its header."""
    reml = pooled(GANDY, "--effect", "g", "--se", "se")
    assert list(reml)[: len(KEYS)] == list(KEYS)
    assert reml["k"] == 23
    assert [round(reml[key], 4) for key in ("estimate", "ci_low", "ci_high")] == [0.2693, 0.1829, 0.3556]
    assert round(reml["tau2"], 5) == 0.01165
    dl = pooled(GANDY, "--effect", "g", "--se", "se", "--method", "dl")
    assert round(dl["estimate"], 4) == 0.2685


@pytest.mark.parametrize(
    ("name", "options"),
    [("REML_z", []), ("REML_knha", ["--knha"]), ("DL_z", ["--method", "DL"]), ("PM_z", ["--method", "PM"])],
)
def test_bcg_gives_the_figures_of_metafor(pooled, name, options):
    ours, reference = pooled(BCG, *options), META["bcg"][name]
    # metafor stops its own iteration for tau² at 1e-5, hence the tolerance
    for key, theirs in {"estimate": "b", "se": "se", "ci_low": "ci.lb", "ci_high": "ci.ub", "tau2": "tau2"}.items():
        assert ours[key] == pytest.approx(reference[theirs], rel=1e-4)
    assert ours["q"] == pytest.approx(reference["QE"], rel=1e-10)


def test_bcg_from_its_tables_of_two_by_two(pooled):
    ours = pooled(BCG, "--from", "RR", *(f"--column={pair}" for pair in ("ai=tpos", "bi=tneg", "ci=cpos", "di=cneg")))
    assert ours["measure"] == "RR"
    assert ours["estimate"] == pytest.approx(META["bcg"]["REML_z"]["b"], rel=1e-4)


def test_foreign_column_names_are_guessed_and_told(accord, tmp_path):
    rows = pl.read_csv(BCG).select("author", "yi", pl.col("vi").sqrt().alias("seTE")).rename({"yi": "TE"})
    rows.write_csv(tmp_path / "foreign.csv")
    code, out, err = accord(tmp_path / "foreign.csv", "--json")
    assert code == 0
    assert json.loads(out)["estimate"] == pytest.approx(META["bcg"]["REML_z"]["b"], rel=1e-4)
    assert "yi is the column 'TE'" in err
    assert "sei is the column 'seTE'" in err
    assert "label is the column 'author'" in err


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_decimal_commas(pooled, tmp_path, separator):
    rows = pl.read_csv(BCG).select(
        pl.col("author").str.replace("é", "e").alias("Study"),
        pl.col("yi", "vi").cast(pl.String).str.replace(r"\.", ","),
    )
    rows.write_csv(tmp_path / "german.csv", separator=separator)
    ours = pooled(tmp_path / "german.csv")
    assert ours["k"] == 13
    assert ours["estimate"] == pytest.approx(pooled(BCG)["estimate"], rel=1e-12)


def test_groups_moderators_and_clusters(pooled):
    groups = pooled(BCG, "--by", "alloc")["subgroups"]
    assert [row["alloc"] for row in groups["groups"]] == ["random", "alternate", "systematic"]
    assert sum(row["k"] for row in groups["groups"]) == 13
    line = pooled(BCG, "--mod", "ablat", "--mod", "alloc")
    assert [row["term"] for row in line["coefficients"]] == ["intercept", "ablat", "alloc=random", "alloc=systematic"]
    nested = pooled(FIBRO, "--effect", "yi", "--variance", "vi", "--cluster", "study")
    assert (nested["k"], nested["studies"]) == (161, 25)
    assert round(nested["estimate"], 3) == 0.434


def test_warnings_name_the_row_of_the_file(accord, tmp_path):
    file = written(tmp_path, "study,yi,vi\nA,0.1,0.02\nB,0.3,0.04\nB2,0.3,0.04\n")
    code, _, err = accord(file)
    assert code == 0
    assert "studies.csv, row 4: B, B2 have the same effect" in err


def test_several_effects_of_one_study_are_told_to_be_clustered(accord, tmp_path):
    file = written(tmp_path, "study,yi,vi\nA,0.1,0.02\nA,0.4,0.03\nB,0.3,0.04\n")
    _, _, err = accord(file)
    assert "--cluster" in err


def test_a_flood_of_warnings_is_cut_on_the_screen_and_whole_in_json(accord, tmp_path):
    rows = "".join(f"S{n},{n % 40},0.5\n" for n in range(80))
    _, out, err = accord(written(tmp_path, f"study,yi,vi\n{rows}"), "--json")
    assert len(json.loads(out)["warnings"]) == 40
    assert err.count("warning:") == 21
    assert "and 20 more" in err


BAD = {
    "zero variance": ("study,yi,vi\nA,0.1,0.02\nB,0.3,0\n", [], "row 3"),
    "negative variance": ("study,yi,vi\nA,0.1,-0.02\nB,0.3,0.1\n", [], "row 2"),
    "a word": ("study,yi,vi\nA,0.1,0.02\nB,much,0.1\n", [], "'much' is not a number"),
    "no rows": ("study,yi,vi\n", [], "no rows"),
    "no such column": ("study,yi,vi\nA,0.1,0.02\n", ["--effect", "g"], "no column 'g'"),
    "nothing like an effect": ("study,colour\nA,red\n", [], "No effect can be recognised"),
    "no such moderator": ("study,yi,vi\nA,0.1,0.02\nB,0.2,0.1\n", ["--mod", "dose"], "no column 'dose'"),
    "no such method": ("study,yi,vi\nA,0.1,0.02\nB,0.2,0.1\n", ["--method", "XX"], "no method 'XX'"),
    "nothing nested": ("study,yi,vi\nA,0.1,0.02\nB,0.2,0.1\n", ["--cluster", "study"], "Leave --cluster out"),
    "variance and se": ("study,yi,vi\nA,0.1,0.02\n", ["--variance", "vi", "--se", "vi"], "Give one of them"),
    "no such risk": ("study,yi,vi\nA,0.1,0.02\n", ["--rob", "bias"], "no column 'bias'"),
    "flow without a report": ("study,yi,vi\nA,0.1,0.02\n", ["--flow", "flow.csv"], "Add --out DIR"),
    "ragged": ("study,yi,vi\nA,0.1,0.02\nB,0.2\n", [], "row 3"),
    "empty": ("", [], "empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_message_and_exit_2(accord, tmp_path, name):
    text, options, expected = BAD[name]
    code, out, err = accord(written(tmp_path, text), *options)
    assert code == 2
    assert out == ""
    assert expected in err
    assert "Traceback" not in err


def test_a_bad_flow_leaves_no_folder_behind(accord, tmp_path):
    flow = written(tmp_path, "step,label,n\nidentified,all,5\nscreened,,4\nincluded_studies,,4\n", "flow.csv")
    code, _, err = accord(BCG, "--out", tmp_path / "review", "--flow", flow)
    assert code == 2
    assert "flow.csv, line 3" in err
    assert not (tmp_path / "review").exists()


def test_no_file_and_a_folder(accord, tmp_path):
    assert accord(tmp_path / "nothing.csv")[0] == 2
    code, _, err = accord(tmp_path)
    assert code == 2
    assert "accord analyse" in err


def test_one_study_is_itself_and_says_so(accord, tmp_path):
    code, out, err = accord(written(tmp_path, "study,yi,vi\nA,0.1,0.04\n"), "--json")
    assert code == 0
    ours = json.loads(out)
    assert (ours["k"], ours["estimate"], ours["tau2"], ours["pi_low"]) == (1, 0.1, None, None)
    assert "nothing is pooled" in err


def test_origins_are_not_mixed(accord, tmp_path):
    """C12: invented studies are refused, alone or among others; with --allow-invented it is said."""
    mixed = written(tmp_path, "study,yi,vi,origin\nA,0.1,0.02,real\nB,0.3,0.04,simulated\n", "mixed.csv")
    code, _, err = accord(mixed)
    assert code == 2
    assert "invented and other studies" in err
    code, out, _ = accord(mixed, "--allow-invented")
    assert code == 0
    assert out.startswith("Invented data")
    real = written(tmp_path, "study,yi,vi,origin\nA,0.1,0.02,real\nB,0.3,0.04,mapped\n", "real.csv")
    assert accord(real)[0] == 0


def test_a_table_of_a_simulated_cohort_is_invented(accord, tmp_path):
    text = "study,yi,vi\nA,0.1,0.02\nB,0.3,0.04\n"
    assert accord(written(tmp_path, text, "effects-invented.csv"))[0] == 2
    file = written(tmp_path, text)
    assert accord(file)[0] == 0
    written(tmp_path, json.dumps({"origin": "simulated"}), "cohort.json")
    assert accord(file)[0] == 2
