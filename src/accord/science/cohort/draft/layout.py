"""Who and when: the person column of a file, and whether time stands in its rows (long) or in its columns (wide)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from accord.science.cohort.draft.columns import Column
from accord.science.cohort.draft.times import Moment, joined_moment, moment_of, named_in_order, slug, tokens_of

PERSON = {
    "id", "pid", "participant", "patient", "subject", "subjid", "usubjid", "person", "record", "respondent", "client",
    "proband", "studyid", "participantid", "patientid", "subjectid", "personid", "pseudonym", "ppt", "recordid",
}  # fmt: skip
TIME = {
    "time", "timepoint", "visit", "wave", "tp", "occasion", "event", "week", "month", "day", "phase", "assessment",
    "avisit", "visitnum", "period", "session", "moment", "measurement", "zeitpunkt", "weeks", "months", "days",
}  # fmt: skip
UNITS = {"week": 7, "weeks": 7, "month": 30, "months": 30, "day": 1, "days": 1}
MOST_TIMES = 30


@dataclass(frozen=True)
class Layout:
    """How people and time stand in a file. `points` are time-points in order, with the day where a word says it.

    Long: `time` is the column and `values` its codes -> time-point; or `order_by` a column that puts a person's rows
    in order. Wide: `time` is None and columns carry the time in their names.
    """

    person: str | None
    long: bool
    time: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    order_by: Column | None = None
    points: dict[str, int | None] = field(default_factory=dict)
    why: tuple[str, ...] = ()


def person_column(columns: list[Column], rows: int) -> Column | None:
    """The column that says who: by its name, else the first one that is different in every row; None: row by row."""
    whole = [column for column in columns if column.filled == rows and column.date is None and not column.text_long]
    many = [column for column in whole if column.distinct >= max(2, rows // 20)]
    named = [column for column in many if PERSON & {*tokens_of(column.name), column.name.lower()}]
    if named:
        return min(named, key=lambda column: (column.name.lower() not in PERSON, -column.distinct))
    different = [column for column in many if column.distinct == rows and (column.whole or not column.numeric)]
    return different[0] if different and rows > 1 else None


def laid(columns: list[Column], who: pl.Series, person: str | None) -> Layout:
    """Long or wide, and the time-points that the file itself names."""
    if who.n_unique() == len(who):
        return Layout(person, long=False, why=("every row is another person",))
    candidates = [c for c in columns if c.name != person and not c.constant and _once_each(who, c.values)]
    named = [c for c in candidates if TIME & set(tokens_of(c.name)) and c.distinct <= MOST_TIMES and c.date is None]
    worded = [c for c in candidates if c.levels and all(moment_of(level.lower()) for level in c.levels)]
    for column in [*named, *worded]:
        values = time_values(column)
        why = f"people repeat, and {column.name} is different in each row of a person"
        return Layout(person, True, column.name, {code: name for code, (name, _) in values.items()},
                      points=dict(values.values()), why=(why,))  # fmt: skip
    dated = [column for column in candidates if column.date]
    if dated:
        most = max(who.value_counts()["count"].to_list())
        names = ["baseline", "post"] if most == 2 else ["baseline", *(f"visit_{n}" for n in range(2, most + 1))]
        why = f"people repeat, and only the days in {dated[0].name} tell their rows apart: first, second …"
        return Layout(person, True, order_by=dated[0], points=dict.fromkeys(names), why=(why,))
    return Layout(person, True, why=("people repeat, and no column says when",))


def _once_each(who: pl.Series, values: pl.Series) -> bool:
    pairs = pl.DataFrame({"who": who, "value": values})
    return not values.null_count() and not pairs.is_duplicated().any()


def without_baseline(layout: Layout, columns: list[Column]) -> Layout:
    """The same layout when the baseline stands in a column of its own: no row of the file is the baseline."""
    column = next((column for column in columns if column.name == layout.time), None)
    if column is None:
        points = {("visit_1" if name == "baseline" else name): day for name, day in layout.points.items()}
        return replace(layout, points=points)
    values = time_values(column, baseline=False)
    return replace(layout, values={code: name for code, (name, _) in values.items()}, points=dict(values.values()))


def time_values(column: Column, *, baseline: bool = True) -> dict[str, tuple[str, int | None]]:
    """Code -> (time-point, day) for a time column, earliest first."""
    codes = column.values.drop_nulls().unique(maintain_order=True).to_list()
    unit = next((UNITS[token] for token in tokens_of(column.name) if token in UNITS), None)
    moments = {code: _moment(code, place, column, unit) for place, code in enumerate(codes)}
    names = named_in_order(list(moments.values()), baseline=baseline)
    ordered = sorted(codes, key=lambda code: moments[code])
    return {code: (names[moments[code]], moments[code].day) for code in ordered}


def _moment(code: str, place: int, column: Column, unit: int | None) -> Moment:
    if column.numeric:
        number = float(code.replace(",", "."))
        spoken = next((token for token in tokens_of(column.name) if token in ("visit", "wave", "session")), "time")
        word = {7: "week", 30: "month", 1: "day"}.get(unit or 0, spoken)
        name = slug(f"{word}_{code}".replace(".", "_").replace("-", "minus_"))
        return Moment(number, name, round(number * unit) if unit else None)
    tokens = [token for token in tokens_of(code) if token not in ("arm", "visit") or len(tokens_of(code)) == 1]
    found = joined_moment(tokens_of(code)) or joined_moment(tokens)
    return found[0] if found else Moment(1000.0 + place, slug(code, fallback="time"))


def wide_groups(columns: list[Column]) -> dict[str, dict[Moment, Column]]:
    """Columns that are one measure at several times: stem -> moment -> column.

    A lone column counts when its time is one that others have. Numbers at the end (pain_1, pain_2) count as times
    when no other word for time is there and at least two columns share the stem.
    """
    found: dict[str, dict[Moment, Column]] = {}
    for column in columns:
        if (hit := joined_moment(tokens_of(column.name))) and hit[1]:
            found.setdefault("_".join(hit[1]), {}).setdefault(hit[0], column)
    times = {moment for group in found.values() if len(group) > 1 for moment in group}
    if times:
        return {stem: group for stem, group in found.items() if len(group) > 1 or set(group) <= times}
    return _numbered(columns)


def _numbered(columns: list[Column]) -> dict[str, dict[Moment, Column]]:
    found: dict[str, dict[Moment, Column]] = {}
    for column in columns:
        tokens = tokens_of(column.name)
        if len(tokens) > 1 and tokens[-1].isdigit() and len(tokens[-1]) <= 2 and column.numeric:
            moment = Moment(float(tokens[-1]), f"time_{int(tokens[-1])}")
            found.setdefault("_".join(tokens[:-1]), {}).setdefault(moment, column)
    return {stem: group for stem, group in found.items() if 2 <= len(group) <= 6}
