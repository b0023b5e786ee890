"""What a funnel plot, a bubble plot and a prediction interval show, read off the drawing."""

from __future__ import annotations

from dataclasses import replace

import figure_samples as samples
import pytest
from svg_reading import SVG, parsed

from accord.science.figures import ContourFunnel, Forest, ForestRow, FunnelPoint


def circles(svg):
    return [
        (float(c.attrib["cx"]), float(c.attrib["cy"]), float(c.attrib["r"])) for c in parsed(svg).iter(f"{SVG}circle")
    ]


def test_precise_studies_stand_at_the_top_and_effects_in_order():
    points = [FunnelPoint("precise", 0.1, 0.05), FunnelPoint("small", 0.6, 0.4)]
    precise, small = circles(ContourFunnel("F", "f", points, "g").svg())[-2:]
    assert precise[1] < small[1]
    assert precise[0] < small[0]


def test_a_point_on_the_edge_of_significance_lies_on_the_edge_of_the_white_region():
    funnel = ContourFunnel("F", "f", [FunnelPoint("edge", 0.2 * 1.959964, 0.2), FunnelPoint("deep", 1.2, 0.4)], "g")
    svg = funnel.svg()
    white = [p.attrib["d"] for p in parsed(svg).iter(f"{SVG}path") if "--card" in p.attrib["fill"]][-1]
    tip, _, *right = [tuple(map(float, pair.split())) for pair in white[1:].removesuffix(" Z").split(" L")]
    x, y, _ = circles(svg)[-2]
    corner = max(right)
    on_edge = tip[0] + (corner[0] - tip[0]) * (y - tip[1]) / (corner[1] - tip[1])
    assert x == pytest.approx(on_edge, abs=0.2)


def test_filled_studies_are_told_apart_in_shape_words_and_table():
    funnel = samples.funnel_plot()
    assert "filled in, no real study" in funnel.svg()
    assert [row[3] for row in funnel.table()[1]].count("filled") == 3
    without = replace(funnel, points=[p for p in funnel.points if not p.filled])
    assert "filled in" not in without.svg()


def test_heavier_studies_are_larger_bubbles():
    drawn = circles(samples.bubbles().svg())[1:]  # the first is the legend's
    radii = [radius for _, _, radius in drawn]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > 2 * radii[-1]


def test_years_carry_no_mark_of_thousands():
    assert ">1980<" in samples.bubbles().svg()


def test_a_prediction_interval_is_a_line_with_its_limits_and_no_mark():
    rows = [ForestRow("A", 0.2, 0.1, 0.3), ForestRow("prediction", 0.2, -0.25, 0.65, kind="prediction")]
    whole, without = (Forest("F", "f", part, "g").svg() for part in (rows, rows[:1]))
    assert "[−0.25, 0.65]" in whole
    assert whole.count("<path") == without.count("<path")
