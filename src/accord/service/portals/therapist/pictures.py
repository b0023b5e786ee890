"""Pictures of this portal: a scale of an instrument and what she answered, as a sparkline or on her line of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import dateformat
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.science.errors import AccordError
from accord.science.figures import NARROW, Happening, Outcome, PersonTimeline, Sparkline
from accord.service.assessments import queries as assessments

DEMO = "demo_"
BESIDE = 560  # units of the line of time between two columns
Points = Sequence[tuple[datetime, float | None]]
Band = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Scale:
    """What a picture needs to know of a scale, in words that staff read."""

    ref: str
    name: str
    low: float
    high: float
    better: str  # down, up
    digits: int


def scale_of(ref: str) -> Scale | None:
    """The scale of a reference ("bpi_interference.total"); None when its instrument is not there to be read."""
    instrument, _dot, name = ref.partition(".")
    try:
        found = assessments.instrument(instrument.removeprefix(DEMO).removeprefix("demo:"))
    except AccordError:
        return None
    scale = found.scales.get(name)
    if scale is None or scale.maximum <= scale.minimum:
        return None
    whole = scale.maximum - scale.minimum > 12
    better = "up" if scale.direction == "higher_better" else "down"
    return Scale(ref, scale.name, scale.minimum, scale.maximum, better, 0 if whole else 1)


def better(scale: Scale) -> str:
    return _("higher is better") if scale.better == "up" else _("lower is better")


def told(scale: Scale, value: float | None) -> str:
    """A value as it is printed."""
    return "–" if value is None else f"{value:.{scale.digits}f}"


# ---------------------------------------------------------------------------------------------------- a list's cell


@dataclass(frozen=True, slots=True)
class Spark:
    """A sparkline for one cell with its words: "Pain interference" and "6.0 → 7.8"; an arrow where higher is better."""

    name: str
    svg: SafeString
    moved: str


def spark(ref: str, points: Points, band: Band = None) -> Spark | None:
    """The sparkline of a scale; None when nothing was answered or the scale is not known."""
    scale = scale_of(ref)
    known = [(at, value) for at, value in points if value is not None]
    if scale is None or not known:
        return None
    start = known[0][0]
    line = Sparkline(
        "", "", [(_days(start, at), value) for at, value in known], scale.low, scale.high, scale.better, band,
        scale.digits,
    )  # fmt: skip
    moved = told(scale, known[-1][1])
    if len(known) > 1:
        moved = f"{told(scale, known[0][1])} → {moved}"
    return Spark(f"{scale.name} ↑" if scale.better == "up" else scale.name, mark_safe(line.cell()), moved)  # noqa: S308


def _days(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds() / 86400


# ---------------------------------------------------------------------------------------------------- one person


@dataclass(frozen=True, slots=True)
class Course:
    """One scale over time with the band of her own ordinary variation, where it is known."""

    ref: str
    points: Points
    band: Band = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, on her line of time."""

    kind: str  # figures.LANES
    at: datetime
    label: str
    until: datetime | None = None
    open: bool = False
    short: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture wide and narrow, and the table behind it: (day, what, in words, value)."""

    wide: SafeString
    narrow: SafeString
    rows: list[tuple[str, str, str, str]]


def line_of_time(
    courses: Iterable[Course], marks: Iterable[Mark], *, start: datetime, now: datetime, weeks: int, invented: bool
) -> Drawn:
    """Everything on one axis, in weeks from the start: at least `weeks`, longer when she is further."""
    outcomes = [_outcome(one, start) for one in courses]
    today = max(_days(start, now), 0.0)
    end = max(7.0 * weeks, today + 7)
    happened = [
        Happening(
            one.kind,
            _days(start, one.at),
            one.label,
            _days(start, one.until) if one.until else None,
            one.open,
            one.short,
        )
        for one in marks
    ]
    step = max(1, round(end / 7 / 8))
    ticks = [(7.0 * k, _("week %(n)s") % {"n": k}) for k in range(0, int(end // 7) + 1, step)]
    figure = PersonTimeline(
        _("One line of time"), _described(courses, happened), 0.0, end, today,
        [one for one in outcomes if one], happened, ticks, _("in weeks from the start"),
        _("as far as this person's answers lie apart by themselves"), invented,
    )  # fmt: skip
    columns = figure.table()[1]
    rows = [(_day(start, day), str(what), str(said), _cell(value)) for day, what, said, value in columns]
    return Drawn(
        mark_safe(figure.svg(ident="time-wide", width=BESIDE)),  # noqa: S308
        mark_safe(figure.svg(ident="time-narrow", width=NARROW)),  # noqa: S308
        rows,
    )


def _day(start: datetime, day: object) -> str:
    return dateformat.format(start + timedelta(days=float(str(day))), "D j M")


def _cell(value: object) -> str:
    return "" if value is None else f"{float(str(value)):g}"


def _described(courses: Iterable[Course], happened: Sequence[Happening]) -> str:
    said = []
    for one in courses:
        scale, known = scale_of(one.ref), [value for _at, value in one.points if value is not None]
        if scale and known:
            said.append(f"{scale.name}: {', '.join(told(scale, value) for value in known)}; {better(scale)}.")
    said.append(_("%(n)s things are marked; the table holds them in order.") % {"n": len(happened)})
    return " ".join(said)


def _outcome(one: Course, start: datetime) -> Outcome | None:
    scale = scale_of(one.ref)
    if scale is None:
        return None
    points = [(_days(start, at), value) for at, value in one.points]
    return Outcome(scale.name, points, scale.low, scale.high, scale.better, one.band, scale.digits, one.note)
