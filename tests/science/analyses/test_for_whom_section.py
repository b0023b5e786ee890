"""The section on moderators: only what the protocol named, only in a comparison, each shown whatever it shows (C27)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_up import made_up

from accord.science.analyses.for_whom import for_whom_part
from accord.science.analyses.study import make_study
from accord.science.protocols import load_protocol

SCALE = ("fiq", "total")


@pytest.fixture(scope="module")
def protocol():
    return load_protocol("mair")


def study(protocol, gain: float, n: int = 240):
    """In the first arm `gain` points of improvement for each SD of catastrophising at baseline."""
    cohort = made_up("mair", n=n, seed=4, missing=0.1)
    scores = cohort.table("scores")
    start = scores.filter((pl.col("instrument") == "pcs") & (pl.col("time_point") == "baseline"))
    start = start.select("participant", z=(pl.col("value") - pl.col("value").mean()) / pl.col("value").std())
    first = cohort.table("allocation").filter(pl.col("arm") == next(iter(protocol.arms))).select("participant", first=1)
    later = (pl.col("instrument") == "fiq") & (pl.col("time_point") != "baseline")
    scores = (
        scores.join(start, on="participant", how="left").join(first, on="participant", how="left")
        .with_columns(value=pl.when(later & pl.col("first").is_not_null() & pl.col("z").is_not_null())
                      .then(pl.col("value") - gain * pl.col("z")).otherwise(pl.col("value")))
        .drop("z", "first")
    )  # fmt: skip
    return make_study(protocol, replace(cohort, tables={**cohort.tables, "scores": scores}), allow_invented=True)


def test_what_was_put_in_is_found_with_its_region(protocol):
    found = for_whom_part(study(protocol, 15.0))
    by = {one.id: one for one in found.estimates}
    interaction = next(one for id, one in by.items() if id.startswith("interaction."))
    assert interaction.ci_low > 0
    together = next(one for id, one in by.items() if id.startswith("heterogeneity."))
    assert together.ci_low > 0
    pictures = [block for block in found.section.blocks if hasattr(block, "picture")]
    assert pictures
    assert pictures[0].picture.apart
    assert pictures[0].picture.invented
    assert all("n = " in one.note and not one.picture.note for one in pictures)


def test_nothing_is_said_plainly_and_its_interval_is_given(protocol):
    found = for_whom_part(study(protocol, 0.0))
    said = " ".join(text for block in found.section.blocks for text in block.texts())
    assert "is not shown" in said
    assert "Use the average effect" in said
    interaction = next(one for one in found.estimates if one.id.startswith("interaction."))
    assert interaction.ci_low < 0 < interaction.ci_high


def test_a_protocol_that_names_none_or_compares_nothing_has_no_section(protocol):
    silent = protocol.model_copy(update={"endpoints": protocol.endpoints.model_copy(update={"moderators": []})})
    assert for_whom_part(study(silent, 15.0)).section is None
    integro = load_protocol("integro")
    assert integro.endpoints.moderators
    assert for_whom_part(make_study(integro, made_up("integro", n=60), allow_invented=True)).section is None


def test_a_moderator_that_does_not_vary_is_named_and_left(protocol):
    whole = study(protocol, 0.0)
    scores = whole.cohort.table("scores").with_columns(
        value=pl.when(pl.col("instrument") == "pcs").then(pl.lit(20.0)).otherwise(pl.col("value"))
    )
    cohort = replace(whole.cohort, tables={**whole.cohort.tables, "scores": scores})
    found = for_whom_part(make_study(protocol, cohort, allow_invented=True))
    said = " ".join(text for block in found.section.blocks for text in block.texts())
    assert "The moderator does not vary" in said
    assert not np.any([one.id.startswith("interaction.") for one in found.estimates])
