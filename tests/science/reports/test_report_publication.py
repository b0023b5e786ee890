"""Pictures for a paper: PDF, PNG, and charts that Vega-Lite accepts."""

from __future__ import annotations

import json

import pytest
import report_sample as sample

from accord.science.analyses.result import Picture, Section
from accord.science.reports import write_report
from accord.science.reports.publication import editable_chart

CHARTS = ("forest", "odds", "trajectories", "two_arms", "calibration")


def picture(name: str) -> Picture:
    return next(b for b in sample.result().blocks() if isinstance(b, Picture) and b.id == name)


def test_each_picture_comes_as_pdf_and_png_and_charts_as_vega_lite(tmp_path):
    small = sample.bare()
    blocks = (picture("calibration"), picture("flow"))
    result = type(small)(**{f: getattr(small, f) for f in small.__dataclass_fields__} | {
        "sections": (Section("s", "S", blocks),), "origin": "simulated"})  # fmt: skip
    written = write_report(result, tmp_path, publication=True)
    names = {path.name for path in written.files}
    assert {"calibration-invented.pdf", "calibration-invented.png", "calibration-invented.vl.json", "flow-invented.pdf",
            "flow-invented.png"} <= names  # fmt: skip
    assert "flow-invented.vl.json" not in names
    assert (tmp_path / "figures/flow-invented.pdf").read_bytes().startswith(b"%PDF-")
    png = (tmp_path / "figures/flow-invented.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 3 * (720 + 32)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_draws_and_holds_the_same_numbers(name):
    import vl_convert

    block = picture(name)
    chart = editable_chart(block, invented=True)
    assert chart["title"].endswith("(invented data)")
    assert chart["description"] == block.description
    svg = vl_convert.vegalite_to_svg(json.dumps(chart))
    assert "<path" in svg
    assert "invented data" in svg
    drawn = json.dumps(chart)
    numbers = [cell for row in block.picture.table()[1] for cell in row if isinstance(cell, float) and cell == cell]
    assert numbers
    assert all(json.dumps(number) in drawn for number in numbers)


def test_what_is_no_chart_has_none():
    assert editable_chart(picture("flow"), invented=False) is None
