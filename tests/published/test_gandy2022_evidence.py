"""The evidence page: generated from its files, published figures as copied, ours as the science computes them.

Gandy et al. 2022 (PAIN 163:e1041, doi 10.1097/j.pain.0000000000002606), Terpstra et al. 2022 (Internet Interventions
30:100587), the Metapsy fibromyalgia rows (ODC-BY 1.0) and the alliance table; see examples/evidence/README.md.
"""

import importlib.util
import json
import re
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
CORE = json.loads((ROOT / "tests/published/r/meta_core.json").read_text())
META = json.loads((ROOT / "tests/published/data/meta.json").read_text())
FILES = (
    "terpstra2022_pooled", "gandy2022_pooled", "gandy2022_forest_interference", "fibromyalgia_psychotherapy_smd",
    "alliance_effects", "guided_icbt_trials",
)  # fmt: skip


@pytest.fixture(scope="module")
def evidence():
    spec = importlib.util.spec_from_file_location("evidence", ROOT / "docs/evidence.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs/explanation/evidence.md").read_text(encoding="utf-8")


def cells(page, head):
    """The rows of the table whose first line starts so, as lists of words."""
    lines = page.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {head} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def section(page, heading):
    """Words of a section on one line."""
    return " ".join(page.split(heading, 1)[1].split("\n## ", 1)[0].split())


def test_the_page_and_its_figures_are_what_the_script_writes(evidence, page):
    assert page == evidence.page(), "run make docs"
    drawn = evidence.figures()
    kept = {path.name: path.read_text(encoding="utf-8") for path in evidence.IMAGES.glob("*.svg")}
    assert kept == drawn, "run make docs"
    assert set(re.findall(r"images/evidence/([\w-]+\.svg)", page)) == set(drawn)


def test_published_gandy_is_the_file(page):
    table = pl.read_csv(ROOT / "examples/evidence/gandy2022_pooled.csv", comment_prefix="#")
    found = cells(page, "outcome")
    gandy = [row for row in found if len(row) == 8]
    assert len(gandy) == table.height == 6
    for row, source in zip(gandy, table.iter_rows(named=True), strict=True):
        assert float(row[1]) == source["g"]
        assert [float(x) for x in row[2].split(" to ")] == [source["ci_low"], source["ci_high"]]
        given = [None if cell == "not given" else float(cell) for cell in row[4:]]
        keys = ("g_guided", "g_unguided", "g_inactive_control", "g_active_control")
        assert given == [source[key] for key in keys]


def test_published_gandy_is_the_abstract(page):
    """Abstract: six outcomes with their intervals, in its order."""
    gandy = [(row[1], row[2]) for row in cells(page, "outcome") if len(row) == 8]
    assert gandy == [
        ("0.28", "0.21 to 0.35"), ("0.43", "0.33 to 0.54"), ("0.32", "0.24 to 0.40"), ("0.27", "0.21 to 0.33"),
        ("0.39", "0.27 to 0.52"), ("0.31", "0.22 to 0.39"),
    ]  # fmt: skip


def test_published_terpstra_is_the_file_and_the_abstract(page):
    table = pl.read_csv(ROOT / "examples/evidence/terpstra2022_pooled.csv", comment_prefix="#")
    found = cells(page, "control")
    assert [row[2] for row in found] == ["0.34 to 0.47", "0.26 to 0.29", "0.38 to 0.41", "0.40", "0.15", "0.30"]
    for row, source in zip(found, table.iter_rows(named=True), strict=True):
        given = [source["es"]] if source["es"] is not None else [source["es_low_of_range"], source["es_high_of_range"]]
        assert [float(x) for x in row[2].split(" to ")] == given
        assert row[3:5] == ["not given", "not given"]


def test_the_23_rows(evidence, page):
    """REML .2693, τ² .01165; DL .2685, τ² .00961: metafor 3.8 (r/meta_core.json, gandy), from SE²."""
    reml, dl, nested = cells(page, "our model")[:3]
    assert (reml[1], reml[2], reml[4]) == ("23 rows", "0.2693", "0.01165")
    assert (dl[2], dl[4]) == ("0.2685", "0.00961")
    fitted = evidence.interference()
    assert fitted.estimate == pytest.approx(CORE["gandy"]["REML_z"]["b"], rel=1e-8)
    assert fitted.tau2 == pytest.approx(CORE["gandy"]["REML_z"]["tau2"], rel=1e-7)
    assert nested[1] == "23 rows, 20 trials"
    assert "cannot be reproduced from these 23 rows" in page
    assert f"{fitted.estimate:.2f}" != "0.28"


def test_printed_variances_would_give_another_answer(evidence):
    """Why SE² is used: the third decimal of the variance moves the mean."""
    table = evidence.rows("gandy2022_forest_interference")
    rounded = evidence.pool(table["g"].to_numpy(), table["variance"].to_numpy())
    assert abs(rounded.estimate - evidence.interference().estimate) > 1e-4


def test_dear_2015_was_printed_with_its_waiting_list_divided(evidence):
    table = evidence.rows("gandy2022_forest_interference")
    printed = dict(zip(table["study"], table["se"], strict=True))
    for name, found in evidence.dear_errors(25).items():
        assert found == pytest.approx(printed[name], abs=5e-4)
    for name, found in evidence.dear_errors(75).items():
        assert abs(found - printed[name]) > 0.07
    assert sum(evidence.DEAR_2015.values()) + evidence.DEAR_2015_WAITING == 490


def test_sharing_lins_waiting_list_widens_the_interval(evidence):
    apart, together = evidence.interference(), evidence.interference_by_trial()
    assert together.ci_high - together.ci_low > apart.ci_high - apart.ci_low


def test_fibromyalgia_against_r(evidence, page):
    """Three-level with CR2, and CHE: rma.mv of metafor 3.8 and clubSandwich 0.5.8 (meta.json)."""
    whole, che = evidence.fibromyalgia(), evidence.fibromyalgia(rho=0.6)
    ref = META["fibro_3level"]
    assert whole.estimate == pytest.approx(ref["b"], rel=1e-6)
    assert (whole.ci_low, whole.ci_high) == pytest.approx((ref["CR2"]["ci.lb"], ref["CR2"]["ci.ub"]), rel=1e-6)
    assert che.estimate == pytest.approx(META["fibro_CHE"]["b"], rel=1e-5)
    models = cells(page.split("## Psychotherapy for fibromyalgia")[1], "our model")
    assert [row[1] for row in models] == ["161 effects, 25 trials"] * 2 + ["157 effects, 24 trials"] * 2
    assert [row[2] for row in models] == ["0.43", "0.41", "0.31", "0.30"]
    assert all(model.pi_low < 0 for model in evidence.fibromyalgia_models().values())


def test_the_odd_entries_are_as_the_page_says(evidence, page):
    table = evidence.rows("fibromyalgia_psychotherapy_smd")
    castel = table.filter(study="Castel, 2012")
    assert (castel["yi"].min(), castel["yi"].max()) == pytest.approx((2.96, 4.95), abs=0.005)
    assert castel.filter(instrument="nrs", time="post")["sd_arm1"].to_list() == [0.3]
    falcao = table.filter(study="Falcao, 2008", time="post")
    columns = ["sd_arm1", "sd_arm2", "n_arm1", "n_arm2", "vi"]
    fiq, stai = falcao.filter(instrument="fiq"), falcao.filter(instrument="stai")
    assert fiq.select(columns).rows() == stai.select(columns).rows()
    assert fiq["mean_arm1"].to_list() == [-46.6]
    assert stai["mean_arm1"].to_list() == [46.6]
    alda = table.filter(study="Alda, 2011", instrument="vas")["yi"].to_list()
    assert alda == pytest.approx([3.49, 0.37], abs=0.005)
    assert f"{(table['rob'] == 'high').sum()} of 161 effects are rated at high risk" in section(
        page, "## Psychotherapy"
    )


def test_not_shown_is_not_equal_c22(evidence, page):
    fitted, tost = evidence.approaches()
    assert tost.verdict == "not shown"
    said = section(page, '## "Made no difference"')
    assert tost.summary() in said
    assert "not equality" in said
    assert f"{fitted.k} effects of {fitted.studies} trials" in said


def test_ten_times_beside_what_chance_does_c18(evidence, page):
    """Rule C18: 40 therapists, 15 people each, 31 % responders, no differences: 52 % against 12 %."""
    best, worst = evidence.extreme_tenths(0.0)
    assert (best, worst) == pytest.approx((0.52, 0.12), abs=0.005)
    found = cells(page, "what therapists account for")
    assert found[0][1:3] == ["52 %", "12 %"]
    ratios = [float(row[3]) for row in found]
    assert ratios[0] == pytest.approx(best / worst, abs=0.05)
    assert ratios == sorted(ratios)


def test_extreme_tenths_against_drawing_therapists(evidence):
    import numpy as np
    from scipy.stats import norm

    rng = np.random.default_rng(20250101)
    therapist = rng.standard_normal((20_000, 40))
    chance = norm.cdf((norm.ppf(0.31) + np.sqrt(0.05) * therapist) / np.sqrt(0.95))
    rates = np.sort(rng.binomial(15, chance) / 15, axis=1)
    best, worst = evidence.extreme_tenths(0.05)
    assert (rates[:, -4:].mean(), rates[:, :4].mean()) == pytest.approx((best, worst), abs=0.002)


def test_remembered_figures_are_not_shown(evidence, page):
    table = evidence.rows("alliance_effects")
    shown = {row[0] for row in cells(page, "what")}
    assert shown == set(table.filter(verified="S")["factor"])
    remembered = table.filter(verified="M")
    assert remembered.height == 3
    assert not shown & set(remembered["factor"])


def test_claims_of_the_sources_c43(page):
    said = section(page, "## Claims, one by one")
    assert "Toussaint 2012 (Explore 8:92) randomised 44 people" in said
    assert "only 7 against 14 finished" in said
    for claim in ("better fatigue", "BDNF came near that of people without pain"):
        line = next(line for line in page.splitlines() if line.startswith(f"| {claim}"))
        assert "**not in the abstract**" in line


def test_every_published_value_table_is_headed(page):
    """Published and ours never in one table: each stands under a word that says whose it is."""
    owner = {"control": "Published", "outcome": "Published", "what": "Published"}
    owner |= {"our model": "Ours", "what therapists account for": "Ours"}
    for head, whose in owner.items():
        before = page.split(f"\n| {head} |", 1)[0]
        assert before.rfind(f"**{whose}**") > before.rfind("**Ours**" if whose == "Published" else "**Published**")


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_source_and_stands_in_the_readme(name):
    folder = ROOT / "examples/evidence"
    source = (folder / f"{name}.source.txt").read_text()
    assert "facts" in source or "ODC-BY" in source
    assert f"`{name}.csv`" in (folder / "README.md").read_text()
