"""The text of one lesson: parts with minutes, blocks in order, cues of practices, the words as they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from accord.science.conditions import Field
from accord.science.definitions.document import parse_document
from accord.science.errors import AccordError, Finding, Place
from accord.science.programmes.blocks import KINDS, Head, Message, PracticeBlock, Quiz, Saved, Text
from accord.science.programmes.markdown import Container, Prose, pieces, plain_paragraphs

_INFO = re.compile(r"([a-z_]+)\s+([a-z][a-z0-9_]*)")
_PART = re.compile(r"##\s+(?P<title>.+?)\s+\((?P<minutes>\d{1,3}) minutes?\)\s*#*")
_CUE = re.compile(r"\*\*(\d{1,3}):([0-5]\d)\*\*\s*(.*)", re.DOTALL)
_FIELD = re.compile(r"\s*([a-z_]+):")


@dataclass(frozen=True)
class Block:
    """One block: its kind and id, what its head says, its Markdown and where that begins in the file."""

    kind: str
    id: str
    head: Head
    lines: tuple[str, ...]
    line: int
    text_line: int
    head_lines: dict[str, int] = field(default_factory=dict, repr=False, hash=False)

    @property
    def markdown(self) -> str:
        return "\n".join(self.lines).strip()

    @cached_property
    def cues(self) -> list[tuple[int, str]]:
        """(second, words) of a scripted practice."""
        found = [match for text in re.split(r"\n\s*\n", self.markdown) if (match := _CUE.match(text.strip()))]
        return [(60 * int(match[1]) + int(match[2]), match[3].strip()) for match in found]

    def paragraphs(self) -> list[str]:
        """Every word that a person reads in this block, the questions of its head included."""
        return [*plain_paragraphs(self.lines), *(text for text, _ in self.head_texts())]

    def head_texts(self) -> Iterator[tuple[str, int]]:
        """The texts of the head that a person reads, with their line."""
        for key, value in self.head.model_dump(exclude_none=True).items():
            if key in ("show_if", "otherwise", "practice", "practices", "asks", "about", "gate", "energy_version"):
                continue
            yield from ((text, self.head_lines.get(key, self.line)) for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("kind", "sender"):
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


@dataclass(frozen=True)
class Part:
    """A part of a lesson that can be done in one go."""

    title: str
    minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class LessonText:
    """A lesson as written: its title, what stands before the first part (`opening`), and the parts."""

    file: str
    title: str
    opening: tuple[Block, ...]
    parts: tuple[Part, ...]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return (*self.opening, *(block for part in self.parts for block in part.blocks))

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    def paragraphs(self) -> list[str]:
        """What a person reads of the lesson, messages included."""
        titles = [self.title, *(part.title for part in self.parts)]
        return [*titles, *(text for block in self.blocks for text in block.paragraphs())]

    def words(self) -> int:
        """Words of the lesson itself: without messages and saved questions."""
        read = [b for b in self.blocks if not isinstance(b.head, Message)]
        texts = [text for block in read for text in plain_paragraphs(block.lines)]
        texts += [text for block in read if isinstance(block.head, Quiz) for text, _ in block.head_texts()]
        return sum(len(text.split()) for text in texts)

    def answers(self) -> dict[str, Field]:
        """The saved answers as fields of conditions: `answers.<field>`."""
        heads = [block.head for block in self.blocks if isinstance(block.head, Saved)]
        return {f"answers.{key}": answer.field() for head in heads for key, answer in head.fields.items()}

    def practices(self) -> list[str]:
        """The practices with a script in this lesson."""
        return [block.head.practice for block in self.blocks if isinstance(block.head, PracticeBlock)]


def parse_lesson(text: str, *, file: str) -> tuple[LessonText, list[Finding]]:
    """The lesson, and what is wrong with its shape. Blocks that cannot be read are left out and found."""
    findings: list[Finding] = []
    title, parts = "", [Part("", 0, 1, ())]
    for piece in pieces(text):
        if isinstance(piece, Prose) and piece.level == 1:
            if title:
                what = "The lesson has a second title."
                findings.append(Finding(what, "Begin a part with ## instead.", Place(file, line=piece.line)))
            title = title or piece.lines[0].lstrip("# ").strip()
        elif isinstance(piece, Prose) and piece.level == 2:
            parts.append(_part(piece, file, findings))
        else:
            block = _block(piece, file, len(parts), len(parts[-1].blocks), findings)
            if block:
                parts[-1] = replace(parts[-1], blocks=(*parts[-1].blocks, block))
    if not title:
        findings.append(Finding("The lesson has no title.", "Begin with: # Title", Place(file, line=1)))
    return LessonText(file, title, parts[0].blocks, tuple(parts[1:])), findings


def _part(heading: Prose, file: str, findings: list[Finding]) -> Part:
    match = _PART.fullmatch(heading.lines[0].strip())
    if match:
        return Part(match["title"], int(match["minutes"]), heading.line, ())
    cure = "Write: ## Title (12 minutes)"
    findings.append(Finding("A part says how long it takes.", cure, Place(file, line=heading.line)))
    return Part(heading.lines[0].lstrip("# ").strip(), 0, heading.line, ())


def _block(piece: Container | Prose, file: str, part: int, index: int, findings: list[Finding]) -> Block | None:
    if isinstance(piece, Prose):
        if not any(line.strip() for line in piece.lines):
            return None
        return Block("text", f"text_{part}_{index + 1}", Text(), piece.lines, piece.line, piece.line)
    problem = _container_problem(piece)
    if problem:
        findings.append(Finding(*problem, Place(file, line=piece.line)))
        return None
    kind, block_id = piece.info.split()
    head_lines, body, offset = _split(piece.lines)
    try:
        # The head is padded so that every line keeps its number of the file.
        document = parse_document("\n" * piece.line + "\n".join(head_lines) + "\n", file=file)
        data = document.data if document.data is not None else {}
        head = replace(document, data=data).validated(KINDS[kind])
    except AccordError as error:
        findings.extend(_in_block(finding, piece) for finding in error.findings)
        return None
    places = {match[1]: piece.line + 1 + n for n, text in enumerate(head_lines) if (match := _FIELD.match(text))}
    return Block(kind, block_id, head, body, piece.line, piece.line + 1 + offset, places)


def _in_block(finding: Finding, piece: Container) -> Finding:
    """A finding about the head as a whole stands at the first line of the block and names it."""
    line = finding.where.line or 1
    what = finding.what.replace("the file: ", f"{piece.info}: ").replace("Value error, ", "")
    return replace(finding, what=what, where=replace(finding.where, line=max(line, piece.line)))


def _container_problem(piece: Container) -> tuple[str, str] | None:
    if not _INFO.fullmatch(piece.info):
        return f"A block begins '::: kind id', found '::: {piece.info:.40}'.", "Write for example: ::: story anna"
    kind = piece.info.split()[0]
    if kind not in KINDS:
        return f"There is no block called '{kind:.40}'.", f"There are: {', '.join(KINDS)}."
    if not piece.closed:
        return f"The block '{piece.info}' is not closed.", "End it with a line of three colons."
    if piece.nested:
        return f"There is a block inside the block '{piece.info}'.", "Close the first one before the next begins."
    return None


def _split(lines: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """(head, body, lines before the body); without a `---` line everything is body."""
    marks = [number for number, line in enumerate(lines) if line.strip() == "---"]
    if not marks:
        return (), lines, 0
    return lines[: marks[0]], lines[marks[0] + 1 :], marks[0] + 1
