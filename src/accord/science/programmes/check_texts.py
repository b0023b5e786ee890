"""Checks of everything a patient reads in a programme: shape of lessons, words, reading age, blocks and practices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from accord.science.conditions import check as check_condition
from accord.science.definitions import Document
from accord.science.errors import Finding, Place
from accord.science.programmes.blocks import ExposureLadder, Message, PracticeBlock, PracticeLog, Saved
from accord.science.programmes.lesson_text import Block, LessonText
from accord.science.programmes.markdown import prose_findings
from accord.science.programmes.model import Lesson, Programme
from accord.science.programmes.reading_age import FORMULA, readability
from accord.science.programmes.words import contaminated, unwanted

TOLERANCE = 1.0  # years above the aim that a lesson may measure
# Parts of programme.yaml that a patient reads, as far as they are sentences.
_READ = ("title", "summary", "modules", "lessons", "practices", "practice_safety", "anchors")
_NOT_READ = (
    "source", "assumed", "facilitator_notes", "id", "file", "module", "rule", "status", "form", "kind", "blocks",
    "completed", "reply_to", "of", "alternative",
)  # fmt: skip


def check_texts(programme: Programme, document: Document, folder: Path) -> Iterator[Finding]:
    """Findings in programme.yaml's own words and in every written lesson."""
    for path, text in _sentences(document.data):
        yield from _word_findings(programme, text, document.file, document.line(path) or 1)
    for place, lesson in enumerate(programme.lessons):
        if text_of := programme.text(lesson.id):
            yield from _lesson_findings(programme, lesson, text_of, folder)
            if text_of.title != lesson.title:
                what = f"The lesson is called '{lesson.title}' here and '{text_of.title}' in its file."
                yield document.finding(what, "lessons", place, "title", cure="Write the same title in both.")
    yield from _shared_names(programme)


def _sentences(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in _NOT_READ and (path or key in _READ):
                yield from _sentences(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _sentences(value, (*path, index))


def _word_findings(programme: Programme, text: str, file: str, line: int) -> Iterator[Finding]:
    for word, instead, rule, at in unwanted(text):
        where = Place(file, line=line + text.count("\n", 0, at))
        yield Finding(f"'{word}' does not stand on a patient's page.", instead, where, rule=rule)
    if programme.contamination:
        for word, at in contaminated(text, programme.contamination.words):
            where = Place(file, line=line + text.count("\n", 0, at))
            what = f"'{word}' is kept out of this programme: {programme.contamination.because}"
            yield Finding(what, "Find other words.", where, rule="contamination")


# --- one lesson -------------------------------------------------------------------------------------------------


def _lesson_findings(programme: Programme, lesson: Lesson, text: LessonText, folder: Path) -> Iterator[Finding]:
    fields = programme.fields()
    ids = Counter(block.id for block in text.blocks)
    for title, line in [(text.title, 1), *((part.title, part.line) for part in text.parts)]:
        yield from _word_findings(programme, title, text.file, line)
    for block in text.blocks:
        media = folder / "media"
        yield from prose_findings(block.lines, block.text_line, text.file, media)
        yield from _word_findings(programme, "\n".join(block.lines), text.file, block.text_line)
        for sentence, line in block.head_texts():
            yield from _word_findings(programme, sentence, text.file, line)
        if ids[block.id] > 1:
            yield _at(block, text, f"Two blocks are called '{block.id}'.", "Rename one.")
        if block.head.show_if is not None:
            for problem in check_condition(block.head.show_if, fields):
                line = block.head_lines.get("show_if", block.line)
                yield Finding(problem, "See docs/reference/conditions.md.", Place(text.file, line=line), rule="E10")
        yield from _kind_findings(programme, block, text)
    yield from _stand_ins(text)
    yield from _writing(programme, text)


def _at(block: Block, text: LessonText, what: str, cure: str, rule: str = "") -> Finding:
    return Finding(what, cure, Place(text.file, line=block.line), rule=rule)


def _kind_findings(programme: Programme, block: Block, text: LessonText) -> Iterator[Finding]:
    head = block.head
    named = [head.practice] if isinstance(head, PracticeBlock) else []
    named += head.practices if isinstance(head, PracticeLog) else []
    for name in named:
        if name not in programme.practices:
            cure = f"There are: {', '.join(programme.practices) or 'none yet'}."
            yield _at(block, text, f"There is no practice '{name}'.", cure)
    if isinstance(head, PracticeBlock) and head.practice in programme.practices:
        yield from _cues(block, text, programme.practices[head.practice].minutes)
    if isinstance(head, Message) and head.sender == "therapist" and not re.search(r"\[\[.+?\]\]", block.markdown):
        yield _at(block, text, "A therapist's message has no gap to make it personal.", "Add [[…]] with what to write.")
    if not block.markdown and block.kind in ("text", "story", "guide", "practice", "message"):
        yield _at(block, text, f"The block '{block.id}' is empty.", "Write it, or take it out.")


def _cues(block: Block, text: LessonText, minutes: int) -> Iterator[Finding]:
    seconds = [second for second, _ in block.cues]
    if not seconds or seconds[0] != 0:
        yield _at(block, text, "The script of a practice begins at **0:00**.", "Begin its paragraphs with **m:ss**.")
    elif sorted(set(seconds)) != seconds:
        yield _at(block, text, "The times of the script do not rise.", "Put them in order, each once.")
    elif seconds[-1] >= 60 * minutes:
        what = f"The script runs to {seconds[-1] // 60}:{seconds[-1] % 60:02}, the practice has {minutes} minutes."
        yield _at(block, text, what, "Shorten the script, or change the minutes in programme.yaml.")


def _stand_ins(text: LessonText) -> Iterator[Finding]:
    by_id = {block.id: block for block in text.blocks}
    for block in text.blocks:
        names = [block.head.otherwise] if block.head.otherwise else []
        names += [block.head.energy_version] if isinstance(block.head, ExposureLadder) else []
        for name in names:
            other = by_id.get(name)
            if other is None or other is block or other.head.show_if is not None:
                what = f"'{name}' cannot stand in for '{block.id}'."
                yield _at(block, text, what, "Name another block of this lesson, one without show_if.")
        if block.head.otherwise and block.head.show_if is None:
            yield _at(block, text, "otherwise stands without show_if.", "Say when the block is shown.")


def _writing(programme: Programme, text: LessonText) -> Iterator[Finding]:
    """Length and reading age, as the programme set them."""
    writing, top = programme.writing, Place(text.file, line=1)
    age = readability(text.paragraphs()).age
    if age is not None and age > writing.reading_age + TOLERANCE:
        what = f"It reads at age {age:.1f}; the aim is {writing.reading_age:g} ({FORMULA})."
        yield Finding(what, "Shorter sentences and shorter words.", top, rule="reading age")
    words = text.words()
    if writing.words and not writing.words[0] <= words <= writing.words[1]:
        yield Finding(f"It has {words:,} words; {writing.words[0]:,} to {writing.words[1]:,} are wanted.", "", top)
    if writing.parts and not writing.parts[0] <= len(text.parts) <= writing.parts[1]:
        yield Finding(f"It has {len(text.parts)} parts; {writing.parts[0]} to {writing.parts[1]} are wanted.", "", top)
    for part in text.parts:
        if writing.minutes_a_part and not writing.minutes_a_part[0] <= part.minutes <= writing.minutes_a_part[1]:
            allowed = f"{writing.minutes_a_part[0]} to {writing.minutes_a_part[1]} are wanted"
            what = f"The part takes {part.minutes} minutes; {allowed}."
            yield Finding(what, "Split or join parts.", Place(text.file, line=part.line))


def _shared_names(programme: Programme) -> Iterator[Finding]:
    """An answer's name is unique in the programme: conditions and exports read it as answers.<name>."""
    seen: dict[str, str] = {}
    for lesson in programme.lessons:
        text = programme.text(lesson.id)
        for block in text.blocks if text else ():
            for name in block.head.fields if text and isinstance(block.head, Saved) else ():
                if text and name in seen:
                    what = f"The answer '{name}' is saved already in {seen[name]}."
                    yield _at(block, text, what, "Give it a name of its own.")
                elif text:
                    seen[name] = f"{text.file}, line {block.line}"
