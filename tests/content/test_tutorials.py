"""The tutorials that are programs: each runs from top to bottom, and finds what its text says."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POOLING = ROOT / "docs/tutorials/pooling_studies.py"


@pytest.fixture(scope="module")
def found():
    """What stands in the tutorial's names after its last cell, and what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        names: dict = {"__name__": "__main__"}
        exec(compile(POOLING.read_text(encoding="utf-8"), str(POOLING), "exec"), names)
    return names


def test_every_line_is_in_a_cell_and_every_note_is_a_comment():
    cells = POOLING.read_text(encoding="utf-8").split("# %%")
    assert cells[0] == ""
    notes = [cell for cell in cells if cell.startswith(" [markdown]")]
    assert len(notes) >= 10
    assert all(line.startswith("#") for note in notes for line in note.splitlines()[1:] if line.strip())


def test_the_pool_of_the_23_rows(found):
    """As metafor: rma(g, sei, method = "REML", test = "knha") in data/meta.json of the published tests."""
    pooled = found["pooled"]
    assert pooled.k == 23
    assert [round(v, 2) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high)] == [0.27, 0.18, 0.36]
    assert [round(v, 2) for v in (pooled.pi_low, pooled.pi_high)] == [0.03, 0.51]
    assert round(pooled.i2) == 30
    assert "0.27 SD (95 % 0.18 to 0.36)" in found["sentence"]
    assert "23 comparisons" in found["sentence"]


def test_one_study_stands_out_as_the_text_says(found):
    assert found["carried"].labels[found["carried"].influential.argmax()] == "Hedman-Lagerlof, 2018"
    assert found["carried"].influential.sum() == 1
    assert found["far"].labels == ("Hedman-Lagerlof, 2018",)
    assert round(found["far"].after.estimate, 2) == 0.24


def test_small_studies_show_nothing_here(found):
    assert round(found["small"].p, 3) == 0.633
    assert found["filled"].filled == 0
    assert found["corrected"].chosen == "PEESE"


def test_effects_from_means_agree_with_those_of_the_file_but_for_the_sign(found):
    assert found["effects"].k == 161
    assert found["largest_difference"] < 1e-9


def test_the_three_level_model_of_the_161_effects(found):
    nested = found["nested"]
    assert (nested.k, nested.studies) == (161, 25)
    assert [round(v, 2) for v in (nested.estimate, nested.ci_low, nested.ci_high)] == [0.43, 0.14, 0.73]
    assert found["naive"].se < 0.5 * nested.se
    assert found["over_rho"]["estimate"].is_between(0.39, 0.44).all()


def test_the_pictures_are_drawn(found):
    assert "Hedman-Lagerlof, 2018" in found["forest_svg"]
    assert "[0.03, 0.51]" in found["forest_svg"]
    assert found["funnel_svg"].count("<circle") == 24  # 23 studies and the legend's


def test_the_groups_hold_all_21_studies(found):
    groups = found["by_control"].groups
    assert dict(zip(groups.labels, groups.k.tolist(), strict=True)) == {
        "usual care": 12,
        "waiting list": 6,
        "placebo": 3,
    }
    assert found["after"].k == 21
