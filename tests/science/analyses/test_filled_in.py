"""Sensitivity analyses that fill missing outcomes in, named by a protocol: what they say, and when they refuse."""

import numpy as np
import polars as pl
import pytest
from made_up import made_up

from accord.science.analyses import analyse
from accord.science.cohort import Cohort
from accord.science.protocols import load_protocol

RULES = ["chained-equations", "completion-replaced"]


def asking(slug, rules=RULES):
    protocol = load_protocol(slug)
    missing = protocol.analysis.missing.model_copy(update={"sensitivity": rules})
    return protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"missing": missing})})


def found(slug, cohort, kind):
    result = analyse(asking(slug), cohort)
    return result, [e for e in result.estimates if e.id.startswith(f"sensitivity.{kind}.")]


@pytest.mark.parametrize("kind", ["chained_equations", "completion_replaced"])
def test_a_contrast_with_values_missing_at_random_stays_what_it_was(kind):
    result, (estimate, *_) = found("guided-icbt", made_up("guided-icbt", n=240), kind)
    main = result.estimate(estimate.id.replace(f"sensitivity.{kind}", "contrast"))
    assert estimate.value == pytest.approx(main.value, abs=main.se)
    assert estimate.se == pytest.approx(main.se, rel=0.35)
    assert estimate.missing > 0
    assert "20 sets" in estimate.method
    assert "information is missing" in estimate.note


@pytest.mark.parametrize("kind", ["chained_equations", "completion_replaced"])
def test_a_change_without_comparison(kind):
    result, (estimate, *_) = found("routine-care", made_up("routine-care", n=240), kind)
    main = result.estimate(estimate.id.replace(f"sensitivity.{kind}", "change"))
    assert estimate.value == pytest.approx(main.value, abs=main.se)
    assert estimate.n >= main.n


def test_who_stopped_early_and_got_worse_is_foretold_by_lessons():
    """Nobody who completed little answers at the end; among those who answered, few lessons go with little change."""
    cohort = made_up("routine-care", n=400, missing=0.0)
    names = cohort.table("participants")["participant"].to_list()
    rng = np.random.default_rng(5)
    done = dict(zip(names, rng.integers(0, 6, len(names)).tolist(), strict=True))
    lessons = pl.DataFrame([
        {"participant": name, "lesson": f"l{k}", "opened_day": 1 + k, "practice_minutes": 0.0,
         "completed_day": 3 + k if k < done[name] else None}
        for name in names for k in range(5)
    ], schema_overrides={"completed_day": pl.Int64})  # fmt: skip
    share = pl.col("participant").replace_strict(done, return_dtype=pl.Float64) / 5
    late = pl.col("time_point") != "baseline"
    worse = (pl.col("scale") == "bpi_interference.total") & late
    gone = pl.col("participant").replace_strict(
        {n: rng.random() < 0.9 - 0.16 * done[n] for n in names}, return_dtype=pl.Boolean
    )
    scores = cohort.table("scores").with_columns(
        value=pl.when(worse).then(pl.col("value") + 3 * (1 - share)).otherwise(pl.col("value"))
    )
    whole = Cohort(cohort.manifest, cohort.tables | {"lessons": lessons, "scores": scores})
    holed = Cohort(cohort.manifest, cohort.tables | {"lessons": lessons, "scores": scores.filter(~(late & gone))})
    name = "change.bpi_interference.total.post"
    truth = analyse(asking("routine-care", []), whole).estimate(name).value
    result, _ = found("routine-care", holed, "completion_replaced")
    observed = result.estimate(name).value
    replaced = result.estimate(name.replace("change", "sensitivity.completion_replaced"))
    assert observed - truth > 2 * abs(replaced.value - truth)
    assert replaced.ci_low < truth < replaced.ci_high


def test_without_gaps_or_without_lessons_it_says_so():
    _, filled = found("routine-care", made_up("routine-care", n=60, missing=0.0), "chained_equations")
    assert {e.value for e in filled} == {None}
    assert "nothing to vary" in filled[0].note
    cohort = made_up("routine-care", n=60)
    bare = Cohort(cohort.manifest, {n: t for n, t in cohort.tables.items() if n not in ("lessons", "contacts")})
    _, filled = found("routine-care", bare, "completion_replaced")
    assert "which lessons" in filled[0].note
