"""Eligibility and background questions: loaded, merged with a site's own, refused when they are wrong."""

from __future__ import annotations

import pytest

from accord.science.conditions import Decision, check, decide
from accord.science.errors import BadContent
from accord.science.programmes import load_questions

NEEDED = [
    # Named by the five protocols, and by what practices need to know.
    "age", "gender", "pain_months", "pain_seen_by_doctor", "fibromyalgia_diagnosed_by", "psychotherapy_now",
    "internet_at_home", "heart_condition", "endocrine_condition", "pregnancy_or_breast_feeding", "recording_disturbed",
    "psychosis_or_major_depression", "memory_or_learning_difficulty", "medicines_disturb_recording", "contact",
    "where_you_are", "emergency_contact", "education", "employment", "pain_sites", "body_practice_caution",
]  # fmt: skip


def test_every_question_that_protocols_need_is_there_with_a_reason():
    questions = load_questions()
    assert set(NEEDED) <= set(questions)
    assert all(question.why.endswith(".") for question in questions.values())
    assert questions["contact"].identifying
    assert questions["heart_condition"].sensitive


def test_a_question_is_a_field_of_conditions():
    question = load_questions()["fibromyalgia_diagnosed_by"]
    assert check("answer == 'rheumatologist'", {"answer": question.field()}) == []
    assert "no option" in check("answer == 'rheumatolgist'", {"answer": question.field()})[0]
    assert decide("answer == 'rheumatologist'", {"answer": None}) is Decision.UNKNOWN
    assert "never 130" in check("answer < 130", {"answer": load_questions()["age"].field()})[0]


def site_with(tmp_path, text: str, name: str = "own"):
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_site_adds_and_replaces(tmp_path):
    tea = "tea: {ask: Do you like tea?, kind: choice, options: {a: A, b: B}, why: To know.}"
    questions = load_questions(site=site_with(tmp_path, f"theme: Ours\nquestions:\n  {tea}\n"))
    assert questions["tea"].ask == "Do you like tea?"
    assert "age" in questions


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("{ask: A?, kind: choice, why: B.}", "have options"),
        ("{ask: A?, kind: number, why: B.}", "a number has low and high"),
        ("{ask: A?, kind: text}", "why: Field required"),
        ("{ask: A?, kind: date, why: B.}", "kind"),
        ("{ask: Have you failed?, kind: text, why: B.}", "'failed' does not stand"),
        ("{ask: A?, kind: text, why: B., hint: C}", "hint"),
        ("A?", "valid"),
    ],
)
def test_a_wrong_question_is_found_at_its_line(tmp_path, question, expected):
    with pytest.raises(BadContent) as caught:
        load_questions(site=site_with(tmp_path, f"theme: Ours\nquestions:\n  ours: {question}\n"))
    found = [finding for finding in caught.value.findings if expected in str(finding)]
    assert found
    assert (found[0].where.file, found[0].where.line) == ("questions/own.yaml", 3)
