"""The flow of a review: read from a small file, refused where its counts do not add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accord.science.analyses.pooling import PoolPlan, pool_studies
from accord.science.analyses.prisma import read_prisma
from accord.science.analyses.review import review
from accord.science.analyses.studies import read_studies
from accord.science.errors import BadInput
from accord.science.reports import render_report

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "pool.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```\n(stage,.*?)```", PAGE, re.S)[1]


def written(folder, text):
    (folder / "flow.csv").write_text(text, encoding="utf-8")
    return folder / "flow.csv"


def test_the_example_of_the_page_is_read(tmp_path):
    flow = read_prisma(written(tmp_path, EXAMPLE))
    assert [stage.n for stage in flow.trunk] == [1240, 930, 80, 23]
    assert [(reason.label, reason.n) for reason in flow.trunk[2].lost] == [
        ("no control group", 40), ("no interference reported", 17),
    ]  # fmt: skip
    studies = read_studies(ROOT / "tests" / "published" / "data" / "ref_bcg_yi_vi.csv")
    result = review(pool_studies(studies, PoolPlan()), flow=flow)
    assert result.section("flow")
    assert "no interference reported" in render_report(result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EXAMPLE.replace("included,23", "included,24"), "row 6, column n: 'Studies included' has 24"),
        (EXAMPLE.replace("930,850", "930,many"), "row 3, column excluded: found 'many'"),
        (EXAMPLE.replace("1240", ""), "row 2, column n: found ''"),
        ("stage,count\nIdentified,3\n", "no column n"),
        ("stage,n,excluded,reason\n,,3,why\n", "first row has no stage"),
        ("stage,n\n", "no rows"),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_row(tmp_path, text, expected):
    with pytest.raises(BadInput, match=re.escape(expected)):
        read_prisma(written(tmp_path, text))
