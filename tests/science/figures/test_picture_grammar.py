"""The grammar: what each kind of picture must say and how its marks mean it."""

from __future__ import annotations

import re
from dataclasses import replace

import figure_samples as samples
import pytest
from svg_reading import SVG, all_words, parsed

from accord.science.errors import BadInput
from accord.science.figures import (
    NARROW,
    WIDE,
    CalibrationBin,
    Forest,
    ForestRow,
    Panel,
    Pattern,
    Published,
    Reading,
    TimePoint,
    Trajectories,
    Trajectory,
)
from accord.science.figures.marks import CALM, CARD, WARM, series


def marks(svg: str, tag: str) -> list[dict[str, str]]:
    return [element.attrib for element in parsed(svg).iter(f"{SVG}{tag}")]


def triangles(svg: str) -> list[dict[str, str]]:
    return [path for path in marks(svg, "path") if path["stroke"] == WARM]


def one_published(comparable: bool | None) -> Forest:
    return Forest("t", "d", [ForestRow("r", 0.5, 0.4, 0.6, published=Published(0.4, comparable=comparable))], "g")


@pytest.mark.parametrize("comparable", [None, False])
def test_a_published_figure_is_hollow_unless_known_to_be_comparable(comparable):
    svg = one_published(comparable).svg()
    assert {mark["fill"] for mark in triangles(svg)} == {CARD}
    assert "hollow" in all_words(svg)


def test_a_published_figure_that_is_comparable_is_solid():
    svg = one_published(True).svg()
    assert {mark["fill"] for mark in triangles(svg)} == {WARM}
    assert "hollow" not in all_words(svg)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_forest_says_which_side_is_better(width):
    words = all_words(samples.forest().svg(width=width))
    assert "better →" in words
    assert "← worse" in words
    assert words.index("← worse") < words.index("better →")


def squares(svg: str) -> list[tuple[float, float]]:
    """Left edge and width of the squares, in their order."""
    found = [re.findall(r"[-\d.]+", m["d"]) for m in marks(svg, "path") if m["fill"] == CALM and m["d"].count("L") == 3]
    return [(float(p[0]), float(p[2]) - float(p[0])) for p in found]


def test_better_lies_to_the_right_and_weight_is_area():
    rows = [ForestRow("a", 0.1, 0.0, 0.2, weight=0.1), ForestRow("b", 0.4, 0.3, 0.5, weight=0.9)]
    (x1, w1), (x2, w2) = squares(Forest("t", "d", rows, "g").svg())
    assert x1 < x2
    assert w1 < w2


def test_a_pooled_row_is_a_diamond_as_wide_as_its_interval():
    svg = Forest("t", "d", [ForestRow("Pooled", 0.5, 0.2, 0.8, kind="summary")], "g").svg()
    (shape,) = [mark["d"] for mark in marks(svg, "path") if mark["fill"] == CALM]
    xs = [float(pair.split()[0]) for pair in shape.strip("MZ ").split(" L")]
    assert xs[0] < xs[1] < xs[2]
    assert xs[1] == xs[3]


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    inside = Forest("t", "d", [ForestRow("a", 0.5, 0.4, 0.6)], "g").svg()
    beyond = Forest("t", "d", [ForestRow("a", 0.5, float("-inf"), 0.6)], "g").svg()
    assert len(marks(beyond, "path")) == len(marks(inside, "path")) + 1


def test_odds_of_one_lie_on_the_reference():
    svg = Forest("t", "d", [ForestRow("a", 1.0, 0.5, 2.0)], "OR", reference=1.0, log=True).svg()
    reference = next(line for line in marks(svg, "line") if line["stroke-width"] == "1.5")
    (left, width) = squares(svg)[0]
    assert left + width / 2 == pytest.approx(float(reference["x1"]), abs=0.2)


def test_every_arm_has_a_colour_a_dash_and_a_shape_of_its_own():
    five = [series(k) for k in range(5)]
    assert len({one.colour for one in five}) == len({one.dash for one in five}) == len({one.shape for one in five}) == 5


def test_curves_say_which_way_is_better_and_name_their_time_points():
    words = all_words(samples.trajectories(6, 2).svg(width=WIDE))
    assert "lower is better ↓" in words
    assert "higher is better ↑" in words
    for name in ("baseline", "post", "follow-up", "Brain retraining", "Relaxation"):
        assert name in words


def test_time_runs_right_and_lower_means_lie_lower():
    points = [TimePoint("b", 0), TimePoint("p", 10)]
    panel = Panel("s", [Trajectory("a", [Reading("p", 4.0), Reading("b", 8.0)])])
    (x1, y1), (x2, y2) = [
        (float(c["cx"]), float(c["cy"])) for c in marks(Trajectories("t", "d", points, [panel]).svg(), "circle")
    ]
    assert x1 < x2
    assert y1 < y2


def test_names_that_have_no_room_become_numbers_with_a_key():
    figure = samples.trajectories(3)
    points = [replace(point, label=f"{point.label} of the whole programme") for point in figure.time_points]
    panels = [
        replace(panel, trajectories=[Trajectory("a", [Reading(p.label, 5.0) for p in points])])
        for panel in figure.panels
    ]
    words = all_words(replace(figure, time_points=points, panels=panels).svg())
    assert "1\N{NO-BREAK SPACE}baseline of the whole programme" in words


@pytest.mark.parametrize(
    "panel", [Panel("s", [Trajectory("a", [Reading("never", 1.0)])]), Panel("s", [], better="sideways")]
)
def test_an_unknown_time_point_or_direction_is_refused(panel):
    with pytest.raises(BadInput, match="s:"):
        Trajectories("t", "d", [TimePoint("now", 0)], [panel]).svg()


@pytest.mark.parametrize("arms", [0, 1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_flow_shows_every_count_and_every_reason(arms, width):
    figure = samples.flow(arms)
    words = all_words(figure.svg(width=width))
    for stage in [*figure.trunk, *(stage for arm in figure.arms for stage in arm.stages)]:
        assert f"n = {stage.n}" in words
    assert words.count("4 withdrew") == arms
    assert words.count("Excluded: 100") == 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_funnel_shows_counts_shares_definitions_and_reasons(width):
    words = all_words(samples.funnel().svg(width=width))
    for said in ("1,642", "89\N{NO-BREAK SPACE}% of those referred", "opened the first lesson", "178 never opened"):
        assert said in words


def test_funnel_bars_are_as_long_as_their_counts():
    figure = samples.funnel()
    bars = [float(box["width"]) for box in marks(figure.svg(), "rect") if box["fill"] == CALM]
    assert [bar / bars[0] for bar in bars] == pytest.approx(
        [s.n / figure.stages[0].n for s in figure.stages], abs=0.002
    )


def test_missing_patterns_are_ordered_and_their_shares_add_up():
    columns, rows = samples.missing().table()
    assert columns[-2:] == ("people", "share")
    assert [row[-2] for row in rows] == sorted((row[-2] for row in rows), reverse=True)
    assert sum(row[-1] for row in rows) == pytest.approx(1.0)


def test_missing_shows_the_share_that_answered_at_each_time_point():
    figure = replace(samples.missing(2), patterns=[Pattern([True, True], 3), Pattern([True, False], 1)])
    words = all_words(figure.svg())
    assert "100\N{NO-BREAK SPACE}%" in words
    assert "75\N{NO-BREAK SPACE}%" in words


def test_a_perfect_prediction_lies_on_the_diagonal():
    figure = replace(samples.calibration(), bins=[CalibrationBin(0.3, 0.3), CalibrationBin(0.7, 0.7)])
    svg = figure.svg()
    dots = [(float(c["cx"]), float(c["cy"])) for c in marks(svg, "circle")][:2]
    diagonal = next(path["d"] for path in marks(svg, "path") if path.get("stroke-dasharray") == "5 4")
    (x1, y1), (x2, y2) = [tuple(map(float, pair.split())) for pair in diagonal.strip("M").split(" L")]
    for x, y in dots:
        assert (x - x1) / (x2 - x1) == pytest.approx((y - y1) / (y2 - y1), abs=0.01)


def test_the_caterpillar_is_in_order_and_says_how_it_may_not_be_read():
    figure = samples.caterpillar()
    values = [row[1] for row in figure.table()[1]]
    assert values == sorted(values)
    assert "not assigned at random" in all_words(figure.svg())


def test_a_caterpillar_whose_units_have_no_n_has_no_column_of_dashes():
    figure = samples.caterpillar(3)
    bare = replace(figure, effects=[replace(one, n=None) for one in figure.effects])
    words = [text.text for text in parsed(bare.svg()).iter(f"{SVG}text")]
    assert "95 % interval" in words
    assert "n" not in words
    assert "n" in [text.text for text in parsed(figure.svg()).iter(f"{SVG}text")]


def test_a_crowd_of_effects_keeps_its_spread_and_loses_its_labels():
    svg = samples.caterpillar(300).svg()
    assert len(marks(svg, "circle")) == 300
    assert "T17" not in all_words(svg)


def test_bars_print_shares_in_per_cent_and_minutes_in_minutes():
    assert "45\N{NO-BREAK SPACE}% [42\N{NO-BREAK SPACE}%, 48\N{NO-BREAK SPACE}%]" in all_words(samples.shares().svg())
    assert "42 [40, 44]" in all_words(samples.bars().svg())


def test_predictions_that_lie_close_fill_the_square_and_a_single_one_has_room():
    close = replace(samples.calibration(), bins=[CalibrationBin(0.85, 0.86, 0.8, 0.9)], distribution=[])
    assert "80 %" in all_words(close.svg()).replace("\N{NO-BREAK SPACE}", " ")
    assert "50 %" not in all_words(close.svg()).replace("\N{NO-BREAK SPACE}", " ")
    full = all_words(samples.calibration().svg()).replace("\N{NO-BREAK SPACE}", " ")
    assert "0 %" in full
    assert "100 %" in full
