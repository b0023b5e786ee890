"""The stamp of invented data on a picture, whether or not the analysis asked for it (C12)."""

from __future__ import annotations

from dataclasses import is_dataclass, replace

from accord.science.figures import Figure


def stamped(figure: Figure, invented: bool) -> Figure:
    """The picture of a simulated cohort with its stamp."""
    if invented and is_dataclass(figure) and not isinstance(figure, type) and hasattr(figure, "invented"):
        return replace(figure, invented=True)
    return figure
