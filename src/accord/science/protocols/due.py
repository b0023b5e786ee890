"""Who is due for what on a day: assessment windows from the anchors known so far. Pure: no clock, no database.

A flare, a pause or a late answer never moves a window (C7); what is asked may shrink to the `minimum`, which every
entry carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accord.science.protocols.model import Informant, Protocol, Window
from accord.science.protocols.occasions import Occasion, occasions
from accord.science.protocols.timing import window_on

STARTS = ("group-start", "treatment-start", "allocation")  # what a baseline must be fresh for, the first one known


@dataclass(frozen=True, slots=True)
class Due:
    """One asking that is open: the occasion, who answers, what, in which days from enrolment, and why again if so."""

    occasion: str
    informant: Informant
    instruments: tuple[str, ...]
    window: Window
    minimum: tuple[str, ...]
    monitoring: bool
    again: bool = False


def due(
    protocol: Protocol,
    anchors: Mapping[str, int],
    day: int,
    answered: Mapping[tuple[str, str], int],
    *,
    arm: str | None = None,
) -> list[Due]:
    """Every asking whose window holds `day` and that is not answered, in the order of the file.

    `anchors` holds the days (from enrolment) of the anchors that exist so far (`enrolment`, `allocation`,
    `session:5` …); a time-point whose anchor is absent is not due. `answered` maps (occasion, informant) to the day
    of the answer. Before allocation `arm` is None and only what every arm is asked can be due. An answered baseline
    comes back when the arm's start would find it older than `repeat_if_older_than`.
    """
    found: list[Due] = []
    for occasion in occasions(protocol):
        if arm not in occasion.arms if arm is not None else len(occasion.arms) < len(protocol.arms):
            continue
        window = window_on(occasion, anchors)
        for informant in occasion.asked:
            last = answered.get((occasion.name, informant))
            again = _again(protocol, occasion, anchors, last)
            if last is None and window and window.first <= day <= window.last:
                found.append(_due(occasion, informant, window, again=False))
            elif again and again.first <= day <= again.last:
                found.append(_due(occasion, informant, again, again=True))
    return found


def _due(occasion: Occasion, informant: Informant, window: Window, *, again: bool) -> Due:
    return Due(
        occasion.name, informant, occasion.asked[informant], window, occasion.minimum, occasion.monitoring, again
    )


def _again(protocol: Protocol, occasion: Occasion, anchors: Mapping[str, int], last: int | None) -> Window | None:
    """The days before the start in which a baseline that would be too old then is asked again."""
    oldest = protocol.schedule[occasion.time_point].repeat_if_older_than
    start = next((anchors[name] for name in STARTS if name in anchors), None)
    if oldest is None or last is None or start is None or start - last <= oldest:
        return None
    return Window(first=max(start - oldest, last + 1), last=start)
