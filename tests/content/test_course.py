"""The course as a whole: what holds across the five lessons of living-with-pain, and how hard it is to read.

What holds for each lesson by itself stands in test_programmes.py. `pytest -s` prints the table.
"""

from __future__ import annotations

import re

import pytest

from accord.science.programmes import load_programme
from accord.science.programmes.blocks import KINDS, Message, PracticeBlock, QuizQuestion, Saved, Story
from accord.science.programmes.reading_age import readability
from accord.science.programmes.tailoring import tailored

COURSE = load_programme("living-with-pain")
TEXTS = {lesson.id: COURSE.text(lesson.id) for lesson in COURSE.lessons}
in_each_lesson = pytest.mark.parametrize("lesson_id", TEXTS)


def test_five_lessons_are_written_and_none_is_an_outline():
    assert [lesson_id for lesson_id, text in TEXTS.items() if text is None] == []
    assert len(TEXTS) == 5
    assert {lesson.status for lesson in COURSE.lessons} == {"draft"}


@in_each_lesson
def test_words_minutes_and_reading_age(lesson_id):
    """Printed lesson by lesson and part by part: an average can hide one hard page."""
    text = TEXTS[lesson_id]
    whole = readability(text.paragraphs())
    print(f"{lesson_id}: {text.words():,} words, {text.minutes} minutes, reading age {whole.age:.1f}")
    assert 2500 <= text.words() <= 4000
    assert 4 <= len(text.parts) <= 6
    assert whole.age <= 12
    for part in text.parts:
        age = readability([line for block in part.blocks for line in block.paragraphs()]).age
        assert age is not None
        print(f"    {part.title}: {part.minutes} minutes, reading age {age:.1f}")
        assert 10 <= part.minutes <= 15
        assert age <= 12


def test_every_kind_of_block_is_used_somewhere():
    assert {block.kind for text in TEXTS.values() for block in text.blocks} == set(KINDS)


def test_blocks_have_names_of_their_own_in_the_whole_course():
    """An entry is kept under its lesson and block, a plan is shown beside others: no two are called alike."""
    names = [block.id for text in TEXTS.values() for block in text.blocks if block.id and not block.id.startswith("_")]
    saved = [block.id for text in TEXTS.values() for block in text.blocks if isinstance(block.head, Saved)]
    assert len(saved) == len(set(saved))
    assert len(set(names)) >= len(saved)


def test_no_two_fields_of_the_course_share_a_name():
    """`answers.<field>` is one name over the whole course, so a later lesson can rest on an earlier answer."""
    names = [name for text in TEXTS.values() for name in text.answers()]
    assert sorted(names) == sorted(set(names))


@in_each_lesson
def test_one_story_is_of_somebody_with_fibromyalgia(lesson_id):
    stories = [block.head for block in TEXTS[lesson_id].blocks if isinstance(block.head, Story)]
    assert any("fibromyalgia" in story.about for story in stories)


def test_fatigue_fog_and_being_believed_are_inside_the_lessons():
    """C33: no module to be chosen, but words in the lessons themselves."""
    words = " ".join(line for text in TEXTS.values() for line in text.paragraphs()).lower()
    for topic in (r"\bfog", r"\btired|\bfatigue", r"\bbeliev"):
        assert len(re.findall(topic, words)) >= 3, topic


@in_each_lesson
def test_every_script_has_its_words_about_harm_and_cues_to_its_end(lesson_id):
    """C10: eyes, anchors, stopping, what to do when something frightening comes up, whom to reach."""
    scripts = [block for block in TEXTS[lesson_id].blocks if isinstance(block.head, PracticeBlock)]
    assert scripts
    for block in scripts:
        harm = COURSE.harm_text(block.head.practice)
        assert all((harm.eyes, harm.anchors, harm.stop, harm.frightening, harm.person))
        assert len(harm.grounding) >= 2
        assert block.cues
        assert block.cues[-1][0] <= COURSE.practices[block.head.practice].minutes * 60


@in_each_lesson
def test_each_lesson_has_a_page_to_print_a_check_in_and_messages_of_both_senders(lesson_id):
    text = TEXTS[lesson_id]
    kinds = [block.kind for block in text.blocks]
    assert kinds.count("guide") == 1
    assert "check_in" in kinds
    messages = [block for block in text.blocks if isinstance(block.head, Message)]
    assert {block.head.sender for block in messages} == {"service", "therapist"}
    for block in messages:
        assert ("[[" in block.markdown) == (block.head.sender == "therapist"), block.id


def test_quizzes_answer_and_do_not_count():
    questions: list[QuizQuestion] = [
        question for text in TEXTS.values() for block in text.blocks if block.kind == "quiz"
        for question in block.head.questions
    ]  # fmt: skip
    assert questions
    for question in questions:
        replies = " ".join(question.reply.values()).lower()
        judged = re.search(r"\b(you (are|were) wrong|that is wrong|incorrect|you score|\d+ of \d+)\b", replies)
        assert not judged, question.ask


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"red_flags.any": True},
        {"red_flags.any": False, "red_flags.worse_after_effort": 1},
        {"red_flags.any": False, "red_flags.worse_after_effort": 0, "body_practice_caution": "no"},
        {"fibromyalgia": True, "body_practice_caution": "yes"},
    ],
    ids=["nothing known", "a red flag", "worse after effort", "nothing stands in the way", "careful with the body"],
)
def test_whoever_she_is_every_part_has_something_for_her(record):
    for lesson_id, text in TEXTS.items():
        shown = {one.block.id for one in tailored(text, record, programme=COURSE) if one.shown}
        for part in text.parts:
            assert any(block.id in shown for block in part.blocks), f"{lesson_id}: {part.title}"


def test_the_ladder_of_steps_never_opens_without_a_clear_no_to_red_flags():
    """C9, over the course: with a red flag, or without an answer, no exposure ladder is shown anywhere."""
    for record in ({}, {"red_flags.any": True}, {"red_flags.any": False, "red_flags.worse_after_effort": 1}):
        for text in TEXTS.values():
            shown = [one.block.kind for one in tailored(text, record, programme=COURSE) if one.shown]
            assert "exposure_ladder" not in shown
