"""A schedule as a time line: one track a time-point, its windows in days from enrolment, who answers and how long."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 940, 262, 640  # the days run between LEFT and RIGHT; names stand left, people right
LINE, PAD, AXIS = 17, 9, 38
LETTER = 7.6  # more than the width of a letter, so that labels of milestones do not lie over each other
TICKS = (7, 14, 28, 91, 182, 365)  # days between marks: the first that gives at most MOST_TICKS
MOST_TICKS = 8
DAYS_IN_A_WEEK = 7

# Colours are those of the page around the picture; alone, it brings its own for light and dark.
STYLE = """
.schedule{--i:var(--ink,#1f2a2e);--s:var(--soft,#445156);--l:var(--line,#ddd5c8);--c:var(--calm,#0f5e5a);
--w:var(--calm-wash,#e3f0ee);--p:var(--card,#ffffff)}
@media(prefers-color-scheme:dark){.schedule{--i:var(--ink,#eef1ee);--s:var(--soft,#c0c9c8);--l:var(--line,#36434a);
--c:var(--calm,#7fd0c6);--w:var(--calm-wash,#173230);--p:var(--card,#1c2326)}}
.schedule text{font:12px ui-sans-serif,"Segoe UI","Noto Sans",Arial,sans-serif;fill:var(--s)}
.schedule .name{font-size:13px;font-weight:650;fill:var(--i)}
.schedule .paper{fill:var(--p)}.schedule .rule{stroke:var(--l)}.schedule .day{stroke:var(--c);stroke-dasharray:3 3}
.schedule .due{fill:var(--c)}.schedule .check{fill:var(--w);stroke:var(--c)}
"""


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
        split = f" over {self.sittings} sittings" if self.sittings > 1 else ""
        items = "1 item" if self.items == 1 else f"{self.items} items"
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

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str | int | float, ...], ...]]:
        """Headings, and one row for each time-point and person."""
        columns = ("Time-point", "When", "Who", "Instruments", "Items", "Minutes")
        rows = tuple(
            (track.label, track.when, bar.person, ", ".join(bar.instruments), bar.items, round(bar.minutes, 1))
            for track in self.tracks
            for bar in track.bars
        )
        return columns, rows

    def svg(self) -> str:
        """One SVG element with title and description, readable in light and dark."""
        heights = [_height(track) for track in self.tracks]
        labels = self._milestone_labels()
        top = AXIS + LINE * (1 + max((level for level, _, _, _ in labels), default=-1)) + 10
        height = top + sum(heights) + 12
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="schedule" role="img" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" aria-labelledby="schedule-title schedule-description">',
            f'<title id="schedule-title">{escape(self.title)}</title>',
            f'<desc id="schedule-description">{escape(self.description)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *self._axis(top, height),
            *self._milestones(labels, top, height),
        ]
        y = top
        for track, tall in zip(self.tracks, heights, strict=True):
            parts += self._track(track, y, tall)
            y += tall
        return "\n".join([*parts, "</svg>"])

    def _range(self) -> tuple[int, int]:
        days = [day for track in self.tracks for window in track.windows for day in window]
        days += [milestone.day for milestone in self.milestones] or [0]
        return min(days), max(max(days), min(days) + 1)

    def _x(self, day: float) -> float:
        first, last = self._range()
        return LEFT + (RIGHT - LEFT) * (day - first) / (last - first)

    def _axis(self, top: int, height: int) -> Iterator[str]:
        first, last = self._range()
        step = next((days for days in TICKS if (last - first) / days <= MOST_TICKS), TICKS[-1])
        step *= max(1, math.ceil((last - first) / (MOST_TICKS * step)))
        yield f'<text x="{LEFT}" y="16">week from enrolment</text>'
        yield '<rect class="due" x="8" y="7" width="16" height="10" rx="3"/><text x="30" y="16">assessment</text>'
        yield '<rect class="check" x="118" y="7" width="16" height="10" rx="3"/><text x="140" y="16">check-in</text>'
        for day in range(math.ceil(first / step) * step, last + 1, step):
            x = self._x(day)
            yield f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 6}" y2="{height - 8}"/>'
            yield f'<text x="{x:.1f}" y="33" text-anchor="middle">{round(day / DAYS_IN_A_WEEK)}</text>'

    def _milestone_labels(self) -> list[tuple[int, float, str, Milestone]]:
        """Line from below, x, side and milestone. From the right, so that no dashed line runs through a label."""
        placed: list[tuple[int, float, str, Milestone]] = []
        taken: list[list[tuple[float, float]]] = []
        for milestone in reversed(self.milestones):
            x, length = self._x(milestone.day), LETTER * len(milestone.label)
            side = "start" if x + length < WIDTH else "end"
            span = (x, x + length) if side == "start" else (x - length, x)
            free = [level for level, spans in enumerate(taken) if all(span[0] > b or span[1] < a for a, b in spans)]
            level = free[0] if free else len(taken)
            taken += [[]] if level == len(taken) else []
            taken[level].append(span)
            placed.append((level, x, side, milestone))
        return placed

    def _milestones(self, labels: list[tuple[int, float, str, Milestone]], top: int, height: int) -> Iterator[str]:
        for level, x, side, milestone in labels:
            y = top - 10 - LINE * level
            yield f'<line class="day" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 11}" y2="{height - 8}"/>'
            shift = 4 if side == "start" else -4
            yield f'<text x="{x + shift:.1f}" y="{y}" text-anchor="{side}">{escape(milestone.label)}</text>'

    def _track(self, track: Track, y: int, tall: int) -> Iterator[str]:
        yield f'<line class="rule" x1="8" x2="{WIDTH - 8}" y1="{y}" y2="{y}"/>'
        yield f'<text class="name" x="8" y="{y + PAD + 10}">{escape(shortened(track.label, 34))}</text>'
        for number, line in enumerate(wrapped(track.when, 40)):
            yield f'<text x="8" y="{y + PAD + 10 + LINE * (number + 1)}">{escape(line)}</text>'
        kind = "check" if track.monitoring else "due"
        for first, last in track.windows:
            x, width = self._x(first), max(4.0, self._x(last) - self._x(first))
            yield f'<rect class="{kind}" x="{x:.1f}" y="{y + PAD}" width="{width:.1f}" height="12" rx="3"/>'
        for number, bar in enumerate(track.bars):
            yield f'<text x="{RIGHT + 16}" y="{y + PAD + 10 + LINE * number}">{escape(bar.words())}</text>'


def minutes_words(minutes: float) -> str:
    return "under a minute" if minutes < 1 else f"{minutes:.0f} min"


def _height(track: Track) -> int:
    return 2 * PAD + LINE * max(1 + len(wrapped(track.when, 40)), len(track.bars))


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most about `width` characters, broken at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
