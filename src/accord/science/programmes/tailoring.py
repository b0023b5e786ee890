"""Which blocks of a lesson one person sees, and why, in words she can read (“why this?”). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.science.conditions import Decision, decide
from accord.science.programmes.blocks import ExposureLadder
from accord.science.programmes.lesson_text import Block, LessonText


@dataclass(frozen=True, slots=True)
class Tailored:
    """A block for one person. `reason` is empty for a block that everybody sees."""

    block: Block
    shown: bool
    reason: str = ""


def tailored(lesson: LessonText, record: Mapping[str, Any]) -> list[Tailored]:
    """Every block of the lesson in order, shown or not, with the reason.

    A block with `show_if` is shown when its condition is yes. When it is no or unknown it is left out, and the block
    named by `otherwise` (which nobody else sees) stands in; unknown is said in the reason, never taken for no.
    """
    decided = {b.id: decide(b.head.show_if, record) for b in lesson.blocks if b.head.show_if is not None}
    by_id = {block.id: block for block in lesson.blocks}
    stand_ins: dict[str, list[Block]] = {}
    for block in lesson.blocks:
        if block.head.otherwise:
            stand_ins.setdefault(block.head.otherwise, []).append(block)
        if isinstance(block.head, ExposureLadder) and block.head.energy_version in by_id:
            stand_ins.setdefault(block.head.energy_version, []).append(block)
    return [_one(block, decided, stand_ins.get(block.id, [])) for block in lesson.blocks]


def _one(block: Block, decided: Mapping[str, Decision], instead_of: list[Block]) -> Tailored:
    left_out = [other for other in instead_of if decided.get(other.id, Decision.YES) is not Decision.YES]
    if instead_of and not left_out:
        return Tailored(block, False, "It stands in for another part, which you see.")
    if instead_of:
        return Tailored(block, True, _why_instead(left_out[0], decided[left_out[0].id]))
    decision = decided.get(block.id)
    if decision is None:
        return Tailored(block, True)
    because = str(block.head.because)
    if decision is Decision.YES:
        return Tailored(block, True, because)
    if decision is Decision.NO:
        return Tailored(block, False, f"Not for you at the moment. It is for this: {because}")
    return Tailored(block, False, f"We do not know yet whether it is for you. It is for this: {because}")


def _why_instead(other: Block, decision: Decision) -> str:
    unsure = "We do not know yet whether the other version is for you" if decision is Decision.UNKNOWN else (
        "The other version is not for you at the moment"
    )  # fmt: skip
    return f"{unsure}. It is for this: {other.head.because}"
