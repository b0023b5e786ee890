"""A schedule as a time line: one track a time-point, its windows in days from enrolment, who answers and how long."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import BODY, SMALL, shorten, width_of, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    INK,
    LEADING,
    LEADING_SMALL,
    LINE,
    SOFT,
    box,
    legend,
    line,
    lines_of_text,
    shifted,
    text,
)  # fmt: skip

NARROW_BELOW = 560  # below it a track is stacked: words, time line, words
COLUMN, GAP, PAD = 196.0, 14.0, 9.0
BAR = 12.0
STEPS = (7, 14, 28, 91, 182, 365)  # days between marks of the axis
ROOM_FOR_A_MARK = 36.0
DAYS_IN_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """What one person answers: instruments, items, minutes in all, over how many sittings."""

    person: str
    instruments: tuple[str, ...]
    items: int
    minutes: float
    sittings: int = 1

    def words(self) -> str:
        if not self.items:
            return f"{self.person}: {len(self.instruments)} samples" if self.person == "laboratory" else self.person
        items = "1 item" if self.items == 1 else f"{self.items} items"
        split = f" over {self.sittings} sittings" if self.sittings > 1 else ""
        return f"{self.person}: {items}, {minutes_words(self.minutes)}{split}"


@dataclass(frozen=True, slots=True)
class Track:
    """One time-point: its windows (several when it repeats) as first and last day, and who answers."""

    label: str
    when: str
    windows: tuple[tuple[int, int], ...]
    bars: tuple[Bar, ...]
    monitoring: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    day: int
    label: str


@dataclass(frozen=True, slots=True)
class SchedulePicture:
    """The picture; `svg()` draws it, `table()` is the same for who reads numbers."""

    title: str
    description: str
    tracks: tuple[Track, ...]
    milestones: tuple[Milestone, ...] = ()

    def table(self) -> tuple[Columns, Rows]:
        """Headings, and one row for each time-point and person."""
        columns = ("Time-point", "When", "Who", "Instruments", "Items", "Minutes")
        rows = tuple(
            (track.label, track.when, bar.person, ", ".join(bar.instruments), bar.items, round(bar.minutes, 1))
            for track in self.tracks
            for bar in track.bars
        )
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        """One SVG element with title and description; on a narrow page the words stand above and below the bars."""
        line_ = _TimeLine.of(self, width)
        body, y = legend([(_assessment, "assessment"), (_check_in, "check-in between")], width)
        head, tall = line_.head()
        body += shifted(head, y)
        y += tall
        for track in self.tracks:
            parts, tall = _track(track, line_, y)
            body += parts
            y += tall
        title, words = self.title, self.description
        return drawing(title, words, body, width=width, height=y + PAD, ident=ident, invented=False)


def _assessment(x: float, y: float) -> list[str]:
    return [box(x, y - BAR / 2, 26, BAR, fill=CALM, round_by=3)]


def _check_in(x: float, y: float) -> list[str]:
    return [box(x + 1, y - BAR / 2, 24, BAR, fill=CALM_WASH, colour=CALM, round_by=3)]


@dataclass(frozen=True, slots=True)
class _TimeLine:
    """Where days lie: `left` to `right` on a page of this width."""

    first: int
    last: int
    left: float
    right: float
    width: float
    milestones: tuple[Milestone, ...]

    @classmethod
    def of(cls, picture: SchedulePicture, width: float) -> _TimeLine:
        days = [day for track in picture.tracks for window in track.windows for day in window]
        days += [milestone.day for milestone in picture.milestones] or [0]
        first, last = min(days), max(max(days), min(days) + 1)
        left, right = (0.0, width) if width < NARROW_BELOW else (COLUMN + GAP, width - COLUMN - GAP)
        return cls(first, last, left, right, width, picture.milestones)

    @property
    def narrow(self) -> bool:
        return self.width < NARROW_BELOW

    def x(self, day: float) -> float:
        return self.left + (self.right - self.left) * (day - self.first) / (self.last - self.first)

    def marks(self) -> range:
        """Days with a mark on the axis: whole weeks, as many as there is room for."""
        most = max(2, int((self.right - self.left) / ROOM_FOR_A_MARK))
        step = next((days for days in STEPS if (self.last - self.first) / days <= most), STEPS[-1])
        step *= max(1, math.ceil((self.last - self.first) / (most * step)))
        return range(math.ceil(self.first / step) * step, self.last + 1, step)

    def head(self) -> tuple[list[str], float]:
        """The names of milestones, one to a line where they would meet, and the axis in weeks."""
        labels = self._labels()
        lines = 1 + max((level for level, _, _, _ in labels), default=-1)
        parts = [
            text(x, 12 + LEADING_SMALL * (lines - 1 - level), words, size=SMALL, anchor=side, colour=SOFT)
            for level, x, side, words in labels
        ]
        y = LEADING_SMALL * lines + 14
        parts.append(text(self.left, y, "weeks from enrolment", size=SMALL, colour=SOFT))
        y += LEADING_SMALL + 2
        for day in self.marks():
            words = str(round(day / DAYS_IN_A_WEEK))
            half = width_of(words, SMALL) / 2
            x = min(max(self.x(day), self.left + half), self.right - half)
            parts.append(text(x, y, words, size=SMALL, anchor="middle", colour=SOFT))
        return parts, y + 8

    def _labels(self) -> list[tuple[int, float, str, str]]:
        """Line from below, x, side and words, from the right: the later name stands lower."""
        placed: list[tuple[int, float, str, str]] = []
        taken: list[list[tuple[float, float]]] = []
        for milestone in reversed(self.milestones):
            words = shorten(milestone.label, self.width, SMALL)
            x, length = self.x(milestone.day), width_of(words, SMALL)
            if x + length > self.width:
                x = max(self.width - length, 0.0)
            free = [n for n, spans in enumerate(taken) if all(x > b + 8 or x + length < a - 8 for a, b in spans)]
            level = free[0] if free else len(taken)
            taken += [[]] if level == len(taken) else []
            taken[level].append((x, x + length))
            placed.append((level, x, "start", words))
        return placed

    def grid(self, top: float, bottom: float) -> Iterator[str]:
        for day in self.marks():
            yield line(self.x(day), top, self.x(day), bottom, colour=LINE)
        for milestone in self.milestones:
            yield line(self.x(milestone.day), top, self.x(milestone.day), bottom, colour=EDGE, dash="3 3")


def _track(track: Track, line_: _TimeLine, y: float) -> tuple[list[str], float]:
    room = line_.width if line_.narrow else COLUMN
    left, tall = _names(track, room)
    right, deep = _people(track, room)
    if line_.narrow:
        top = y + PAD + tall
        strip, bottom = top + 4, top + 8 + BAR
        height = PAD + tall + 8 + BAR + 4 + deep + PAD
        words = [*shifted(left, y + PAD), *shifted(right, bottom + 4)]
    else:
        height = max(tall, deep, BAR) + 2 * PAD
        strip, top, bottom = y + PAD + 1, y, y + height
        words = [*shifted(left, y + PAD), *shifted(right, y + PAD, line_.right + GAP)]
    parts = [line(0, y, line_.width, y, colour=LINE), *line_.grid(top, bottom), *_windows(track, line_, strip), *words]
    return parts, height


def _windows(track: Track, line_: _TimeLine, y: float) -> Iterator[str]:
    for first, last in track.windows:
        width = max(3.0, line_.x(last) - line_.x(first))
        x = min(line_.x(first), line_.right - width)
        fill, colour = (CALM_WASH, CALM) if track.monitoring else (CALM, "none")
        yield box(x, y, width, BAR, fill=fill, colour=colour, round_by=3)


def _names(track: Track, room: float) -> tuple[list[str], float]:
    names = wrap(track.label, room, BODY, bold=True)
    when = wrap(track.when, room, SMALL)
    parts = lines_of_text(0, 11, names, colour=INK, bold=True)
    parts += lines_of_text(0, 11 + LEADING * len(names), when, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
    return parts, LEADING * len(names) + LEADING_SMALL * len(when)


def _people(track: Track, room: float) -> tuple[list[str], float]:
    lines = [part for bar in track.bars for part in wrap(bar.words(), room, SMALL)]
    return lines_of_text(0, 11, lines, size=SMALL, colour=SOFT, leading=LEADING_SMALL), LEADING_SMALL * len(lines)


def minutes_words(minutes: float) -> str:
    return "under 1 min" if minutes < 1 else f"{minutes:.0f} min"
