"""Value sets: how a public of a country and year weighs the health states of one version of an instrument.

None of a country ships: the sets belong to their makers. A site lays a file `value_sets/<name>.yaml` beside its
tariffs; `demonstration` is invented, and an analysis of real answers refuses it. A set for
another version of the instrument (three levels for five) is refused: the digits look alike and the values are wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from accord.science.definitions import find_content, read_document
from accord.science.errors import BadInput

Array = NDArray[Any]
KIND, PATTERN = "value_sets", "*.yaml"


class ValueSet(BaseModel):
    """`decrements`: for each question what each level takes from `best`. Empty: the index was valued elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    value_set: str
    title: str
    instrument: str
    version: str  # of the instrument: `five levels`
    country: str
    year: int = Field(ge=1980, le=2200)
    source: str
    invented: bool = False
    best: float = Field(default=1.0, le=1.0)
    decrements: list[list[float]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _shape(self) -> ValueSet:
        if len({len(levels) for levels in self.decrements}) > 1:
            raise ValueError("every question has the same number of levels")
        if any(min(levels, default=0) < 0 for levels in self.decrements):
            raise ValueError("a decrement is what a level takes away: 0 or more")
        return self

    @property
    def words(self) -> str:
        made = ", invented for demonstration" if self.invented else ""
        return f"{self.title} ({self.country} {self.year}{made}; {self.source})"

    def fits(self, instrument: str, version: str) -> None:
        """Refuse an instrument, or a version of it, that the set does not value."""
        if (instrument, version) != (self.instrument, self.version):
            raise BadInput(
                f"The value set '{self.value_set}' values {self.instrument} ({self.version}), not {instrument} "
                f"({version}).",
                cure=f"Name a value set of {instrument} ({version}); a value from another version is a wrong number.",
            )

    def index(self, profiles: ArrayLike, *, instrument: str, version: str) -> Array:
        """best - Σ decrements for profiles (11111 …). NaN stays missing; a digit beyond the levels is refused."""
        self.fits(instrument, version)
        if not self.decrements:
            raise BadInput(f"The file of '{self.value_set}' holds no decrements.", cure="Add decrements: to it.")
        given = np.asarray(profiles, float)
        there = np.isfinite(given)
        whole = np.where(there, given, 0).astype(np.int64)
        questions, levels = len(self.decrements), len(self.decrements[0])
        digits = np.stack([whole // 10 ** (questions - 1 - k) % 10 for k in range(questions)])
        wrong = there & (((digits < 1) | (digits > levels)).any(axis=0) | (whole >= 10**questions))
        if wrong.any():
            raise BadInput(
                f"{whole[wrong][0]} is no profile of {questions} answers from 1 to {levels}.",
                cure="Give a profile as its digits, for example 21345; is it another version of the instrument?",
            )
        table = np.asarray(self.decrements)
        taken = sum(table[k][np.clip(digits[k], 1, levels) - 1] for k in range(questions))
        return np.where(there, self.best - taken, np.nan)


def load_value_set(name: str, *, site: Path | None = None) -> ValueSet:
    """A value set by name. Raises NotFound with what there is, BadContent with file and line for another shape."""
    return read_document(find_content(KIND, PATTERN, name, site=site)).validated(ValueSet)
