"""The ways of people through one protocol: who they are under which pseudonym, and from which day each is counted."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accord.service.episodes.queries import bulk as episodes
from accord.service.people.queries import bulk as people
from accord.service.studies.rules.counting import Count, counted_from

GRANTED, WITHDRAWN, NOT_ASKED = "granted", "withdrawn", "not_asked"


@dataclass(frozen=True, slots=True)
class WayRow:
    """One person's way through the protocol: her name in the cohort, her days, whether what she told may be used."""

    episode: uuid.UUID
    person: uuid.UUID
    clinic: uuid.UUID
    snapshot: uuid.UUID
    name: str
    number: int
    count: Count
    answers: str
    source: str
    opened_at: datetime
    referred_at: datetime
    enrolled: bool

    @property
    def told(self) -> bool:
        """What she told us may be used."""
        return self.answers == GRANTED


@dataclass(frozen=True)
class Ways:
    """A chunk of ways. What belongs to a person and to no episode goes to the way that was open then."""

    rows: tuple[WayRow, ...]
    now: datetime
    _all: Mapping[uuid.UUID, tuple[tuple[datetime, uuid.UUID], ...]]  # person -> (opened, episode) of every protocol
    by_episode: Mapping[uuid.UUID, WayRow] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_episode", {row.episode: row for row in self.rows})

    @property
    def episodes(self) -> list[uuid.UUID]:
        return [row.episode for row in self.rows]

    @property
    def people(self) -> list[uuid.UUID]:
        return list(dict.fromkeys(row.person for row in self.rows))

    def at(self, person: uuid.UUID, moment: datetime, episode: uuid.UUID | None = None) -> WayRow | None:
        """The way that something of this person belongs to: that of its episode, else the last that was opened before.

        None when that is a way of another protocol or of another clinic.
        """
        if episode is not None:
            return self.by_episode.get(episode)
        opened = self._all.get(person, ())
        place = max(bisect_right([at for at, _ in opened], moment) - 1, 0)
        return self.by_episode.get(opened[place][1]) if opened else None

    def during(self, person: uuid.UUID, since: datetime, until: datetime | None) -> Iterator[WayRow]:
        """Her ways that were the newest at some moment of this span; what was before the first belongs to the first."""
        opened = self._all.get(person, ())
        for place, (at, episode) in enumerate(opened):
            ends = opened[place + 1][0] if place + 1 < len(opened) else None
            row = self.by_episode.get(episode)
            if row and (ends is None or since < ends) and (until is None or until > at):
                yield row


def ways_of_chunk(
    *, protocol: str, wanted: Collection[uuid.UUID], names: Mapping[uuid.UUID, str], scope: str, now: datetime
) -> Ways:
    """The ways of these episodes. `names` are the pseudonyms of their people, `scope` the consent that answers need.

    Which number a way has is counted over all of hers under the protocol, in the order of opening.
    """
    asked = set(wanted)
    found = episodes.ways_of(names.keys(), now)
    enrolled = episodes.enrolled_at(asked, now)
    agreed, ever = episodes.agreed_to(asked, scope), episodes.ever_agreed(asked)
    zones = people.zones_of(names.keys())
    numbers: dict[uuid.UUID, int] = {}
    opened: dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]] = {}
    rows = []
    for way in found:
        opened.setdefault(way.person, []).append((way.opened_at, way.episode))
        if way.protocol != protocol:
            continue
        numbers[way.person] = number = numbers.get(way.person, 0) + 1
        if way.episode not in asked:
            continue
        answers = GRANTED if way.episode in agreed else WITHDRAWN if way.episode in ever else NOT_ASKED
        zero = enrolled.get(way.episode, way.referred_at)
        name = names[way.person] if number == 1 else f"{names[way.person]}_{number}"
        rows.append(WayRow(
            way.episode, way.person, way.clinic, way.snapshot, name, number, counted_from(zero, zones[way.person]),
            answers, way.source, way.opened_at, way.referred_at, way.episode in enrolled,
        ))  # fmt: skip
    return Ways(tuple(rows), now, {person: tuple(mine) for person, mine in opened.items()})
