"""A file of studies: anybody's columns as effects with variances, and where the studies come from (C12)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort.mapping.sources import Source, read_source
from accord.science.errors import AccordError, BadContent, BadInput, Finding, NotFound, Place
from accord.science.estimates.effect_sizes import EffectTable, effect_table
from accord.science.estimates.effect_sizes.numbers import cleaned, comma_meaning, parsed

INVENTED = {"simulated", "invented"}
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Studies:
    """The effects of a file with the file they were read from. `origin` is what its column `origin` says (several
    words joined by +), `simulated` when any of it is invented, else `not stated`."""

    path: Path
    source: Source
    effects: EffectTable
    origin: str
    mixed: bool = False

    @property
    def invented(self) -> bool:
        return self.origin == "simulated"

    def words(self, column: str) -> list[str | None]:
        """A column as text, empty cells None. Raises NotFound."""
        if column not in self.source.frame.columns:
            raise NotFound(f"There is no column {column!r}.", cure=f"There are: {_some(self.source.frame.columns)}.",
                           where=Place(self.source.shown))  # fmt: skip
        return [text or None for text in cleaned(self.source.frame[column])]

    def values(self, column: str) -> NDArray[Any]:
        """A column as numbers when every cell that is not empty is one, as words otherwise."""
        texts = self.words(column)
        read = parsed(self.source.frame[column], comma_meaning([text for text in texts if text]))
        return np.array(texts, dtype=object) if read.unreadable else read.values

    def placed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings that count rows of the table, with the file and the row as a person counts it."""
        return tuple(_placed(self.source, finding) for finding in findings)


def read_studies(
    path: Path, *, measure: str | None = None, columns: Mapping[str, str] | None = None, direction: str | None = None,
    correlation: float | None = None, allow_invented: bool = False,
) -> Studies:  # fmt: skip
    """Read CSV and its kin (separator, encoding and decimal mark recognised, lines of # at the top passed over),
    Parquet or SPSS, and compute each row's effect (`effect_table`, which takes the other arguments).

    Raises BadInput for a file that is no table of studies, for a cohort, and, without `allow_invented`, for studies of
    which any is simulated; BadContent with every impossible value and its row.
    """
    path = Path(path)
    if path.is_dir():
        cure = "Name one file with a row for each study; cohorts are judged by `accord analyse`."
        raise BadInput(f"{path} is a folder, not a file of studies.", cure=cure)
    source = read_source(path, name="studies", comment="#")
    origin, mixed = _origin(path, source)
    if origin == "simulated" and not allow_invented:
        what = "invented and other studies stand in it together." if mixed else "its studies are invented."
        cure = "Leave out the simulated rows, or add --allow-invented: the title then says that it is invented."
        raise BadInput(what, cure=cure, where=Place(source.shown))
    try:
        effects = effect_table(source.frame, measure, columns, direction=direction, correlation=correlation)
    except BadContent as error:
        raise BadContent(str(error).splitlines()[0], [_placed(source, one) for one in error.findings]) from None
    except AccordError as error:
        finding = _placed(source, error.finding)
        raise type(error)(finding.what, cure=finding.cure, where=finding.where) from None
    return Studies(path, source, effects, origin, mixed)


def _origin(path: Path, source: Source) -> tuple[str, bool]:
    """What the studies say of themselves; a file of a simulated cohort's report or folder is simulated as a whole."""
    name = next((name for name in source.frame.columns if name.lower() == "origin"), None)
    said = {word.lower() for word in source.frame[name].drop_nulls().to_list()} if name else set()
    empty = bool(name and source.frame[name].null_count())
    if _of_a_simulated_cohort(path):
        return "simulated", False
    if said & INVENTED:
        return "simulated", empty or bool(said - INVENTED)
    return " + ".join(sorted(said)) or NOT_STATED, False


def _of_a_simulated_cohort(path: Path) -> bool:
    """By the name that reports of such cohorts give their files, or by the manifest beside it."""
    if path.stem.endswith("-invented"):
        return True
    try:
        manifest = json.loads((path.parent / "cohort.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("origin") == "simulated"


def _placed(source: Source, finding: Finding) -> Finding:
    where = finding.where
    row = where.row
    if row is not None and 0 < row <= len(source.rows):
        row = int(source.rows[row - 1])
    return replace(finding, where=Place(source.shown, where.line, row, where.column))


def _some(names: list[str]) -> str:
    return ", ".join(names[:30]) + (" …" if len(names) > 30 else "")


def group_names(words: list[str | None]) -> list[str]:
    """The groups of studies; those that do not say are a group of their own."""
    return [word or "not reported" for word in words]


def frame_of(studies: Studies) -> pl.DataFrame:
    """study, yi, vi, n, flags: the effects under the names of their studies."""
    return studies.effects.table().insert_column(0, pl.Series("study", studies.effects.labels))
