"""A review from a file of studies: its sections, its pictures, what changed since last time, and what it refuses."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.cli.main import main
from accord.science.analyses.pooling import PoolPlan, pool_studies
from accord.science.analyses.result import Caution, Picture, Table
from accord.science.analyses.review import review
from accord.science.analyses.review_changes import read_earlier
from accord.science.analyses.review_pictures import forest
from accord.science.analyses.studies import read_studies
from accord.science.errors import BadInput
from accord.science.figures import read_prisma
from accord.science.reports import render_report, write_report
from accord.science.synthesis import pool

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "published" / "data"
BCG = DATA / "ref_bcg_yi_vi.csv"
FIBRO = DATA / "fibromyalgia_psychotherapy_smd.csv"


def reviewed(path=BCG, *, columns=None, **plan):
    found = pool_studies(read_studies(path, columns=columns), PoolPlan(**plan))
    return found, review(found)


def pictures(result):
    return {block.id: block for block in result.blocks() if isinstance(block, Picture)}


def table(result, ident):
    return next(one for one in result.tables() if one.id == ident)


def words(result):
    return " ".join(text for block in result.blocks() for text in block.texts())


def studies_file(folder, rows, name="studies.csv"):
    text = "".join(f"{study},{y},{v}\n" for study, y, v in rows)
    (folder / name).write_text(f"study,yi,vi\n{text}", encoding="utf-8")
    return folder / name


def test_the_report_holds_what_a_reader_asks_for():
    found, result = reviewed()
    assert [one.id for one in result.sections] == ["effect", "heterogeneity", "each-study", "small-studies", "studies"]
    assert set(pictures(result)) == {"forest", "cumulative", "leave-one-out", "funnel"}
    assert result.estimate("pool.estimate").value == found.pooled.estimate
    assert result.estimate("pool.prediction").ci_low == found.pooled.pi_low
    page = render_report(result)
    assert "95 % prediction interval" in page
    assert "Q-profile" in page or "τ²" in page
    assert ", version 0" not in page


def test_the_forest_ends_with_pool_and_prediction_interval():
    found, _ = reviewed()
    *studies, whole, prediction = forest(found).rows
    assert len(studies) == 13
    assert (whole.kind, whole.value) == ("summary", found.pooled.estimate)
    assert (prediction.kind, prediction.low, prediction.high) == (
        "prediction",
        found.pooled.pi_low,
        found.pooled.pi_high,
    )


def test_zero_in_the_prediction_interval_is_said():
    assert "It holds zero" in words(reviewed()[1])
    gandy = DATA / "gandy2022_forest_interference.csv"
    assert "It does not hold zero" in words(reviewed(gandy, columns={"yi": "g", "sei": "se"})[1])


def test_the_cumulative_forest_ends_with_the_whole_pool_in_order_of_years():
    found, result = reviewed()
    rows = pictures(result)["cumulative"].picture.rows
    assert rows[-1].value == pytest.approx(found.pooled.estimate, rel=1e-9)
    years = [int(re.search(r"19\d\d", row.label)[0]) for row in rows]
    assert years == sorted(years)
    first = pl.read_csv(BCG).sort("year", maintain_order=True).row(0, named=True)
    assert rows[0].value == pytest.approx(first["yi"])


def test_leave_one_out_agrees_with_a_pool_of_the_others():
    _, result = reviewed()
    data = pl.read_csv(BCG)
    row = pictures(result)["leave-one-out"].picture.rows[3]
    others = pool(np.delete(data["yi"].to_numpy(), 3), np.delete(data["vi"].to_numpy(), 3))
    assert row.value == pytest.approx(others.estimate, rel=1e-7)


def test_moderators_draw_a_line_through_the_fitted_effect():
    found, result = reviewed(mods=("ablat",))
    bubble = pictures(result)["bubble-ablat"].picture
    fit = dict(zip(found.pooled.names, found.pooled.coefficients, strict=True))
    for point in bubble.line:
        assert point.value == pytest.approx(fit["intercept"] + fit["ablat"] * point.x)
    assert bubble.line[0].x == 13
    assert "made for one mean effect" in words(result)
    assert result.estimate("pool.coefficient.ablat").value == pytest.approx(fit["ablat"])


def test_words_as_moderators_have_coefficients_and_no_bubbles():
    _, result = reviewed(mods=("alloc",))
    assert not [name for name in pictures(result) if name.startswith("bubble")]
    assert table(result, "coefficients").rows[1][0] == "alloc=random"


def test_groups_stand_under_their_headings():
    found, result = reviewed(by="alloc")
    rows = forest(found).rows
    assert [row.label for row in rows if row.kind == "heading"] == ["random", "alternate", "systematic"]
    assert len(table(result, "groups").rows) == 3
    assert result.estimate("pool.group.random").n == 7


def test_risk_of_bias_stands_beside_its_study():
    third_wave = pl.read_csv(DATA / "dmetar_ThirdWave.csv")
    expected = dict(third_wave.select("Author", "RiskOfBias").rows())
    for by in (None, "ModeOfDelivery"):
        found, result = reviewed(DATA / "dmetar_ThirdWave.csv", rob="RiskOfBias", by=by)
        rows = [row for row in forest(found).rows if row.kind == "estimate"]
        assert {row.label: row.risk for row in rows} == expected
        assert "Risk of bias" in pictures(result)["forest"].picture.table()[0]


def test_the_flow_of_the_page_is_a_section(tmp_path):
    page = (ROOT / "docs" / "reference" / "pool.md").read_text(encoding="utf-8")
    (tmp_path / "flow.csv").write_text(re.search(r"```\n(step,.*?)```", page, re.S)[1], encoding="utf-8")
    flow = read_prisma(tmp_path / "flow.csv", title="How the studies were found")
    result = review(pool_studies(read_studies(BCG), PoolPlan()), flow=flow)
    assert result.section("flow")
    assert "no interference reported" in render_report(result)


def test_a_three_level_review_says_what_it_leaves_out():
    _, result = reviewed(FIBRO, columns={"yi": "yi", "vi": "vi"}, cluster="study")
    assert result.section("each-study") is None
    assert "pool one effect a study" in words(result)
    assert len(pictures(result)["funnel"].picture.points) == 161
    assert render_report(result)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_few_studies_make_a_report_that_says_so(tmp_path, k):
    rows = [(f"S{n}", 0.1 * n, 0.02 + 0.01 * n) for n in range(k)]
    _, result = reviewed(studies_file(tmp_path, rows))
    assert any("funnels mislead" in block.text for block in result.blocks() if isinstance(block, Caution))
    write_report(result, tmp_path)
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("vi", [(0.04, 0.04, 0.04, 0.04), (1e-9, 0.5, 0.5, 0.5)])
@pytest.mark.parametrize("yi", [(0.2, 0.2, 0.2, 0.2), (-1.0, 0.0, 1.0, 40.0)])
def test_odd_studies_make_a_report_too(tmp_path, yi, vi):
    rows = [(f"S{n}", y, v) for n, (y, v) in enumerate(zip(yi, vi, strict=True))]
    _, result = reviewed(studies_file(tmp_path, rows))
    assert render_report(result)


def test_names_that_are_markup_are_words(tmp_path):
    rows = [("<script>x</script>", 0.1, 0.02), ("B & C", 0.3, 0.04), ("=cmd", 0.2, 0.03)]
    _, result = reviewed(studies_file(tmp_path, rows))
    assert "<script>x" not in render_report(result)
    written = write_report(result, tmp_path)
    studies = next(file for file in written.files if file.name == "studies.csv")
    assert "'=cmd" in studies.read_text()


def test_what_changed_since_last_time(tmp_path):
    rows = [("A", 0.1, 0.02), ("B", 0.3, 0.04), ("C", 0.2, 0.03), ("D", 0.4, 0.05)]
    file = studies_file(tmp_path, rows)
    out = tmp_path / "review"
    assert read_earlier(out) is None
    out.mkdir()
    found, first = reviewed(file)
    write_report(first, out)
    earlier = read_earlier(out)
    assert earlier.estimate == found.pooled.estimate
    again = review(found, earlier=earlier)
    assert "Nothing changed" in words(again)
    studies_file(tmp_path, [("A", 0.1, 0.02), ("B", 0.9, 0.04), ("C", 0.2, 0.03), ("E", 0.5, 0.02)])
    newer, _ = reviewed(file)
    said = review(newer, earlier=earlier)
    texts = [block.text for block in said.section("changes").blocks if not isinstance(block, Table)]
    assert texts[1:] == ["New: E.", "No longer there: D.", "With other numbers: B."]
    then, now = table(said, "changes").rows
    assert (then[2], now[2]) == (found.pooled.estimate, newer.pooled.estimate)


def test_another_model_on_the_same_studies_is_told_apart(tmp_path):
    _, first = reviewed()
    write_report(first, tmp_path)
    fixed, _ = reviewed(method="FE")
    assert "the model is another one" in words(review(fixed, earlier=read_earlier(tmp_path)))


@pytest.mark.parametrize("text", ["{}", "not json", '{"estimates": [], "sections": []}', "[1]"])
def test_a_folder_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "analysis.json").write_text(text)
    with pytest.raises(BadInput, match="earlier review"):
        read_earlier(tmp_path)


def test_invented_studies_are_in_the_title_and_in_every_name(tmp_path):
    file = tmp_path / "mixed.csv"
    file.write_text("study,yi,vi,origin\nA,0.1,0.02,real\nB,0.3,0.04,simulated\nC,0.2,0.04,simulated\n")
    with pytest.raises(BadInput, match="invented"):
        read_studies(file)
    result = review(pool_studies(read_studies(file, allow_invented=True), PoolPlan()))
    assert result.title.endswith("(invented data)")
    written = write_report(result, tmp_path / "out")
    assert all("-invented" in name.name for name in written.files if name.suffix != ".svg" or "figure" in str(name))


def test_the_command_writes_the_report_and_then_its_changes(tmp_path, monkeypatch, capsys):
    out = tmp_path / "review"

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["accord", "pool", str(BCG), "--out", str(out), "--json", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code, capsys.readouterr()

    code, said = run()
    assert code == 0
    printed = json.loads(said.out)
    assert Path(printed["report"]).exists()
    assert {Path(name).name for name in printed["files"]} >= {
        "report.html",
        "analysis.json",
        "forest.svg",
        "studies.csv",
    }
    code, said = run()
    assert code == 2
    assert "--force" in said.err
    assert run("--force", "--knha")[0] == 0
    assert "the model is another one" in (out / "report.html").read_text()


def test_the_page_of_the_reference_names_every_key(tmp_path):
    page = (ROOT / "docs" / "reference" / "pool.md").read_text(encoding="utf-8")
    part = page.split("## Keys of `--json`")[1]
    told = re.findall(r"^\| `(\w+)` \|", part, re.M)
    plain, _ = reviewed()
    nested, _ = reviewed(FIBRO, columns={"yi": "yi", "vi": "vi"}, cluster="study")
    assert set(told) == {*plain.to_dict(), *nested.to_dict(), "report", "files"}
    assert len(told) == len(set(told))
