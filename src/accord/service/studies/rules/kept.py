"""An analysis as it is kept for the page of numbers: values, cautions, published figures, and the pictures as SVG."""

from __future__ import annotations

from typing import Any

from accord.science.analyses.result import AnalysisResult, Picture
from accord.science.figures import NARROW, WIDE
from accord.science.protocols import Protocol
from accord.science.reports.stamp import stamped
from accord.service.studies.rules.reviews import kept, shows_picture


def as_kept(result: AnalysisResult, protocol: Protocol) -> dict[str, Any]:
    """What a review keeps of an analysis, as plain values; what a manager may not see is not in it (C13)."""
    pictures = {
        block.id: _picture(block, invented=result.invented)
        for block in result.blocks()
        if isinstance(block, Picture) and shows_picture(block.id)
    }
    return kept(result.to_dict()) | {"pictures": pictures, "times": times(protocol)}


def nothing_counted(
    protocol: Protocol, *, origin: str, problem: str, cure: str, facts: dict[str, Any]
) -> dict[str, Any]:
    """What is kept when the cohort cannot be judged yet: why, and what is missing."""
    return {
        "title": protocol.title, "eyebrow": "", "protocol": protocol.slug, "protocol_version": protocol.version,
        "protocol_hash": "", "origin": origin, "invented": origin == "simulated", "seed": None, "facts": facts,
        "sections": [], "estimates": [], "pictures": {}, "times": times(protocol),
        "problem": problem, "cure": cure,
    }  # fmt: skip


def times(protocol: Protocol) -> dict[str, str]:
    """time-point -> what it is called."""
    return {name: point.label for name, point in protocol.schedule.items()}


def _picture(block: Picture, *, invented: bool) -> dict[str, Any]:
    figure = stamped(block.picture, invented)
    ident = f"picture-{block.id}"
    return {
        "title": block.title, "description": block.description, "note": block.note,
        "wide": figure.svg(ident=ident, width=WIDE), "narrow": figure.svg(ident=ident, width=NARROW),
    }  # fmt: skip
