"""Who is still there: Kaplan-Meier's steps of each arm with their limits, and how many are left to watch below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, shorten, wrap
from accord.science.figures.marks import (
    LEADING_SMALL,
    SOFT,
    Sample,
    legend,
    line,
    lines_of_text,
    path,
    series,
    shifted,
    text,
)  # fmt: skip
from accord.science.figures.numbers import count, known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class Step:
    """After `time`, a share `stay` (0 to 1) is still there, with its limits; `at_risk` were watched until then."""

    time: float
    stay: float
    low: float | None = None
    high: float | None = None
    at_risk: int | None = None


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """One arm: its `steps` in the order of time, `n` people, `end` of watching (the curve is drawn to there), and
    until when each was watched (without it nothing is said of who is still watched after the last step)."""

    label: str
    steps: Sequence[Step]
    n: int
    end: float
    until: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class SurvivalCurves:
    """Curves start at 100 % on day 0. An arm keeps its colour and dash. `each` and `share` head the table's columns."""

    title: str
    description: str
    curves: Sequence[SurvivalCurve]
    time: str = "days from enrolment"
    what: str = "still there, %"
    invented: bool = False
    each: str = "Arm"
    share: str = "Share still there"

    def table(self) -> tuple[Columns, Rows]:
        """Every step that is drawn."""
        columns = (self.each, self.time, "At risk", self.share, "95 % from", "95 % to")
        rows = tuple(
            (one.label, step.time, step.at_risk, step.stay, step.low, step.high)
            for one in self.curves
            for step in (Step(0, 1.0, at_risk=one.n), *one.steps)
        )
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend([(_sample(k), one.label) for k, one in enumerate(self.curves)], width)
        end = max([one.end for one in self.curves if known(one.end)], default=1.0) or 1.0
        tall = 220.0 if width >= NARROW_BELOW else 170.0
        lowest = [s.low if known(s.low) else s.stay for one in self.curves for s in one.steps]
        floor = 0.0 if min(lowest, default=0.0) < 0.5 else 50.0
        over = plane((0.0, end), (floor, 100.0), width, tall=tall)
        frame, height = over.frame(self.time, self.what)
        body = list(frame)
        for k, one in enumerate(self.curves):
            body += _curve(one, over, k)
        below, more = _at_risk(self.curves, over, height + 8, width)
        words = wrap("The band is the 95 % interval (log-log). The axis starts at 50 %." if floor else
                     "The band is the 95 % interval (log-log).", width, SMALL)  # fmt: skip
        body += [*below, *lines_of_text(0, height + more + 24, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)]
        whole = top + height + more + 24 + LEADING_SMALL * len(words)
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=whole, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _sample(k: int) -> Sample:
    one = series(k)
    return lambda x, y: [line(x, y, x + 28, y, colour=one.colour, width=2, dash=one.dash)]


def _curve(one: SurvivalCurve, over: Plane, k: int) -> list[str]:
    mark = series(k)
    steps = [step for step in one.steps if known(step.stay) and known(step.time)]
    stairs = _stairs([(step.time, step.stay) for step in steps], one.end, over)
    band = [step for step in steps if known(step.low) and known(step.high)]
    parts = []
    if band:
        upper = _stairs([(s.time, s.high or 0.0) for s in band], one.end, over)
        lower = _stairs([(s.time, s.low or 0.0) for s in band], one.end, over)
        parts.append(path([*upper, *reversed(lower)], fill=mark.colour, closed=True, opacity=0.14))
    return [*parts, path(stairs, colour=mark.colour, width=2, dash=mark.dash)]


def _stairs(points: Sequence[tuple[float, float]], end: float, over: Plane) -> list[tuple[float, float]]:
    found, height = [over.at(0.0, 100.0)], 100.0
    for time, stay in points:
        found += [over.at(time, height), over.at(time, 100 * stay)]
        height = 100 * stay
    return [*found, over.at(end if known(end) else 1.0, height)]


def _at_risk(curves: Sequence[SurvivalCurve], over: Plane, y: float, width: float) -> tuple[list[str], float]:
    """How many were still watched at each tick, a line an arm."""
    if not curves:
        return [], 0.0
    parts = [text(0, y + 8, "People still watched", size=SMALL, colour=SOFT)]
    ticks = [tick for tick, _ in over.across.ticks()]
    ticks = ticks[:: 2 if width < NARROW_BELOW else 1]
    for k, one in enumerate(curves):
        at = y + 8 + LEADING_SMALL * (2 * k + 1)
        parts.append(text(0, at, shorten(one.label, width, SMALL), size=SMALL, colour=series(k).colour))
        for tick in ticks:
            x = min(max(over.across.at(tick), 12), width - 12)
            parts.append(text(x, at + LEADING_SMALL, count(_left(one, tick)), size=SMALL, anchor="middle", colour=SOFT))
    return parts, 8 + LEADING_SMALL * (2 * len(curves) + 1)


def _left(one: SurvivalCurve, time: float) -> int | None:
    """How many are watched up to this time or longer."""
    if time <= 0:
        return one.n
    if len(one.until):
        return sum(end >= time for end in one.until)
    return next((step.at_risk for step in one.steps if step.time >= time and step.at_risk is not None), None)
