"""How the studies of a review were found: a PRISMA flow from a small file, whose numbers must add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accord.science.cohort.mapping.sources import Source, read_source
from accord.science.errors import BadInput
from accord.science.figures import Flow, Reason, Stage

COLUMNS = ("stage", "n", "excluded", "reason")


def read_prisma(path: Path) -> Flow:
    """The flow of a file with the columns stage, n, excluded, reason.

    A row with a stage opens a box (records identified, screened, reports assessed, studies included); `excluded` and
    `reason` say who left after it, further reasons on rows of their own without a stage. Each box holds those of the
    box before without who left. Raises BadInput with the row where columns lack, a cell is no count, or numbers do not
    add up. Boxes as in Page et al. 2021 (PRISMA 2020).
    """
    source = read_source(Path(path), name="flow", comment="#")
    lacking = [name for name in COLUMNS[:2] if name not in source.frame.columns]
    if lacking:
        what = f"{path.name} has no column {', '.join(lacking)}."
        raise BadInput(what, cure=f"A flow has the columns {', '.join(COLUMNS)}.")
    stages: list[Stage] = []
    for row, cells in enumerate(source.frame.iter_rows(named=True)):
        if cells["stage"] is not None:
            stages.append(_next(source, row, stages, cells["stage"]))
        elif not stages:
            raise BadInput("the first row has no stage.", cure="Name it, such as 'Records identified'.",
                           where=source.place(row, "stage"))  # fmt: skip
        if cells.get("excluded") is not None:
            reason = Reason(cells.get("reason") or "no reason given", _count(source, row, "excluded"))
            stages[-1] = replace(stages[-1], lost=(*stages[-1].lost, reason))
    if not stages:
        raise BadInput(f"{path.name} has no rows.", cure="Give one row a stage.")
    said = f"{stages[0].n:,} at the start, {stages[-1].n:,} at the end."
    return Flow("How the studies were found", said, stages)


def _next(source: Source, row: int, stages: list[Stage], label: str) -> Stage:
    """The box of a row, after what the boxes above leave for it."""
    n = _count(source, row, "n")
    if stages:
        left = stages[-1].n - sum(reason.n for reason in stages[-1].lost)
        if n != left:
            what = f"'{label}' has {n}, but {stages[-1].n} less those excluded are {left}."
            raise BadInput(what, cure="Correct a count, or add who left and why.", where=source.place(row, "n"))
    return Stage(label, n, (), "Excluded")


def _count(source: Source, row: int, column: str) -> int:
    text = source.frame[column][row]
    if text is None or not text.isdecimal():
        what = f"found '{text or ''}'; a whole number is allowed."
        raise BadInput(what, cure="Write a count such as 1240.", where=source.place(row, column))
    return int(text)
