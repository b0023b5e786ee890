"""The acceptability curve: for each price of one unit of effect, how sure the first arm is to be worth it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.marks import CALM, EDGE, Sample, legend, line, path, shifted
from accord.science.figures.numbers import known
from accord.science.figures.plane import plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class AcceptabilityCurve:
    """`points` are (price, probability 0 to 1) in the order of the price; `price` names the axis and its currency."""

    title: str
    description: str
    points: Sequence[tuple[float, float]]
    price: str
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        return (self.price, "Probability to be worth it"), tuple(self.points)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_LEGEND, width)
        there = [(price, 100 * share) for price, share in self.points if known(price) and known(share)]
        most = max((price for price, _ in there), default=1.0) or 1.0
        over = plane((0.0, most), (0.0, 100.0), width, tall=260.0 if width >= NARROW_BELOW else 200.0)
        frame, height = over.frame(self.price, "probability to be worth its price, %")
        half = over.up.at(50.0)
        body = [*frame, line(over.across.start, half, over.across.end, half, colour=EDGE, width=1.5, dash="5 4")]
        if len(there) > 1:
            body.append(path([over.at(*point) for point in there], colour=CALM, width=2))
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


_LEGEND: list[tuple[Sample, str]] = [
    (
        lambda x, y: [line(x, y, x + 28, y, colour=CALM, width=2)],
        "share of samples with a positive net benefit",
    ),
    (lambda x, y: [line(x, y, x + 28, y, colour=EDGE, width=1.5, dash="5 4")], "as likely as not"),
]
