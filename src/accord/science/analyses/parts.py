"""What each story of an analysis hands back: its section, if it has something to say, and its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accord.science.analyses.result import Block, Picture, Section
from accord.science.estimates.estimate import Estimate
from accord.science.figures import Figure


@dataclass(frozen=True)
class Part:
    """`section` None: nothing to print. `lead` are sentences for the top of the report."""

    section: Section | None = None
    estimates: tuple[Estimate, ...] = ()
    lead: tuple[str, ...] = ()


def part(
    id: str, heading: str, blocks: Iterable[Block | None], estimates: Iterable[Estimate] = (), lead: Iterable[str] = ()
) -> Part:
    """A part with a section of those blocks that are there; without blocks no section."""
    there = tuple(block for block in blocks if block is not None)
    return Part(Section(id, heading, there) if there else None, tuple(estimates), tuple(lead))


def drawn(id: str, figure: Figure, note: str = "") -> Picture:
    """A figure as a block; `note` says n, missing, instrument and method."""
    return Picture(id, figure.title, figure.description, figure, note)
