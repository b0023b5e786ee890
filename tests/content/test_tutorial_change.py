"""The tutorial on change over time runs from top to bottom, and finds what its text says."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHANGE = ROOT / "docs/tutorials/change_over_time.py"


@pytest.fixture(scope="module")
def found():
    """What stands in the tutorial's names after its last cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        names: dict = {"__name__": "__main__"}
        exec(compile(CHANGE.read_text(encoding="utf-8"), str(CHANGE), "exec"), names)
    return names


def test_every_line_is_in_a_cell_and_every_note_is_a_comment():
    cells = CHANGE.read_text(encoding="utf-8").split("# %%")
    assert cells[0] == ""
    notes = [cell for cell in cells if cell.startswith(" [markdown]")]
    assert len(notes) >= 6
    assert all(line.startswith("#") for note in notes for line in note.splitlines()[1:] if line.strip())


def test_172_people_one_in_four_left_and_text_is_refused(found):
    assert found["outcome"].values.shape == (172, 4)
    assert round(1 - found["seen"][-1], 2) == 0.25
    assert "text" in found["refused"]


def test_the_usual_analysis_is_that_of_gls(found):
    """r/antidepressant.json: contrast 2.80 in week 6, improvement positive."""
    assert round(found["at_end"].value, 2) == -2.80
    assert found["model"].structure == "unstructured"


def test_the_ways_agree_within_their_errors(found):
    for other in (found["filled"].contrast, found["as_seen"], found["line_at_end"]):
        assert abs(other.value - found["at_end"].value) < 0.5 * found["at_end"].se


def test_who_told_little_is_drawn_to_the_mean(found):
    assert found["few"].sum() > 3
    assert found["slope"][found["few"]].std() < 0.3 * found["slope"][found["effects"].rows == 4].std()
    assert "2.8 points more" in found["sentence"]
