"""One file looked through: who, when, what, and why each guess was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from accord.science.cohort.draft.columns import Column, missing_words, profiled, within_people
from accord.science.cohort.draft.known import Known
from accord.science.cohort.draft.layout import Layout, laid, person_column, without_baseline
from accord.science.cohort.draft.roles import Facts, people_facts
from accord.science.cohort.draft.scores import (
    DAYLIKE,
    Scored,
    ScoreGuess,
    baseline_of,
    is_change,
    long_scores,
    wide_scores,
)
from accord.science.cohort.draft.times import tokens_of
from accord.science.cohort.mapping.sources import Source, read_source

START = {
    "random",
    "randomisation",
    "randomization",
    "randomised",
    "randomized",
    "enrolment",
    "enrollment",
    "consent",
    "start",
}


@dataclass(frozen=True)
class DayGuess:
    """How days are known: a column of days, a column of dates, dates or fixed days by time-point, and what is day 0."""

    column: str | None = None
    span: dict[str, tuple[int, int]] = field(default_factory=dict)
    date: Column | None = None
    dates: dict[str, Column] = field(default_factory=dict)
    fixed: dict[str, int] = field(default_factory=dict)
    start: Column | None = None
    why: str = ""


@dataclass(frozen=True)
class FileGuess:
    """Everything that was guessed about one file."""

    source: Source
    words: tuple[str, ...]
    layout: Layout
    scores: list[ScoreGuess]
    points: dict[str, int | None]
    days: DayGuess
    facts: Facts


def guess_file(path: Path, alias: str, known: Known, taken: set[str]) -> FileGuess:
    """Look through a file that nobody prepared for. Raises BadInput only for a file that cannot be read."""
    source = read_source(path, name=alias)
    words = missing_words(source)
    columns = profiled(source, words)
    person = person_column(columns, source.frame.height)
    who = source.frame[person.name] if person else pl.Series("row", range(source.frame.height)).cast(pl.String)
    columns = within_people(columns, who)
    layout = laid(columns, who, person.name if person else None)
    rest = [column for column in columns if column.name not in (layout.person, layout.time)]
    if layout.long:
        layout, scored, days = _long(rest, layout, columns, known, taken)
    else:
        scored, days = _wide(rest, known, taken)
    gone = scored.used | _day_columns(days)
    facts = people_facts([column for column in rest if column.name not in gone])
    facts.left_out.update(scored.passed)
    return FileGuess(source, words, layout, scored.scores, scored.points, days, facts)


def _day_columns(days: DayGuess) -> set[str]:
    dated = [days.date, days.start, *days.dates.values()]
    return {column.name for column in dated if column} | ({days.column} if days.column else set())


def _start(columns: list[Column]) -> Column | None:
    """A date, once per person, that reads like the day of enrolment."""
    dated = [column for column in columns if column.date and column.constant]
    return next((column for column in dated if START & set(tokens_of(column.name))), None)


# --- long ---------------------------------------------------------------------------------------------------------


def _long(
    rest: list[Column], layout: Layout, columns: list[Column], known: Known, taken: set[str]
) -> tuple[Layout, Scored, DayGuess]:
    day = next((c for c in rest if not c.constant and c.whole and DAYLIKE & set(tokens_of(c.name))), None)
    dated = layout.order_by or next((c for c in rest if c.date and not c.constant), None)
    free = [column for column in rest if column is not day and column is not dated]
    if not layout.points:
        return layout, Scored([], set(), {}), DayGuess()
    found = baseline_of(free, long_scores(free, layout, None, known, set(taken)).scores)
    if found:
        layout = without_baseline(layout, columns)
    time = _row_times(layout, columns)
    scored = long_scores(free, layout, time, known, taken)
    points, scores, used = dict(layout.points), scored.scores, scored.used
    if found:
        base, score, why = found
        own = ScoreGuess(score.scale, columns={"baseline": base.name}, missing=base.missing, at=("baseline",), why=why)
        points, scores = {"baseline": 0, **points}, [own, *scores]
        used = used | {base.name, *(column.name for column in free if is_change(column))}
    days = _long_days(day, dated, _start(rest), points, time)
    return layout, Scored(scores, used, points, passed=scored.passed), days


def _row_times(layout: Layout, columns: list[Column]) -> pl.Series | None:
    """The time-point of every row, where a column of codes says it."""
    column = next((column for column in columns if column.name == layout.time), None)
    if column is None:
        return None
    return column.values.replace_strict(layout.values, default=None, return_dtype=pl.String)


def _long_days(
    day: Column | None,
    dated: Column | None,
    start: Column | None,
    points: dict[str, int | None],
    time: pl.Series | None,
) -> DayGuess:
    if day is not None and day.numbers is not None:
        return DayGuess(column=day.name, span=_spans(day, time), fixed={"baseline": 0} if "baseline" in points else {},
                        why=f"{day.name} holds whole numbers and is named like days")  # fmt: skip
    if dated is not None:
        return DayGuess(date=dated, start=start, why=f"every cell of {dated.name} reads as a date ({dated.date})")
    fixed = {name: known for name, known in points.items() if known is not None}
    return DayGuess(fixed=fixed, why="read off the names of the time-points" if fixed else "")


def _spans(day: Column, time: pl.Series | None) -> dict[str, tuple[int, int]]:
    if time is None or day.numbers is None:
        return {}
    frame = pl.DataFrame({"time": time, "day": day.numbers}).drop_nulls().group_by("time")
    spans = frame.agg(pl.col("day").min().alias("low"), pl.col("day").max().alias("high"))
    return {str(name): (int(low), int(high)) for name, low, high in spans.iter_rows()}


# --- wide ---------------------------------------------------------------------------------------------------------


def _wide(rest: list[Column], known: Known, taken: set[str]) -> tuple[Scored, DayGuess]:
    scored = wide_scores(rest, known, taken)
    start = _start([column for column in rest if column.name not in scored.used])
    fixed = {name: day for name, day in scored.points.items() if day is not None}
    if scored.dates:
        why = "one column of dates for each time-point"
        return scored, DayGuess(dates=scored.dates, start=start, why=why)
    return scored, DayGuess(fixed=fixed, why="read off the names of the columns" if fixed else "")
