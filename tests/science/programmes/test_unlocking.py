"""What is open on which day and why: each way to say a requirement, alone and together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput
from accord.science.programmes import Change, Progress, load_programme, unlocked
from accord.science.programmes.model import Lesson, Programme

REVIEW = {"state": "not reviewed"}


def programme(*opens: list[dict], texts: bool = True) -> Programme:
    """Lessons a, b, c … in modules m_a, m_b, … with these requirements; written unless told otherwise."""
    lessons = [
        {"id": name, "title": name.upper(), "aim": "To learn.", "module": f"m_{name}", "minutes": 10, "opens": rules}
        | ({"status": "draft", "file": f"{name}.md"} if texts else {})
        for name, rules in zip("abcdef", opens, strict=False)
    ]
    return Programme.model_validate({
        "programme": "p", "version": 1, "title": "P", "summary": "S.", "status": "draft", "assumed": "all",
        "review": {"clinical": REVIEW, "lived_experience": REVIEW, "language": REVIEW},
        "anchors": {"start": "your start", "visit": "your first visit"},
        "lengths": {"short": {"label": "S", "weeks": 4, "days_between": 7},
                    "long": {"label": "L", "weeks": 8, "days_between": 14}},
        "modules": {f"m_{x}": {"title": x, "aim": "To learn."} for x in "abcdef"}, "lessons": lessons,
    })  # fmt: skip


def states(found) -> list[str]:
    return [one.state for one in found]


def second(requirements: list[dict], progress: Progress, day: int, **more):
    return unlocked(programme([], requirements), progress, day, **more)[1]


STARTED = Progress(anchors={"start": 10})


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("hold", "started", "What you have begun stays open."),
        ("skip", "skipped", "What you saved in it is kept"),
        ("open", "started", "Go on where you stopped."),
    ],
)
def test_what_was_begun_stays_open_and_says_what_the_therapist_decided(kind, state, words):
    progress = Progress(started={"a": 1}, changes={"a": Change(kind, "You asked for a break.")})
    one = unlocked(programme([]), progress, 2)[0]
    assert one.state == state
    assert words in one.reason
    assert ("You asked for a break." in one.reason) == (kind != "open")


def test_nothing_required_is_open():
    one = unlocked(programme([]), Progress(), 0)[0]
    assert (one.state, one.reason, one.opens_on_day) == ("open", "This is open for you now.", None)


@pytest.mark.parametrize(
    ("day", "state", "reason", "opens"),
    [
        (10, "closed", "This opens in 7 days.", 17), (16, "closed", "This opens tomorrow.", 17),
        (17, "open", "This is open for you now.", None), (99, "open", "This is open for you now.", None),
    ],
)  # fmt: skip
def test_by_day_from_an_anchor(day, state, reason, opens):
    one = second([{"on_day": 7, "of": "start"}], STARTED, day)
    assert (one.state, one.reason, one.opens_on_day) == (state, reason, opens)


def test_an_anchor_that_has_not_happened_is_named():
    one = second([{"on_day": 0, "of": "visit"}], STARTED, 50)
    assert (one.state, one.reason) == ("closed", "This opens once this has happened: your first visit.")
    assert one.opens_on_day is None


def test_each_requirement_counts_from_its_own_anchor():
    progress = Progress(anchors={"start": 0, "visit": 20})
    rules = [{"on_day": 1, "of": "start"}, {"on_day": 5, "of": "visit"}]
    assert second(rules, progress, 24).opens_on_day == 25
    assert second(rules, progress, 25).state == "open"


@pytest.mark.parametrize(("length", "opens"), [(None, 24), ("short", 24), ("long", 38)])
def test_a_step_takes_as_long_as_the_length_says(length, opens):
    assert second([{"step": 3, "of": "start"}], STARTED, 10, length=length).opens_on_day == opens


def test_an_unknown_length_is_refused():
    with pytest.raises(BadInput, match="short, long"):
        unlocked(programme([]), Progress(), 0, length="huge")


def test_by_completion_with_days_between():
    rules = [{"completed": "a", "days_later": 2}]
    one = second(rules, Progress(), 5)
    assert one.reason == "This opens when you have done “A” and 2 days have passed."
    done = Progress(completed={"a": 5})
    assert (second(rules, done, 6).state, second(rules, done, 6).opens_on_day) == ("closed", 7)
    assert second(rules, done, 7).state == "open"
    assert second(rules, Progress(completed={"a": 8}), 7).state == "closed"  # not done yet on that day


def test_by_the_therapists_reply_or_else_some_days():
    rules = [{"any_of": [{"reply_to": "a"}, {"completed": "a", "days_later": 3}]}]
    done = Progress(completed={"a": 5})
    one = second(rules, done, 6)
    assert one.opens_on_day == 8
    assert one.reason == "This opens when your therapist has answered what you wrote in “A”. Or: This opens in 2 days."
    assert second(rules, done, 8).state == "open"
    assert second(rules, Progress(completed={"a": 5}, replies={"a": 6}), 6).state == "open"


RULE = {"rule": "red_flags.any == false", "because": "A doctor first.", "unknown": "We ask you first."}


@pytest.mark.parametrize(
    ("record", "state", "reason"),
    [
        ({"red_flags.any": False}, "open", "This is open for you now."),
        ({"red_flags.any": True}, "closed", "A doctor first."),
        ({"red_flags.any": None}, "closed", "We ask you first."),
        ({}, "closed", "We ask you first."),
    ],
)
def test_by_rule_unknown_stays_shut_with_its_own_reason(record, state, reason):
    one = second([RULE], Progress(record=record), 0)
    assert (one.state, one.reason, one.opens_on_day) == (state, reason, None)


def test_all_requirements_must_be_met_and_the_first_that_is_not_gives_the_reason():
    rules = [{"on_day": 0, "of": "start"}, {"on_day": 20, "of": "start"}, RULE]
    one = second(rules, STARTED, 12)
    assert one.reason == "This opens in 18 days."
    assert one.opens_on_day is None  # the rule has no day
    assert second(rules[:2], STARTED, 12).opens_on_day == 30


def test_done_and_started_stay_open_whatever_the_rules_say():
    progress = Progress(started={"b": 3}, record={"red_flags.any": True})
    assert second([RULE], progress, 5).state == "started"
    assert second([RULE], progress, 2).state == "closed"
    assert second([RULE], Progress(started={"b": 3}, completed={"b": 4}), 5).state == "done"


@pytest.mark.parametrize(("kind", "state"), [("open", "open"), ("skip", "skipped"), ("hold", "closed")])
def test_a_therapists_change_comes_with_its_reason(kind, state):
    progress = Progress(changes={"b": Change(kind, "we talked about it on Monday.")})
    one = second([RULE], progress, 0)
    assert (one.state, one.reason) == (state, "Your therapist decided this with you: we talked about it on Monday.")


def test_a_lesson_that_was_skipped_holds_nobody_up():
    rules = ([], [{"completed": "a"}, {"reply_to": "a"}])
    progress = Progress(changes={"a": Change("skip", "you know this.")})
    assert states(unlocked(programme(*rules), progress, 0)) == ["skipped", "open"]


def test_a_module_that_is_switched_off_is_not_there_and_holds_nobody_up():
    rules = ([], [{"completed": "a"}], [{"completed": "b"}, {"reply_to": "b"}])
    found = unlocked(programme(*rules), Progress(completed={"a": 0}), 0, modules=["m_a", "m_c"])
    assert [(one.lesson.id, one.state) for one in found] == [("a", "done"), ("c", "open")]


def test_an_outline_says_that_it_is_not_written():
    one = unlocked(programme([], texts=False), Progress(), 0)[0]
    assert (one.state, one.reason) == ("closed", "This part is not written yet.")


LIVING = load_programme("living-with-pain")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 120), st.dictionaries(st.sampled_from([x.id for x in LIVING.lessons]), st.integers(0, 100)))
def test_waiting_never_shuts_a_lesson(day, completed):
    """What is open today is open tomorrow; every lesson has a state and a reason that ends as a sentence."""
    progress = Progress(anchors={"treatment_start": 0}, completed=completed, record={"red_flags.any": False})
    today, tomorrow = unlocked(LIVING, progress, day), unlocked(LIVING, progress, day + 1)
    for before, after in zip(today, tomorrow, strict=True):
        assert before.reason.endswith(".")
        assert not (before.state in ("open", "done") and after.state == "closed")
        if before.state == "closed" and before.opens_on_day is not None:
            assert before.opens_on_day > day


def test_the_first_lesson_of_living_with_pain_opens_at_the_start_and_the_second_a_week_later():
    written = [x.model_copy(update={"status": "draft", "file": "x.md"}) for x in LIVING.lessons]
    whole = LIVING.model_copy(update={"lessons": written})
    start = Progress(anchors={"treatment_start": 3})
    assert states(unlocked(whole, start, 3)) == ["open", "closed", "closed", "closed", "closed"]
    done = Progress(anchors={"treatment_start": 3}, completed={"understanding_pain": 8})
    second_lesson = unlocked(whole, done, 9)[1]
    assert (second_lesson.state, second_lesson.opens_on_day) == ("closed", 10)
    assert unlocked(whole, done, 10)[1].state == "open"
    core = unlocked(whole, done, 60, modules=LIVING.core_modules())
    assert [(one.lesson.id, one.state) for one in core][1][0] == "steps_that_matter"
    assert "eight short questions" in core[1].reason


def test_lessons_are_named_by_their_id():
    assert isinstance(LIVING.lesson("keeping_gains"), Lesson)
    with pytest.raises(KeyError):
        LIVING.lesson("keeping_loss")
