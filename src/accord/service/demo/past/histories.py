"""The people of the past one by one, as the simulation invents them from the protocol: facts on days, no rows yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from accord.science.simulation import simulate_chunks

if TYPE_CHECKING:
    from accord.science.protocols import Protocol

SLICE = 500  # people whose facts are in memory as Python values at a time
OF_PEOPLE = ("events", "scores", "contacts", "lessons", "alerts", "replies", "rescues", "complaints")
Fact = dict[str, Any]


@dataclass(slots=True)
class History:
    """What the simulation says of one person: the columns of cohort format 1 as they are, days from enrolment."""

    participant: str
    facts: Fact  # her row of the table of participants
    of: dict[str, list[Fact]] = field(default_factory=dict)  # table -> her rows, in order of days

    def first(self, kind: str) -> Fact | None:
        """Her first event of a kind."""
        return next((event for event in self.of.get("events", ()) if event["kind"] == kind), None)

    def day(self, kind: str) -> int | None:
        found = self.first(kind)
        return found["day"] if found else None

    def events(self, *kinds: str) -> list[Fact]:
        return [event for event in self.of.get("events", ()) if event["kind"] in kinds]


def histories(protocol: Protocol, *, people: int, seed: int) -> Iterator[list[History]]:
    """Everybody who was referred while so many were enrolled, some hundreds at a time."""
    for tables in simulate_chunks(protocol, n=people, seed=seed, tables=("participants", *OF_PEOPLE)):
        everybody = tables["participants"].filter(pl.col("role") == "patient").sort("participant")
        for start in range(0, everybody.height, SLICE):
            yield _slice(everybody.slice(start, SLICE), tables)


def _slice(people: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> list[History]:
    found = {row["participant"]: History(row["participant"], row) for row in people.iter_rows(named=True)}
    for name in OF_PEOPLE:
        if name in tables:
            hers = tables[name].filter(pl.col("participant").is_in(list(found)))
            for row in hers.sort("day" if "day" in hers.columns else "opened_day", maintain_order=True).iter_rows(
                named=True
            ):
                found[row["participant"]].of.setdefault(name, []).append(row)
    return list(found.values())


def therapists(protocol: Protocol, *, people: int, seed: int) -> list[str]:
    """The pseudonyms of those who treated them."""
    first = next(simulate_chunks(protocol, n=people, seed=seed, last=1, tables=("therapists",)))
    return sorted(first["therapists"]["therapist"])
