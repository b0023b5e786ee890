"""What the rows of a cohort may not say: people twice, values out of range, strangers, days before the baseline.

Every rule is a mask over one table. All masks of a table are counted in one streaming pass; only a broken rule is
looked up again for its first row, so that a good cohort of any size costs one pass and little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from accord.science.cohort.cohort import Cohort
from accord.science.cohort.files import TableFiles, table_files
from accord.science.cohort.tables import TABLES, Column, Table
from accord.science.errors import Finding, NotFound, Place

BASELINES = ("baseline", "t0", "pre")
ENDS = ("discharge", "withdrawal", "lost", "died")
PSEUDONYMS = ("participant", "therapist", "second_therapist", "group", "session")
PSEUDONYM = r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$"
NAMES = ("instrument", "scale", "time_point")
NAME = r"^[a-z][a-z0-9_]{0,63}$"
ROW = "_row"
Says = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule over a table: rows where `mask` is true break it; `says` words what was found in such a row."""

    column: str
    mask: pl.Expr
    says: Says
    cure: str
    warning: bool = False


def content_findings(cohort: Cohort, folder: Path | None = None) -> list[Finding]:
    """What the rows of a cohort break. `folder` names files in the findings; without one, tables are named."""
    files = table_files(folder) if folder else {}
    findings: list[Finding] = []
    for name in cohort.names:
        place = _Rows(name, files.get(name))
        try:
            findings += _table_findings(cohort, name, place)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            what = f"the rows cannot be read: {(str(error).splitlines() or [''])[0]:.160}"
            findings.append(Finding(what, "Make the file again.", Place(file=place.shown)))
    return findings


class _Rows:
    """Turns the index of a row into file and row as a person counts: in CSV the header is row 1."""

    def __init__(self, name: str, files: TableFiles | None) -> None:
        self.files = files
        self.shown = files.names[0] if files else name

    def place(self, index: int, column: str) -> Place:
        if self.files is None or self.files.kind == "csv":
            return Place(file=self.shown, row=index + (2 if self.files else 1), column=column)
        for path, shown in zip(self.files.paths, self.files.names, strict=True):
            height = pl.scan_parquet(path).select(pl.len()).collect().item()
            if index < height:
                return Place(file=shown, row=index + 1, column=column)
            index -= height
        return Place(file=self.shown, column=column)


def _table_findings(cohort: Cohort, name: str, rows: _Rows) -> list[Finding]:
    table = TABLES[name]
    scan = cohort.scan(name)
    raw = cohort.tables[name].lazy()
    findings = list(_broken(raw, _finite(raw), rows))
    if name == "scores":
        scan, unknown = _with_ranges(cohort, scan, rows)
        findings += unknown
    findings += _broken(scan, [*_column_rules(table), *SPECIAL.get(name, [])], rows)
    findings += _twice(scan, table, rows)
    findings += _strangers(cohort, scan, name, rows)
    if name == "scores":
        findings += _days_before_baseline(cohort, scan, rows)
    return findings


def _broken(scan: pl.LazyFrame, rules: list[Broken], rows: _Rows) -> Iterator[Finding]:
    if not rules:
        return
    masks = [rule.mask.fill_null(False).sum().alias(str(index)) for index, rule in enumerate(rules)]
    counts = scan.select(masks).collect(engine="streaming").row(0)
    for rule, count in zip(rules, counts, strict=True):
        if count:
            row = scan.with_row_index(ROW).filter(rule.mask.fill_null(False)).head(1).collect().row(0, named=True)
            more = f" ({count:,} rows in all)" if count > 1 else ""
            where = rows.place(row[ROW], rule.column)
            yield Finding(f"{rule.says(row)}{more}", rule.cure, where, warning=rule.warning)


def _finite(raw: pl.LazyFrame) -> list[Broken]:
    """NaN and infinities in a Parquet column: missing is empty, never a special number."""
    floats = [name for name, dtype in raw.collect_schema().items() if dtype.is_float()]
    return [
        Broken(
            name, ~pl.col(name).is_finite(), _found(name, "finite numbers are allowed"), "Leave missing values empty."
        )
        for name in floats
    ]


def _found(column: str, allowed: str) -> Says:
    return lambda row: f"found {row[column]!r:.60}; {allowed}."


def _column_rules(table: Table) -> list[Broken]:
    return [rule for column in table.columns for rule in _rules_of(column)]


def _rules_of(column: Column) -> Iterator[Broken]:
    name = column.name
    if column.required and name != "value":  # a score that cannot be computed is an empty value
        yield Broken(name, pl.col(name).is_null(), lambda row: "the cell is empty.", f"Fill it: {column.meaning}.")
    if column.allowed:
        allowed = f"{', '.join(column.allowed)} are allowed"
        yield Broken(name, ~pl.col(name).is_in(list(column.allowed)), _found(name, allowed), "Correct it.")
    if column.minimum is not None or column.maximum is not None:
        low, high = column.minimum, column.maximum
        outside = pl.col(name) < low if low is not None else pl.lit(False)
        outside = outside | (pl.col(name) > high) if high is not None else outside
        yield Broken(name, outside, _found(name, f"{_limits(low, high)} is allowed"), f"Correct it ({column.meaning}).")
    if name in PSEUDONYMS:
        allowed = "a pseudonym of letters, digits, _ . : - (at most 64) is allowed"
        yield Broken(name, ~pl.col(name).str.contains(PSEUDONYM), _found(name, allowed), "Never store names.")
    if name in NAMES:
        allowed = "lower case letters, digits and _ are allowed"
        yield Broken(name, ~pl.col(name).str.contains(NAME), _found(name, allowed), "Rename it.")


def _limits(low: float | None, high: float | None) -> str:
    if high is None:
        return f"{low:g} or more"
    return f"{high:g} or less" if low is None else f"{low:g} to {high:g}"


def _after(first: str, second: str) -> pl.Expr:
    return pl.col(first) > pl.col(second)


SPECIAL: dict[str, list[Broken]] = {
    "scores": [
        Broken(
            "value", (pl.col("value") < pl.col("_minimum")) | (pl.col("value") > pl.col("_maximum")),
            lambda row: f"found {row['value']:g} for {row['instrument']}.{row['scale']}; "
            f"{row['_minimum']:g} to {row['_maximum']:g} is allowed.",
            "Correct it, or leave it empty when it is missing.",
        ),
        Broken(
            "answered", _after("answered", "of"),
            lambda row: f"{row['answered']} items answered of {row['of']}.", "Correct one of the two.",
        ),
        Broken(
            "valid", pl.col("valid") & pl.col("value").is_null(),
            lambda row: "the score is marked valid but has no value.", "Set valid to false, or give the value.",
        ),
    ],
    "lessons": [
        Broken(
            "completed_day", _after("opened_day", "completed_day"),
            lambda row: f"completed on day {row['completed_day']}, opened on day {row['opened_day']}.",
            "Correct one of the two.",
        ),
    ],
    "participants": [
        Broken(
            "participant", pl.col("participant").str.contains("@|  *[A-Za-z]"),
            lambda row: "this reads like a name or an address.", "Use random pseudonyms.",
        ),
    ],
}  # fmt: skip


def _with_ranges(cohort: Cohort, scan: pl.LazyFrame, rows: _Rows) -> tuple[pl.LazyFrame, list[Finding]]:
    """Scores with the range of their scale beside them, and a finding for each scale that nobody knows."""
    pairs = scan.select("instrument", "scale").drop_nulls().unique().sort("instrument", "scale").collect()
    known: list[tuple[str, str, float, float]] = []
    findings: list[Finding] = []
    for instrument, scale in pairs.head(2_000).iter_rows():
        try:
            facts = cohort.scale(f"{instrument}.{scale}")
            known.append((instrument, scale, facts.minimum, facts.maximum))
        except NotFound as error:
            unknown = (pl.col("instrument") == instrument) & (pl.col("scale") == scale)
            cure = f"Declare it under scales in cohort.json (name, range, direction, source). {error.finding.cure}"
            what = f"nobody knows the scale {instrument}.{scale}."
            rule = Broken("scale", unknown, lambda row, what=what: what, cure)  # type: ignore[misc]
            findings += _broken(scan, [rule], rows)
    names = ["instrument", "scale", "_minimum", "_maximum"]
    ranges = pl.LazyFrame(
        known, schema=dict(zip(names, [pl.String, pl.String, pl.Float64, pl.Float64], strict=True)), orient="row"
    )
    return scan.join(ranges, on=["instrument", "scale"], how="left", maintain_order="left"), findings


def _twice(scan: pl.LazyFrame, table: Table, rows: _Rows) -> list[Finding]:
    """Rows with the same key (empty counts as a value of its own): one person twice, two scores for one occasion."""
    if not table.key:
        return []
    counted = scan.select(*table.key).with_row_index(ROW).group_by(*table.key)
    again = counted.agg(pl.col(ROW).min().alias("first"), pl.col(ROW).max().alias("again"), pl.len())
    double = again.filter(pl.col("len") > 1).sort("first").collect(engine="streaming")
    if double.is_empty():
        return []
    row = double.row(0, named=True)
    shown = ", ".join(f"{name} {row[name]}" for name in table.key if row[name] is not None)
    first = rows.place(row["first"], table.key[0]).row
    more = f" ({double.height:,} such cases in all)" if double.height > 1 else ""
    what = f"{shown} stands there {row['len']} times, first in row {first}{more}."
    return [Finding(what, "Keep one row for each.", rows.place(row["again"], table.key[0]))]


def _strangers(cohort: Cohort, scan: pl.LazyFrame, name: str, rows: _Rows) -> Iterator[Finding]:
    """Participants, groups and therapists that their own table does not know."""
    for column, home in (("participant", "participants"), ("group", "groups"), ("therapist", "therapists")):
        if name == home or home not in cohort.tables or TABLES[name].column(column) is None:
            continue
        known = cohort.scan(home).select(pl.col(column).alias("_known")).unique()
        indexed = scan.select(column).with_row_index(ROW).drop_nulls(column)
        unknown = indexed.join(known, left_on=column, right_on="_known", how="anti").collect(engine="streaming")
        if unknown.height:
            first = unknown.sort(ROW).row(0, named=True)
            more = f" ({unknown.height:,} rows in all)" if unknown.height > 1 else ""
            what = f"{column} {first[column]!r:.60} is not in the table {home}{more}."
            warning = column == "therapist"  # a therapist who did not consent has no row of their own
            yield Finding(what, f"Add them to {home}.", rows.place(first[ROW], column), warning=warning)


def _days_before_baseline(cohort: Cohort, scores: pl.LazyFrame, rows: _Rows) -> Iterator[Finding]:
    """A time-point before the same person's baseline, or a baseline after the person's end."""
    present = scores.select(pl.col("time_point").unique()).collect().to_series().drop_nulls().sort().to_list()
    order = cohort.manifest.time_points or present
    baseline = next((name for name in (*BASELINES, *order[:1]) if name in order and name in present), None)
    if baseline is None or (baseline not in BASELINES and not cohort.manifest.time_points):
        return
    listed = cohort.manifest.time_points
    later = listed[listed.index(baseline) + 1 :] if listed else [name for name in present if not _precedes(name)]
    at_baseline = pl.col("time_point") == baseline
    first = scores.filter(at_baseline).group_by("participant")
    starts = first.agg(pl.col("day").min().alias("_baseline")).drop_nulls()
    joined = scores.join(starts, on="participant", how="left", maintain_order="left")
    early = Broken(
        "day", pl.col("time_point").is_in(later) & ~at_baseline & (pl.col("day") < pl.col("_baseline")),
        lambda row: f"{row['time_point']} is on day {row['day']}, before the {baseline} on day {row['_baseline']}.",
        "Correct one of the two days.",
    )  # fmt: skip
    yield from _broken(joined, [early], rows)
    if "events" in cohort.tables:
        ends = cohort.scan("events").filter(pl.col("kind").is_in(list(ENDS))).group_by("participant")
        last = ends.agg(pl.col("day").min().alias("_end")).drop_nulls()
        joined = scores.join(last, on="participant", how="left", maintain_order="left")
        late = Broken(
            "day", at_baseline & (pl.col("day") > pl.col("_end")),
            lambda row: f"the {baseline} is on day {row['day']}, after the end on day {row['_end']}.",
            "Correct one of the two days.",
        )  # fmt: skip
        yield from _broken(joined, [late], rows)


def _precedes(time_point: str) -> bool:
    return time_point.startswith(("screen", "referral", "appl"))
