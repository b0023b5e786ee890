"""The tutorial on price runs from top to bottom, and finds what its text says."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRICE = ROOT / "docs/tutorials/price.py"


@pytest.fixture(scope="module")
def found():
    """What stands in the tutorial's names after its last cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        names: dict = {"__name__": "__main__"}
        exec(compile(PRICE.read_text(encoding="utf-8"), str(PRICE), "exec"), names)
    return names


def test_every_line_is_in_a_cell_and_every_note_is_a_comment():
    cells = PRICE.read_text(encoding="utf-8").split("# %%")
    assert cells[0] == ""
    notes = [cell for cell in cells if cell.startswith(" [markdown]")]
    assert len(notes) >= 9
    assert all(line.startswith("#") for note in notes for line in note.splitlines()[1:] if line.strip())


def test_prices_reports_and_areas_are_those_of_the_text(found):
    assert found["tariff"].price("doctor_visits").price == 30
    assert found["tariff"].price("therapist_minutes").price == 1
    assert found["visits"][0] == found["by_hand"]
    assert found["one"] == pytest.approx((0.5 + 0.1 * (91 / 2 + 273) / 364) * 364 / 365.25)


def test_what_is_wrong_is_refused_with_its_cure(found):
    assert "negative" in found["negative"]
    assert "three levels" in found["refused"]


def test_description_and_comparison_are_kept_apart(found):
    assert "No cost per benefit" in found["description"].note
    result = found["found"]
    assert result.quadrant == "north-east"
    assert result.acceptable == tuple(sorted(result.acceptable))
    assert result.acceptable[0] < 0.5 < result.acceptable[-1]
    assert found["turned"].icer.value is None
    assert found["plane"].invented
    assert found["curve"].invented
