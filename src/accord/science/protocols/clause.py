"""What every clause of a protocol is made of: names, windows, marks, sources.

Marks (C35): every mapping is a clause. `source: dear2023` says where the clause was read; `assumed: all` says that
it was read nowhere; `assumed: [field, …]` names the fields of a sourced clause that were not, or single entries of them
(`patient.hads`). A mark holds for everything below it that has no mark of its own; at the top of the file it holds
for the plain values standing there, never for the blocks.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_DAYS = 36_500  # a hundred years: beyond it a number of days is a slip of the pen

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
ScaleRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Percent = Annotated[str, StringConstraints(pattern=r"^\d{1,3}%$")]
Share = Annotated[float, Field(ge=0, le=1)]
Informant = Literal["patient", "therapist", "assessor", "observer", "leader", "member", "record"]
INFORMANTS: tuple[Informant, ...] = ("patient", "therapist", "assessor", "observer", "leader", "member", "record")
Mode = Literal["none", "asynchronous", "synchronous", "mixed"]
ModelName = Literal["mmrm", "constrained-mmrm", "ancova", "ancova-cluster-cr2", "ancova-fixed", "gee", "gee-gamma-log"]
Channel = Literal["message", "phone", "video", "in_person", "group"]


class Clause(BaseModel):
    """A mapping of a protocol: typo-proof, immutable, and marked with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str | None = None
    where: str | None = None  # page, section or table of the source
    assumed: Literal["all"] | list[str] | None = None


class Window(BaseModel):
    """Days from an anchor, both ends included; written `0..28`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int = Field(ge=-MOST_DAYS, le=MOST_DAYS)
    last: int = Field(ge=-MOST_DAYS, le=MOST_DAYS)

    @model_validator(mode="after")
    def _forwards(self) -> Window:
        if self.last < self.first:
            raise ValueError(f"a window ends before it begins: {self.first}..{self.last}")
        return self

    @property
    def middle(self) -> int:
        return (self.first + self.last) // 2


def window(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"first": value, "last": value}
    if isinstance(value, str) and (match := re.fullmatch(r"(-?\d{1,6})\.\.(-?\d{1,6})", value.strip())):
        return {"first": int(match[1]), "last": int(match[2])}
    if not isinstance(value, dict):
        raise ValueError("write a window of days as first..last, for example 0..28")
    return value


class Source(BaseModel):
    """A publication or document that clauses refer to by its key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    citation: str
    doi: str | None = None
    read: Literal["full", "abstract", "excerpt", "not read"]
    note: str = ""
