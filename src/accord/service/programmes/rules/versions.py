"""What another version of a programme changes, lesson by lesson, so that nobody's course changes unseen (U13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from accord.science.programmes import Lesson, LessonText, Programme


@dataclass(frozen=True, slots=True)
class LessonChange:
    """A lesson that was added, removed or changed; `parts` names the parts in which words or questions differ."""

    kind: Literal["added", "removed", "changed"]
    lesson: str
    title: str
    parts: tuple[str, ...] = ()


def changes_between(before: Programme, after: Programme) -> list[LessonChange]:
    """Every lesson that is not the same in both, in the order of `after`, the removed ones last."""
    old = {lesson.id: lesson for lesson in before.lessons}
    new = {lesson.id: lesson for lesson in after.lessons}
    found: list[LessonChange] = []
    for name, lesson in new.items():
        if name not in old:
            found.append(LessonChange("added", name, lesson.title))
        elif (parts := _parts(before, after, name)) or _plan(before, old[name]) != _plan(after, lesson):
            found.append(LessonChange("changed", name, lesson.title, tuple(parts)))
    return [*found, *(LessonChange("removed", name, old[name].title) for name in old if name not in new)]


def _plan(programme: Programme, lesson: Lesson) -> object:
    """What a person notices of a lesson besides its text, its practices and what stands beside them included."""
    practices = [programme.practices[name] for name in lesson.practices]
    return lesson.title, lesson.aim, lesson.status, practices, practices and programme.practice_safety, lesson.opens


def _parts(before: Programme, after: Programme, name: str) -> list[str]:
    old, new = dict(_content(before.text(name))), dict(_content(after.text(name)))
    return [title for title in {**new, **old} if old.get(title) != new.get(title)]


def _content(text: LessonText | None) -> Iterator[tuple[str, object]]:
    """Each part by its title with all it says; where lines break and where they stand makes no difference."""
    if text is None:
        return
    parts = [(text.title, 0, text.opening), *((part.title, part.minutes, part.blocks) for part in text.parts)]
    for title, minutes, blocks in parts:
        yield title, (minutes, [(block.kind, block.id, block.head, block.markdown.split()) for block in blocks])
