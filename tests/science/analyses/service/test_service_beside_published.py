"""C19 for an export: published figures stand beside those of a service as hollow markers, and nothing is tested."""

from __future__ import annotations

import pytest

from accord.science.analyses import analyse
from accord.science.analyses.result import AnalysisResult, Picture, Table
from accord.science.cohort import Cohort
from accord.science.figures import Forest
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate

PROTOCOL = load_protocol("routine-care")


def exported(origin: str) -> Cohort:
    made = simulate(PROTOCOL, n=150, seed=2, truth=False)
    changes = {"origin": origin, "counted_on": "2026-11-22", "seed": None}
    return Cohort(made.manifest.model_copy(update=changes), made.tables)


@pytest.fixture(scope="module")
def real() -> AnalysisResult:
    return analyse(PROTOCOL, exported("real"))


def test_markers_are_hollow_and_the_difference_is_not_tested(real: AnalysisResult) -> None:
    section = real.section("benchmark")
    assert section is not None
    forests = [b.picture for b in section.blocks if isinstance(b, Picture) and isinstance(b.picture, Forest)]
    markers = [row.published for forest in forests for row in forest.rows if row.published is not None]
    assert len(markers) == 6
    assert not any(marker.comparable for marker in markers)
    tables = [block for block in section.blocks if isinstance(block, Table)]
    assert not any(column in ("p", "Difference") for table in tables for column in table.columns)
    assert "No comparison group" in next(iter(section.blocks[0].texts()))
    assert not [estimate for estimate in real.estimates if estimate.id.startswith("benchmark")]


def test_a_demo_is_not_laid_beside_them_unless_asked() -> None:
    made = exported("simulated")
    without = analyse(PROTOCOL, made).section("benchmark")
    assert without is None or not [b for b in without.blocks if isinstance(b, Picture)]
    shown = analyse(PROTOCOL, made, allow_invented=True).section("benchmark")
    assert shown is not None
    assert shown.heading.startswith("Invented data.")
