"""The cost-effectiveness plane: joint draws of the differences in effect and cost, and the share of each quadrant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL
from accord.science.figures.marks import (
    CALM,
    EDGE,
    SOFT,
    WARM,
    Sample,
    legend,
    line,
    marker,
    shifted,
    text,
)
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class CostPlane:
    """`draws` and `found` are (effect, cost); `shares` of all draws by quadrant: "north-east" costs and does more."""

    title: str
    description: str
    draws: Sequence[tuple[float, float]]
    found: tuple[float, float]
    effect: str
    cost: str
    shares: Mapping[str, float] = field(default_factory=dict)
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        """The share of each quadrant: a list of draws says nothing to a reader."""
        return ("Quadrant", "Share of draws"), tuple((name, share) for name, share in self.shares.items())

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_legend(), width)
        over = _plane(self, width)
        frame, height = over.frame(self.effect, self.cost)
        body = [*frame, *_axes(over), *_cloud(self, over), *_shares(self, over)]
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _there(figure: CostPlane) -> list[tuple[float, float]]:
    return [(e, c) for e, c in figure.draws if known(e) and known(c)]


def _plane(figure: CostPlane, width: float) -> Plane:
    """Zero is always on both axes: what is above and below it is the message."""
    points = [*_there(figure), *([figure.found] if known(figure.found[0]) and known(figure.found[1]) else [])]
    across = around([0.0, *(e for e, _ in points)])
    up = around([0.0, *(c for _, c in points)])
    return plane(across, up, width, tall=320.0 if width >= NARROW_BELOW else 240.0)


def _axes(over: Plane) -> list[str]:
    x, y = over.at(0.0, 0.0)
    return [line(over.across.start, y, over.across.end, y, colour=EDGE, width=1.5),
            line(x, over.top, x, over.bottom, colour=EDGE, width=1.5)]  # fmt: skip


def _cloud(figure: CostPlane, over: Plane) -> list[str]:
    parts = [marker("circle", *over.at(e, c), 1.2, CALM) for e, c in _there(figure)]
    if known(figure.found[0]) and known(figure.found[1]):
        parts.append(marker("diamond", *over.at(*figure.found), 6.0, WARM, hollow=True))
    return parts


def _shares(figure: CostPlane, over: Plane) -> list[str]:
    """The share of draws in the corner of its quadrant, where the quadrant has room for it."""
    x, y = over.at(0.0, 0.0)
    left, right = over.across.start + 4, over.across.end - 4
    places = {"north-east": (right, over.top + 14, "end"), "north-west": (left, over.top + 14, "start"),
              "south-east": (right, over.bottom - 6, "end"), "south-west": (left, over.bottom - 6, "start"),
    }  # fmt: skip
    room = {"east": right - x, "west": x - left, "north": y - over.top, "south": over.bottom - y}
    parts = []
    for name, share in figure.shares.items():
        if name in places and known(share) and min(room[side] for side in name.split("-")) > 44:
            px, py, anchor = places[name]
            parts.append(text(px, py, f"{share:.0%}", size=SMALL, anchor=anchor, colour=SOFT, bold=True, halo=True))
    return parts


def _legend() -> list[tuple[Sample, str]]:
    return [
        (lambda x, y: [marker("circle", x + d, y + s, 1.2, CALM) for d, s in ((8, 2), (14, -3), (20, 1))],
         "one bootstrap sample; the shares are of all samples in that quarter"),
        (lambda x, y: [marker("diamond", x + 14, y, 6.0, WARM, hollow=True)], "what was found"),
    ]  # fmt: skip
