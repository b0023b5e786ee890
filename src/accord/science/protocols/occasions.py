"""The occasions of a protocol: every time-point spelled out, repeated ones one by one, with who answers what."""

from __future__ import annotations

from dataclasses import dataclass

from accord.science.protocols.model import INFORMANTS, Informant, Protocol, TimePoint, Window


@dataclass(frozen=True, slots=True)
class Occasion:
    """One asking: a time-point (`post`) or one of its repeats (`weekly_3`); `asked` is informant -> instruments.

    `minimum` is what the patient's part shrinks to on a bad day; `laboratory` holds names of biomarkers.
    """

    name: str
    time_point: str
    label: str
    anchor: str
    window: Window
    arms: tuple[str, ...]
    asked: dict[Informant, tuple[str, ...]]
    laboratory: tuple[str, ...]
    minimum: tuple[str, ...]
    monitoring: bool
    split_over_days: int


def asked_at(protocol: Protocol, name: str) -> dict[str, tuple[str, ...]]:
    """Who answers what at a time-point: its own lists, those of `same_as`, `plus`, minus `without`, plus `always`.

    `always` joins only informants who are asked something there anyway; a member of a group is a patient.
    """
    kept = _joined(protocol, protocol.schedule[name], {name})
    for who in kept:
        if kept[who] or (who == "patient" and kept["member"]):
            kept[who] += getattr(protocol.always, who)
    return {who: tuple(dict.fromkeys(names)) for who, names in kept.items() if names}


def _joined(protocol: Protocol, point: TimePoint, seen: set[str]) -> dict[str, list[str]]:
    """The lists of `same_as`, then the point's own, then `plus`, minus `without`. A circle of `same_as` ends."""
    lists: dict[str, list[str]] = {who: [] for who in (*INFORMANTS, "laboratory")}
    if point.same_as and point.same_as in protocol.schedule and point.same_as not in seen:
        lists = _joined(protocol, protocol.schedule[point.same_as], seen | {point.same_as})
    for asked in (point, point.plus):
        for who in lists:
            lists[who] += getattr(asked, who) if asked else []
    return {who: [name for name in names if name not in point.without] for who, names in lists.items()}


def occasions(protocol: Protocol) -> list[Occasion]:
    """Every occasion in the order of the file; a repeated time-point gives `<name>_1`, `<name>_2` …"""
    return [occasion for name, point in protocol.schedule.items() for occasion in _repeats(protocol, name, point)]


def _repeats(protocol: Protocol, name: str, point: TimePoint) -> list[Occasion]:
    asked = asked_at(protocol, name)
    informants = {who: names for who in INFORMANTS if (names := asked.get(who))}
    repeated = point.every is not None
    return [
        Occasion(
            name=f"{name}_{number + 1}" if repeated else name,
            time_point=name,
            label=f"{point.label or name} {number + 1}" if repeated else point.label or name,
            anchor=point.anchor,
            window=Window(
                first=point.days.first + number * (point.every or 0), last=point.days.last + number * (point.every or 0)
            ),
            arms=tuple(point.arms or protocol.arms),
            asked=informants,
            laboratory=asked.get("laboratory", ()),
            minimum=tuple(point.minimum or protocol.minimum),
            monitoring=point.informs == "monitoring",
            split_over_days=point.split_over_days,
        )
        for number in range(point.times or 1 if repeated else 1)
    ]
