"""Load and cover: how many people each therapist answers for, how many places there are, and who stands in (C42).

Never what became of a therapist's people: therapists are not compared here (C13).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.figures import BarRow, Bars

_MOST_BARS = 40  # therapists in one picture


def load_part(study: Study) -> Part:
    """The section, for cohorts whose therapists come with the people they answer for."""
    if not has_load(study):
        return Part()
    rows = study.cohort.table("therapists").sort("therapist")
    cover, each = tuple(cover_estimates(rows)), tuple(_each(rows))
    blocks: list[Block | None] = [
        Text(_words(cover)), Estimates("Load and cover", cover, digits=1), _picture(study, rows), _table(rows),
        Caution("How many people somebody answers for says nothing on how well. Outcomes of single therapists are not "
                "shown."),
    ]  # fmt: skip
    return part("load", "Load and cover", blocks, (*cover, *each))


def has_load(study: Study) -> bool:
    """Whether anybody's people are counted; a service that has no therapist yet says so with an empty table."""
    if "therapists" not in study.cohort.names:
        return False
    rows = study.cohort.table("therapists")
    return bool(rows["people_now"].is_not_null().any()) or (rows.is_empty() and study.cohort.of_service)


def cover_estimates(rows: pl.DataFrame) -> Iterator[Estimate]:
    """Counts over therapists: their people, their places, who is over, who is away and whether somebody stands in."""
    people = rows["people_now"].cast(pl.Float64).drop_nulls().to_numpy()
    known = {"n": len(people), "missing": len(rows) - len(people)}
    none = "" if len(people) else "Not estimable: there is no therapist."
    places = rows["places"].sum() if rows["places"].is_not_null().any() else None
    over = rows.filter(pl.col("people_now") > pl.col("places")).height
    agreed = rows.filter(pl.col("places").is_not_null() & pl.col("people_now").is_not_null()).height
    yield count_estimate(float(len(rows)), ids.cover("therapists"), "Therapists", unit="therapists")
    yield count_estimate(float(people.sum()), ids.cover("people"), "People whom therapists answer for now",
                         unit="people", **known)  # fmt: skip
    yield count_estimate(
        None if places is None else float(places), ids.cover("places"), "Places agreed", unit="people",
        n=int(rows["places"].count()), missing=int(rows["places"].null_count()),
        note="" if places is not None else "Not estimable: no places are agreed.",
    )  # fmt: skip
    for what, words, of in (
        ("fewest", "Fewest people of one therapist", np.min), ("median", "People of a therapist: median", np.median),
        ("most", "Most people of one therapist", np.max),
    ):  # fmt: skip
        value = float(of(people)) if len(people) else None
        yield count_estimate(value, ids.cover(what), words, unit="people", note=none, **known)
    yield count_estimate(float(over), ids.cover("over"), "Therapists with more people than places", unit="therapists",
                         n=agreed)  # fmt: skip
    away = rows.filter(pl.col("away"))
    bare = away.filter(~pl.col("covered").fill_null(False)).height
    yield count_estimate(float(away.height), ids.cover("away"), "Therapists away now", unit="therapists", n=len(rows))
    yield count_estimate(float(bare), ids.cover("uncovered"), "Therapists away now whom nobody stands in for",
                         unit="therapists", n=away.height)  # fmt: skip


def _each(rows: pl.DataFrame) -> Iterator[Estimate]:
    for therapist, people in rows.select("therapist", "people_now").iter_rows():
        yield count_estimate(
            None if people is None else float(people), ids.load(therapist), f"People whom {therapist} answers for now",
            unit="people", note="" if people is not None else "Not recorded.",
        )  # fmt: skip


def _words(cover: tuple[Estimate, ...]) -> str:
    value = {e.id.split(".")[1]: e.value for e in cover}
    if not value["therapists"]:
        return "There is no therapist yet."
    if value["median"] is None:
        return f"{counted(int(value['therapists']), 'therapist')}; how many people each answers for is not recorded."
    people = counted(int(value["people"] or 0), "person", "people")
    said = (
        f"{counted(int(value['therapists']), 'therapist answers', 'therapists answer')} for {people}: "
        f"{value['fewest']:g} to {value['most']:g} each, half of them {value['median']:g} or fewer."
    )
    over, bare = int(value["over"] or 0), int(value["uncovered"] or 0)
    return (
        f"{said} {counted(over, 'has', 'have')} more people than places. {counted(bare, 'is', 'are')} away with nobody "
        "to stand in."
    )


def _picture(study: Study, rows: pl.DataFrame) -> Block | None:
    known = rows.filter(pl.col("people_now").is_not_null())
    if known.is_empty() or known.height > _MOST_BARS:
        return None
    bars = [BarRow(therapist, float(people), note="" if places is None else f"{places} places")
            for therapist, people, places in known.select("therapist", "people_now", "places").iter_rows()]  # fmt: skip
    values = [bar.value for bar in bars if bar.value is not None]
    said = f"{known.height} therapists answer for {min(values):g} to {max(values):g} people each."
    invented = study.cohort.manifest.invented
    figure = Bars("People of each therapist", said, bars, "people now", invented=invented)
    return drawn("load", figure, "In the order of the pseudonyms: an order by load would be a ranking.")


def _table(rows: pl.DataFrame) -> Table | None:
    if rows.is_empty():
        return None
    words = {True: "yes", False: "no", None: ""}
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (therapist, people, places, "yes" if None not in (people, places) and people > places else "",
         words[away], words[covered] if away else "")
        for therapist, people, places, away, covered in
        rows.select("therapist", "people_now", "places", "away", "covered").iter_rows()
    )  # fmt: skip
    columns = ("Therapist", "People now", "Places", "Over", "Away now", "Somebody stands in")
    return Table("load", "Load and cover", columns, cells, "Therapists by pseudonym.")
