"""E5 and C23: no time-point is due before its anchor exists, and groups are counted from their own start and end."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.check.context import Context
from accord.science.protocols.model import Arm, Protocol, TimePoint

PLANNED_AHEAD = ("session", "group-start", "group-end", "calendar")  # their day is known before it comes
INDIVIDUAL = ("enrolment", "allocation", "referral")


def check_anchors(context: Context) -> Iterator[Finding]:
    for name, point in context.protocol.schedule.items():
        yield from _exists(context, name, point)
        yield from _not_before(context, name, point)
        yield from _repeats(context, name, point)
        yield from _same_as_ends(context, name)
    yield from _one_name_each(context)
    yield from _groups_count_from_groups(context)
    yield from _stale_baseline(context)


def _applies_to(protocol: Protocol, point: TimePoint) -> dict[str, Arm]:
    return {name: arm for name, arm in protocol.arms.items() if not point.arms or name in point.arms}


def _exists(context: Context, name: str, point: TimePoint) -> Iterator[Finding]:
    if missing := _missing(context.protocol, point.anchor):
        yield context.finding(missing[0], "schedule", name, "anchor", cure=missing[1], rule="E5")
        return
    for arm_name, arm in _applies_to(context.protocol, point).items():
        if why := _never_reached(arm, point.anchor):
            what = f"{name} counts from {point.anchor}, but {arm_name} {why}."
            cure = f"Take another anchor, or limit {name} by arms: […]."
            yield context.finding(what, "schedule", name, "anchor", cure=cure, rule="E5")


def _missing(protocol: Protocol, anchor: str) -> tuple[str, str] | None:
    if anchor == "allocation" and protocol.allocation is None:
        return "The anchor allocation never comes: nobody is allocated.", "Use enrolment or treatment-start."
    if anchor == "referral" and protocol.referral is None:
        return "The anchor referral never comes: the protocol has no referral.", "Add referral:, or use enrolment."
    return None


def _never_reached(arm: Arm, anchor: str) -> str | None:
    kind, _, number = anchor.partition(":")
    if kind in ("treatment-start", "session") and (arm.contact.mode == "none" or arm.role == "waiting-list"):
        return "has no treatment that starts"
    if kind in ("group-start", "group-end") and arm.format != "group":
        return "is no group"
    if kind == "session" and int(number) < 1:
        return "begins with session:1"
    if kind == "session" and int(number) > (arm.contact.sessions or 0):
        return f"has {arm.contact.sessions or 'no'} planned sessions"
    return None


def _not_before(context: Context, name: str, point: TimePoint) -> Iterator[Finding]:
    anchor = point.anchor.partition(":")[0]
    if point.days.first < 0 and anchor not in PLANNED_AHEAD:
        what = f"{name} is due {-point.days.first} days before its anchor {anchor} exists."
        cure = f"Start the window at 0, or count from one that is planned ahead ({', '.join(PLANNED_AHEAD)})."
        yield context.finding(what, "schedule", name, "days", cure=cure, rule="E5")


def _repeats(context: Context, name: str, point: TimePoint) -> Iterator[Finding]:
    if (point.every is None) != (point.times is None):
        cure = "Give both every (days) and times."
        yield context.finding(f"{name} repeats without saying {'how often' if point.every else 'when'}.",
                              "schedule", name, cure=cure, rule="E5")  # fmt: skip
    elif point.every is not None and point.days.last - point.days.first >= point.every:
        what = f"The windows of {name} overlap: each lasts {point.days.last - point.days.first + 1} days, "
        cure = "Shorten the window, or repeat less often."
        yield context.finding(f"{what}one begins every {point.every}.", "schedule", name, "days", cure=cure, rule="E5")


def _same_as_ends(context: Context, name: str) -> Iterator[Finding]:
    schedule, seen, here = context.protocol.schedule, [name], context.protocol.schedule[name].same_as
    while here in schedule and here not in seen:
        seen.append(here)
        here = schedule[here].same_as
    if here == name:
        what = f"same_as goes in a circle: {' → '.join([*seen, name])}."
        yield context.finding(what, "schedule", name, "same_as", cure="Write one of the lists out.", rule="E5")


def _one_name_each(context: Context) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for occasion in context.all_occasions:
        if seen.setdefault(occasion.name, occasion.time_point) != occasion.time_point:
            what = f"{occasion.name} is a time-point and also a repeat of {occasion.time_point}."
            yield context.finding(what, "schedule", occasion.time_point, cure="Rename one.", rule="E1")


def _groups_count_from_groups(context: Context) -> Iterator[Finding]:
    judged = {occasion.time_point for _, _, at, _ in context.endpoint_uses if (occasion := context.occasions.get(at))}
    for name in sorted(judged - {"baseline"}):
        point = context.protocol.schedule[name]
        groups = [n for n, arm in _applies_to(context.protocol, point).items() if arm.format == "group"]
        if groups and point.anchor in INDIVIDUAL:
            what = f"{name} counts from {point.anchor}, but {groups[0]} begins when its group is full."
            cure = "Count from group-start, group-end, session:n or treatment-start."
            yield context.finding(what, "schedule", name, "anchor", cure=cure, rule="C23")


def _stale_baseline(context: Context) -> Iterator[Finding]:
    baseline = context.protocol.schedule.get("baseline")
    groups = any(arm.format == "group" for arm in context.protocol.arms.values())
    if baseline and groups and baseline.repeat_if_older_than is None:
        what = "Groups wait until they are full, and baselines go stale meanwhile."
        cure = "Add repeat_if_older_than: 28 to baseline."
        yield context.finding(what, "schedule", "baseline", cure=cure, rule="C23")
