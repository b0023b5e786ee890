"""What a study found, as rows of the cohort's table `synchrony`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from accord.science.analyses.attunement import AttunementPlan, Measured
from accord.science.cohort import Cohort, ExtraColumn, replace_table
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadContent, Finding, Place

COLUMNS = {
    "synchrony.surrogate": ExtraColumn(meaning="how surrogates were made"),
    "synchrony.surrogates": ExtraColumn(meaning="how many surrogates p rests on"),
}
# What protocols may call an index, beside the program's own short names.
NAMES = {"wlcc": "windowed_cross_correlation"}
_MOST_SAID = 20


def method_name(cohort_index: str, plan: AttunementPlan) -> str:
    """The name of the index in the table: the protocol's own word for it where it has one."""
    long = NAMES.get(plan.method, plan.method)
    name = long if cohort_index.partition(":")[2] == long else plan.method
    return f"{name}_absolute" if plan.absolute else name


def refuse_strangers(cohort: Cohort, participants: Sequence[str], file: str) -> None:
    """BadContent with every recorded person who is not in the cohort."""
    there = set(cohort.table("participants")["participant"].to_list())
    strangers = sorted(set(participants) - there)
    if strangers:
        cure = "The index uses the cohort's own pseudonyms."
        where = Place(file=file, column="participant")
        findings = [Finding(f"'{name:.40}' is not in the cohort.", cure, where) for name in strangers[:_MOST_SAID]]
        raise BadContent(f"{len(strangers)} of the people recorded are not in the cohort:", findings)


def table(cohort: Cohort, found: Sequence[Measured], name: str) -> pl.DataFrame:
    """The cohort's table with the rows measured now; rows of another signal or index stay as they are."""
    therapists = dict(cohort.table("participants").select("participant", "therapist").iter_rows())
    rows = [
        {
            "participant": one.meeting.participant, "therapist": therapists.get(one.meeting.participant),
            "session": one.meeting.session, "time_point": one.meeting.time_point, "day": one.meeting.day,
            "signal": one.meeting.signal, "method": name, **one.row,
        }
        for one in found
        if one.row is not None
    ]  # fmt: skip
    extra = {"surrogate": pl.String(), "surrogates": pl.Int32()}
    new = pl.DataFrame(rows, schema={**TABLES["synchrony"].schema, **extra}, orient="row")
    signals = {one.meeting.signal for one in found}
    old = cohort.table("synchrony").filter(~(pl.col("signal").is_in(sorted(signals)) & (pl.col("method") == name)))
    return pl.concat([old, new], how="diagonal_relaxed").sort("participant", "session", "signal", "method")


def write_table(folder: Path, cohort: Cohort, frame: pl.DataFrame, plan: AttunementPlan) -> None:
    """Into the cohort on disk; its manifest says what made it."""
    options = f"--method {plan.method} --surrogates {plan.surrogates} --seed {plan.seed} --rate {plan.rate_hz:g}"
    replace_table(folder, "synchrony", frame, columns=COLUMNS, made_by=f"accord attunement {options}")
