"""The schedule as rows, as words and as one valid, described SVG."""

from xml.etree import ElementTree

import pytest
from svg_reading import overlaps, size_of, text_boxes
from tiny_protocol import GOOD, as_document

from accord.science.figures import NARROW, WIDE
from accord.science.figures.schedule import Bar, Milestone, SchedulePicture, Track
from accord.science.protocols import load_protocol, protocol_names, schedule, schedule_picture
from accord.science.protocols.model import Protocol, Window
from accord.science.protocols.schedule import when

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("anchor", "window", "every", "times", "words"),
    [
        ("enrolment", (0, 14), None, None, "days 0 to 14 from enrolment"),
        ("group-end", (7, 7), None, None, "day 7 from the group's end"),
        ("session:5", (0, 3), None, None, "days 0 to 3 from session 5"),
        ("treatment-start", (5, 9), 7, 8, "every week, 8 times, days 5 to 9 from the start of treatment"),
        ("allocation", (5, 9), 10, 3, "every 10 days, 3 times, days 5 to 9 from allocation"),
    ],
)
def test_when_in_words(anchor, window, every, times, words):
    assert when(anchor, Window(first=window[0], last=window[1]), every, times) == words


def test_rows_say_who_what_when():
    rows = schedule(as_document(GOOD).validated(Protocol))
    assert [(row.time_point, row.informant) for row in rows] == [
        ("baseline", "patient"), ("baseline", "record"), ("weekly", "patient"), ("session_4", "patient"),
        ("session_4", "therapist"), ("post", "patient"), ("post", "record"), ("follow_up", "patient"),
        ("follow_up", "record"),
    ]  # fmt: skip
    assert rows[5].nominal == Window(first=63, last=77)


def tiny() -> SchedulePicture:
    return schedule_picture(as_document(GOOD).validated(Protocol))


def boxes(svg: str) -> dict[str, list[float]]:
    """Left edges of the bars: filled for an assessment, outlined for a check-in (the legend holds one of each)."""
    found: dict[str, list[float]] = {"assessment": [], "check-in": []}
    for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        kind = "assessment" if rect.get("stroke") == "none" else "check-in"
        found[kind].append(float(rect.get("x")))
    return {kind: edges[1:] for kind, edges in found.items()}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_picture_has_a_bar_for_each_window_and_time_runs_right(width):
    found = boxes(tiny().svg(width=width))
    assert len(found["check-in"]) == 7
    assert len(found["assessment"]) == 4
    for edges in found.values():
        assert edges == sorted(edges)
        assert len(set(edges)) == len(edges)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_says_who_and_how_long(width):
    texts = {text.text for text in ElementTree.fromstring(tiny().svg(width=width)).iter(f"{SVG}text")}
    assert {"enrolment", "group end", "patient: 27 items, 3 min", "patient: 5 items, under 1 min"} <= texts


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("slug", protocol_names())
def test_no_words_lie_over_others_or_leave_the_picture(slug, width):
    svg = schedule_picture(load_protocol(slug)).svg(width=width)
    assert overlaps(svg) == []
    wide, tall = size_of(svg)
    for box in text_boxes(svg):
        assert -1 <= box.left <= box.right <= wide + 1, box
        assert -2 <= box.top <= box.bottom <= tall, box


def test_it_names_itself():
    tree = ElementTree.fromstring(tiny().svg(ident="one"))
    assert tree.find(f"{SVG}title").text == "Schedule of tiny"
    assert "5 time-points" in tree.find(f"{SVG}desc").text
    assert tree.get("aria-labelledby") == "one-title one-desc"


def test_the_table_holds_what_the_picture_shows():
    columns, rows = tiny().table()
    assert columns == ("Time-point", "When", "Who", "Instruments", "Items", "Minutes")
    assert rows[0][2:] == ("patient", "bpi_interference, safety_check, phq_9, pseq", 27, 3.1)


def test_names_with_signs_are_escaped():
    track = Track('A < B & "C"', "x", ((0, 1),), (Bar("p<q", (), 1, 0.1),))
    picture = SchedulePicture("<t>", "&d", (track,), (Milestone(0, "<m>"),))
    assert ElementTree.fromstring(picture.svg()).find(f"{SVG}title").text == "<t>"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_empty_schedule_can_be_drawn(width):
    assert ElementTree.fromstring(SchedulePicture("t", "d", ()).svg(width=width)).tag == f"{SVG}svg"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_labels_of_milestones_do_not_lie_over_each_other(width):
    milestones = tuple(Milestone(day, f"a rather long name of day {day}") for day in (0, 5, 10, 300))
    svg = SchedulePicture("t", "d", (Track("a", "w", ((0, 300),), ()),), milestones).svg(width=width)
    assert overlaps(svg) == []
    assert sum("a rather" in box.words for box in text_boxes(svg)) == 4


def test_nothing_from_elsewhere_and_no_style_is_asked_for():
    """A strict content security policy lets it through: no script, no style, no address but the namespace."""
    svg = tiny().svg()
    assert svg.count("http") == 1
    assert not any(word in svg for word in ("<script", "<style", "style="))
