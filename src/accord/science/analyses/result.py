"""What an analysis hands to a report: sections of blocks, and every estimate by its id. Values only, no formatting.

A report lays the blocks out in their order and computes nothing; `to_dict()` is what `--json` and `analysis.json`
hold. The keys are documented in docs/reference/analyse.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from accord.science.estimates.estimate import Estimate
from accord.science.figures import Figure

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph of plain words."""

    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "text", "text": self.text}

    def texts(self) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True, slots=True)
class Caution:
    """One paragraph that must not be overlooked: no comparison group, too few clusters, invented data."""

    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "caution", "text": self.text}

    def texts(self) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by their headings and rows of plain cells. A number is printed with `digits` decimals, None is missing.

    `id` names the file of the table among the machine-readable ones. A whole number stays whole.
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    digits: int = 2

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": "table", "id": self.id, "title": self.title, "columns": list(self.columns),
            "rows": [[_plain(cell) for cell in row] for row in self.rows], "note": self.note,
        }  # fmt: skip

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.note, *self.columns)
        yield from (cell for row in self.rows for cell in row if isinstance(cell, str))


@dataclass(frozen=True, slots=True)
class Estimates:
    """Numbers with their intervals, laid out one a row with n, missing, scale and method."""

    title: str
    estimates: tuple[Estimate, ...]
    note: str = ""
    digits: int = 2

    def to_dict(self) -> dict[str, Any]:
        ids = [estimate.id for estimate in self.estimates]
        return {"kind": "estimates", "title": self.title, "ids": ids, "note": self.note}

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.note)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, its title and, for who cannot see it, what it shows. `note`: n, missing, instrument, method."""

    id: str
    title: str
    description: str
    picture: Figure
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": "picture", "id": self.id, "title": self.title, "description": self.description, "note": self.note,
        }  # fmt: skip

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.description, self.note)


Block = Text | Caution | Table | Estimates | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the report and what stands under it."""

    id: str
    heading: str
    blocks: tuple[Block, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "heading": self.heading, "blocks": [block.to_dict() for block in self.blocks]}


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """A protocol judged on a cohort.

    `lead` are the few sentences to read first; `estimates` hold every number of the analysis once, by id, whether a
    section prints it or not; `notes` are said at the end (what was done to the data, what the program assumed).
    `invented` is true for a simulated cohort and is stamped on every page, figure and file (C12).
    """

    title: str
    eyebrow: str
    protocol: str
    protocol_version: int
    protocol_hash: str
    origin: str
    seed: int | None = None
    lead: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = ()
    facts: dict[str, Cell] = field(default_factory=dict)  # what the foot of the report names: n, program, cohort

    @property
    def invented(self) -> bool:
        return self.origin == "simulated"

    def estimate(self, estimate_id: str) -> Estimate | None:
        return next((estimate for estimate in self.estimates if estimate.id == estimate_id), None)

    def section(self, section_id: str) -> Section | None:
        return next((section for section in self.sections if section.id == section_id), None)

    def blocks(self) -> Iterator[Block]:
        for section in self.sections:
            yield from section.blocks

    def tables(self) -> Iterator[Table]:
        return (block for block in self.blocks() if isinstance(block, Table))

    def to_dict(self) -> dict[str, Any]:
        """Plain values: what `accord analyse --json` prints."""
        return {
            "title": self.title, "eyebrow": self.eyebrow, "protocol": self.protocol,
            "protocol_version": self.protocol_version, "protocol_hash": self.protocol_hash,
            "origin": self.origin, "invented": self.invented, "seed": self.seed, "lead": list(self.lead),
            "facts": {key: _plain(value) for key, value in self.facts.items()},
            "sections": [section.to_dict() for section in self.sections],
            "estimates": [estimate.to_dict() for estimate in self.estimates], "notes": list(self.notes),
        }  # fmt: skip


def _plain(value: Cell) -> Cell:
    return None if isinstance(value, float) and not math.isfinite(value) else value
