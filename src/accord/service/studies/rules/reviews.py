"""What of an analysis a manager sees, when it is counted by itself, and how a number compares with an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

COUNT_NUMBERS = "count-numbers"  # the kind of the outbox's job
QUIET_HOURS = range(2, 6)  # of the clinic's own night
MONTH = timedelta(days=28)  # a month before: four weeks at least, so that the same weekdays are in both

# C13: shrunken differences between therapists, their alliance and their bodies are personal data of staff. What is not
# named here is not kept, so a new story of the analysis stays out until somebody decides.
NUMBERS = (
    "reached", "funnel", "stage_wait", "wait", "acknowledged", "change", "g", "g_completers", "percent",
    "reliably_improved", "reliably_worse", "responders", "satisfaction", "minutes", "replies", "alerts", "alerts_open",
    "alerts_closed", "harms", "harm_events", "complaints", "rescue", "equity", "cover", "load",
)  # fmt: skip
PICTURES = ("funnel", "change_", "benchmark", "minutes", "alerts")
TABLES = ("benchmark", "benchmark_funnel")
_STAFF = ("wai_", "wai.", "physio", "fidelity", "competence")


def family(estimate_id: str) -> str:
    """What kind of number it is: the id up to its first dot."""
    return estimate_id.partition(".")[0]


def may_be_seen(estimate: Mapping[str, Any]) -> bool:
    """A manager may see it (C13)."""
    rated = any(word in f"{estimate['id']}.{estimate.get('scale') or ''}" for word in _STAFF)
    return family(str(estimate["id"])) in NUMBERS and not rated


def kept(result: Mapping[str, Any]) -> dict[str, Any]:
    """An analysis without what a manager may not see: numbers, cautions, published figures; pictures stay apart."""
    names = ("title", "eyebrow", "protocol", "protocol_version", "protocol_hash", "origin", "invented", "seed", "facts")
    sections = [
        {"id": section["id"], "heading": section["heading"], "blocks": _blocks(section["blocks"])}
        for section in result["sections"]
    ]
    return {
        **{name: result[name] for name in names},
        "sections": [section for section in sections if section["id"] in _SECTIONS],
        "estimates": [_filled(estimate) for estimate in result["estimates"] if may_be_seen(estimate)],
    }


def _filled(estimate: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; the value stays, since no value is told too."""
    return {name: cell for name, cell in estimate.items() if name == "value" or cell not in (None, "")}


_SECTIONS = (
    "funnel", "waits", "change", "benchmark", "responders", "minutes", "replies", "alerts", "satisfaction", "harms",
    "complaints", "rescues", "equity", "load",
)  # fmt: skip


def _blocks(blocks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [b for b in blocks if b["kind"] == "caution" or (b["kind"] == "table" and b["id"] in TABLES)]


def shows_picture(picture_id: str) -> bool:
    return picture_id.startswith(PICTURES)


def is_due(now: datetime, zone: ZoneInfo, last: datetime | None) -> bool:
    """A quiet hour of the night, and nothing was counted since it began."""
    here = now.astimezone(zone)
    if here.hour not in QUIET_HOURS:
        return False
    return last is None or last.astimezone(zone).date() < here.date()


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier value of the same number; `word` is higher, lower or same."""

    value: float
    word: str


def compared(number: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> Before | None:
    """How a number lies to an earlier one: the same as long as the earlier one lies within its interval now. What is
    counted and has no interval is the same only when it is equal."""
    value, was = number.get("value"), (earlier or {}).get("value")
    if value is None or was is None:
        return None
    low, high = number.get("ci_low"), number.get("ci_high")
    same = low <= was <= high if low is not None and high is not None else was == value
    return Before(was, "same" if same else "higher" if value > was else "lower")
