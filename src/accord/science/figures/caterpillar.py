"""Caterpillar: shrunken effects of therapists, groups or sites in order, with intervals (C18)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis, domain
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, wrap
from accord.science.figures.marks import CALM, LEADING_SMALL, SOFT, lines_of_text, marker
from accord.science.figures.numbers import count, known, with_interval
from accord.science.figures.rows import NARROW_BELOW, PlotRow, RowPlot, whisker

MOST_LABELLED = 60  # with more rows the picture shows the spread only; the table has the labels


@dataclass(frozen=True, slots=True)
class Effect:
    label: str
    value: float
    low: float
    high: float
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Caterpillar:
    """`measure` names the axis; `caution` is printed under the picture (not assigned at random)."""

    title: str
    description: str
    effects: Sequence[Effect]
    measure: str
    left: str = "below average"
    right: str = "above average"
    reference: float = 0.0
    digits: int = 2
    caution: str = "Shrunken towards the average. People were not assigned at random."
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Label", self.measure, "95 % from", "95 % to", "n")
        return columns, tuple((one.label, one.value, one.low, one.high, one.n) for one in self.ordered())

    def ordered(self) -> list[Effect]:
        return sorted(self.effects, key=lambda one: (not known(one.value), one.value, one.label))

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        body, height = _plot(self, width).draw(width)
        caution = wrap(self.caution, width, SMALL, most=4)
        body += lines_of_text(0, height + 14, caution, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        return drawing(
            self.title, self.description, body, width=width, height=height + 6 + LEADING_SMALL * len(caution),
            ident=ident, invented=self.invented,
        )  # fmt: skip


def _plot(caterpillar: Caterpillar, width: float) -> RowPlot:
    effects = caterpillar.ordered()
    labelled = len(effects) <= MOST_LABELLED
    numbers = labelled and width >= NARROW_BELOW
    sizes = numbers and any(one.n is not None for one in effects)
    rows = [
        PlotRow(
            one.label if labelled else "",
            _drawer(one),
            (
                *((count(one.n),) if sizes else ()),
                *((with_interval(one.value, one.low, one.high, caterpillar.digits),) if numbers else ()),
            ),
            tall=12.0 if labelled else 3.0,
        )
        for one in effects
    ]
    return RowPlot(
        rows=rows,
        headings=(*(("n",) if sizes else ()), *(("95 % interval",) if numbers else ())),
        ends=domain([one.value for one in effects], [(one.low, one.high) for one in effects], caterpillar.reference),
        measure=caterpillar.measure,
        reference=caterpillar.reference,
        left=caterpillar.left,
        right=caterpillar.right,
        pad=3.0 if labelled else 2.0,
    )


def _drawer(one: Effect) -> Callable[[Axis, float], list[str]]:
    def draw(axis: Axis, y: float) -> list[str]:
        if not known(one.value):
            return []
        return [*whisker(axis, y, one.low, one.high, width=2.0), marker("circle", axis.at(one.value), y, 3.0, CALM)]

    return draw
