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
from accord.science.cohort.scales import ScaleFacts
from accord.science.cohort.tables import TABLES, Column, Table
from accord.science.errors import Finding, NotFound, Place

BASELINES = ("baseline", "t0", "pre")
ENDS = ("discharge", "withdrawal", "lost", "died")
PSEUDONYMS = ("participant", "therapist", "second_therapist", "group", "session", "alert", "complaint")
PSEUDONYM = r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$"
NAMES = ("instrument", "scale", "time_point")
NAME = r"^[a-z][a-z0-9_]{0,63}$"
ROW = "_row"
MOST_SCALES = 2_000
CURE_VALUE = "Correct it, or leave it empty when it is missing."
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
        findings += _ranges(cohort, scan, rows)
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
    return [rule for column in table.columns for rule in _rules_of(column, table.name)]


def _rules_of(column: Column, table: str) -> Iterator[Broken]:
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
    if name in PSEUDONYMS and (name != "participant" or table == "participants"):  # elsewhere a stranger
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


def _ranges(cohort: Cohort, scan: pl.LazyFrame, rows: _Rows) -> Iterator[Finding]:
    """Scales that nobody knows, and values outside the range of their scale."""
    value = pl.col("value")
    spans = scan.group_by("instrument", "scale").agg(value.min().alias("low"), value.max().alias("high"))
    found = spans.drop_nulls(["instrument", "scale"]).sort("instrument", "scale").collect(engine="streaming")
    for instrument, scale, low, high in found.head(MOST_SCALES).iter_rows():
        here = (pl.col("instrument") == instrument) & (pl.col("scale") == scale)
        try:
            facts = cohort.scale(f"{instrument}.{scale}")
        except NotFound as error:
            cure = f"Declare it under scales in cohort.json (name, range, direction, source). {error.finding.cure}"
            yield from _broken(
                scan, [Broken("scale", here, _always(f"nobody knows the scale {instrument}.{scale}."), cure)], rows
            )
            continue
        if low is not None and (low < facts.minimum or high > facts.maximum):
            outside = here & ((value < facts.minimum) | (value > facts.maximum))
            yield from _broken(scan, [Broken("value", outside, _outside(facts), CURE_VALUE)], rows)


def _always(what: str) -> Says:
    return lambda row: what


def _outside(facts: ScaleFacts) -> Says:
    return lambda row: f"found {row['value']:g} for {facts.ref}; {facts.minimum:g} to {facts.maximum:g} is allowed."


def _twice(scan: pl.LazyFrame, table: Table, rows: _Rows) -> list[Finding]:
    """Rows with the same key (empty counts as a value of its own): one person twice, two scores for one occasion.

    First by a hash of the key, eight bytes a row; only rows whose hash comes twice are then compared.
    """
    if not table.key:
        return []
    key = pl.struct(*table.key).hash()
    hashes = scan.select(key.alias("hash")).collect(engine="streaming")["hash"]
    if hashes.n_unique() == len(hashes):
        return []
    suspects = hashes.filter(hashes.is_duplicated()).unique()
    kept = scan.select(*table.key).with_row_index(ROW).filter(key.is_in(suspects.implode()))
    again = kept.group_by(*table.key).agg(pl.col(ROW).min().alias("first"), pl.col(ROW).max().alias("again"), pl.len())
    double = again.filter(pl.col("len") > 1).sort("first").collect()
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
        known = cohort.scan(home).select(column).unique()
        named = scan.select(pl.col(column).unique()).drop_nulls()
        unknown = named.join(known, on=column, how="anti").collect(engine="streaming")[column]
        if len(unknown):
            warning = column == "therapist"  # a therapist who did not consent has no row of their own
            says = _not_in(column, home)
            stranger = Broken(column, pl.col(column).is_in(unknown.implode()), says, f"Add them to {home}.", warning)
            yield from _broken(scan, [stranger], rows)


def _not_in(column: str, home: str) -> Says:
    return lambda row: f"{column} {row[column]!r:.60} is not in the table {home}."


def _days_before_baseline(cohort: Cohort, scores: pl.LazyFrame, rows: _Rows) -> Iterator[Finding]:
    """A time-point before the same person's baseline, or a baseline after the person's end."""
    present = scores.select(pl.col("time_point").unique()).collect().to_series().drop_nulls().sort().to_list()
    listed = cohort.manifest.time_points
    baseline = _baseline(listed, present)
    if baseline is None:
        return
    later = listed[listed.index(baseline) + 1 :] if listed else [name for name in present if not _precedes(name)]
    day, at_baseline = pl.col("day"), pl.col("time_point") == baseline
    is_later = pl.col("time_point").is_in(later) & ~at_baseline
    ends = cohort.scan("events").filter(pl.col("kind").is_in(list(ENDS))).group_by("participant")
    people = (
        scores.group_by("participant")
        .agg(day.filter(at_baseline).min().alias("_baseline"), day.filter(at_baseline).max().alias("_last"),
             day.filter(is_later).min().alias("_earliest"))
        .join(ends.agg(day.min().alias("_end")), on="participant", how="left")
        .filter((pl.col("_earliest") < pl.col("_baseline")) | (pl.col("_last") > pl.col("_end")))
        .collect(engine="streaming")
    )  # fmt: skip
    if people.is_empty():
        return
    wrong = scores.join(people.lazy(), on="participant", how="left", maintain_order="left")
    early = Broken(
        "day", is_later & (day < pl.col("_baseline")),
        lambda row: f"{row['time_point']} is on day {row['day']}, before the {baseline} on day {row['_baseline']}.",
        "Correct one of the two days.",
    )  # fmt: skip
    late = Broken(
        "day", at_baseline & (day > pl.col("_end")),
        lambda row: f"the {baseline} is on day {row['day']}, after the end on day {row['_end']}.",
        "Correct one of the two days.",
    )  # fmt: skip
    yield from _broken(wrong, [early, late], rows)


def _baseline(listed: list[str], present: list[str]) -> str | None:
    """Which time-point is the baseline: the one named so, else the first that the manifest lists."""
    named = [name for name in BASELINES if name in (listed or present)]
    return next((name for name in [*named, *listed[:1]] if name in present), None)


def _precedes(time_point: str) -> bool:
    return time_point.startswith(("screen", "referral", "appl"))
