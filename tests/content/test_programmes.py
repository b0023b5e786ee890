"""The packaged programmes, texts and questions: what they promise, and the command that checks them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.science.programmes import (
    Programme,
    dose,
    load_programme,
    load_questions,
    programme_findings,
    programme_ids,
    publishable,
)
from accord.science.programmes.blocks import KINDS, Guide, Message, PracticeBlock, Story
from accord.science.programmes.reading_age import readability
from accord.science.programmes.tailoring import tailored
from accord.science.programmes.texts import text_findings
from accord.science.protocols.ladder import load_ladder, tier_of

PROGRAMMES = [
    "group-pain-programme", "guided-icbt-course", "integrated-psychotherapy", "living-with-pain",
    "mindfulness-brain-retraining", "relaxation", "usual-care", "waiting-list",
]  # fmt: skip


def test_the_programmes_that_protocols_name_are_there():
    assert set(PROGRAMMES) <= set(programme_ids())


@pytest.mark.parametrize("name", programme_ids())
def test_no_findings_and_the_sentence_of_c11(name):
    assert [str(finding) for finding in programme_findings(name)] == []
    programme = load_programme(name)
    assert "not clinically reviewed" in programme.review_line
    if programme.lessons:
        assert programme.claim.startswith("Our own programme. It is not the one tested in ")
    assert publishable(programme)


@pytest.mark.parametrize("name", programme_ids())
def test_every_practice_has_its_words_about_harm(name):
    programme = load_programme(name)
    for practice_id, practice in programme.practices.items():
        harm = programme.harm_text(practice_id)
        assert all([harm.eyes, harm.anchors, harm.stop, harm.frightening, harm.person])
        assert len(harm.grounding) >= 2
        if practice.of_the_body:
            assert not programme.practices[practice.screen.alternative].of_the_body


def test_outlines_are_outlines():
    for name in PROGRAMMES:
        if name != "living-with-pain":
            programme = load_programme(name)
            assert programme.status == "outline"
            assert all(lesson.status == "outline" for lesson in programme.lessons)


def test_the_two_arms_of_mair_are_matched_in_everything_that_can_be_planned():
    arms = [dose(load_programme(name)) for name in ("mindfulness-brain-retraining", "relaxation")]
    assert arms[0] == arms[1]


def test_the_parts_of_the_guided_course_can_be_switched():
    course = load_programme("guided-icbt-course")
    core = course.core_modules()
    assert core == ["core"]
    assert dose(course, modules=core).lessons == 2
    assert dose(course, modules=[*core, "thoughts"]).lessons == 3
    assert dose(course, length="long").weeks == 12


# --- living-with-pain -------------------------------------------------------------------------------------------

LIVING = load_programme("living-with-pain")
WRITTEN = {lesson.id: text for lesson in LIVING.lessons if (text := LIVING.text(lesson.id))}
in_each_lesson = pytest.mark.parametrize("lesson", WRITTEN.values(), ids=WRITTEN)


def test_five_lessons_in_eight_weeks():
    assert [lesson.id for lesson in LIVING.lessons] == [
        "understanding_pain", "meeting_thoughts", "body_at_rest", "steps_that_matter", "keeping_gains",
    ]  # fmt: skip
    assert [lesson.status for lesson in LIVING.lessons] == ["draft"] * 5
    assert LIVING.lengths["standard"].weeks == 8


@in_each_lesson
def test_a_lesson_is_whole(lesson):
    assert 4 <= len(lesson.parts) <= 6
    assert all(10 <= part.minutes <= 15 for part in lesson.parts)
    assert 2500 <= lesson.words() <= 4000
    heads = [block.head for block in lesson.blocks]
    stories = [head for head in heads if isinstance(head, Story)]
    assert 2 <= len(stories) <= 3
    assert any("fibromyalgia" in story.about for story in stories)
    assert sum(isinstance(head, PracticeBlock) for head in heads) >= 1
    assert sum(isinstance(head, Guide) for head in heads) == 1
    messages = [head for head in heads if isinstance(head, Message)]
    assert {message.sender for message in messages} == {"service", "therapist"}
    assert len(messages) >= 3
    assert len({message.day for message in messages}) == len(messages)
    assert {"check_in", "quiz", "exercise", "practice_log"} <= {block.kind for block in lesson.blocks}


def test_the_minutes_of_a_lesson_are_those_of_its_parts():
    for lesson_id, text in WRITTEN.items():
        assert LIVING.lesson(lesson_id).minutes == text.minutes


@in_each_lesson
def test_a_lesson_reads_at_about_twelve_or_easier(lesson):
    assert readability(lesson.paragraphs()).age < 12


@in_each_lesson
def test_pain_is_real_comes_before_any_word_about_the_brain(lesson):
    words = " ".join(lesson.paragraphs()[1:]).lower()
    real = words.index("pain is real")
    for word in ("brain", "nervous system"):
        assert word not in words or real < words.index(word)


@in_each_lesson
def test_a_script_has_a_cue_at_least_every_minute(lesson):
    for block in lesson.blocks:
        if isinstance(block.head, PracticeBlock):
            seconds = [second for second, _ in block.cues]
            ends = LIVING.practices[block.head.practice].minutes * 60
            assert all(later - earlier <= 60 for earlier, later in zip(seconds, [*seconds[1:], ends], strict=True))


def test_every_practice_of_a_lesson_has_a_script_in_it_or_in_an_earlier_one():
    scripted: set[str] = set()
    for lesson in LIVING.lessons:
        if lesson.id in WRITTEN:
            scripted |= set(WRITTEN[lesson.id].practices())
            assert set(lesson.practices) <= scripted


def test_while_a_red_flag_is_open_no_thought_is_looked_at_in_another_light():
    """C9 and the notes of the programme: the way `wider` is not offered, a question for the doctor is."""
    for record in ({"red_flags.any": True}, {}, {"red_flags.any": False}):
        seen = [one.block for one in tailored(WRITTEN["meeting_thoughts"], record) if one.shown]
        (shown,) = [block for block in seen if block.kind == "thought_record"]
        cleared = record.get("red_flags.any") is False
        assert ("wider" in shown.head.ways) == cleared
        assert ("ask_doctor" in shown.head.ways) != cleared


def test_no_day_of_the_course_brings_two_messages():
    days = []
    for lesson in LIVING.lessons:
        step = next(requirement.step for requirement in lesson.opens if requirement.step)
        opens = (step - 1) * LIVING.lengths["standard"].days_between
        days += [opens + head.day for block in LIVING.text(lesson.id).blocks if isinstance(head := block.head, Message)]
    assert days == sorted(set(days))


@pytest.mark.parametrize("caution", ["no", "yes", "not_sure", None])
def test_who_should_not_turn_to_the_breath_is_given_another_way(caution):
    """C10: the slow breath is offered only after a clear no; everybody else has hands and feet, and listening."""
    record = {} if caution is None else {"body_practice_caution": caution}
    shown = {one.block.id for one in tailored(WRITTEN["body_at_rest"], record, programme=LIVING) if one.shown}
    breath, instead = {"about_slow_breath", "slow_breath_script"}, {"hands_and_feet"}
    assert shown & (breath | instead) == (breath if caution == "no" else instead)
    assert "listening_script" in shown


@pytest.mark.parametrize("worse", [0, 1, None])
def test_rest_by_plan_grows_for_nobody_and_has_a_version_for_who_gets_worse_after_effort(worse):
    """C9: who is much worse after small effort, and who has not answered yet, reads the version for energy."""
    record = {} if worse is None else {"red_flags.worse_after_effort": worse}
    shown = {one.block.id for one in tailored(WRITTEN["body_at_rest"], record, programme=LIVING) if one.shown}
    assert shown & {"rest_in_rhythm", "rest_for_energy"} == {"rest_in_rhythm" if worse == 0 else "rest_for_energy"}


def test_sleep_times_are_left_alone_where_a_change_could_harm():
    """C10: with bipolar illness, epilepsy or driving for work, a person speaks with her first."""
    for ticked, careful in (
        (["bipolar"], True),
        (["epilepsy", "shifts"], True),
        (["machines"], True),
        (["none"], False),
    ):
        record = {"answers.night_minds": ticked}
        shown = {one.block.id for one in tailored(WRITTEN["body_at_rest"], record, programme=LIVING) if one.shown}
        assert ("sleep_with_care" in shown) == careful


# --- texts and command ------------------------------------------------------------------------------------------


def test_the_short_texts_are_clean():
    assert [str(finding) for finding in text_findings()] == []


def test_bad_texts_are_found(tmp_path):
    folder = tmp_path / "texts" / "en"
    folder.mkdir(parents=True)
    (folder / "bad.md").write_text("No title.\n\n<b>bold</b> and you failed.\n")
    (folder / "worse.md").write_bytes(b"# A\n\xff")
    found = [str(finding) for finding in text_findings(site=tmp_path)]
    assert found[0].startswith("texts/en/bad.md, line 1: The text has no title.")
    assert any("line 3: HTML is not read" in text for text in found)
    assert any("'failed'" in text for text in found)
    assert any("worse.md, line 2: this is not UTF-8" in text for text in found)


def run(monkeypatch, capsys, *arguments: str, command: str = "check", site: str | None = None) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["accord", "content", command, *arguments])
    monkeypatch.delenv("ACCORD_SITE", raising=False)
    if site:
        monkeypatch.setenv("ACCORD_SITE", site)
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.out, printed.err


def test_the_command_says_what_it_looked_at(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys)
    assert code == 0
    assert "living-with-pain: draft, not clinically reviewed, 5 lessons or sessions" in out
    assert "ladder service-default@2: a proposal until a clinician of the site signs it" in out
    assert out.endswith("no findings.\n")


def test_the_command_as_json(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "--json")
    told = json.loads(out)
    assert code == 0
    assert set(told) == {"ok", "checked", "findings"}
    assert set(told["checked"]) == {"programmes", "texts", "questions", "ladders", "crisis"}
    first = next(one for one in told["checked"]["programmes"] if one["programme"] == "living-with-pain")
    assert set(first) == {
        "programme", "version", "status", "review", "claim", "lessons", "dose", "written", "not_publishable",
    }  # fmt: skip
    assert first["written"][0]["lesson"] == "understanding_pain"


def test_findings_leave_with_code_two_and_name_file_line_and_cure(monkeypatch, capsys, tmp_path):
    folder = tmp_path / "programmes" / "bad"
    folder.mkdir(parents=True)
    (folder / "programme.yaml").write_text("programme: bad\nversion: one\n")
    code, out, _ = run(monkeypatch, capsys, "bad", site=str(tmp_path))
    assert code == 2
    assert "bad/programme.yaml, line 2: version:" in out
    code, out, _ = run(monkeypatch, capsys, "--json", site=str(tmp_path))
    assert code == 2
    assert json.loads(out)["ok"] is False
    assert json.loads(out)["findings"][0]["file"] == "bad/programme.yaml"


def test_an_unknown_programme(monkeypatch, capsys):
    code, _, err = run(monkeypatch, capsys, "living-with-pian")
    assert code == 2
    assert "Did you mean living-with-pain" in err


def test_what_a_site_signs_is_copied_and_wins_from_then_on(monkeypatch, capsys, tmp_path):
    code, out, _ = run(
        monkeypatch, capsys, "ladders/service-default.yaml", "programmes/living-with-pain/",
        "programmes/living-with-pain", "--to", str(tmp_path),
        command="copy",
    )  # fmt: skip
    assert code == 0
    made = set(out.splitlines())
    assert made == {str(path) for path in tmp_path.rglob("*") if path.is_file()}
    ladder = tmp_path / "ladders" / "service-default.yaml"
    ladder.write_text(ladder.read_text().replace("title: Safety ladder", "title: Our ladder"))
    assert load_ladder("service-default", site=tmp_path).title.startswith("Our ladder")
    assert programme_findings("living-with-pain", site=tmp_path) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [("ladders/service-default.yaml", "may be signed"), ("crisis/gbb.yaml", "crisis/gb.yaml"),
     ("../content/crisis/gb.yaml", "no content"), ("crisis", "no content")],
)  # fmt: skip
def test_what_is_there_or_nowhere_copies_nothing(monkeypatch, capsys, tmp_path, name, says):
    run(monkeypatch, capsys, "ladders/service-default.yaml", "--to", str(tmp_path), command="copy")
    before = sorted(tmp_path.rglob("*"))
    code, _, err = run(monkeypatch, capsys, "crisis/au.yaml", name, "--to", str(tmp_path), command="copy")
    assert code == 2
    assert says in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_copy_needs_a_folder_that_can_be_written_to(monkeypatch, capsys, tmp_path):
    code, _, err = run(monkeypatch, capsys, "crisis/gb.yaml", command="copy")
    assert (code, "--to" in err) == (2, True)
    (tmp_path / "file").write_text("")
    code, _, err = run(monkeypatch, capsys, "crisis/gb.yaml", "--to", str(tmp_path / "file"), command="copy")
    assert code == 3
    assert "cannot be written to" in err


# --- the reference pages stay true -------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_lists_every_block_question_and_key():
    page = (DOCS / "programmes.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^\| `(\w+)` \|", page.split("## Blocks")[1].split("Any block")[0], re.MULTILINE)
    assert blocks == list(KINDS)
    listed = page.split("<!-- questions -->")[1].split("## In Python")[0]
    assert sorted(re.findall(r"`(\w+)`", listed)) == list(load_questions())
    keys = set(re.findall(r"`(\w+)`", page.split("## programme.yaml")[1].split("### When")[0]))
    assert set(Programme.model_fields) - {"untested"} <= keys


def test_the_reference_example_of_the_ladder_is_true():
    page = (DOCS / "conditions.md").read_text(encoding="utf-8")
    outcome = tier_of(load_ladder("service-default@2"), {"safety_check.item_1": 2, "previous.safety_check.item_1": 1})
    assert f"Outcome(tier='{outcome.tier}', reasons=('{outcome.reasons[0]}'" in page
