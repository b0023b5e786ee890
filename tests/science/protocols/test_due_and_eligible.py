"""Who is due for what on a day, and who may take part: pure decisions from what is known."""

import pytest
from tiny_protocol import GOOD, as_document

from accord.science.conditions import Decision
from accord.science.errors import BadInput
from accord.science.protocols import due, eligible, load_protocol
from accord.science.protocols.model import Protocol


@pytest.fixture(scope="module")
def tiny() -> Protocol:
    return as_document(GOOD).validated(Protocol)


def open_(tiny, day, answered=None, arm="one", **anchors) -> list[tuple[str, str]]:
    days = {"enrolment": 0} | {name.replace("_", "-"): day for name, day in anchors.items()}
    return [(d.occasion, d.informant) for d in due(tiny, days, day, answered or {}, arm=arm)]


def test_baseline_is_due_from_its_first_to_its_last_day(tiny):
    assert open_(tiny, 0) == [("baseline", "patient"), ("baseline", "record")]
    assert open_(tiny, 14) == [("baseline", "patient"), ("baseline", "record")]
    assert open_(tiny, 15) == []


def test_what_was_answered_is_not_due(tiny):
    assert open_(tiny, 3, {("baseline", "patient"): 2}) == [("baseline", "record")]


def test_nothing_is_due_before_its_anchor_exists(tiny):
    assert ("post", "patient") not in open_(tiny, 70)
    assert ("post", "patient") in open_(tiny, 70, group_end=63)


def test_a_session_is_counted_from_its_own_day(tiny):
    assert open_(tiny, 41, **{"session:4": 40}) == [
        ("session_4", "patient"), ("session_4", "therapist"), ("session_4", "member"),
    ]  # fmt: skip


def test_each_repeat_has_its_own_window(tiny):
    assert open_(tiny, 27, {("baseline", "patient"): 1, ("baseline", "record"): 1}, group_start=20) == [
        ("weekly_1", "patient")
    ]
    assert open_(tiny, 30, {("baseline", "patient"): 1, ("baseline", "record"): 1}, group_start=20) == []


def test_a_stale_baseline_comes_back_before_the_group_starts(tiny):
    """C23: answered on day 2, the group starts on day 40: more than 28 days, so again from day 12 to day 40."""
    answered = {("baseline", "patient"): 2, ("baseline", "record"): 2}
    again = due(tiny, {"enrolment": 0, "group-start": 40}, 20, answered, arm="one")
    assert [(d.occasion, d.informant, d.again) for d in again] == [
        ("baseline", "patient", True), ("baseline", "record", True),
    ]  # fmt: skip
    assert (again[0].window.first, again[0].window.last) == (12, 40)
    fresh = dict.fromkeys(answered, 15)
    assert due(tiny, {"enrolment": 0, "group-start": 40}, 20, fresh, arm="one") == []


def test_before_allocation_only_what_every_arm_is_asked(tiny):
    extra = {"anchor": "enrolment", "days": 3, "arms": ["one"], "patient": ["pcs"], "assumed": "all"}
    found = as_document(GOOD | {"schedule": GOOD["schedule"] | {"extra": extra}}).validated(Protocol)
    assert ("extra", "patient") not in open_(found, 3, arm=None)
    assert ("extra", "patient") in open_(found, 3, arm="one")
    assert ("extra", "patient") not in open_(found, 3, arm="two")


def test_everything_due_carries_what_it_shrinks_to_on_a_bad_day(tiny):
    assert due(tiny, {"enrolment": 0}, 1, {}, arm="one")[0].minimum == ("bpi_interference", "safety_check")


ANSWERS = {"age": 44, "pain_months": 30, "pain_seen_by_doctor": "yes"}


@pytest.mark.parametrize(
    ("change", "decision", "refused", "to_ask"),
    [
        ({}, Decision.YES, [], []),
        ({"age": 17}, Decision.NO, ["age"], []),
        ({"age": 18}, Decision.YES, [], []),
        ({"pain_seen_by_doctor": "not_sure"}, Decision.NO, ["pain_seen_by_doctor"], []),
        ({"age": None}, Decision.UNKNOWN, [], ["age"]),
        ({"age": None, "pain_months": 1}, Decision.NO, ["pain_months"], ["age"]),
        ({"age": 16, "pain_months": 1}, Decision.NO, ["age", "pain_months"], []),
    ],
)
def test_eligibility_of_routine_care(change, decision, refused, to_ask):
    found = eligible(load_protocol("routine-care"), ANSWERS | change)
    assert found.decision is decision
    assert [ask for ask, _ in found.refusals] == refused
    assert all(words for _, words in found.refusals)
    assert list(found.to_ask) == to_ask


def test_an_unanswered_question_is_asked_never_guessed():
    found = eligible(load_protocol("integro"), {})
    assert found.decision is Decision.UNKNOWN
    assert len(found.to_ask) == 8


def test_an_answer_of_the_wrong_kind_is_no_refusal_but_an_error():
    with pytest.raises(BadInput, match="needs a number"):
        eligible(load_protocol("routine-care"), ANSWERS | {"age": "forty"})
