"""What changed since the review was last made: studies added, gone, corrected; the effect then and now."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.science.analyses.pooling import PooledStudies
from accord.science.analyses.result import Block, Section, Table, Text
from accord.science.analyses.studies import frame_of
from accord.science.errors import BadInput, Place
from accord.science.figures.numbers import number

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Earlier:
    """The review that stood in the folder: effect and limits, and (yi, vi) of each study by name."""

    estimate: float
    ci_low: float
    ci_high: float
    studies: dict[str, list[tuple[float, float]]]


def read_earlier(folder: Path) -> Earlier | None:
    """The review in a folder, None when there is none. Raises BadInput for an analysis.json of something else."""
    file = next(
        (folder / name for name in ("analysis.json", "analysis-invented.json") if (folder / name).is_file()), None
    )
    if file is None:
        return None
    try:
        return _earlier(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        cure = "Name another folder for this review."
        raise BadInput("this is not the result of an earlier review.", cure=cure, where=Place(str(file))) from None


def _earlier(result: dict[str, Any]) -> Earlier:
    whole = next(one for one in result["estimates"] if one["id"] == "pool.estimate")
    section = next(one for one in result["sections"] if one["id"] == "studies")
    table = next(one for one in section["blocks"] if one.get("id") == "studies")
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    return Earlier(whole["value"], whole["ci_low"], whole["ci_high"], _by_name(rows))


def _by_name(rows: list[dict[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["yi"] is not None and row["vi"] is not None:
            found.setdefault(row["study"], []).append((row["yi"], row["vi"]))
    return found


def changes(earlier: Earlier, found: PooledStudies) -> Section:
    """Then and now side by side, with the studies that make the difference."""
    now = _by_name(frame_of(found.studies).to_dicts())
    before, pooled = earlier.studies, found.pooled
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    other = [name for name in now if name in before and not _same(now[name], before[name])]
    rows = (
        ("then", sum(map(len, before.values())), earlier.estimate, earlier.ci_low, earlier.ci_high),
        ("now", sum(map(len, now.values())), pooled.estimate, pooled.ci_low, pooled.ci_high),
    )
    moved = pooled.estimate - earlier.estimate
    same_studies = not (new or gone or other)
    then_and_now = zip(rows[0][2:], rows[1][2:], strict=True)
    if same_studies and all(math.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE) for a, b in then_and_now):
        return Section("changes", "Since last time", (Text("Nothing changed since this review was last made."),))
    blocks: list[Block] = [Text(f"The effect moved by {number(moved, 3)}.")]
    named = (("New", new), ("No longer there", gone), ("With other numbers", other))
    blocks += [Text(f"{word}: {'; '.join(names)}.") for word, names in named if names]
    if same_studies:
        blocks.append(Text("The studies are the same: the model is another one."))
    blocks.append(Table("changes", "Then and now", ("review", "effects", "estimate", "from", "to"), rows, digits=3))
    return Section("changes", "Since last time", tuple(blocks))


def _same(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> bool:
    return len(a) == len(b) and all(
        math.isclose(x, y, rel_tol=_CLOSE, abs_tol=_CLOSE)
        for one, other in zip(sorted(a), sorted(b), strict=True)
        for x, y in zip(one, other, strict=True)
    )
