"""Items and minutes per person and sitting (C36): what a protocol asks of people's time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accord.science.errors import BadContent, NotFound
from accord.science.instruments import Instrument, load_instrument
from accord.science.protocols.model import Informant, Protocol
from accord.science.protocols.occasions import Occasion

SECONDS_AN_ITEM = 7.0
SECONDS_ON_A_BAD_DAY = 10.0
LONGEST_SITTING = 20.0  # minutes; above it the check warns
FIRST = "safety_check"
SAME_PERSON: Mapping[str, Informant] = {"member": "patient", "leader": "therapist"}


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one person answers in one go: instruments in order, items, minutes on a usual and on a bad day."""

    person: str
    number: int
    of: int
    instruments: tuple[str, ...]
    items: int
    minutes: float
    bad_day_minutes: float

    @property
    def too_long(self) -> bool:
        return self.minutes > LONGEST_SITTING


def items_asked(instrument: Instrument) -> int:
    """Items that everybody sees: those asked only after a certain answer, or optional, are left out."""
    seen = sum(1 for item in instrument.items if item.asked_if is None and not item.optional)
    return seen or instrument.item_count


Count = Callable[[str], tuple[int, float, float]]  # instrument -> items, seconds, seconds on a bad day


def sittings(
    protocol: Protocol, occasion: Occasion, *, site: Path | None = None, count: Count | None = None
) -> list[Sitting]:
    """The occasion as sittings, person by person. A member of a group is a patient, its leader a therapist.

    The primary scale and the safety check come first. The rest keeps its order and is spread evenly over
    `split_over_days` sittings, a new one beginning when the next instrument would pass an even share. Who lays out
    many occasions passes one `counter(site)`, so that each instrument is read once.
    """
    count = count or counter(site)
    return [
        sitting
        for person, names in _by_person(occasion).items()
        for sitting in _person_sittings(person, _in_order(protocol, names), occasion.split_over_days, count)
    ]


def _by_person(occasion: Occasion) -> dict[Informant, list[str]]:
    people: dict[Informant, list[str]] = {}
    for informant, names in occasion.asked.items():
        people.setdefault(SAME_PERSON.get(informant, informant), []).extend(names)
    return people


def _in_order(protocol: Protocol, names: list[str]) -> list[str]:
    first = [protocol.endpoints.primary.scale.split(".")[0], FIRST]
    return [name for name in first if name in names] + [name for name in names if name not in first]


def counter(site: Path | None) -> Count:
    """Items and seconds of instruments, each read once."""

    @cache
    def count(name: str) -> tuple[int, float, float]:
        """Items and seconds; an instrument that does not exist counts nothing (the check names it)."""
        try:
            instrument = load_instrument(name, site=site)
        except (NotFound, BadContent):
            return 0, 0.0, 0.0
        items, own = items_asked(instrument), instrument.seconds_per_item
        return items, items * (own or SECONDS_AN_ITEM), items * (own or SECONDS_AN_ITEM) * _SLOWER

    return count


_SLOWER = SECONDS_ON_A_BAD_DAY / SECONDS_AN_ITEM


def _person_sittings(person: Informant, names: list[str], days: int, count: Count) -> list[Sitting]:
    parts = _spread(names, days, {name: count(name)[1] for name in names}) if person == "patient" else [names]
    return [
        Sitting(
            person, number + 1, len(parts), tuple(part), sum(count(name)[0] for name in part),
            sum(count(name)[1] for name in part) / 60, sum(count(name)[2] for name in part) / 60,
        )
        for number, part in enumerate(parts)
    ]  # fmt: skip


def _spread(names: list[str], days: int, seconds: Mapping[str, float]) -> list[list[str]]:
    """At most `days` parts of about equal length, in order."""
    share, parts = sum(seconds.values()) / days, [[]]  # type: tuple[float, list[list[str]]]
    for name in names:
        length = sum(seconds[done] for done in parts[-1])
        if parts[-1] and len(parts) < days and length + seconds[name] / 2 > share:
            parts.append([])
        parts[-1].append(name)
    return parts
