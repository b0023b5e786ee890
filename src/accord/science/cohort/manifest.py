"""`cohort.json`: what a cohort is, where it comes from, which scales it brings along, and the checksum of each file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from accord import __version__
from accord.science.cohort.tables import FORMAT
from accord.science.definitions.document import parse_document
from accord.science.errors import BadInput, Place

FILE = "cohort.json"
MAX_BYTES = 10_000_000
Origin = Literal["real", "mapped", "simulated"]
Direction = Literal["higher_worse", "higher_better", "none"]
ScaleRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=120)]
ColumnRef = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z][a-z0-9_]*$", max_length=120)]
FilePath = Annotated[str, StringConstraints(pattern=r"^[a-z]+(/part-\d{5})?\.(parquet|csv|json)$", max_length=120)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class InlineScale(BaseModel):
    """A scale that no instrument file describes, declared where it is used (E8)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    patient_name: str = ""
    minimum: Number
    maximum: Number
    direction: Direction
    zero: Number | None = None
    unit: str = "points"
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _range(self) -> InlineScale:
        if self.minimum >= self.maximum:
            raise ValueError(f"the range {self.minimum:g} to {self.maximum:g} is empty")
        if self.zero is not None and not self.minimum <= self.zero <= self.maximum:
            raise ValueError(f"zero {self.zero:g} lies outside the range {self.minimum:g} to {self.maximum:g}")
        return self


class ExtraColumn(BaseModel):
    """A column beyond the format (a background variable): what it means, and its unit or codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str
    unit: str = ""


class Manifest(BaseModel):
    """The facts about a cohort as a whole.

    `made_on` is an ISO date that the caller gives; None for a simulated cohort, so that the same seed gives the
    same bytes. `counted_on` is the day up to which was counted: what is open is open on that day. People referred in
    the `window_days` before it are in the cohort, everybody when it is None. `n` counts enrolled people. `scales` are
    inline scales by reference, `columns` extra columns by
    `table.column`, `checksums` the SHA-256 of each file by its path in the folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    origin: Origin
    title: str
    protocol: str | None = None
    protocol_version: int | None = None
    protocol_hash: str | None = None
    made_on: str | None = None
    counted_on: str | None = None
    window_days: int | None = Field(default=None, ge=1)
    made_from: list[str] = []
    program: str = f"accord {__version__}"
    seed: int | None = None
    n: int | None = Field(default=None, ge=0)
    licence: str = ""
    time_points: list[str] = []
    scales: dict[ScaleRef, InlineScale] = {}
    columns: dict[ColumnRef, ExtraColumn] = {}
    checksums: dict[FilePath, Sha256] = {}

    @field_validator("made_on", "counted_on")
    @classmethod
    def _iso(cls, value: str | None) -> str | None:
        if value is not None:
            date.fromisoformat(value)
        return value

    @property
    def invented(self) -> bool:
        """True for a simulated cohort: every table, page and picture says so (C12)."""
        return self.origin == "simulated"

    def dumped(self) -> bytes:
        """The manifest as the bytes of `cohort.json`; the same manifest gives the same bytes."""
        return (json.dumps(self.model_dump(), ensure_ascii=False, indent=2) + "\n").encode()


def read_json(path: Path, *, shown_as: str) -> tuple[str, Any]:
    """Text and value of a small JSON file; BadInput with file and line for anything that is not plain JSON."""
    where = Place(file=shown_as)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"the file is larger than {MAX_BYTES:,} bytes.", cure="Is this the right file?", where=where)
        text = path.read_bytes().decode("utf-8-sig")
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.", where=where) from None
    except UnicodeDecodeError:
        raise BadInput("this is not UTF-8 text.", cure="Save the file as UTF-8.", where=where) from None
    except json.JSONDecodeError as error:
        at = Place(file=shown_as, line=error.lineno)
        raise BadInput(f"this is not valid JSON: {error.msg}.", cure="Make the cohort again.", where=at) from None
    except (ValueError, RecursionError):
        raise BadInput("this is not plain JSON.", cure="Make the cohort again.", where=where) from None
    return text, data


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a cohort folder.

    Raises BadInput for a folder without one, for another format version (named before anything else is looked at)
    and for broken JSON; BadContent with the line of each wrong key.
    """
    path = folder / FILE
    if not path.is_file():
        cure = "Give the folder that `accord simulate`, `accord cohort map` or an export wrote."
        raise BadInput(f"{folder} holds no {FILE}, so it is no cohort.", cure=cure)
    text, data = read_json(path, shown_as=FILE)
    return _validated(text, data)


def _validated(text: str, data: Any) -> Manifest:
    if not isinstance(data, dict):
        raise BadInput("the file does not hold an object.", cure="Make the cohort again.", where=Place(file=FILE))
    found = data.get("format")
    if found != FORMAT or isinstance(found, bool):
        cure = f"Read it with the version of Accord that wrote it ({data.get('program', 'not known')!s:.60})."
        what = f"this is a cohort of format {found!r:.40}; this program reads format {FORMAT}."
        raise BadInput(what, cure=cure, where=Place(file=FILE))
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        parse_document(text, file=FILE).validated(Manifest)  # the same findings with their lines
        raise BadInput(f"{error.errors()[0]['msg']}.", where=Place(file=FILE)) from None
