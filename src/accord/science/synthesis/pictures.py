"""Effects of different models beside one another, as one forest."""

from __future__ import annotations

from collections.abc import Iterable

from accord.science.estimates.contrast import Contrast
from accord.science.figures import Forest, ForestRow


def beside(
    title: str, description: str, effects: Iterable[tuple[str, Contrast]], *, measure: str, summary: str | None = None
) -> Forest:
    """A row an effect; the one labelled `summary` is drawn as a diamond."""
    rows = [
        ForestRow(
            label, effect.value, effect.ci_low, effect.ci_high, kind="summary" if label == summary else "estimate"
        )
        for label, effect in effects
    ]
    return Forest(title=title, description=description, rows=rows, measure=measure)
