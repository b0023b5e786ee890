"""Instruments and their scales as the rest of the code sees them: frozen, complete, every shorthand resolved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Direction = Literal["higher_worse", "higher_better", "none"]


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `topic` is our own short label; `text` is set only where the wording is ours.

    `options` maps a value to the label of our own (often only the ends); answers lie in minimum..maximum and are
    whole numbers unless `whole` is False. A value in `not_assessed` counts as not answered. `asked_if` is a
    condition over other items; `group` is the region of a body site.
    """

    id: str
    topic: str
    minimum: float | None
    maximum: float | None
    options: dict[float, str]
    reversed: bool = False
    kind: Literal["choice", "number", "text"] = "choice"
    whole: bool = True
    optional: bool = False
    not_assessed: tuple[float, ...] = ()
    asked_if: str | None = None
    group: str | None = None
    text: str | None = None
    help: str | None = None


@dataclass(frozen=True, slots=True)
class MissingRule:
    """When a scale may be scored with answers missing.

    `none`: all items are needed. Otherwise the score is carried by what is answered: a sum is prorated
    (mean of the answered items x number of items), a mean is the mean of the answered items. `over` says whether
    answers are counted in the scale or in the whole instrument.
    """

    kind: Literal["none", "at_least", "at_most_missing"] = "none"
    number: int | None = None
    over: Literal["scale", "instrument"] = "scale"
    source: str = ""

    def needed(self, of: int) -> int:
        """How many of `of` items must be answered."""
        if self.kind == "at_least" and self.number is not None:
            return self.number
        return of - (self.number or 0) if self.kind == "at_most_missing" else of

    def __str__(self) -> str:
        place = " of the whole questionnaire" if self.over == "instrument" else ""
        if self.kind == "none":
            return "all items are needed"
        words = "at least {} answered" if self.kind == "at_least" else "at most {} missing"
        return words.format(self.number) + place


@dataclass(frozen=True, slots=True)
class Band:
    """A half-open band: low <= score < high; the last one (`high` None) runs to the end of the scale."""

    name: str
    low: float
    high: float | None
    population: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A published cut-off and the people it comes from: a score at or beyond it has the meaning."""

    at: float
    meaning: str
    population: str
    source: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A published size of change, in points of the scale or in percent of the baseline."""

    value: float
    unit: Literal["points", "percent"]
    population: str
    source: str
    ci_low: float | None = None
    ci_high: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Retest:
    """Reliability for reliable change: coefficient, kind, interval of the coefficient, and the SD that goes with it."""

    r: float
    type: str
    population: str
    source: str
    ci: tuple[float, float] | None = None
    sd: float | None = None
    n: int | None = None
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of the size of change on a scale. `conventions` are services' agreements, not measurements."""

    mic: tuple[Threshold, ...] = ()
    mdc: tuple[Threshold, ...] = ()
    retest: Retest | None = None
    conventions: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup from whole numbers (raw sums, profiles) to scores, with its name and source."""

    name: str
    source: str
    values: dict[int, float]
    country: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """One score of an instrument: range, direction, true zero, missing rule, bands, and what is known of change.

    `ref` is `<instrument>.<scale>`. `items` are the item ids that go in (for a scale made of scales: all of theirs);
    `reversed_items` those of them that count backwards here. `zero` is the score that means "none of it"; without
    one, percentages are refused (C20).
    """

    ref: str
    instrument: str
    id: str
    name: str
    patient_name: str
    items: tuple[str, ...]
    method: str
    minimum: float
    maximum: float
    direction: Direction
    zero: float | None
    unit: str
    missing: MissingRule
    bands: tuple[Band, ...]
    cutoffs: tuple[Cutoff, ...]
    change: Change
    reversed_items: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()
    of: str | None = None
    cause: int | None = None
    met_when: tuple[dict[str, tuple[float, float]], ...] = ()
    table: Table | None = None
    subtract: float = 0.0
    multiply: float = 1.0
    divide: float = 1.0
    note: str = ""

    @property
    def sign(self) -> int:
        """+1 where a higher score is better, -1 where it is worse, 0 where neither is: improvement is positive."""
        return {"higher_better": 1, "higher_worse": -1, "none": 0}[self.direction]

    @property
    def span(self) -> float:
        """The length of the scale: maximum - minimum."""
        return self.maximum - self.minimum

    def as_demonstration(self) -> Scale:
        """The same scale answered from anything but the official wording (C6): no band, cut-off or size of change."""
        return replace(self, ref=f"demo:{self.ref}", bands=(), cutoffs=(), change=Change())


@dataclass(frozen=True, slots=True)
class Licence:
    text: str
    restricted: bool
    wording_ships: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: answers (item -> value), expected columns, and the arithmetic in words."""

    name: str
    answers: dict[str, float | str | None]
    expect: dict[str, float | bool | str | None]
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire: items, scales, licence, sources and worked examples. Never an answer.

    `verified` is False while anything scoring rests on could not be checked against a second source; `notes` say
    what. `own` means that the wording is ours and stands in the items' `text`. `codings` is set where files of
    answers exist in two directions: the name of ours, and of the one that runs the other way round.
    """

    id: str
    name: str
    patient_name: str
    construct: str
    informants: tuple[str, ...]
    version: str
    items: tuple[Item, ...]
    item_count: int
    scales: dict[str, Scale]
    licence: Licence
    references: tuple[str, ...]
    verified: bool
    notes: tuple[str, ...] = ()
    own: bool = False
    recall: str = ""
    introduction: str = ""
    seconds_per_item: float | None = None
    note_when_missing: dict[str, str] = field(default_factory=dict)
    codings: tuple[str, str] | None = None
    not_scored: str = ""
    examples: tuple[Example, ...] = ()
    file: str = ""

    @property
    def main(self) -> Scale | None:
        """The first declared scale: the one whose answered, valid and band stand without a prefix (E2)."""
        return next(iter(self.scales.values()), None)

    @property
    def needs_wording(self) -> bool:
        """True where a page can show the questions only with a wording pack (C6)."""
        return not self.own

    def item(self, item_id: str) -> Item:
        return next(item for item in self.items if item.id == item_id)
