"""What was asked and answered: one row for every scale answered, and for every scale due and not answered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from accord.science.protocols.occasions import Occasion
from accord.service.assessments.queries import DEMO, AskedRow, ScoredRow, asked_rows, instrument, scored_rows
from accord.service.assessments.rules.questions import OFFICIAL, OWN, QUESTIONS
from accord.service.studies.queries.cast import occasion_names
from accord.service.studies.queries.ways import WayRow, Ways

Row = dict[str, Any]
Key = tuple[str, str, str, str, str]


def scores(ways: Ways) -> Iterator[Row]:
    """The scores of everybody who lets them be used, at the time-points of the version she follows (C6: with wording).

    A scale that was asked twice at one time-point (safety is asked in each sitting) stands there once: answered before
    not answered, and then the later one.
    """
    granted = [row.episode for row in ways.rows if row.told]
    asked = {row.assessment: row for row in asked_rows(granted, ways.now)}
    found: dict[Key, Row] = {}
    for due in asked.values():
        for row in _due(due, ways.by_episode[due.episode]):
            found.setdefault(_key(row), row)
    for score in scored_rows(granted, ways.now):
        if (about := asked.get(score.assessment)) is not None:
            for row in _scored(score, about, ways.by_episode[about.episode]):
                held = found.get(_key(row))
                if held is None or _better(row, held):
                    found[_key(row)] = row
    yield from found.values()


def _key(row: Row) -> Key:
    return row["participant"], row["informant"], row["instrument"], row["scale"], row["time_point"]


def _better(one: Row, other: Row) -> bool:
    """Answered before not answered, then the later."""
    rank = [(row["value"] is not None, row["answered"] > 0, row["day"] is not None, row["day"] or 0)
            for row in (one, other)]  # fmt: skip
    return rank[0] >= rank[1]


def _occasion(row: AskedRow, way: WayRow) -> Occasion | None:
    """Which occasion of her version an asking was; None for what no protocol asks (screening, before a practice)."""
    named = occasion_names(way.snapshot)
    return named.get((row.time_point, row.occasion)) or named.get((row.time_point, 0))


def _scored(score: ScoredRow, asked: AskedRow, way: WayRow) -> Iterator[Row]:
    occasion = _occasion(asked, way)
    if occasion is None:
        return
    sent = asked.sent_at or asked.closed_at
    yield {
        "participant": way.name, "informant": asked.informant, "instrument": score.instrument.removeprefix(DEMO),
        "scale": score.scale, "version": _version(score.version), "wording": _wording(score.wording),
        "time_point": occasion.name, "day": way.count.day(sent) if sent else None, "value": score.value,
        "valid": score.valid, "answered": min(score.answered, score.of), "of": score.of,
    }  # fmt: skip


def _due(asked: AskedRow, way: WayRow) -> Iterator[Row]:
    """Every scale of an asking without an answer; the scores that there are take their places."""
    occasion = _occasion(asked, way)
    if occasion is None or (occasion.monitoring and asked.sent_at is None):
        return
    for name in asked.instruments:
        for scale, items in _scales(name):
            yield {
                "participant": way.name, "informant": asked.informant, "instrument": name, "scale": scale,
                "wording": "unknown", "time_point": occasion.name, "value": None, "valid": False, "answered": 0,
                "of": items, "day": None,
            }  # fmt: skip


@lru_cache(maxsize=256)
def _scales(name: str) -> tuple[tuple[str, int], ...]:
    """The scales of an instrument, each with its number of items."""
    if name.startswith(QUESTIONS):
        return ()
    return tuple((scale.id, len(scale.items)) for scale in instrument(name).scales.values())


def _wording(stored: str) -> str:
    """`own` words are ours and official for what is ours; a pack is the owner's; topics only are a demonstration."""
    return "official" if stored == OWN or stored.startswith(OFFICIAL) else "demo"


def _version(stored: str) -> int | None:
    return int(stored) if stored.isdecimal() else None
