"""The loader of programmes: what is right passes, what is wrong is found with file, line and cure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_programme import LESSON, PROGRAMME, line_in

from accord.science.errors import AccordError, BadContent, NotFound
from accord.science.programmes import load_programme, programme_findings, programme_ids, publishable
from accord.science.programmes.lesson_text import parse_lesson
from accord.science.programmes.load import build_programme, programme_texts, read_programme


def test_a_programme_is_found_by_any_spelling_and_read_with_its_lessons(tiny):
    site = tiny()
    assert "tiny" in programme_ids(site=site)
    programme = load_programme("TINY", site=site)
    text = programme.text("first")
    assert [part.title for part in text.parts] == ["Only part"]
    assert text.opening[0].markdown == "Hello."
    assert text.minutes == 10
    assert programme.text("second") is None
    with pytest.raises(NotFound, match="tiny"):
        load_programme("tinny", site=site)


def test_a_programme_is_the_same_from_its_texts_as_from_its_folder(tiny):
    path = tiny() / "programmes" / "tiny" / "programme.yaml"
    texts = programme_texts(path)
    loaded, _ = read_programme(path)
    built = build_programme(texts, slug="tiny")
    assert built == loaded
    assert built.text("first") == loaded.text("first")
    lesson = next(name for name in texts if name.endswith(".md"))
    with pytest.raises(BadContent, match="is not among the texts"):
        build_programme({name: text for name, text in texts.items() if name != lesson}, slug="tiny")


def test_the_sentence_of_c11_names_the_source(tiny):
    programme = load_programme("tiny", site=tiny())
    assert programme.claim == (
        "Our own programme. It is not the one tested in Study 2020; what was found there may not hold here."
    )
    assert programme.review_line == "draft, not clinically reviewed"


def test_harm_text_of_a_practice_is_the_programmes_with_its_own_words_in_place(tiny):
    old, new = "days_a_week: 3}", "days_a_week: 3, harm: {eyes: Keep them open.}}"
    harm = load_programme("tiny", site=tiny(old, new)).harm_text("sounds")
    assert harm.eyes == "Keep them open."
    assert harm.grounding == ["Feel your feet.", "Name five things."]


def test_an_outline_is_read_and_not_published(tiny):
    programme = load_programme("tiny", site=tiny())
    reasons = publishable(programme)
    assert "Its status is draft; an author sets it to published when it is whole." in reasons
    assert "Not written yet: Second." in reasons
    assert "Still a draft: First." in reasons
    assert "The clinical review is missing (C11)." in reasons


def test_a_whole_reviewed_programme_may_be_published(tiny):
    site = tiny()
    file = site / "programmes" / "tiny" / "programme.yaml"
    text = file.read_text().split("  - id: second")[0] + "practices:" + file.read_text().split("practices:", 2)[2]
    text = text.replace("status: draft", "status: published").replace(
        "state: not reviewed", "state: reviewed, by: A. Example, date: 2026-01-05"
    )
    file.write_text(text)
    programme = load_programme("tiny", site=site)
    assert publishable(programme) == []
    assert programme.review_line == "clinically reviewed by A. Example on 2026-01-05"


# --- what is wrong in programme.yaml ----------------------------------------------------------------------------

RED_FLAG_STEPS = "minutes: 20\n    blocks: [exposure_ladder]"


@pytest.mark.parametrize(
    ("old", "new", "expected", "at"),
    [
        ("programme: tiny", "programme: other", "folder 'tiny'", "programme: tiny"),
        ("near_to: study", "near_to: trial", "There is no source 'trial'", "near_to"),
        ("near_to: study", "untested: false", "names the source that tested it", "near_to"),
        ("source: study\n", "", "Nothing says where this comes from", "programme:"),
        ("source: study\n", "source: studdy\n", "There is no source 'studdy'", "source: study"),
        ("source: study\n", "assumed: [titel]\n", "'titel' is marked assumed but is no field here", "source: study"),
        ("id: second", "id: first", "Two lessons are called 'first'", "id: first"),
        ("module: two", "module: three", "There is no module 'three'", "module: two"),
        ("practices: [sounds]", "practices: [bells]", "There is no practice 'bells'", "practices: [sounds]"),
        ("{step: 1, of: start}", "{step: 1, of: begin}", "There is no anchor 'begin'", "opens: [{step: 1"),
        ("{step: 1, of: start}", "{step: 1}", "name their anchor", "opens: [{step: 1"),
        ("{step: 1, of: start}", "{completed: second}", "can never open", "opens: [{step: 1"),
        ("completed: first, days", "completed: frist, days", "There is no lesson 'frist'", "completed: first"),
        ("{step: 1, of: start}", "{rule: tired == 1, because: No., unknown: Tell us.}", "is a", "opens: [{step: 1"),
        ("{step: 1, of: start}", "{rule: tired}", "a rule says because", "opens: [{step: 1"),
        ("kind: sound", "kind: breath", "no screen for trauma", "sounds: {title"),
        ("practice_safety:", "safety_of_practice:", "safety_of_practice", "practice_safety:"),
        ("grounding: [Feel your feet., Name five things.]", "grounding: [Feel your feet.]", "at least 2", "grounding"),
        ("minutes: 20", RED_FLAG_STEPS, "without the red-flag gate", "opens: [{step: 2"),
        ("file: 01-first.md", "file: 02-first.md", "cannot be read", "file: 01-first.md"),
        ("status: draft\n    minutes", "minutes", "an outline has no file", "- id: first"),
        ("clinical: {state: not reviewed}", "clinical: {state: reviewed}", "names who (by) and when", "clinical:"),
        ("title: Tiny", "title: Tiny!", "'!' does not stand", "title: Tiny"),
        ("aim: To go on.", "aim: To stop catastrophising.", "'catastrophising'", "aim: To go on."),
        ("title: First", "title: Furst", "is called 'Furst' here and 'First' in its file", "title: First"),
        ("minutes: 20", "minutes: 20\n    blocks: [exercice]", "there is no block called 'exercice'", "- id: second"),
        ("version: 1", "version: 1\nversoin: 2", "versoin", "version: 1"),
        ("version: 1", "version: &a 1", "anchors, aliases and tags are not read", "version: 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_programme_yaml_is_found(tiny, old, new, expected, at):
    findings = programme_findings("tiny", site=tiny(old, new))
    found = [finding for finding in findings if expected in str(finding)]
    assert found, [str(finding) for finding in findings]
    assert found[0].where.file == "tiny/programme.yaml"
    assert abs(found[0].where.line - line_in(PROGRAMME, at)) <= 1
    with pytest.raises(AccordError):
        load_programme("tiny", site=tiny(old, new))


def test_a_practice_without_words_about_harm_is_refused(tiny):
    site = tiny()
    file = site / "programmes" / "tiny" / "programme.yaml"
    file.write_text(file.read_text().split("practice_safety:")[0])
    assert any("no words about harm" in finding.what for finding in programme_findings("tiny", site=site))


SCREEN = "{rule: tired, because: For you., alternative: sounds}"


@pytest.mark.parametrize(
    ("screen", "expected"),
    [
        (SCREEN, None),
        (SCREEN.replace("sounds", "bells"), "is no practice without body"),
        (SCREEN.replace("sounds", "breath"), "is no practice without body"),
        (SCREEN.replace("tired", "tierd"), "did you mean tired"),
    ],
)
def test_the_screen_before_a_body_practice(tiny, screen, expected):
    breath = f"  breath: {{title: Breath, aim: To rest., minutes: 5, kind: breath, days_a_week: 3, screen: {screen}}}\n"
    findings = programme_findings("tiny", site=tiny("practices:\n", f"practices:\n{breath}"))
    assert (findings == []) if expected is None else any(expected in str(finding) for finding in findings)


def test_words_that_would_blur_two_arms_are_found(tiny):
    rule = "contamination: {words: [mindful*], because: the other arm teaches it}\nanchors:"
    lesson = LESSON.replace("Words.", "Sit.\n\nBe Mindfully here.")
    findings = programme_findings("tiny", site=tiny("anchors:", rule, lesson=lesson))
    assert [(f.where.line, f.rule) for f in findings] == [(9, "contamination")]
    assert "'Mindfully' is kept out" in findings[0].what


# --- what is wrong in a lesson ----------------------------------------------------------------------------------

ASKED = "fields: {a: {ask: What?, kind: text}}"
BLOCK = "# First\n\n## Part (10 minutes)\n\n{}\n"


@pytest.mark.parametrize(
    ("lesson", "expected", "line"),
    [
        ("## Part (10 minutes)\n\nWords.\n", "has no title", 1),
        ("# First\n\n# Again\n\n## Part (10 minutes)\n\nWords.\n", "a second title", 3),
        ("# First\n\n## Part\n\nWords.\n", "says how long it takes", 3),
        (BLOCK.format("::: story\nWords.\n:::"), "begins '::: kind id'", 5),
        (BLOCK.format("::: storry anna\nWords.\n:::"), "no block called 'storry'", 5),
        (BLOCK.format("::: text a\nWords."), "is not closed", 5),
        (BLOCK.format("::: text a\n::: text b\nWords.\n:::\n:::"), "a block inside the block", 5),
        (BLOCK.format("::: story anna\nabout: [x]\n---\nWords.\n:::"), "person: Field required", 5),
        (BLOCK.format("::: story anna\nperson: Anna\nabout: [x]\nage: 3\n---\nWords.\n:::"), "age", 8),
        (BLOCK.format("::: story anna\nperson: {\n---\nWords.\n:::"), "not valid YAML", 7),
        (BLOCK.format("::: text a\nshow_if: tired\n---\nWords.\n:::"), "says why in because", 5),
        (BLOCK.format("::: text a\nbecause: So.\nshow_if: tird\n---\nWords.\n:::"), "did you mean tired", 7),
        (BLOCK.format("::: text a\n\n:::"), "is empty", 5),
        (BLOCK.format("::: text a\nWords.\n:::\n\n::: text a\nWords.\n:::"), "Two blocks are called 'a'", 5),
        (BLOCK.format("Words <b>bold</b>."), "HTML is not read", 5),
        (BLOCK.format("Words.\n\n<script>alert(1)</script>"), "HTML is not read", 7),
        (BLOCK.format("Words.\nA [link](https://example.org)."), "leads outside", 6),
        (BLOCK.format("A [link](javascript:alert)."), "leads outside", 5),
        (BLOCK.format("See <https://example.org>."), "leads outside", 5),
        (BLOCK.format("![A tree](https://example.org/a.png)"), "not from inside", 5),
        (BLOCK.format("![A tree](media/tree.svg)"), "There is no picture", 5),
        (BLOCK.format("![](media/tree.svg)"), "has no words", 5),
        (BLOCK.format("One.\n\nYou failed."), "'failed' does not stand", 7),
        (BLOCK.format("::: guide g\ntitle: You dropped out\n---\nWords.\n:::"), "'dropped out'", 6),
        (BLOCK.format("You should stop your tablets."), "never stop suddenly", 5),
        (BLOCK.format("::: practice p\npractice: bells\n---\n**0:00** Sit.\n:::"), "no practice 'bells'", 5),
        (BLOCK.format("::: practice p\npractice: sounds\n---\nSit.\n:::"), "begins at **0:00**", 5),
        (BLOCK.format("::: practice p\npractice: sounds\n---\n**0:00** A\n\n**0:00** B\n:::"), "do not rise", 5),
        (BLOCK.format("::: practice p\npractice: sounds\n---\n**0:00** A\n\n**5:00** B\n:::"), "runs to 5:00", 5),
        (BLOCK.format("::: practice_log l\npractices: [bells]\n---\nTick.\n:::"), "no practice 'bells'", 5),
        (BLOCK.format("::: message m\nday: 1\nsender: therapist\nsubject: Hi\n---\nHello.\n:::"), "no gap", 5),
        (BLOCK.format("::: exercise e\nfields: {a: {ask: What?, kind: choice}}\n---\nDo.\n:::"), "have options", 6),
        (BLOCK.format("::: exercise e\nfields: {a: {ask: What?, kind: scale}}\n---\nDo.\n:::"), "a scale has low", 6),
        (BLOCK.format("::: exercise e\nfields: {a: {ask: What?, kind: text}}\n---\nDo.\n:::\n\n"
                      "::: exercise f\nfields: {a: {ask: What?, kind: text}}\n---\nDo.\n:::"), "is saved already", 11),
        (BLOCK.format(f"::: thought_record t\n{ASKED}\nways: {{check: A, ask: B}}\n---\n:::"), "called accept", 5),
        (BLOCK.format("::: flare_plan f\nfields: {a: {ask: What?, kind: text}}\n---\nPlan.\n:::"), "small_step", 5),
        (BLOCK.format("::: quiz q\nquestions: [{ask: Is it?, options: {a: A, b: B}, reply: {a: Yes}}]\n---\n:::"),
         "every option has a reply", 6),
        (BLOCK.format("::: quiz q\nquestions: [{ask: Is it?, options: {a: A, b: B}, reply: {a: Y, b: N}, right: a}]\n"
                      "---\n:::"), "right", 6),
        (BLOCK.format("::: text a\nshow_if: tired\nbecause: So.\notherwise: b\n---\nW.\n:::"), "cannot stand in", 5),
        (BLOCK.format("::: text a\notherwise: b\n---\nW.\n:::\n\n::: text b\nW.\n:::"), "without show_if", 5),
        (BLOCK.format("::: exposure_ladder l\nenergy_version: b\n---\nSteps.\n:::"), "gate", 5),
        (BLOCK.format("::: exposure_ladder l\ngate: red_flags\nenergy_version: b\n---\nS.\n:::\n\n::: text b\nW.\n:::"),
         "The ladder of steps is shown to everybody", 23),
        (BLOCK.format(("The quantification of multidimensional rehabilitation necessitates extraordinarily "
                       "comprehensive interdisciplinary considerations. ") * 15), "It reads at age", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_lesson_is_found(tiny, lesson, expected, line):
    findings = programme_findings("tiny", site=tiny(lesson=lesson))
    found = [finding for finding in findings if expected in str(finding)]
    assert found, [str(finding) for finding in findings]
    if found[0].where.file.endswith(".md"):
        assert found[0].where.line == line


@pytest.mark.parametrize(
    "block",
    [
        "::: text a\nshow_if: tired\nbecause: You said so.\notherwise: b\n---\nWords.\n:::\n\n::: text b\nOthers.\n:::",
        "::: story anna\nperson: Anna\nabout: [back_pain]\n---\nShe *walks*.\n:::",
        "::: exercise e\nfields:\n  a: {ask: What?, kind: scale, low: 0, high: 10, ends: [low, high]}\n---\nDo.\n:::",
        f"::: thought_record t\n{ASKED}\nways: {{look: Look at it., accept: Let it be.}}\n---\nA.\n:::",
        "::: activity_planner p\nkinds: {needed: Needed, liked: Liked}\n---\nPlan.\n:::",
        "::: guide g\ntitle: To print\n---\n- one\n- two\n:::",
        "::: practice p\npractice: sounds\n---\n**0:00** Sit.\n\n**2:30** Listen.\n:::",
        "::: practice_log l\npractices: [sounds]\n---\nTick.\n:::",
        "::: quiz q\nquestions: [{ask: Is it?, options: {a: A, b: B}, reply: {a: Yes., b: Well.}}]\n---\nThink.\n:::",
        "::: values v\nfields: {a: {ask: What matters?, kind: long_text}}\n---\nWrite.\n:::",
        "::: flare_plan f\nfields: {small_step: {ask: Which step?, kind: text}}\n---\nPlan.\n:::",
        "::: relapse_plan r\nfields: {a: {ask: What?, kind: choices, options: {rest: R, walk: W}}}\n---\nPlan.\n:::",
        "::: check_in c\nasks: [diary, safety_check]\n---\nHow are you?\n:::",
        "::: message m\nday: 2\nsender: therapist\nsubject: Hello\n---\nHello [[name]].\n:::",
        "A [list](page:red-flags), a [part](#part) and a [lesson](lesson:second).\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "```\n::: not a block\n```",
    ],
)  # fmt: skip
def test_each_kind_of_block_when_it_is_right(tiny, block):
    site = tiny(lesson=BLOCK.format(block))
    assert programme_findings("tiny", site=site) == []
    kinds = [b.kind for b in load_programme("tiny", site=site).text("first").blocks]
    assert (block.split()[1] if block.startswith("::: ") else "text") == kinds[0]


def test_a_ladder_of_steps_with_gate_and_energy_version_passes(tiny):
    block = (
        "::: exposure_ladder l\ngate: red_flags\nenergy_version: b\nshow_if: red_flags.worse_after_effort == 0\n"
        "because: Small efforts do not set you back.\n---\nSteps.\n:::\n\n::: text b\nThe energy version.\n:::"
    )
    gate = "{rule: red_flags.any == false, because: A doctor first., unknown: We ask first.}"
    site = tiny("{step: 1, of: start}", gate, lesson=BLOCK.format(block))
    assert programme_findings("tiny", site=site) == []


def test_cues_answers_and_words_of_a_lesson(tiny):
    block = (
        "::: practice p\npractice: sounds\n---\n**0:00** Sit.\n\n**2:30** Listen\nwell.\n:::\n\n"
        "::: exercise e\nfields:\n  a: {ask: How many?, kind: number, low: 0, high: 9}\n"
        "  b: {ask: Which?, kind: choices, options: {x: X, y: Y}}\n---\nDo it.\n:::"
    )
    programme = load_programme("tiny", site=tiny(lesson=BLOCK.format(block)))
    text = programme.text("first")
    assert text.blocks[0].cues == [(0, "Sit."), (150, "Listen\nwell.")]
    assert text.practices() == ["sounds"]
    assert programme.fields()["answers.a"].high == 9
    assert programme.fields()["answers.b"].options == ("x", "y")
    assert "Which?" in text.paragraphs()
    assert "choices" not in text.paragraphs()
    assert text.words() == 7  # 0:00 Sit. 2:30 Listen well. Do it.


# --- hostile content --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xff\xfe# First", "not UTF-8"),
        (b"# First\n\nGut\xe4", "not UTF-8"),
        (b"# First\n\nx" + b"a" * 400_000, "at most 300,000 are read"),
        (b"# First\n\0", "zero byte"),
        (b"", "has no title"),
        (b"> " * 3000 + b"deep", "has no title"),
        (b"# First\n\n## Part (10 minutes)\n\n::: exercise e\nfields: &a [*a]\n---\nx\n:::\n", "not read"),
        (b"# First\n\n::: exercise e\nfields: !!python/object:os.system x\n---\nx\n:::\n", "not read"),
        (b"# First\n\n## Part (10 minutes)\n\n::: exercise e\n" + b"- " * 200 + b"x\n---\nx\n:::\n", "deeper"),
    ],
)  # fmt: skip
def test_hostile_lessons_get_one_clear_message(tiny, raw, expected):
    findings = programme_findings("tiny", site=tiny(raw=raw))
    assert any(expected in str(finding) for finding in findings), [str(finding) for finding in findings]
    assert all(finding.where.file or finding.cure for finding in findings)


def test_a_missing_or_broken_programme_yaml(tiny):
    site = tiny()
    file = site / "programmes" / "tiny" / "programme.yaml"
    file.write_text("programme: [")
    assert any("not valid YAML" in finding.what for finding in programme_findings("tiny", site=site))
    file.write_text("just words")
    with pytest.raises(BadContent):
        load_programme("tiny", site=site)
    file.write_bytes(b"\xff")
    assert any("UTF-8" in finding.what for finding in programme_findings("tiny", site=site))


WORDS = st.sampled_from([
    "# T", "## P (3 minutes)", ":::", "::: story a", "::: exercise e", "---", "fields: {a: {ask: W, kind: text}}",
    "person: A", "about: [x]", "<b>", "![x](y)", "[x](http://y)", "- a", "> b", "```", "| a |", "", "\t", "text",
    "**0:00** x", "::: practice p", "practice: sounds", ":::: text x", "1. x", "    code", "&a *a", "{{", "!!x",
    "\u202e", "=", "===",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS | st.text(max_size=12), max_size=25).map("\n".join))
def test_any_text_becomes_a_lesson_and_findings(text):
    lesson, findings = parse_lesson(text, file="x.md")
    lines = len(text.splitlines()) + 1
    assert all(1 <= (finding.where.line or 1) <= lines for finding in findings)
    assert all(block.line <= lines for block in lesson.blocks)
    lesson.paragraphs()


KEYS = st.sampled_from(PROGRAMME.splitlines())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PROGRAMME.splitlines()) - 1), KEYS | st.text(max_size=20))
def test_any_line_of_programme_yaml_may_be_wrong(tmp_path_factory, number, line):
    folder = tmp_path_factory.mktemp("fuzz") / "tiny"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "01-first.md").write_text(LESSON)
    lines = PROGRAMME.splitlines()
    lines[number] = line
    (folder / "programme.yaml").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    try:
        _, findings = read_programme(folder / "programme.yaml")
    except AccordError:
        return
    assert all(finding.what for finding in findings)
