"""The schedule of a protocol as a table and a picture: who answers what, when, how many items and minutes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from accord.science.protocols.burden import Count, Sitting, counter, sittings
from accord.science.protocols.model import Protocol, Window
from accord.science.protocols.occasions import Occasion, occasions
from accord.science.protocols.timing import planned_anchors, planned_window

if TYPE_CHECKING:  # pictures are drawn on demand; a schedule as rows needs none of them
    from accord.science.figures.schedule import Milestone, SchedulePicture, Track

ANCHOR_WORDS = {
    "referral": "referral", "enrolment": "enrolment", "allocation": "allocation", "calendar": "the study's first day",
    "treatment-start": "the start of treatment", "group-start": "the group's start", "group-end": "the group's end",
}  # fmt: skip
DAYS_IN_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One person at one time-point. `nominal` is the planned window in days from enrolment (first arm that has it)."""

    time_point: str
    label: str
    anchor: str
    window: Window
    every: int | None
    times: int | None
    nominal: Window | None
    arms: tuple[str, ...]
    informant: str
    instruments: tuple[str, ...]
    sittings: tuple[Sitting, ...]
    monitoring: bool

    @property
    def items(self) -> int:
        return sum(sitting.items for sitting in self.sittings)

    @property
    def minutes(self) -> float:
        return sum(sitting.minutes for sitting in self.sittings)

    @property
    def bad_day_minutes(self) -> float:
        return sum(sitting.bad_day_minutes for sitting in self.sittings)

    def to_dict(self) -> dict[str, object]:
        return {
            "time_point": self.time_point, "label": self.label, "anchor": self.anchor,
            "window": [self.window.first, self.window.last], "every": self.every, "times": self.times,
            "nominal_days": [self.nominal.first, self.nominal.last] if self.nominal else None,
            "arms": list(self.arms), "informant": self.informant, "instruments": list(self.instruments),
            "items": self.items, "minutes": round(self.minutes, 1), "bad_day_minutes": round(self.bad_day_minutes, 1),
            "sittings": [list(sitting.instruments) for sitting in self.sittings], "monitoring": self.monitoring,
        }  # fmt: skip


def schedule(protocol: Protocol, *, site: Path | None = None) -> list[ScheduleRow]:
    """One row for each time-point and person, a repeated time-point once, in the order of the file.

    Items that only some people see are not counted; minutes are 7 s an item (10 s on a bad day) unless the instrument
    says otherwise (C36). Blood tests stand in a row of the informant `laboratory` with no items.
    """
    first = {occasion.time_point: occasion for occasion in reversed(occasions(protocol))}
    count = counter(site)
    return [row for name in protocol.schedule for row in _rows(protocol, first[name], count)]


def _rows(protocol: Protocol, occasion: Occasion, count: Count) -> list[ScheduleRow]:
    people: dict[str, list[Sitting]] = {}
    for sitting in sittings(protocol, occasion, count=count):
        people.setdefault(sitting.person, []).append(sitting)
    if occasion.laboratory:
        people["laboratory"] = [Sitting("laboratory", 1, 1, occasion.laboratory, 0, 0.0, 0.0)]
    return [_row(protocol, occasion, person, found) for person, found in people.items()]


def _row(protocol: Protocol, occasion: Occasion, person: str, found: list[Sitting]) -> ScheduleRow:
    point = protocol.schedule[occasion.time_point]
    windows = (planned_window(protocol, occasion, arm) for arm in occasion.arms)
    return ScheduleRow(
        time_point=occasion.time_point, label=point.label or occasion.time_point, anchor=point.anchor,
        window=point.days, every=point.every, times=point.times,
        nominal=next((window for window in windows if window), None), arms=occasion.arms, informant=person,
        instruments=tuple(name for sitting in found for name in sitting.instruments), sittings=tuple(found),
        monitoring=occasion.monitoring,
    )  # fmt: skip


def when(anchor: str, window: Window, every: int | None = None, times: int | None = None) -> str:
    """`days 0 to 14 from enrolment`, `on the day of session 5 or up to 3 days later`, `weekly, 7 times, from …`."""
    kind, _, number = anchor.partition(":")
    base = f"session {number}" if kind == "session" else ANCHOR_WORDS[kind]
    days = f"day {window.first}" if window.first == window.last else f"days {window.first} to {window.last}"
    if every is None:
        return f"{days} from {base}"
    return f"{'every week' if every == DAYS_IN_A_WEEK else f'every {every} days'}, {times} times, {days} from {base}"


def schedule_picture(protocol: Protocol, *, site: Path | None = None) -> SchedulePicture:
    """The same as a time line: one track a time-point, windows at their planned days, who answers and how long."""
    from accord.science.figures.schedule import SchedulePicture

    rows: dict[str, list[ScheduleRow]] = {}
    for row in schedule(protocol, site=site):
        rows.setdefault(row.time_point, []).append(row)
    tracks = tuple(_track(found) for found in rows.values() if found[0].nominal)
    arm = max(protocol.arms, key=lambda name: len(planned_anchors(protocol, name)))
    return SchedulePicture(
        title=f"Schedule of {protocol.slug}",
        description=f"Planned days of the {len(tracks)} time-points of: {protocol.title}; who answers, and how long.",
        tracks=tracks, milestones=_milestones(planned_anchors(protocol, arm)),
    )  # fmt: skip


def _track(rows: list[ScheduleRow]) -> Track:
    from accord.science.figures.schedule import Bar, Track

    row = rows[0]
    assert row.nominal is not None
    every, times = row.every or 0, row.times or 1
    return Track(
        label=row.label,
        when=when(row.anchor, row.window, row.every, row.times),
        windows=tuple((row.nominal.first + n * every, row.nominal.last + n * every) for n in range(times)),
        bars=tuple(Bar(r.informant, r.instruments, r.items, r.minutes, len(r.sittings)) for r in rows),
        monitoring=row.monitoring,
    )


def _milestones(anchors: dict[str, int]) -> tuple[Milestone, ...]:
    """Anchors on one day share a line; sessions are many and stand in the tracks' own words."""
    from accord.science.figures.schedule import Milestone

    days: dict[int, list[str]] = {}
    for name, day in anchors.items():
        if name not in ("calendar", "referral") and not name.startswith("session:"):
            days.setdefault(day, []).append(name.replace("-", " "))
    return tuple(Milestone(day, ", ".join(names)) for day, names in sorted(days.items()))
