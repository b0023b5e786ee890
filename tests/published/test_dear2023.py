"""The figures of Dear et al. 2023 (Pain Medicine 24:1372, doi 10.1093/pm/pnad102; abstract read) beside ours:
improvement to the right in every row, whichever sign the paper printed, hollow, and never tested (C19).

The abstract: pain interference 18.9 % and g .55, depression 26.1 % and .50, anxiety 23.9 % and .39, pain intensity
12.8 % and .41, self-efficacy −23.8 % and −.46 (higher is better on that scale), catastrophising 26.3 % and .56; 13 % of
1,367 never started; of those who did 63 % finished all and 75 % most of it.
"""

import pytest

from accord.science.analyses import analyse
from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate

PRINTED = {
    "bpi_interference.total": (18.9, 0.55), "phq_9.total": (26.1, 0.50), "gad_7.total": (23.9, 0.39),
    "bpi_severity.total": (12.8, 0.41), "pseq.total": (-23.8, -0.46), "pcs.total": (26.3, 0.56),
}  # fmt: skip
HIGHER_BETTER = {"pseq.total"}


@pytest.fixture(scope="module")
def cohort():
    return simulate(load_protocol("routine-care"), n=300, seed=3, truth=False)


@pytest.fixture(scope="module")
def result(cohort):
    return analyse(load_protocol("routine-care"), cohort, allow_invented=True)


def block(result, kind, name):
    return next(b for b in result.section("benchmark").blocks if type(b).__name__ == kind and b.id == name)


def test_the_protocol_holds_the_printed_figures_turned():
    held = {p.scale: (p.percent, p.g, p.printed) for p in load_protocol("routine-care").analysis.benchmark.outcomes}
    for scale, (percent, g) in PRINTED.items():
        turn = -1 if scale in HIGHER_BETTER else 1
        assert held[scale][:2] == (turn * percent, turn * g)
        assert f"{percent:g}" in held[scale][2].replace("−", "-")


def test_improvement_lies_to_the_right_in_both(result):
    rows = block(result, "Picture", "benchmark").picture.rows
    assert len(rows) == len(PRINTED)
    assert all(row.published.value > 0 for row in rows)
    assert all(row.value > 0 for row in rows)  # the simulated people improve on every outcome, self-efficacy too


def test_self_efficacy_is_shown_as_printed_beside(result):
    table = block(result, "Table", "benchmark")
    row = next(row for row in table.rows if row[0] == "Pain self-efficacy")
    assert row[table.columns.index("Published g, turned")] == "0.46"
    assert "-23.8" in row[table.columns.index("As printed")]


def test_markers_are_hollow_and_nothing_is_tested(result):
    assert all(row.published.comparable is not True for row in block(result, "Picture", "benchmark").picture.rows)
    table = block(result, "Table", "benchmark")
    assert "not known" in table.rows[0]
    assert not any(column == "p" or "difference" in column.lower() for column in table.columns)


def test_funnel_beside_the_published_shares(result):
    table = block(result, "Table", "benchmark_funnel")
    assert [row[-1] for row in table.rows] == [pytest.approx(87), pytest.approx(75), pytest.approx(63)]


def test_no_comparison_and_not_this_programme_are_said(result):
    texts = [text for b in result.section("benchmark").blocks for text in b.texts()]
    assert any(text.startswith("No comparison group: part of this would have happened anyway.") for text in texts)
    assert any("not the one tested in the sources" in text for text in texts)


def test_invented_people_need_to_be_allowed(cohort, result):
    """C12: origins are not mixed unless asked for, and then the heading says so."""
    refused = analyse(load_protocol("routine-care"), cohort).section("benchmark")
    assert [type(b).__name__ for b in refused.blocks] == ["Caution"]
    assert "--allow-invented" in refused.blocks[0].text
    assert result.section("benchmark").heading.startswith("Invented data.")


def test_an_estimate_has_no_p_against_the_published(result):
    names = [estimate.id for estimate in result.estimates]
    assert not any(name.startswith("benchmark") for name in names)
    assert isinstance(result.estimate("g.pseq.total.post"), Estimate)
    with pytest.raises(BadInput, match="nothing called 'benchmark'"):
        analyse(load_protocol("routine-care"), simulate(load_protocol("routine-care"), n=20, seed=1, truth=False),
                only={"benchmark"})  # fmt: skip
