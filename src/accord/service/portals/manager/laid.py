"""A kept count laid out for the page, for paper and for tests. It lays out what was counted, no more."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.science.reports.cells import amount
from accord.service.portals.manager.parts import PARTS, SHORT, Part, Text
from accord.service.portals.manager.worded import (
    Number,
    as_estimate,
    compared_with,
    digits_of,
    in_points,
    interval_of,
    unit_of,
)
from accord.service.studies.rules.reviews import compared, family

_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
WAITS: dict[str, Text] = {
    "median": gettext_lazy("Half within"), "p90": gettext_lazy("Nine of ten within"),
    "now": gettext_lazy("Wait now"), "longest": gettext_lazy("The longest now"),
}  # fmt: skip
ALERTS: dict[str, Text] = {
    "raised": gettext_lazy("Raised"), "acknowledged_in_time": gettext_lazy("Taken in the promised time"),
    "contacted_in_time": gettext_lazy("Tried to reach her in the promised time"), "open": gettext_lazy("Open now"),
    "overdue": gettext_lazy("Nobody has taken it and the time is over"),
}  # fmt: skip
EQUITY: dict[str, Text] = {
    "start": gettext_lazy("Began, of those enrolled"), "completion": gettext_lazy("Finished, of those who began"),
    "improvement": gettext_lazy("Better, of those who answered twice"),
}  # fmt: skip
LOAD: dict[str, Text] = {"people": gettext_lazy("People each answers for now")}
HOW_MANY = ("responders", "reliably_improved", "reliably_worse")
RESCUED = ("given", "came", "others", "difference")
TIERS: dict[str, Text] = {  # which no ladder names
    "safe": gettext_lazy("Safeguarding: harm to others, abuse, a child"),
    "unknown": gettext_lazy("It could not be decided from the answers"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of the funnel."""

    label: str
    rule: str
    people: Number | None
    share: Number | None
    wait: Number | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row of the outcomes: one scale at one time-point."""

    label: str
    all: Number | None
    completers: Number | None
    percent: Number | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers of one kind: `columns` by their headings, rows by what they are about."""

    heading: str
    columns: tuple[Text, ...]
    rows: list[tuple[str, list[Number | None]]]

    def cells(self) -> Iterator[tuple[str, list[tuple[Text, Number | None]]]]:
        """Each row with the heading of each of its cells."""
        for label, numbers in self.rows:
            yield label, list(zip(self.columns, numbers, strict=True))


@dataclass(frozen=True, slots=True)
class Shown:
    """A part with what was counted for it."""

    part: Part
    numbers: list[Number]
    cautions: list[str]
    pictures: list[dict[str, Any]]
    stages: list[Stage] = field(default_factory=list)
    outcomes: list[tuple[str, list[Outcome]]] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    published: dict[str, Any] | None = None

    def every(self) -> list[Number]:
        """Each number of the part once, in the order of the page."""
        rows = [one for stage in self.stages for one in (stage.people, stage.share, stage.wait)]
        rows += [one for _at, table in self.outcomes for row in table for one in (row.all, row.completers, row.percent)]
        rows += [one for grid in self.grids for _label, numbers in grid.rows for one in numbers]
        return [*(one for one in rows if one), *self.numbers]

    @property
    def empty(self) -> bool:
        return not (self.numbers or self.stages or self.outcomes or self.grids or self.published)


@dataclass(frozen=True)
class Page:
    """Lays a kept result out. `earlier` is that of a month before, `names` pseudonym -> colleague, `primary` the scale
    and time-point that the protocol judges first, `spoken` what codes are called: "tier" or question -> code -> words.
    """

    result: Mapping[str, Any]
    stages: Mapping[str, Any] = field(default_factory=dict)  # of the protocol's version
    earlier: Mapping[str, Any] | None = None
    earlier_at: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    primary: str = ""
    spoken: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)

    def parts(self) -> Iterator[Shown]:
        for part in PARTS:
            yield self._part(part)

    def short(self) -> Shown:
        """The few numbers that a board asks for first; each stands again in its own part."""
        found = {one["id"]: one for one in self.result["estimates"] if one["value"] is not None}
        wanted = [name.format(primary=self.primary) for name in SHORT.families]
        return Shown(SHORT, [self.number(found[name]) for name in wanted if name in found], self._cautions(SHORT), [])

    def _part(self, part: Part) -> Shown:
        found = {one["id"]: one for one in self.result["estimates"] if family(one["id"]) in part.families}
        stages = self._stages(found) if part.id == "came" else []
        outcomes = self._outcomes(found) if part.id == "outcomes" else []
        grids = list(self._grids(part, found))
        published = self._published() if part.id == "benchmark" else None
        shown = Shown(part, [], self._cautions(part), self._pictures(part), stages, outcomes, grids, published)
        laid = {one.id for one in shown.every()}
        rest = [self.number(one) for key, one in found.items() if key not in laid and not self._again(key, laid)]
        return replace(shown, numbers=rest)

    def _again(self, key: str, laid: set[str]) -> bool:
        """The same change in points of its scale: it stands on the page of its definition."""
        return family(key) == "change" and f"g.{key.partition('.')[2]}" in laid

    def number(self, one: Mapping[str, Any]) -> Number:
        estimate = as_estimate(one)
        read = in_points(estimate)
        digits = 0 if read is not estimate else digits_of(estimate)
        label = _capital(estimate.label)
        if self.names and family(estimate.id) == "load":
            label = self.names.get(estimate.id.partition(".")[2]) or _("Somebody who is not on the list of staff")
        return Number(
            id=estimate.id, label=label,
            data="" if estimate.value is None else repr(estimate.value),
            words=amount(read.value, read.unit, digits), interval=interval_of(read, digits),
            unit=unit_of(read, digits), n=estimate.n, missing=estimate.missing,
            note=estimate.note, before=self._before(one, digits),
        )  # fmt: skip

    def _before(self, one: Mapping[str, Any], digits: int) -> str:
        then = compared(one, self._then.get(one["id"])) if self.earlier else None
        if then is None:
            return ""
        read = in_points(replace(as_estimate(one), value=then.value))
        return compared_with(then, amount(read.value, read.unit, digits))

    @cached_property
    def _then(self) -> dict[str, Any]:
        return {one["id"]: one for one in (self.earlier or {}).get("estimates", ())}

    def _stages(self, found: Mapping[str, Mapping[str, Any]]) -> list[Stage]:
        def one(kind: str, name: str) -> Number | None:
            row = found.get(f"{kind}.{name}")
            return self.number(row) if row else None

        rows = [
            Stage(stage.label, stage.rule, one("reached", name), one("funnel", name), one("stage_wait", name))
            for name, stage in self.stages.items()
        ]
        return [row for row in rows if row.people or row.share]

    def _outcomes(self, found: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Outcome]]]:
        """Scales by time-point: everybody by the model, completers beside, per cent of the mean before."""
        tables: dict[str, list[Outcome]] = {}
        for key in found:
            kind, _dot, which = key.partition(".")
            scale, _dot, at = which.rpartition(".")
            if kind != "g" or at not in self.result["times"]:
                continue  # of one arm, or of no time-point: stands among the others
            others = [found.get(f"{other}.{scale}.{at}") for other in ("g", "g_completers", "percent")]
            row = Outcome(
                found[key]["label"].partition(":")[0], *(self.number(other) if other else None for other in others)
            )
            tables.setdefault(at, []).append(row)
        return [(self.result["times"][at], rows) for at, rows in tables.items()]

    def _grids(self, part: Part, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Grid]:
        """The families that are easier read side by side; a number that fits no grid stands in the list."""
        if part.id == "waits":
            rows = self._by(found, "wait.", lambda rest: rest.rpartition(".")[::-2], tuple(WAITS))
            yield from _grid("", WAITS, {label.partition(":")[0]: cells for label, cells in rows.values()})
        elif part.id == "outcomes":
            yield from self._how_many(found)
        elif part.id == "rescues":
            yield from self._rescued(found)
        elif part.id == "alerts":
            rows = self._by(found, "alerts.", lambda rest: rest.partition(".")[::2], tuple(ALERTS))
            yield from _grid("", ALERTS, {self._tier(tier): cells for tier, (_label, cells) in rows.items()})
        elif part.id == "equity":
            rows = self._by(found, "equity.", lambda rest: rest.partition(".")[::2], tuple(EQUITY))
            by_variable: dict[str, dict[str, list[Number | None]]] = {}
            for row, (label, cells) in rows.items():
                of, _comma, level = label.partition(":")[0].partition(", ")
                variable, _dot, code = row.partition(".")
                words = self.spoken.get(variable, {}).get(code) or level
                by_variable.setdefault(of, {})[_capital(str(words))] = cells
            for of, groups in by_variable.items():
                yield from _grid(of, EQUITY, groups)
        elif part.id == "load":
            each = [self.number(one) for one in found.values() if family(one["id"]) == "load"]
            yield from _grid("", LOAD, {one.label: [one] for one in sorted(each, key=lambda one: one.label)})

    def _tier(self, tier: str) -> str:
        """A tier in words, with its code."""
        words = self.spoken.get("tier", {}).get(tier) or TIERS.get(tier)
        return f"{words} ({tier.upper()})" if words else tier.upper() or _("All")

    def _how_many(self, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Grid]:
        """How many people are better or worse, scale by scale, one grid for each time-point."""
        tables: dict[str, dict[str, tuple[str, list[Number | None]]]] = {}
        heads: dict[str, Text] = {}
        for key, one in found.items():
            kind, _dot, which = key.partition(".")
            scale, _dot, at = which.rpartition(".")
            if kind not in HOW_MANY or at not in self.result["times"]:
                continue  # of one arm, or of no time-point: stands among the others
            who, _colon, what = one["label"].rpartition(": ")
            heads.setdefault(kind, _capital(what))
            _label, cells = tables.setdefault(at, {}).setdefault(scale, (who.rpartition(", ")[0], [None] * 3))
            cells[HOW_MANY.index(kind)] = self.number(one)
        for at, rows in tables.items():
            heading = _("%(when)s: how many people") % {"when": self.result["times"][at]}
            yield Grid(heading, tuple(heads.get(kind, "") for kind in HOW_MANY), list(rows.values()))

    def _rescued(self, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Grid]:
        """What was done for people in one state, and who came back beside others; one grid for each state."""
        tables: dict[str, Grid] = {}
        for key, one in found.items():
            if not key.endswith(".given"):
                continue
            stem = key.removesuffix("given")
            numbers = [found.get(f"{stem}{what}") for what in RESCUED]
            if None in numbers:
                continue
            what, _comma, state = one["label"].partition(", ")
            came = _capital(found[f"{stem}came"]["label"].rpartition(": ")[2])
            heads = (_("How often"), came, _("Others in the same state"), _("Difference"))
            grid = tables.setdefault(stem.split(".")[1], Grid(_capital(state), heads, []))
            grid.rows.append((what, [self.number(number) for number in numbers if number]))
        yield from tables.values()

    def _by(
        self, found: Mapping[str, Mapping[str, Any]], prefix: str, split: Callable[[str], tuple[str, str]],
        columns: tuple[str, ...],
    ) -> dict[str, tuple[str, list[Number | None]]]:  # fmt: skip
        """row -> (label of its first number, its numbers by column). `split` parts an id into column and row."""
        rows: dict[str, tuple[str, list[Number | None]]] = {}
        for key, one in found.items():
            column, row = split(key.removeprefix(prefix))
            if key.startswith(prefix) and column in columns:
                _label, cells = rows.setdefault(row, (one["label"], [None] * len(columns)))
                cells[columns.index(column)] = self.number(one)
        return rows

    def _cautions(self, part: Part) -> list[str]:
        blocks = [b for s in self.result["sections"] if s["id"] in part.sections for b in s["blocks"]]
        said = [block["text"] for block in blocks if block["kind"] == "caution"]
        return list(dict.fromkeys(said))

    def _pictures(self, part: Part) -> list[dict[str, Any]]:
        if not part.pictures:
            return []
        return [
            {"id": key, **{name: picture[name] for name in ("title", "description", "note")},
             "wide_size": _size(picture["wide"]), "narrow_size": _size(picture["narrow"])}
            for key, picture in self.result["pictures"].items() if key.startswith(part.pictures)
        ]  # fmt: skip

    def _published(self) -> dict[str, Any] | None:
        """The published figures, as the protocol quotes them; ours stand beside, each with its own id."""
        tables = {
            block["id"]: block for section in self.result["sections"] if section["id"] == "benchmark"
            for block in section["blocks"] if block["kind"] == "table"
        }  # fmt: skip
        shown = tables.get("benchmark")
        if shown is None:
            return None
        place = {name: number for number, name in enumerate(shown["columns"])}
        facts = shown["columns"][place["Published n"] + 1 :]
        rows = []
        for row in shown["rows"]:
            own = next((one for one in self.result["estimates"] if _is_of(one, row[0])), None)
            rows.append({
                "label": row[0], "ours": self.number(own) if own else None, "theirs": row[place["Published g, turned"]],
                "printed": row[place["As printed"]], "n": row[place["Published n"]],
                "known": [(name, row[place[name]]) for name in facts],
            })  # fmt: skip
        known = [*rows[0]["known"], (_("People"), rows[0]["n"])] if rows else []
        alike = all([*row["known"], (_("People"), row["n"])] == known for row in rows)
        return {"rows": rows, "note": shown["note"], "known": known if alike else []}


def _size(svg: str) -> tuple[str, ...]:
    """Width and height of a picture: with them its place is kept while it loads, and a link lands where it says."""
    found = _SIZE.search(svg)
    return found.groups() if found else ()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def part_of(estimate_id: str) -> str:
    """The part of the page in which a number stands."""
    return next((part.id for part in PARTS if family(estimate_id) in part.families), "")


def _is_of(one: Mapping[str, Any], label: str) -> bool:
    return family(one["id"]) == "g" and one["label"].partition(":")[0] == label


def _grid(heading: str, columns: Mapping[str, Text], rows: dict[str, list[Number | None]]) -> Iterator[Grid]:
    if rows:
        yield Grid(heading, tuple(columns.values()), list(rows.items()))


def colleagues(result: Mapping[str, Any]) -> list[str]:
    """The pseudonyms of therapists whose load is counted."""
    return [one["id"].partition(".")[2] for one in result["estimates"] if family(one["id"]) == "load"]


def named(behind: Mapping[str, uuid.UUID], staff: Mapping[uuid.UUID, str]) -> dict[str, str]:
    """pseudonym -> name, of those colleagues whose names she may see."""
    return {value: staff[person] for value, person in behind.items() if person in staff}
