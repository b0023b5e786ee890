"""One person's pictures: which way is better, what was not answered, what happened when; small enough for a list."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import figure_samples as samples
import pytest
from svg_reading import SVG, all_words, parsed

from accord.science.errors import BadInput
from accord.science.figures import NARROW, WIDE, Happening, Outcome, PersonTimeline, Sparkline
from accord.science.figures.marks import CALM, CARD, EDGE


def marks(svg, tag):
    return [element.attrib for element in parsed(svg).iter(f"{SVG}{tag}")]


def dots(figure):
    return [(float(c["cx"]), float(c["cy"])) for c in marks(figure.svg(), "circle") if c["fill"] == CALM]


def test_a_sparkline_prints_the_last_value_and_which_way_is_better():
    words = all_words(samples.sparkline().svg())
    assert "7.8" in words
    assert "lower is better" in words
    assert "higher is better" in all_words(replace(samples.sparkline(), better="up").svg())


def test_a_sparkline_stands_on_the_ends_of_its_scale_so_that_small_changes_look_small():
    def rise(high):
        line = next(
            m for m in marks(Sparkline("t", "d", [(0, 6), (7, 7)], 0, high).svg(), "path") if m["fill"] == "none"
        )
        (_, y1), (_, y2) = [tuple(map(float, pair.split())) for pair in line["d"].strip("M").split(" L")]
        return y1 - y2

    assert rise(10) == pytest.approx(3.0, abs=0.1)
    assert rise(100) == pytest.approx(0.3, abs=0.1)


def test_the_form_for_a_cell_is_tiny_hidden_from_readers_and_has_no_colour_of_its_own():
    cell = samples.sparkline().cell()
    assert len(cell) < 220
    root = ElementTree.fromstring(cell)
    assert root.attrib["aria-hidden"] == "true"
    assert [child.attrib.get("class", child.tag) for child in root] == ["band", "path", "circle"]
    assert "#" not in cell
    assert "style" not in cell


def test_a_cell_without_values_is_empty_and_one_value_is_a_dot():
    bare = replace(samples.sparkline(), points=[], band=None)
    assert list(ElementTree.fromstring(bare.cell())) == []
    one = replace(bare, points=[(0, 5.0)])
    assert [child.tag for child in ElementTree.fromstring(one.cell())] == ["circle"]


def test_all_outcomes_and_happenings_stand_on_one_axis():
    outcomes = [Outcome(name, [(0, 1), (10, 2), (20, 3)], 0, 10) for name in ("a", "b")]
    figure = PersonTimeline("t", "d", 0, 20, 20, outcomes, [Happening("contact", 10, "phone")])
    places = sorted({x for x, _ in dots(figure)})
    assert len(places) == 3
    assert places[1] == pytest.approx((places[0] + places[2]) / 2, abs=0.11)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_u19_every_panel_says_which_way_is_better_and_the_ends_of_its_scale(width):
    words = all_words(samples.person_timeline().svg(width=width))
    assert words.count("lower is better ↓") == 2
    assert words.count("higher is better ↑") == 1
    for said in ("27", "60", "6.0", "7.8", "11", "15", "today"):
        assert said in words.split()


def test_u19_what_was_asked_and_not_answered_is_drawn_and_said():
    figure = samples.person_timeline()
    answered = replace(figure, outcomes=[replace(one, points=[(0, 5.0)]) for one in figure.outcomes])
    hollow = [m for m in marks(figure.svg(), "path") if m["stroke"] == EDGE and m["fill"] == CARD]
    assert len(hollow) == 1
    assert "asked, not answered" in all_words(figure.svg())
    assert "asked, not answered" not in all_words(answered.svg())
    assert ("asked, not answered", None) in {row[2:] for row in figure.table()[1]}


def test_the_band_and_the_flare_are_explained_where_they_are_drawn_and_not_elsewhere():
    figure = samples.person_timeline()
    plain = replace(figure, outcomes=[replace(one, band=None) for one in figure.outcomes], happenings=[])
    assert "ordinary variation" in all_words(figure.svg())
    assert "a flare" in all_words(figure.svg())
    assert "ordinary variation" not in all_words(plain.svg())
    assert "flare" not in all_words(plain.svg())


def test_a_lane_stands_only_when_something_happened_in_it():
    words = all_words(replace(samples.person_timeline(), happenings=[Happening("contact", 3, "phone")]).svg())
    assert "Calls, visits" in words
    assert "Sessions" not in words


def test_what_is_planned_is_hollow():
    held, planned = (
        PersonTimeline("t", "d", 0, 9, 5, [], [Happening("session", 4, "x", open=flag)]).svg() for flag in (False, True)
    )
    assert [m["fill"] for m in marks(held, "path")] == [CALM]
    assert [m["fill"] for m in marks(planned, "path")] == [CARD]


def test_the_table_tells_everything_in_the_order_of_time():
    figure = samples.person_timeline()
    columns, rows = figure.table()
    assert columns == ("Day", "What", "In words", "Value")
    assert len(rows) == len(figure.happenings) + sum(len(one.points) for one in figure.outcomes)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_an_unknown_kind_or_direction_is_refused():
    with pytest.raises(BadInput, match="party"):
        PersonTimeline("t", "d", 0, 9, 5, [], [Happening("party", 4, "x")]).svg()
    with pytest.raises(BadInput, match="sideways"):
        PersonTimeline("t", "d", 0, 9, 5, [Outcome("a", [], 0, 1, better="sideways")]).svg()
    with pytest.raises(BadInput, match="sideways"):
        Sparkline("t", "d", [], 0, 1, better="sideways").svg()
