"""What an instrument file holds, as pydantic models: the shape, the shorthands and the rules inside one file.

docs/reference/instruments.md says how a definition reads. `model.py` holds what the rest of the code works with.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Range = tuple[float, float]
Direction = Literal["higher_worse", "higher_better", "none"]
Informant = Literal["patient", "therapist", "assessor", "observer", "leader", "member", "laboratory"]
Method = Literal[
    "sum", "mean", "single", "groups", "profile",
    "sum_of_scales", "mean_of_scales", "lookup", "criteria",
    "count_by_cause", "impact_by_cause",
]  # fmt: skip


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemEntry(Closed):
    """One question. `topic` is a short label of our own; `text` is only allowed where the wording is ours."""

    topic: Text
    range: Range | None = None
    options: dict[float, Text] | None = None
    kind: Literal["choice", "number", "text"] = "choice"
    whole: bool = True
    optional: bool = False
    not_assessed: tuple[float, ...] = ()
    asked_if: Text | None = None
    group: Id | None = None
    text: Text | None = None
    help: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_topic(cls, value: Any) -> Any:
        return {"topic": value} if isinstance(value, str) else value


class AnswerEntry(Closed):
    """The response scale that items share unless they bring their own."""

    range: Range
    options: dict[float, Text] = {}


class MissingEntry(Closed):
    """The published rule for missing answers; leaving the block out means that every item is needed."""

    at_least: Annotated[int, Field(ge=1)] | None = None
    at_most_missing: Annotated[int, Field(ge=0)] | None = None
    over: Literal["scale", "instrument"] = "scale"
    source: Text

    @model_validator(mode="after")
    def _one_number(self) -> MissingEntry:
        if (self.at_least is None) == (self.at_most_missing is None):
            raise ValueError("give either at_least or at_most_missing")
        return self


class BandsEntry(Closed):
    """Half-open bands: each starts at its `from` and ends just below the next one's."""

    population: Text
    source: Text
    note: Text | None = None
    edges: Annotated[list[tuple[float, Text]], Field(min_length=2)]

    @model_validator(mode="after")
    def _ascending(self) -> BandsEntry:
        starts = [edge for edge, _ in self.edges]
        if starts != sorted(set(starts)):
            raise ValueError("edges must rise from one band to the next")
        if len({name for _, name in self.edges}) != len(self.edges):
            raise ValueError("each band needs a name of its own")
        return self


class CutoffEntry(Closed):
    at: float
    meaning: Text
    population: Text
    source: Text


class ThresholdEntry(Closed):
    """A size of change: in points of the scale, or in percent of the baseline."""

    points: Annotated[float, Field(gt=0)] | None = None
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    ci: Range | None = None
    name: Text | None = None
    population: Text
    source: Text

    @model_validator(mode="after")
    def _one_size(self) -> ThresholdEntry:
        if (self.points is None) == (self.percent is None):
            raise ValueError("give either points or percent")
        return self


class RetestEntry(Closed):
    """Reliability for reliable change (C16): the coefficient, its kind, its interval, and the SD that goes with it."""

    r: Annotated[float, Field(gt=0, lt=1)]
    type: Literal["test-retest", "icc", "alpha"]
    ci: Range | None = None
    sd: Annotated[float, Field(gt=0)] | None = None
    n: Annotated[int, Field(gt=0)] | None = None
    interval: Text | None = None
    population: Text
    source: Text


class ChangeEntry(Closed):
    mic: tuple[ThresholdEntry, ...] = ()
    mdc: tuple[ThresholdEntry, ...] = ()
    retest: RetestEntry | None = None
    conventions: tuple[ThresholdEntry, ...] = ()


class TableEntry(Closed):
    """A published table from one value to another (raw sum to T score, profile to index)."""

    name: Text
    source: Text
    country: Text | None = None
    year: int | None = None
    values: dict[int, float]


class RescaleEntry(Closed):
    """score = (aggregate - subtract) x multiply / divide"""

    subtract: float = 0.0
    multiply: float = 1.0
    divide: Annotated[float, Field(gt=0)] = 1.0


class ScaleEntry(Closed):
    """One score: which items (or scales) go in, how, and what the number means."""

    name: Text
    patient_name: Text
    score: Method
    items: list[int | Id] | Literal["all"] | None = None
    scales: list[Id] | None = None
    turned: list[Id] = []
    reversed: list[int | Id] | None = None
    rescale: RescaleEntry | None = None
    of: Id | None = None
    cause: int | None = None
    met_when: list[dict[Id, Range]] | None = None
    table: TableEntry | None = None
    range: Range
    direction: Direction
    zero: float | None = None
    unit: Text = "points"
    missing: MissingEntry | None = None
    bands: BandsEntry | None = None
    cutoffs: tuple[CutoffEntry, ...] = ()
    change: ChangeEntry = ChangeEntry()
    note: Text | None = None

    @model_validator(mode="after")
    def _fits_method(self) -> ScaleEntry:
        needs = _NEEDS[self.score]
        given = {key for key in ("items", "scales", "of", "met_when") if getattr(self, key) is not None}
        if given != {needs}:
            raise ValueError(f"a scale scored by '{self.score}' says its `{needs}` (and no other of {sorted(_WAYS)})")
        if self.zero is not None and not self.range[0] <= self.zero <= self.range[1]:
            raise ValueError("zero lies outside the range")
        if self.range[0] >= self.range[1]:
            raise ValueError("range must run from the lowest to the highest score")
        return self


_NEEDS = {
    "sum": "items", "mean": "items", "single": "items", "groups": "items", "profile": "items",
    "count_by_cause": "items", "impact_by_cause": "items",
    "sum_of_scales": "scales", "mean_of_scales": "scales", "lookup": "of", "criteria": "met_when",
}  # fmt: skip
_WAYS = set(_NEEDS.values())


class LicenceEntry(Closed):
    """`restricted`: the owner's permission is needed; `wording_ships`: the full wording stands in this file."""

    text: Text
    restricted: bool
    wording_ships: bool = False
    verified: bool = False


class ExampleEntry(Closed):
    """A worked example: answers, the result worked out by hand, and the arithmetic in words."""

    name: Text
    answers: list[float | str | None] | dict[str, float | str | None]
    expect: dict[str, float | bool | str | None]
    arithmetic: Text


class InstrumentEntry(Closed):
    """A whole instrument file.

    `each` adds questions to every item (`item_1_impact`), asked only where the item applies. `codings` names our
    direction, and the one that runs the other way round in some files.
    """

    instrument: Id
    name: Text
    patient_name: Text
    measures: Text = Field(alias="construct")
    informants: Annotated[list[Informant], Field(min_length=1)]
    version: Text
    own: bool = False
    recall: Text | None = None
    verified: bool
    notes: list[Text] = []
    licence: LicenceEntry
    references: list[Text]
    introduction: Text | None = None
    seconds_per_item: Annotated[float, Field(gt=0)] | None = None
    answer: AnswerEntry | None = None
    items: dict[Id, ItemEntry] | Annotated[int, Field(ge=1, le=500)]
    each: dict[Id, ItemEntry] = {}
    item_count: Annotated[int, Field(ge=1)] | None = None
    reversed: list[int | Id] = []
    note_when_missing: dict[Id, Text] = {}
    codings: tuple[Id, Id] | None = None
    not_scored: Text | None = None
    scales: dict[Id, ScaleEntry] = {}
    examples: list[ExampleEntry] = []

    @model_validator(mode="after")
    def _whole(self) -> InstrumentEntry:
        if not self.scales and not self.not_scored:
            raise ValueError("an instrument has scales, or says in `not_scored` why it has none")
        if self.own != self.licence.wording_ships:
            raise ValueError("the wording ships exactly where it is our own (own, licence.wording_ships)")
        return self
