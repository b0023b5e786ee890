"""The schedule as rows, as words and as one valid, described SVG."""

from xml.etree import ElementTree

import pytest
from tiny_protocol import GOOD, as_document

from accord.science.figures.schedule import Bar, Milestone, SchedulePicture, Track
from accord.science.protocols import schedule, schedule_picture
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


def drawn(picture: SchedulePicture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg())


def test_the_picture_has_a_track_for_each_time_point_and_a_bar_for_each_window():
    picture = schedule_picture(as_document(GOOD).validated(Protocol))
    tree = drawn(picture)
    assert tree.find(f"{SVG}title").text == "Schedule of tiny"
    assert "5 time-points" in tree.find(f"{SVG}desc").text
    kinds = [rect.get("class") for rect in tree.iter(f"{SVG}rect")]
    assert kinds.count("check") == 7 + 1  # seven weeks and the legend
    assert kinds.count("due") == 4 + 1
    texts = [text.text for text in tree.iter(f"{SVG}text")]
    assert {"enrolment", "patient: 27 items, 3 min", "group end"} <= set(texts)


def test_time_runs_right():
    tree = drawn(schedule_picture(as_document(GOOD).validated(Protocol)))
    starts = [float(rect.get("x")) for rect in tree.iter(f"{SVG}rect") if rect.get("class") == "due"][1:]
    assert starts == sorted(starts)
    assert len(set(starts)) == 4


def test_the_table_holds_what_the_picture_shows():
    columns, rows = schedule_picture(as_document(GOOD).validated(Protocol)).table()
    assert columns == ("Time-point", "When", "Who", "Instruments", "Items", "Minutes")
    assert rows[0][2:] == ("patient", "bpi_interference, safety_check, phq_9, pseq", 27, 3.1)


def test_names_with_signs_are_escaped():
    track = Track('A < B & "C"', "x", ((0, 1),), (Bar("p<q", (), 1, 0.1),))
    picture = SchedulePicture("<t>", "&d", (track,), (Milestone(0, "<m>"),))
    assert drawn(picture).find(f"{SVG}title").text == "<t>"


def test_an_empty_schedule_can_be_drawn():
    assert drawn(SchedulePicture("t", "d", ())).tag == f"{SVG}svg"


def test_labels_of_milestones_do_not_lie_over_each_other():
    picture = SchedulePicture(
        "t", "d", (Track("a", "w", ((0, 300),), ()),),
        tuple(Milestone(day, f"a rather long milestone {day}") for day in (0, 5, 10, 300)),
    )  # fmt: skip
    labels = [text for text in drawn(picture).iter(f"{SVG}text") if (text.text or "").startswith("a rather")]
    assert len({text.get("y") for text in labels if not text.text.endswith(" 300")}) == 3


def test_nothing_from_elsewhere_is_asked_for():
    text = schedule_picture(as_document(GOOD).validated(Protocol)).svg()
    assert text.count("http") == 1  # the namespace
    assert "<script" not in text
