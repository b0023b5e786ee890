"""The map of paths: what is drawn whole, broken and dotted; every slope in the picture and in its table."""

import re
from xml.etree import ElementTree

import pytest

from accord.science.figures.mechanism_map import Leg, MechanismMap

LEGS = [
    Leg("treatment", "worry", 0.5, 0.2, 0.8), Leg("worry", "outcome", 0.3, -0.1, 0.6),
    Leg("outcome", "worry", 0.2, 0.1, 0.3, back=True), Leg("treatment", "sleep", None),
    Leg("sleep", "outcome", 0.31, 0.1, 0.5), Leg("worry", "sleep", 0.44, 0.2, 0.7),
    Leg("treatment", "outcome", 0.4, -0.1, 0.9),
]  # fmt: skip


def drawn(width=720, legs=LEGS, **more):
    return MechanismMap("Paths", "What runs where.", legs, labels={"worry": "Worry about <pain>"}, **more).svg(
        width=width
    )


@pytest.mark.parametrize("width", [720, 264])
def test_every_slope_stands_in_the_picture_with_its_limits(width):
    svg = drawn(width)
    ElementTree.fromstring(svg)
    words = re.sub(r"\s+", " ", " ".join(re.findall(r">([^<]*)</text>", svg)))
    for part in ("0.50 [0.20, 0.80]", "0.30 [−0.10, 0.60]", "not estimable", "0.44 [0.20, 0.70]", "direct: 0.40"):
        assert part in words
    assert "&lt;pain&gt;" in svg


def test_what_is_shown_is_whole_and_what_is_not_is_broken_and_back_is_dotted():
    assert LEGS[0].shown
    assert not LEGS[1].shown
    assert not LEGS[3].shown
    svg = drawn()
    assert 'stroke-dasharray="6 4"' in svg
    assert 'stroke-dasharray="2 3"' in svg
    assert "reverse path" in svg
    alone = drawn(legs=LEGS[:1])
    assert "reverse path" not in alone


def test_without_a_beginning_no_box_stands_for_it():
    svg = drawn(legs=[Leg("worry", "outcome", 0.3, 0.1, 0.6), Leg("outcome", "worry", 0.2, 0.1, 0.3, back=True)])
    assert ">treatment<" not in svg
    assert ">outcome<" in svg


def test_the_table_holds_what_is_drawn():
    columns, rows = MechanismMap("Paths", "", LEGS, unit="SD").table()
    assert columns[2] == "Slope (SD)"
    assert len(rows) == len(LEGS)
    assert rows[2][-1] == "yes, reverse"
