"""What a mapping file says: which columns of anybody's file are the person, the time, the arm, the scores.

The shape only; `read_mapping` checks it with lines. docs/how-to/map-your-data.md walks through one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from accord.science.cohort.manifest import InlineScale, Number, ScaleRef
from accord.science.cohort.tables import TABLES
from accord.science.definitions import Document, read_document
from accord.science.errors import BadContent

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00]+$", max_length=255)]
Informant = Literal["patient", "therapist", "assessor", "observer", "leader", "member", "record"]
Code = str | float | None


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def text_of(value: object) -> str:
    """A code as it is compared: `1`, `1.0` and `"1"` are one code."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _codes(value: object) -> object:
    if isinstance(value, dict):
        return {text_of(key): item for key, item in value.items()}
    return [text_of(item) for item in value] if isinstance(value, list) else value


class Cell(Entry):
    """Where a value comes from: a `column` of the file, or a `constant`.

    In this order: `missing` codes become empty, `recode` replaces codes (one that is not listed is an error; one that
    is given as null becomes empty), numbers are multiplied and added to, `date` reads a column as a calendar day.
    `take` says which value counts when the rows of one person differ.
    """

    column: str | None = None
    date: str | None = None
    constant: Code = None
    missing: list[str] = []
    recode: dict[str, Code] = {}
    multiply: Number = 1.0
    add: Number = 0.0
    format: str | None = None
    take: Literal["first", "last"] | None = None
    meaning: str = ""
    unit: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("missing", "recode", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)

    @model_validator(mode="after")
    def _one_source(self) -> Cell:
        if sum(source is not None for source in (self.column, self.date, self.constant)) != 1:
            raise ValueError("give one of column, date and constant")
        return self


class When(Entry):
    """Which rows count: those whose column holds one of the codes (`is`), none of them (`not`), or anything."""

    column: str
    one_of: list[str] | None = Field(default=None, alias="is")
    none_of: list[str] | None = Field(default=None, alias="not")

    @field_validator("one_of", "none_of", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)


class Days(Entry):
    """When an answer was given, as whole days from enrolment (day 0).

    Long files: `column` holds days already (multiply: 7 for weeks), or `date` a calendar day. Wide files, and facts
    that stand once per person: `by_time_point`, a number, a column or a date for each. Calendar days count from the
    date in `from_column`, else from the person's own date at the first time-point; the dates are not kept.
    """

    column: Cell | None = None
    date: Cell | None = None
    by_time_point: dict[Name, int | Cell] = {}
    from_column: str | None = None

    @field_validator("date", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return {"date": value} if isinstance(value, str) else value


class Time(Entry):
    """What says the time-point of a row in a long file: a column with codes, or the order of the person's rows."""

    column: str | None = None
    values: dict[str, Name | None] = {}
    order_by: Cell | None = None
    names: list[Name] = []
    days: Days | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)

    @field_validator("order_by", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class Person(Entry):
    """The column that says who a row is about; `row: true` when every row is another person."""

    column: str | None = None
    row: bool = False
    pseudonyms: Literal["order", "salted"] = "order"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Person:
        if (self.column is None) == (not self.row):
            raise ValueError("give the column that holds the person, or row: true")
        return self


class File(Entry):
    """A file and what is special about it; what is not said is recognised, or as the mapping says for all files."""

    name: FileName
    encoding: str | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    missing: list[str] = []
    person: Person | None = None
    time: Time | None = None
    keep: list[When] = []

    @field_validator("missing", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)


class Participants(Entry):
    """Facts that stand once per person. `background` becomes further columns of the table."""

    role: Cell | None = None
    site: Cell | None = None
    therapist: Cell | None = None
    group: Cell | None = None
    referral_source: Cell | None = None
    age: Cell | None = None
    gender: Cell | None = None
    background: dict[Name, Cell] = {}


class AllocationMap(Entry):
    """Who got which arm; a person whose arm is empty was not allocated. The sequence is the order in the file."""

    arm: Cell
    day: Cell | None = None
    stratum: Cell | None = None
    method: str = "not known"


class Scores(Entry):
    """One scale, or one instrument scored from its items.

    Long file: `column` (a score) or `items` (answers), at the time-point of each row. Wide file, or a fact that
    stands once per person: `columns`, by time-point. `items` and `columns` of an instrument name the item columns:
    `phq_{}` stands for phq_1, phq_2 …, or a list in the order of the instrument, or item: column. `coding` says which
    way the file runs where an instrument is in use both ways (PGIC).
    """

    file: Name | None = None
    scale: ScaleRef | None = None
    instrument: Name | None = None
    column: str | None = None
    columns: dict[Name, str | list[str] | dict[Name, str]] = {}
    items: str | list[str] | dict[Name, str] | None = None
    at: Name | None = None
    informant: Informant | Cell = "patient"
    session: Cell | None = None
    wording: Literal["official", "demo", "invented", "unknown"] = "unknown"
    coding: Name | None = None
    missing: list[str] = []
    recode: dict[str, Code] = {}
    multiply: Number = 1.0
    add: Number = 0.0
    when: list[When] = []

    @field_validator("missing", "recode", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)

    @model_validator(mode="after")
    def _shape(self) -> Scores:
        if (self.scale is None) == (self.instrument is None):
            raise ValueError("give a scale (for a score) or an instrument (for its items), not both")
        ways = {"column": self.column, "columns": self.columns or None, "items": self.items}
        given = [way for way, value in ways.items() if value is not None]
        allowed = ("column", "columns") if self.scale else ("items", "columns")
        if len(given) != 1 or given[0] not in allowed:
            raise ValueError(f"a {'scale' if self.scale else 'questionnaire'} needs one of {' and '.join(allowed)}")
        if self.scale and not all(isinstance(column, str) for column in self.columns.values()):
            raise ValueError("a scale has one column for each time-point")
        return self


class Rows(Entry):
    """Rows of any other table: its columns from cells, once per row of the file or once per person."""

    file: Name | None = None
    per: Literal["row", "person"] = "row"
    when: list[When] = []
    columns: dict[Name, Cell]


class Mapping(Entry):
    """A whole mapping file."""

    mapping: Literal[1]
    title: str
    source: str = ""
    licence: str = ""
    origin: Literal["mapped", "real"] = "mapped"
    protocol: str | None = None
    files: dict[Name, File] = {}
    missing: list[str] = []
    person: Person
    time: Time | None = None
    time_points: list[Name] = []
    scales: dict[ScaleRef, InlineScale] = {}
    participants: Participants = Participants()
    allocation: AllocationMap | None = None
    scores: list[Scores] = []
    events: list[Rows] = []
    tables: dict[str, list[Rows]] = {}

    @field_validator("missing", mode="before")
    @classmethod
    def _as_codes(cls, value: object) -> object:
        return _codes(value)


OTHER_TABLES = tuple(name for name in TABLES if name not in ("participants", "allocation", "scores", "events"))


def read_mapping(path: Path) -> tuple[Mapping, Document]:
    """A mapping file and the document that knows its lines. Raises BadContent with the line of each finding."""
    document = read_document(path)
    mapping = document.validated(Mapping)
    findings = []
    for name in mapping.tables:
        if name not in OTHER_TABLES:
            cure = f"There are: {', '.join(OTHER_TABLES)}; the other tables stand by themselves."
            findings.append(document.finding(f"there is no table {name}.", "tables", name, cure=cure))
    for kind, entries in {"events": mapping.events, **mapping.tables}.items():
        for index, entry in enumerate(entries):
            where = ("events", index) if kind == "events" else ("tables", kind, index)
            for column in entry.columns:
                if kind in TABLES and TABLES[kind].column(column) is None and not TABLES[kind].extra:
                    known = ", ".join(known.name for known in TABLES[kind].columns)
                    what = f"the table {kind} has no column {column}."
                    findings.append(document.finding(what, *where, "columns", column, cure=f"There are: {known}."))
    if findings:
        raise BadContent(f"{document.file} cannot be used:", findings)
    return mapping, document
