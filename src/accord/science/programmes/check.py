"""What must hold in a programme beyond its shape: names, unlocking, gates, harm text, marks; then its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from accord.science.conditions import check as check_condition
from accord.science.conditions import names
from accord.science.definitions import Document
from accord.science.errors import BadInput, Finding
from accord.science.programmes.check_texts import check_texts
from accord.science.programmes.model import Clause, Programme, Requirement

SEE_CONDITIONS = "See docs/reference/conditions.md."


def check_programme(programme: Programme, document: Document, folder: Path) -> list[Finding]:
    """Every finding, each with file, line and cure. `folder` is the programme's own."""
    return [
        *_identity(programme, document, folder),
        *_names(programme, document),
        *_marks(programme, document),
        *_requirements(programme, document),
        *_openable(programme, document),
        *_practices(programme, document),
        *_gates(programme, document),
        *check_texts(programme, document, folder),
    ]


def _identity(programme: Programme, document: Document, folder: Path) -> Iterator[Finding]:
    if programme.programme != folder.name.replace("-", "_"):
        what = f"The programme is called '{programme.programme}', its folder '{folder.name}'."
        yield document.finding(what, "programme", cure=f"Write: programme: {folder.name.replace('-', '_')}", rule="E1")
    if programme.near_to is not None and programme.near_to not in programme.sources:
        yield document.finding(f"There is no source '{programme.near_to}'.", "near_to", cure="Add it under sources.")
    if not programme.untested and programme.near_to is None:
        what = "A programme that was tested names the source that tested it."
        yield document.finding(what, "untested", cure="Add near_to, or take untested away.", rule="C11")


def _names(programme: Programme, document: Document) -> Iterator[Finding]:
    counts = Counter(lesson.id for lesson in programme.lessons)
    files = Counter(lesson.file for lesson in programme.lessons if lesson.file)
    for place, lesson in enumerate(programme.lessons):
        here = ("lessons", place)
        if counts[lesson.id] > 1:
            yield document.finding(f"Two lessons are called '{lesson.id}'.", *here, "id", cure="Rename one.")
        if lesson.file and files[lesson.file] > 1:
            yield document.finding(
                f"Two lessons share the file {lesson.file}.", *here, "file", cure="Give each its own."
            )
        if lesson.module not in programme.modules:
            cure = f"There are: {', '.join(programme.modules) or 'none yet'}."
            yield document.finding(f"There is no module '{lesson.module}'.", *here, "module", cure=cure)
        for name in lesson.practices:
            if name not in programme.practices:
                cure = f"There are: {', '.join(programme.practices) or 'none yet'}."
                yield document.finding(f"There is no practice '{name}'.", *here, "practices", cure=cure)


def _marks(programme: Programme, document: Document) -> Iterator[Finding]:
    """Every clause has a mark of its own or above it; a source exists; what is named assumed is there (C35)."""
    clauses: list[tuple[tuple[str | int, ...], Clause]] = [((), programme)]
    clauses += [(("lessons", place), lesson) for place, lesson in enumerate(programme.lessons)]
    for part in ("modules", "practices", "lengths"):
        clauses += [((part, name), clause) for name, clause in getattr(programme, part).items()]
    for path, clause in clauses:
        if clause.source is not None and clause.source not in programme.sources:
            cure = f"There are: {', '.join(programme.sources) or 'none yet'}."
            yield document.finding(f"There is no source '{clause.source}'.", *path, "source", cure=cure, rule="C35")
        for name in clause.assumed if isinstance(clause.assumed, list) else []:
            if name not in type(clause).model_fields:
                cure = "Name a field of this clause, or write assumed: all."
                yield document.finding(f"'{name}' is marked assumed but is no field here.", *path, "assumed", cure=cure,
                                       rule="C35")  # fmt: skip
        unmarked = clause.source is None and clause.assumed is None
        if unmarked and (not path or (programme.source is None and programme.assumed is None)):
            what = "Nothing says where this comes from."
            yield document.finding(what, *path, cure="Add source: … or assumed: all.", rule="C35")


# --- unlocking --------------------------------------------------------------------------------------------------


def _requirements(programme: Programme, document: Document) -> Iterator[Finding]:
    ids = {lesson.id for lesson in programme.lessons}
    for place, path, requirement in programme.requirements():
        here = ("lessons", place, "opens", path[0], *(("any_of", path[1]) if len(path) > 1 else ()))
        if len(path) > 1 and requirement.any_of is not None:
            yield document.finding("any_of stands within any_of.", *here, cure="One level is enough.")
        if requirement.of is not None and requirement.of not in programme.anchors:
            cure = f"There are: {', '.join(programme.anchors) or 'none yet'}."
            yield document.finding(f"There is no anchor '{requirement.of}'.", *here, "of", cure=cure, rule="E5")
        for name in (requirement.completed, requirement.reply_to):
            if name is not None and name not in ids:
                yield document.finding(f"There is no lesson '{name}'.", *here, cure=f"There are: {', '.join(ids)}.")
        for problem in check_condition(requirement.rule, programme.fields()) if requirement.rule is not None else []:
            yield document.finding(problem, *here, "rule", cure=SEE_CONDITIONS, rule="E10")


def _openable(programme: Programme, document: Document) -> Iterator[Finding]:
    """Lessons that wait for each other can never open: all that can be reached is reached, the rest is found."""
    ids = {lesson.id for lesson in programme.lessons}
    reached: set[str] = set()
    while True:
        more = {
            lesson.id
            for lesson in programme.lessons
            if lesson.id not in reached and all(_possible(requirement, reached, ids) for requirement in lesson.opens)
        }
        if not more:
            break
        reached |= more
    for place, lesson in enumerate(programme.lessons):
        if lesson.id not in reached:
            what = f"'{lesson.id}' can never open: it waits for a lesson that waits for it."
            yield document.finding(what, "lessons", place, "opens", cure="Take one of the requirements away.")


def _possible(requirement: Requirement, reached: set[str], ids: set[str]) -> bool:
    if requirement.any_of is not None:
        return any(_possible(option, reached, ids) for option in requirement.any_of)
    needed = requirement.completed or requirement.reply_to
    return needed is None or needed in reached or needed not in ids


# --- safety -----------------------------------------------------------------------------------------------------


def _practices(programme: Programme, document: Document) -> Iterator[Finding]:
    for name, practice in programme.practices.items():
        here = ("practices", name)
        if programme.practice_safety is None:
            what = "A practice has no words about harm beside it."
            cure = "Add practice_safety: eyes, anchors, stop, frightening, grounding, person."
            yield document.finding(what, *here, cure=cure, rule="C10")
        if practice.of_the_body and practice.screen is None:
            what = f"A {practice.kind} practice has no screen for trauma and dissociation before it."
            yield document.finding(what, *here, cure="Add screen: rule, because, alternative.", rule="C10")
        if practice.screen is None:
            continue
        for problem in check_condition(practice.screen.rule, programme.fields()):
            yield document.finding(problem, *here, "screen", "rule", cure=SEE_CONDITIONS, rule="E10")
        other = programme.practices.get(practice.screen.alternative)
        if other is None or other.of_the_body:
            what = f"The alternative '{practice.screen.alternative}' is no practice without body, breath or pictures."
            cure = "Name a practice of sound, movement, attention or activity."
            yield document.finding(what, *here, "screen", "alternative", cure=cure, rule="C10")


def _gates(programme: Programme, document: Document) -> Iterator[Finding]:
    """A ladder of steps stands behind the red-flag questions, and knows who needs the energy version (C9)."""
    for place, lesson in enumerate(programme.lessons):
        text = programme.text(lesson.id)
        ladders = [block for block in text.blocks if block.kind == "exposure_ladder"] if text else []
        if not ladders and "exposure_ladder" not in lesson.blocks:
            continue
        read = {name for r in lesson.opens if r.rule is not None for name in _read_by(r.rule)}
        if "red_flags.any" not in read:
            cure = "Add to opens: {rule: red_flags.any == false, because: …, unknown: …}."
            what = "A ladder of steps stands without the red-flag gate."
            yield document.finding(what, "lessons", place, "opens", cure=cure, rule="C9")
        if "red_flags.worse_after_effort" not in programme.facts:
            what = (
                "A ladder of steps stands in a programme that does not know of feeling much worse after small effort."
            )
            yield document.finding(what, "facts", cure="Add the fact red_flags.worse_after_effort.", rule="C9")
        for block in ladders:
            if "red_flags.worse_after_effort" not in _read_by(block.head.show_if or "true"):
                yield Finding(
                    "The ladder of steps is shown to everybody.",
                    "Add show_if: red_flags.worse_after_effort == 0, and its energy version.",
                    document.place("lessons", place),
                    rule="C9",
                )


def _read_by(condition: str) -> list[str]:
    try:
        return names(condition)
    except BadInput:
        return []  # found by the check of conditions


# --- publication ------------------------------------------------------------------------------------------------


def publishable(programme: Programme) -> list[str]:
    """Why a programme may not be published yet, one sentence each; an empty list means that it may."""
    reasons = []
    if programme.status != "published":
        reasons.append(f"Its status is {programme.status}; an author sets it to published when it is whole.")
    outlines = [lesson.title for lesson in programme.lessons if lesson.status == "outline"]
    if outlines:
        reasons.append(f"Not written yet: {', '.join(outlines)}.")
    drafts = [lesson.title for lesson in programme.lessons if lesson.status == "draft"]
    if drafts:
        reasons.append(f"Still a draft: {', '.join(drafts)}.")
    for kind in ("clinical", "lived_experience", "language"):
        if getattr(programme.review, kind).state != "reviewed":
            reasons.append(f"The {kind.replace('_', ' ')} review is missing (C11).")
    return reasons
