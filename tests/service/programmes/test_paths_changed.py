"""A therapist changes one person's path, with a reason that she reads (U10); versions never change unseen (U13)."""

from __future__ import annotations

import uuid

import pytest

from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.library.queries import latest
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Mark, PathChange

pytestmark = [pytest.mark.django_db, pytest.mark.both]
FIRST, SECOND, THIRD = "understanding_pain", "meeting_thoughts", "body_at_rest"


# --- U10: opened, left out, held, undone --------------------------------------------------------------------------


def test_u10_who_is_stuck_is_moved_on_with_a_reason_that_she_reads(ana):
    assert ana.states(3)[1] == "closed"
    ana.change(3, SECOND, "open", "You have read the first one on paper.")
    one = ana.standing(3).state_of(SECOND)
    assert one.state == "open"
    assert one.reason == "Your therapist decided this with you: You have read the first one on paper."
    assert queries.tailored_lesson(ana.course, SECOND, ana.on(3)).because == one.reason


def test_u10_a_lesson_that_is_left_out_opens_what_waited_for_it(ana):
    ana.begin(FIRST, 0)
    ana.change(8, FIRST, "skip", "You know this from the pain clinic.")
    stands = ana.standing(8)
    assert [one.state for one in stands.states[:2]] == ["skipped", "open"]
    assert stands.current.lesson.id == SECOND
    assert (stands.done, stands.total) == (0, 4)
    assert "You know this from the pain clinic." in stands.states[0].reason
    assert queries.tailored_lesson(ana.course, FIRST, ana.on(8)).state.state == "skipped"  # begun: it never shuts


def test_u10_a_lesson_that_is_left_out_before_it_was_begun_is_shut(ana):
    ana.change(0, SECOND, "skip", "Not now.")
    with pytest.raises(NotNow, match="Not now"):
        queries.tailored_lesson(ana.course, SECOND, ana.on(20))


def test_u10_what_is_held_waits_and_is_not_what_comes_next(ana):
    ana.change(0, FIRST, "hold", "First we speak on Monday.")
    stands = ana.standing(0)
    assert (stands.states[0].state, stands.current) == ("closed", None)
    with pytest.raises(NotNow, match="First we speak on Monday"):
        ana.begin(FIRST, 0)
    ana.change(1, FIRST, "undo", "We have spoken.")
    assert ana.standing(1).current.lesson.id == FIRST
    ana.begin(FIRST, 1)
    ana.change(2, FIRST, "hold", "Rest this week.")
    stands = ana.standing(2)
    assert (stands.states[0].state, stands.current) == ("started", None)
    assert "Rest this week." in stands.states[0].reason
    assert queries.tailored_lesson(ana.course, FIRST, ana.on(2))


def test_the_newest_change_of_a_lesson_counts_and_the_past_is_not_rewritten(ana):
    ana.change(1, SECOND, "hold", "One.")
    ana.change(2, SECOND, "open", "Two.")
    assert ana.standing(3).state_of(SECOND).reason.endswith("Two.")
    assert queries.preview(ana.course, ana.on(1).date()).state_of(SECOND).reason.endswith("One.")
    assert queries.preview(ana.course, ana.on(0).date()).changes == {}


def test_a_change_needs_a_reason_a_relation_and_something_to_change(ana):
    for reason in ("", "   ", "x" * 601, "a\0b"):
        with pytest.raises(Refusal):
            ana.change(0, SECOND, "open", reason)
    for who in (ana.person, ana.world.carl, ana.world.joy, ana.world.dora, None):
        with pytest.raises(NotAllowed):
            ana.change(0, SECOND, "open", by=ana.world.asker(who))
    with pytest.raises(NotAllowed):
        ana.change(0, "no_such_lesson", "open")
    with pytest.raises(Refusal):
        ana.change(0, SECOND, "explode")
    with pytest.raises(NotNow):
        ana.change(0, FIRST, "open")  # open already
    with pytest.raises(NotNow):
        ana.change(0, FIRST, "undo")
    ana.finish(FIRST, 0)
    for kind in ("open", "skip", "hold"):
        with pytest.raises(NotNow):
            ana.change(1, FIRST, kind)
    assert not PathChange.objects.exists()


def test_the_same_change_twice_is_one(ana):
    key = uuid.uuid4()
    assert ana.change(0, SECOND, "open", key=key).pk == ana.change(1, SECOND, "open", key=key).pk
    with pytest.raises(Stale):
        ana.change(1, THIRD, "open", key=key)
    assert PathChange.objects.count() == 1


# --- U13: versions ------------------------------------------------------------------------------------------------


def another(texts):
    """A word of the first lesson changes, and the last lesson goes."""
    name = "en/01-understanding-pain.md"
    texts[name] = texts[name].replace("Your pain is real.", "Your pain is quite real.")
    plan = texts["programme.yaml"]
    start, end = plan.index("  - id: keeping_gains"), plan.index("practice_safety:")
    texts["programme.yaml"] = plan[:start] + plan[end:]


def words(ana):
    return " ".join(queries.programme_of(ana.now_course()).text(FIRST).paragraphs())


def test_u13_a_new_version_does_not_change_her_course(ana):
    ana.begin(FIRST, 0)
    assert queries.newer_version(ana.course) is None
    snapshot = ana.new_version(1, another)
    assert "quite real" not in words(ana)
    assert len(ana.standing(1).states) == 5
    assert queries.newer_version(ana.now_course()) == snapshot
    saved = ana.save(1, {"pain_in_my_words": "x"})
    assert saved.snapshot_id == ana.course.snapshot_id


def test_u13_a_move_has_a_reason_and_shows_what_changed(ana):
    ana.begin(FIRST, 0)
    ana.save(0, {"pain_in_my_words": "x"})
    snapshot = ana.new_version(1, another)
    told = queries.what_changes(ana.now_course(), snapshot)
    assert [(one.kind, one.lesson) for one in told] == [("changed", FIRST), ("removed", "keeping_gains")]
    assert told[0].parts == ("Pain is real",)
    move = {"snapshot": snapshot, "by": ana.bea, "now": ana.on(1)}
    with pytest.raises(Refusal):
        actions.move_course(course=ana.now_course(), reason=" ", **move)
    actions.move_course(course=ana.now_course(), reason="The first lesson is clearer.", **move)
    assert "quite real" in words(ana)
    assert [one.state for one in ana.standing(1).states] == ["started", "closed", "closed", "closed"]
    moved = queries.moves(ana.now_course())[0]
    assert (moved.reason, moved.changes) == ("The first lesson is clearer.", tuple(told))
    assert queries.entry(ana.now_course(), FIRST, "my_pain").value == {"pain_in_my_words": "x"}
    with pytest.raises(NotNow):
        actions.move_course(course=ana.now_course(), reason="Again.", **move)
    back = {"snapshot": ana.course.snapshot, "by": ana.bea, "now": ana.on(2)}
    actions.move_course(course=ana.now_course(), reason="Back.", **back)
    assert "quite real" not in words(ana)
    assert [one.kind for one in queries.moves(ana.now_course())[0].changes] == ["changed", "added"]


def test_u13_only_who_answers_for_her_moves_her_and_to_her_own_programme_only(ana):
    snapshot = ana.new_version(1, another)
    for who in (ana.person, ana.world.carl, ana.world.dora):
        with pytest.raises(NotAllowed):
            actions.move_course(
                course=ana.now_course(), snapshot=snapshot, reason="x", by=ana.world.asker(who), now=ana.on(1)
            )
    other = latest("programme", "relaxation")
    with pytest.raises(Refusal):
        actions.move_course(course=ana.now_course(), snapshot=other, reason="x", by=ana.bea, now=ana.on(1))


def test_u13_a_lesson_is_done_when_the_part_that_was_left_is_no_longer_there(ana):
    text = queries.programme_of(ana.course).text(FIRST)
    for number in range(1, len(text.parts)):
        actions.finish_part(course=ana.course, lesson=FIRST, part=number, by=ana.by, now=ana.on(0))

    def shorter(texts):
        name = "en/01-understanding-pain.md"
        texts[name] = texts[name][: texts[name].index("## Your plan for the weeks")]

    snapshot = ana.new_version(1, shorter)
    assert ana.states(1)[0] == "started"
    actions.move_course(course=ana.now_course(), snapshot=snapshot, reason="Shorter.", by=ana.bea, now=ana.on(1))
    assert ana.states(1)[0] == "done"
    assert Mark.objects.filter(kind="done").count() == 1
