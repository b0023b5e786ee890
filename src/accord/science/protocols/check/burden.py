"""C7 and C36: how long people sit, and what a bad day shrinks an assessment to."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.errors import Finding
from accord.science.protocols.burden import LONGEST_SITTING, SECONDS_AN_ITEM, counter, items_asked, sittings
from accord.science.protocols.check.context import Context, Path_
from accord.science.protocols.check.safety import SAFETY

SHORT_MINUTES = 2.0


def check_burden(context: Context) -> Iterator[Finding]:
    count = counter(context.site)
    for name in context.protocol.schedule:
        occasion = next((o for o in context.all_occasions if o.time_point == name), None)
        for sitting in sittings(context.protocol, occasion, count=count) if occasion else []:
            if sitting.too_long:
                what = (
                    f"{name}: the {sitting.person} answers {sitting.items} items in one sitting, "
                    f"{sitting.minutes:.0f} minutes ({sitting.bad_day_minutes:.0f} on a bad day)."
                )
                cure = f"Ask less, or add split_over_days: {int(sitting.minutes // LONGEST_SITTING) + 1}."
                yield context.finding(what, "schedule", name, cure=cure, rule="C36", warning=True)


def check_minimum(context: Context) -> Iterator[Finding]:
    protocol = context.protocol
    sets: list[tuple[Path_, list[str]]] = [(("minimum",), protocol.minimum)]
    sets += [(("schedule", name, "minimum"), point.minimum) for name, point in protocol.schedule.items()]
    for path, names in sets:
        if names or path == ("minimum",):
            yield from _complete(context, path, names)
            yield from _short(context, path, names)


def _complete(context: Context, path: Path_, names: list[str]) -> Iterator[Finding]:
    primary = context.protocol.endpoints.primary.scale.split(".")[0]
    needed = [primary, SAFETY] if path == ("minimum",) else [SAFETY]
    missing = [name for name in needed if name not in names]
    if missing:
        what = f"On a bad day an assessment shrinks to its minimum, which lacks {' and '.join(missing)}."
        yield context.finding(what, *path, cure=f"minimum: [{', '.join([*names, *missing])}]", rule="C7")


def _short(context: Context, path: Path_, names: list[str]) -> Iterator[Finding]:
    instruments = [instrument for name in names if (instrument := context.instrument(name))]
    minutes = sum(items_asked(i) * (i.seconds_per_item or SECONDS_AN_ITEM) for i in instruments) / 60
    if minutes > SHORT_MINUTES:
        what = f"The minimum set takes {minutes:.1f} minutes; on a bad day at most {SHORT_MINUTES:.0f} are asked for."
        yield context.finding(what, *path, cure="Take a shorter form where one exists.", rule="C7", warning=True)
