"""The table of scores: where each score of a mapping stands in the files, and on which occasion it was answered."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from accord.science.cohort.mapping.cells import once_per_person, rows_where, values_of
from accord.science.cohort.mapping.desk import Desk, Path_
from accord.science.cohort.mapping.measured import scale_column, scored_items
from accord.science.cohort.mapping.model import Cell, Scores
from accord.science.cohort.mapping.occasions import calendar, person_days, row_days, row_time_points
from accord.science.cohort.mapping.sources import Source
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadInput, Place

KEY = list(TABLES["scores"].key)


@dataclass(frozen=True)
class Asking:
    """One entry of a mapping's scores in one file: which rows count and, for a wide column, at which time-point."""

    desk: Desk
    source: Source
    entry: Scores
    points: list[str]
    point: str | None

    @property
    def counts(self) -> pl.Series:
        return rows_where(self.source, self.entry.when, self.desk.missing(self.source))

    def asked(self) -> list[pl.Series]:
        """Informant and session of every row."""
        height, missing = self.source.frame.height, self.desk.missing(self.source)
        informant, session = self.entry.informant, self.entry.session
        if not isinstance(informant, Cell):
            informant = Cell(constant=informant)
        sessions = values_of(self.source, session, missing) if session else pl.Series([None] * height, dtype=pl.String)
        return [values_of(self.source, informant, missing).alias("informant"), sessions.alias("session")]


def score_table(desk: Desk, points: list[str]) -> pl.DataFrame:
    """All scores of a mapping: one row per person, scale and occasion, empty where nothing was answered.

    Raises BadInput with file, row and column for a value out of range and for two rows of one person, scale and
    time-point; BadContent with the line of the mapping for a scale, an item or a column that nobody knows.
    """
    frames: list[pl.DataFrame] = []
    for index, entry in enumerate(desk.mapping.scores):
        frames += _blocks(desk, entry, ("scores", index), points)
    if not frames:
        return pl.DataFrame(schema=TABLES["scores"].schema)
    table = pl.concat(frames, how="diagonal_relaxed")
    _refuse_twice(table)
    person = pl.col("participant").replace_strict({name: at for at, name in enumerate(desk.people)})
    time = pl.col("time_point").replace_strict({name: at for at, name in enumerate(points)})
    ranked = table.with_columns(person.alias("_person"), time.alias("_time"))
    columns = [name for name in TABLES["scores"].schema if name in table.columns]
    return ranked.sort("_person", "_time", maintain_order=True).select(columns)


def _blocks(desk: Desk, entry: Scores, path: Path_, points: list[str]) -> list[pl.DataFrame]:
    """The rows of one entry: for a wide entry one block per time-point, for a questionnaire one per scale."""
    spots: list[tuple[str | None, object]] = [(None, entry.column or entry.items)]
    if entry.columns:
        spots = [(point, column) for point, column in entry.columns.items()]
    blocks = []
    for point, spot in spots:
        if entry.scale:
            source = desk.holding(str(spot), file=entry.file)
            found = [scale_column(desk, source, entry, str(spot), path)]
        else:
            source, found = scored_items(desk, entry, spot, path)
        asking = Asking(desk, source, entry, points, point)
        blocks += [_placed(asking, measured) for measured in found]
    return blocks


def _placed(asking: Asking, measured: pl.DataFrame) -> pl.DataFrame:
    """What was measured in every row, with person, time-point, day, informant and session."""
    source, desk = asking.source, asking.desk
    who = pl.DataFrame([desk.who[source.name], *asking.asked(), source.rows.alias("_row")])
    frame = pl.concat([who, measured], how="horizontal")
    frame = frame.with_columns(pl.lit(source.shown).alias("_file"), pl.lit(asking.entry.wording).alias("wording"))
    return _long(asking, frame) if asking.point is None else _wide(asking, frame, asking.point)


def _long(asking: Asking, frame: pl.DataFrame) -> pl.DataFrame:
    """One score per row of the file, at the row's time-point."""
    desk, source = asking.desk, asking.source
    time_points = row_time_points(desk, source, asking.entry)
    days = row_days(desk, source, calendar(desk, source, next(iter(asking.points), None)), time_points)
    dated = frame.with_columns(time_points.alias("time_point"), days.alias("day"))
    return dated.filter(asking.counts & time_points.is_not_null())


def _wide(asking: Asking, frame: pl.DataFrame, point: str) -> pl.DataFrame:
    """One score per person of the file, at the time-point that the column stands for."""
    desk, source = asking.desk, asking.source
    counts = asking.counts
    values = frame["value"].set(~counts, None) if frame.height else frame["value"]
    spot = asking.entry.columns[point]
    once_per_person(
        source, frame["participant"], values.alias(spot if isinstance(spot, str) else "value"), Cell(constant=0)
    )
    answered_first = frame.filter(counts).sort(pl.col("value").is_null(), maintain_order=True)
    chosen = answered_first.unique("participant", keep="first", maintain_order=True)
    day = person_days(desk, source, calendar(desk, source, next(iter(asking.points), None)), point)
    if isinstance(day, pl.DataFrame):
        chosen = chosen.join(day, on="participant", how="left", maintain_order="left")
    else:
        chosen = chosen.with_columns(pl.lit(day, dtype=pl.Int32).alias("day"))
    return chosen.with_columns(pl.lit(point).alias("time_point"))


def _refuse_twice(table: pl.DataFrame) -> None:
    """Two rows of one person, scale and occasion: which of them counts is not for the program to say."""
    double = table.filter(pl.struct(KEY).is_duplicated())
    if double.is_empty():
        return
    first = double.row(0, named=True)
    same = double.filter(pl.all_horizontal(pl.col(key).eq_missing(pl.lit(first[key], dtype=pl.String)) for key in KEY))
    again = same.row(1, named=True)
    what = f"{first['instrument']}.{first['scale']} at {first['time_point']} stands there twice for one person: "
    what += f"first in {first['_file']}, row {first['_row']}."
    cure = "Keep one row, leave rows out with keep or when, or give the rows a session."
    raise BadInput(what, cure=cure, where=Place(file=again["_file"], row=again["_row"]))
