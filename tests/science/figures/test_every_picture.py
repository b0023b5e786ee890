"""What holds for every picture, ordinary or nasty, wide or narrow."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import figure_samples as samples
import pytest
from svg_reading import SVG, overlaps, parsed, size_of, text_boxes

from accord.science.figures import NARROW, WIDE
from accord.science.figures.drawing import STAMP, standalone

WIDTHS = (WIDE, NARROW)
EVERY = pytest.mark.parametrize("name", samples.ALL)
BOTH = pytest.mark.parametrize("width", WIDTHS)


@EVERY
@BOTH
def test_it_is_xml_with_title_and_description_that_name_it(name, width):
    root = parsed(samples.ALL[name].svg(ident=f"one-{name}", width=width))
    assert root.attrib["role"] == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert root.attrib["aria-labelledby"].split() == [root[0].attrib["id"], root[1].attrib["id"]]
    assert root[0].text
    assert root[1].text


@EVERY
@BOTH
def test_no_words_lie_over_others_or_leave_the_picture(name, width):
    svg = samples.ALL[name].svg(width=width)
    assert overlaps(svg) == []
    wide, tall = size_of(svg)
    assert wide == width
    for box in text_boxes(svg):
        assert box.left >= -1.0, box
        assert box.right <= wide + 1.0, box
        assert box.top >= -2.0, box
        assert box.bottom <= tall + 0.5, box


@EVERY
@BOTH
def test_every_mark_has_finite_coordinates_inside_the_picture(name, width):
    svg = samples.ALL[name].svg(width=width)
    _, tall = size_of(svg)
    for element in parsed(svg).iter():
        for key in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "r"):
            if key in element.attrib:
                value = float(element.attrib[key])
                assert math.isfinite(value)
                assert -20 <= value <= max(width, tall) + 20, (element.tag, element.attrib)
        for value in map(float, re.findall(r"-?[\d.]+(?:e\d+)?", element.attrib.get("d", ""))):
            assert -20 <= value <= max(width, tall) + 20
    assert "nan" not in re.sub(r"<(title|desc|text)[^>]*>[^<]*", "", svg).lower()


@EVERY
def test_nothing_in_it_needs_a_style_a_script_or_another_host(name):
    svg = samples.ALL[name].svg()
    assert not re.search(r"<style|style=|<script|\son\w+=|href|url\(|@import", re.sub(r">[^<]*<", "><", svg))
    assert re.findall(r"https?://[^\"\s]+", svg) == ["http://www.w3.org/2000/svg"]


@EVERY
def test_the_same_values_give_the_same_bytes(name):
    figure = samples.ALL[name]
    assert figure.svg(width=NARROW) == replace(figure).svg(width=NARROW)


@EVERY
@BOTH
def test_invented_data_are_stamped_in_the_corner_and_in_the_title(name, width):
    plain, stamped = (replace(samples.ALL[name], invented=flag) for flag in (False, True))
    boxes = [box for box in text_boxes(stamped.svg(width=width)) if box.words == STAMP]
    assert len(boxes) == 1
    assert boxes[0].top < 20
    assert boxes[0].right > width - 16
    assert STAMP in parsed(stamped.svg(width=width))[0].text
    assert STAMP not in plain.svg(width=width)
    assert overlaps(stamped.svg(width=width)) == []


@EVERY
def test_the_table_behind_it_is_square(name):
    columns, rows = samples.ALL[name].table()
    assert len(columns) == len(set(columns))
    assert all(len(row) == len(columns) for row in rows)
    if name in samples.ORDINARY:
        assert rows


@EVERY
def test_alone_it_is_plain_xml_with_a_ground_and_no_custom_properties(name):
    alone = standalone(samples.ALL[name].svg(ident="x"))
    root = parsed(alone.split("\n", 1)[1])
    assert "var(" not in alone
    assert alone.count("<svg") == 1
    ground = root.find(f"{SVG}rect")
    assert ground.attrib["fill"] == "#ffffff"
    assert root.attrib["viewBox"].split()[2:] == [ground.attrib["width"], ground.attrib["height"]]


def test_two_pictures_without_an_id_of_their_own_have_different_ids():
    first, second = samples.forest().svg(), samples.funnel().svg()
    assert set(re.findall(r' id="([^"]+)"', first)).isdisjoint(re.findall(r' id="([^"]+)"', second))


@pytest.mark.parametrize("given", ['a"b', "1 2", "<x>", "ä", "--"])
def test_an_id_that_html_does_not_allow_is_made_one(given):
    svg = samples.forest().svg(ident=given)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", parsed(svg)[0].attrib["id"])


def test_hostile_words_stay_words():
    svg = samples.NASTY["hostile"].svg()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert parsed(svg)[0].text.startswith("<script>")
