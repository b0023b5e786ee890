"""Every number of an analysis of routine care has a definition, whether or not there was anything to count; and a
service that has nobody, or nothing yet, is analysed without a stop."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from accord.science.analyses import analyse
from accord.science.analyses.definitions import cell_id, definition
from accord.science.analyses.definitions_of_ids import KINDS
from accord.science.analyses.result import AnalysisResult, Picture
from accord.science.cohort import Cohort, Manifest
from accord.science.cohort.tables import TABLES
from accord.science.errors import NotFound
from accord.science.protocols import load_protocol
from accord.science.reports import render_report
from accord.science.simulation import simulate

PROTOCOL = load_protocol("routine-care")
PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "analyse.md").read_text(encoding="utf-8")
FIVE = ("routine-care", "integro", "guided-icbt", "mair", "therapist-factors")


def simulated() -> Cohort:
    made = simulate(PROTOCOL, n=160, seed=3)
    manifest = made.manifest.model_copy(update={"counted_on": "2026-11-22"})
    people = made.table("participants").with_columns(counted_day=pl.lit(200, dtype=pl.Int32))
    return Cohort(manifest, {**made.tables, "participants": people}, made.truth)


def empty(slug: str = "routine-care") -> Cohort:
    manifest = Manifest(origin="real", title="empty", protocol=slug, counted_on="2026-11-22", n=0)
    return Cohort(manifest, {name: pl.DataFrame(schema=table.schema) for name, table in TABLES.items()})


def without(cohort: Cohort, **changes: pl.DataFrame | None) -> Cohort:
    tables = {**cohort.tables, **changes}
    return Cohort(cohort.manifest, {name: frame for name, frame in tables.items() if frame is not None})


def cases() -> Iterator[tuple[str, Cohort]]:
    whole = simulated()
    events, scores = whole.table("events"), whole.table("scores")
    nothing = {name: whole.table(name).head(0) for name in ("lessons", "contacts", "replies", "rescues")}
    yield "simulated", whole
    yield "empty", empty()
    yield "no tables at all", Cohort(empty().manifest, {})
    yield "nobody started", without(whole, events=events.filter(pl.col("kind") != "start"), **nothing)
    yield "all missing", without(whole, scores=scores.with_columns(value=pl.lit(None, dtype=pl.Float64)))
    yield "no scores", without(whole, scores=None)
    yield "baseline only", without(whole, scores=scores.filter(pl.col("time_point") == "baseline"))
    first = whole.table("participants").head(1)
    one = {name: whole.table(name).join(first.select("participant"), on="participant", how="semi")
           for name in whole.names if "participant" in whole.table(name).columns}  # fmt: skip
    yield "one person", without(whole, **one)
    referred = events.filter(pl.col("kind") == "referral")
    yield "referred only", Cohort(whole.manifest, {"participants": whole.table("participants"), "events": referred})
    yield "withdrawals", without(whole, events=pl.concat([events, referred.with_columns(kind=pl.lit("withdrawal"))]))


CASES = dict(cases())


@pytest.fixture(scope="module")
def results() -> dict[str, AnalysisResult]:
    return {name: analyse(PROTOCOL, cohort, allow_invented=True) for name, cohort in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_every_estimate_has_a_definition(results: dict[str, AnalysisResult], name: str) -> None:
    for estimate in results[name].estimates:
        found = definition(PROTOCOL, estimate.id)
        for text in (found.words, found.formula, found.rows_from):
            assert text, estimate.id
            assert "{" not in text, estimate.id


@pytest.mark.parametrize("name", CASES)
def test_every_column_with_numbers_has_a_definition(results: dict[str, AnalysisResult], name: str) -> None:
    for table in results[name].tables():
        for place, column in enumerate(table.columns):
            if any(_a_number(row[place]) for row in table.rows):
                assert definition(PROTOCOL, cell_id(table.id, column)).words


def _a_number(cell: Any) -> bool:
    return isinstance(cell, int | float) or bool(re.search(r"\d", str(cell or "")))


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_had_says_why(results: dict[str, AnalysisResult], name: str) -> None:
    for estimate in results[name].estimates:
        if estimate.value is None:
            assert estimate.note, estimate.id
        else:
            assert math.isfinite(estimate.value), estimate.id
            assert estimate.method, estimate.id
    assert "NaN" not in render_report(results[name])


@pytest.mark.parametrize("name", ["empty", "no tables at all", "referred only"])
def test_outcomes_not_measured_yet_are_named(results: dict[str, AnalysisResult], name: str) -> None:
    found = results[name].estimate("change.bpi_interference.total.post")
    assert found is not None
    assert found.value is None
    assert found.note.startswith("Not estimable:")


@pytest.mark.parametrize("name", CASES)
def test_pictures_can_be_read_without_being_seen(results: dict[str, AnalysisResult], name: str) -> None:
    for block in results[name].blocks():
        if isinstance(block, Picture):
            columns, rows = block.picture.table()
            assert block.title, block.id
            assert len(block.description) > 10, block.id
            assert rows, block.id
            assert all(len(row) == len(columns) for row in rows)
            for width in (720, 264):
                svg = block.picture.svg(width=width)
                assert "<title" in svg, block.id
                assert "<desc" in svg, block.id


@pytest.mark.parametrize("slug", FIVE)
def test_a_service_that_has_nobody_yet(slug: str) -> None:
    protocol = load_protocol(slug)
    result = analyse(protocol, empty(slug))
    assert result.facts["people"] == 0
    assert all(estimate.note for estimate in result.estimates if estimate.value is None)


def test_an_unknown_number_is_refused() -> None:
    for id in ("nonsense", "change.bpi_interference", "wait.start.mode", "table.waits.nonsense", "table.nonsense.n"):
        with pytest.raises(NotFound):
            definition(PROTOCOL, id)


def test_words_come_from_the_protocol() -> None:
    assert "“Enrolled”" in definition(PROTOCOL, "funnel.started").words
    assert "lessons_opened >= 1" in definition(PROTOCOL, "funnel.started").words
    assert "Pain interference, after the programme" in definition(PROTOCOL, "g.bpi_interference.total.post").words
    assert "48 hours" in definition(PROTOCOL, "acknowledged.in_time").words
    assert "no effect is shown" in definition(PROTOCOL, "rescue.quiet.call.difference").words
    assert "30 %" in definition(PROTOCOL, "responders.bpi_interference.total.post").words


@pytest.mark.parametrize("kind", sorted({kind.pattern.split(".")[0] for kind in KINDS}))
def test_every_kind_of_number_stands_in_the_reference(kind: str) -> None:
    assert re.search(rf"`{kind}\.", PAGE), kind
