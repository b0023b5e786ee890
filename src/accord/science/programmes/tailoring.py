"""Which blocks of a lesson one person sees, and why, in words she can read (“why this?”). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.science.conditions import Decision, decide, names
from accord.science.programmes.blocks import ExposureLadder, PracticeBlock
from accord.science.programmes.lesson_text import Block, LessonText
from accord.science.programmes.model import Programme

GATE = "red_flags.any"  # what stands before a ladder of steps (C9)
GATE_SHUT = "You told us about a sign that a doctor should look at first. This part opens when a doctor has looked."
GATE_ASKS = "Before this part we ask eight short questions about signs that a doctor should see."
SCREEN_ASKS = "Before this practice we ask you one question. Until then we offer you another one."


@dataclass(frozen=True, slots=True)
class Tailored:
    """A block for one person. `reason` is empty for a block that everybody sees.

    `asks`: the fact that is missing and can be asked for now, so that the page offers the question (C9, C10).
    `instead`: the practice that is offered in the place of a practice that is not shown.
    """

    block: Block
    shown: bool
    reason: str = ""
    asks: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Screened:
    """A practice as it is offered to one person: itself, or `instead` of it another one, and why."""

    practice: str
    instead: str = ""
    reason: str = ""
    asks: str = ""

    @property
    def offered(self) -> str:
        return self.instead or self.practice


def tailored(lesson: LessonText, record: Mapping[str, Any], *, programme: Programme | None = None) -> list[Tailored]:
    """Every block of the lesson in order, shown or not, with the reason.

    A block with `show_if` is shown when its condition is yes. When it is no or unknown it is left out, and the block
    named by `otherwise` (which nobody else sees) stands in; unknown is said in the reason, never taken for no. A ladder
    of steps and its energy version stand behind the gate of C9: only when no red flag is known to be there are they
    shown. With a `programme`, a body practice whose screen is not passed gives way to its alternative (C10).
    """
    decided = {b.id: decide(b.head.show_if, record) for b in lesson.blocks if b.head.show_if is not None}
    by_id = {block.id: block for block in lesson.blocks}
    stand_ins: dict[str, list[Block]] = {}
    behind_gate: set[str] = set()
    for block in lesson.blocks:
        if block.head.otherwise:
            stand_ins.setdefault(block.head.otherwise, []).append(block)
        if isinstance(block.head, ExposureLadder):
            behind_gate |= {block.id, block.head.energy_version}
            if block.head.energy_version in by_id:
                stand_ins.setdefault(block.head.energy_version, []).append(block)
    gate = decide(f"{GATE} == false", record)
    found = []
    for block in lesson.blocks:
        if block.id in behind_gate and gate is not Decision.YES:
            found.append(_behind(block, gate))
            continue
        one = _one(block, decided, stand_ins.get(block.id, []))
        found.append(_with_screen(one, programme, record) if programme and one.shown else one)
    return found


def screened(programme: Programme, practice: str, record: Mapping[str, Any]) -> Screened:
    """The practice, or its alternative where its screen is not passed; an unknown screen is asked, and not passed."""
    screen = programme.practices[practice].screen
    if screen is None:
        return Screened(practice)
    match decide(screen.rule, record):
        case Decision.YES:
            return Screened(practice)
        case Decision.NO:
            return Screened(practice, screen.alternative, screen.because)
    missing = next((name for name in names(screen.rule) if record.get(name) is None), "")
    return Screened(practice, screen.alternative, SCREEN_ASKS, missing)


def _behind(block: Block, gate: Decision) -> Tailored:
    if gate is Decision.NO:
        return Tailored(block, False, GATE_SHUT)
    return Tailored(block, False, GATE_ASKS, asks=GATE)


def _with_screen(one: Tailored, programme: Programme, record: Mapping[str, Any]) -> Tailored:
    if not isinstance(one.block.head, PracticeBlock) or one.block.head.practice not in programme.practices:
        return one
    found = screened(programme, one.block.head.practice, record)
    return Tailored(one.block, False, found.reason, found.asks, found.instead) if found.instead else one


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
