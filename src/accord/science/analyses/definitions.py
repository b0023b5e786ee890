"""What a number is: `definition(protocol, id)` for every estimate and for every column of every table.

The words are made from the kind of number (definitions_of_ids, definitions_of_tables) and the protocol's own names, so
that a page can open any number to its definition, formula and rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from accord.science.analyses.definitions_of_ids import KINDS, Kind
from accord.science.analyses.definitions_of_tables import COLUMNS, ROWS
from accord.science.analyses.plan import spoken
from accord.science.analyses.responders import DEFAULT_PERCENT
from accord.science.analyses.service.alerts import AGES
from accord.science.analyses.service.waits import STEPS
from accord.science.errors import AccordError, NotFound
from accord.science.instruments import find_scale
from accord.science.protocols import Protocol, occasions

TABLE = "table."
_PARTS = {"S": r"[a-z0-9_]+\.[a-z0-9_]+", "V…": r".+"}
_PLACE = re.compile(r"<([A-Z]…?)>")
_SLUG = re.compile(r"[^a-z0-9]+")
_READS = {  # fact -> the table it is read from
    "lessons": "lessons", "sessions": "sessions", "started": "events, lessons, sessions", "answered": "scores",
    "minutes": "contacts", "contacts": "contacts", "allocated": "allocation",
}  # fmt: skip
_OUTCOMES = {
    "start": ("who began, of those enrolled", "began"),
    "completion": ("who completed, of those who began", "completed"),
    "improvement": ("who improved by the protocol's rule, of those with both values", "improved"),
}  # fmt: skip
_STATES = {"not_started": "enrolled and had not started", "quiet": "in treatment and had gone quiet"}


@dataclass(frozen=True, slots=True)
class Definition:
    """`words` say what is counted or estimated, `formula` how, `rows_from` of which tables of the cohort."""

    id: str
    words: str
    formula: str
    rows_from: str


def cell_id(table: str, column: str) -> str:
    """The id of a column of a table: `table.waits.arrived`."""
    return f"{TABLE}{table}.{_SLUG.sub('_', column.lower()).strip('_')}"


def definition(protocol: Protocol, id: str) -> Definition:
    """The definition of an estimate by its id, or of a table's column by `cell_id`.

    Raises NotFound for an id that no analysis has.
    """
    if id.startswith(TABLE):
        return _of_column(id)
    for regex, kind in _patterns():
        if found := regex.fullmatch(id):
            filled = _Words({**found.groupdict(), **_facts(protocol, found.groupdict())})
            words, formula, rows = (text.format_map(filled) for text in (kind.words, kind.formula, kind.rows))
            return Definition(id, words[:1].upper() + words[1:], formula, rows)
    raise NotFound(f"No number has the id '{id}'.", cure="Take an id from the estimates of an analysis.")


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Kind], ...]:
    return tuple((re.compile(_regex(kind.pattern)), kind) for kind in KINDS)


def _regex(pattern: str) -> str:
    """`change.<S>.<T>[.<A>]` as a regular expression; a name that comes twice is captured once."""
    seen: set[str] = set()

    def place(found: re.Match[str]) -> str:
        name, part = found[1], _PARTS.get(found[1], r"[^.]+")
        key = name.rstrip("…")
        first = key not in seen
        seen.add(key)
        return f"(?P<{key}>{part})" if first else part

    escaped = pattern.replace(".", r"\.").replace("[", "(?:").replace("]", ")?")
    return _PLACE.sub(place, escaped)


def _facts(protocol: Protocol, parts: Mapping[str, str | None]) -> dict[str, str]:
    """The protocol's own words for the parts of an id."""
    said = {key: spoken(value) if value else "" for key, value in parts.items()}
    if parts.get("S"):
        said["S"] = _scale(str(parts["S"]))
    if parts.get("T"):
        labels = {occasion.name: occasion.label for occasion in occasions(protocol)}
        said["T"] = _inside(labels.get(str(parts["T"])) or said["T"])
    if arm := parts.get("A"):
        said["A"] = f", {protocol.arms[arm].label if arm in protocol.arms else spoken(arm)}"
    if tier := parts.get("X"):
        said["X"] = f" of tier {tier.upper()}"
    if step := parts.get("P"):
        said |= {"P": STEPS.get(step, spoken(step)), "P_event": step}
    if outcome := parts.get("O"):
        said["O"], said["O_short"] = _OUTCOMES.get(outcome, (spoken(outcome), spoken(outcome)))
    if state := parts.get("W"):
        said["W"] = _STATES.get(state, spoken(state))
    if age := AGES.get(str(parts.get("V"))):
        said["V"] = age[0]
    if stage := parts.get("G"):
        said |= _stage(protocol, stage)
    responder = protocol.endpoints.responder
    own = responder is not None and responder.scale == parts.get("S")
    said["percent"] = responder.improved_by.rstrip("%").strip() if responder and own else f"{DEFAULT_PERCENT:g}"
    hours = protocol.referral.acknowledgement_hours if protocol.referral else None
    said["acknowledgement"] = f"{hours:g}" if hours is not None else "the promised"
    return said


def _inside(words: str) -> str:
    """A label within a sentence: `after the programme`, but `T13, after treatment`."""
    return words if words[1:2].isupper() or words[1:2].isdigit() else words[:1].lower() + words[1:]


def _scale(ref: str) -> str:
    try:
        return find_scale(ref.removeprefix("demo_")).name
    except AccordError:
        return ref


def _stage(protocol: Protocol, name: str) -> dict[str, str]:
    """Label, rule, the stage it is a share of, and the tables that its rule reads."""
    stage = protocol.stages.get(name)
    if stage is None:
        return {"G": spoken(name), "of": "those before", "rule": "the rule of the protocol", "rows": "events"}
    names = list(protocol.stages)
    before = stage.of or (names[names.index(name) - 1] if names.index(name) else "")
    tables = [table for fact, table in _READS.items() if fact in stage.rule] or ["events"]
    of = f"“{protocol.stages[before].label}”" if before in protocol.stages else "all who were referred"
    return {"G": stage.label, "of": of, "rule": stage.rule, "rows": ", ".join(dict.fromkeys(tables))}


def _of_column(id: str) -> Definition:
    table, _, column = id.removeprefix(TABLE).partition(".")
    rows = next((rows for name, rows in ROWS.items() if _is(name, table)), None)
    if rows is None or column not in COLUMNS:
        raise NotFound(f"No table has a column with the id '{id}'.", cure="Make it by cell_id(table, column).")
    words = COLUMNS[column]
    return Definition(id, words[:1].upper() + words[1:], "as the estimate of that id, or counted", rows)


def _is(name: str, table: str) -> bool:
    return table.startswith(name[:-1]) if name.endswith("*") else table == name
