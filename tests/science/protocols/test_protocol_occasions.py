"""Every time-point spelled out: repeats, same_as, plus, without, always, arms; and when it is planned."""

from tiny_protocol import GOOD, as_document

from accord.science.protocols import asked_at, occasions
from accord.science.protocols.model import Protocol
from accord.science.protocols.timing import planned_anchors, planned_window


def protocol(**schedule) -> Protocol:
    data = GOOD | {"schedule": GOOD["schedule"] | schedule}
    return as_document(data).validated(Protocol)


def by_name(found: Protocol) -> dict:
    return {occasion.name: occasion for occasion in occasions(found)}


def test_a_repeated_time_point_gives_one_occasion_each():
    weekly = [o for o in occasions(protocol()) if o.time_point == "weekly"]
    assert [o.name for o in weekly] == [f"weekly_{n}" for n in range(1, 8)]
    assert [(o.window.first, o.window.last) for o in weekly[:2]] == [(5, 9), (12, 16)]
    assert all(o.monitoring for o in weekly)


def test_same_as_takes_over_who_answers_what_and_plus_and_without_change_it():
    later = {"anchor": "group-end", "days": 200, "same_as": "baseline", "plus": {"patient": ["pgic"]},
             "without": ["pseq"]}  # fmt: skip
    asked = asked_at(protocol(later=later), "later")
    assert asked["patient"] == ("bpi_interference", "phq_9", "pgic", "safety_check")
    assert asked["record"] == ("medicines", "other_treatment")


def test_always_joins_whoever_is_asked_anyway_and_a_member_of_a_group_is_a_patient():
    only_members = {"anchor": "session:2", "days": 1, "member": ["gcq_s"]}
    only_therapists = {"anchor": "session:3", "days": 1, "therapist": ["wai_s_t"]}
    found = by_name(protocol(meeting=only_members, rating=only_therapists))
    assert found["meeting"].asked == {"patient": ("safety_check",), "member": ("gcq_s",)}
    assert found["rating"].asked == {"therapist": ("wai_s_t",)}


def test_without_everything_nobody_is_asked_and_always_adds_nothing():
    asked = asked_at(protocol(none={"anchor": "enrolment", "days": 1, "patient": ["pcs"], "without": ["pcs"]}), "none")
    assert asked == {}


def test_an_instrument_is_asked_once():
    twice = {"anchor": "enrolment", "days": 1, "patient": ["pcs", "safety_check", "pcs"]}
    assert asked_at(protocol(twice=twice), "twice")["patient"] == ("pcs", "safety_check")


def test_a_circle_of_same_as_ends():
    circle = {"anchor": "enrolment", "days": 1, "same_as": "there", "patient": ["pcs"]}
    there = {"anchor": "enrolment", "days": 1, "same_as": "here", "patient": ["ders"]}
    assert asked_at(protocol(here=circle, there=there), "here")["patient"] == ("ders", "pcs", "safety_check")


def test_planned_days_follow_from_the_contact_plan():
    """Baseline ends on day 14, so groups start then; eight weekly meetings end 49 days later."""
    anchors = planned_anchors(protocol(), "one")
    assert anchors["allocation"] == anchors["treatment-start"] == anchors["group-start"] == anchors["session:1"] == 14
    assert anchors["session:4"] == 14 + 3 * 7
    assert anchors["group-end"] == anchors["session:8"] == 14 + 7 * 7
    window = planned_window(protocol(), by_name(protocol())["follow_up"], "one")
    assert (window.first, window.last) == (63 + 84, 63 + 112)


def test_a_waiting_list_has_no_treatment_that_starts():
    waiting = {"label": "Waiting", "format": "none", "role": "waiting-list", "contact": {"mode": "none"}}
    data = GOOD | {"arms": GOOD["arms"] | {"waiting": waiting}}
    found = as_document(data).validated(Protocol)
    assert set(planned_anchors(found, "waiting")) == {"referral", "enrolment", "calendar", "allocation"}
    assert planned_window(found, by_name(found)["post"], "waiting") is None
