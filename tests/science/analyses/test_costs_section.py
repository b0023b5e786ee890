"""The section on costs: description and comparison apart, and no cost per QALY without a fitting value set (C29)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from accord.science.analyses.costs import costs_part
from accord.science.analyses.study import make_study
from accord.science.cohort import Cohort
from accord.science.estimates.health_economics import load_value_set
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate

VALUE_SET = """
value_set: invented
title: Invented values
instrument: eq_5d_5l
version: {version}
country: nowhere
year: 2024
source: ours
invented: true
"""
EXTRA_COST, EXTRA_UTILITY = 3.0, 0.10  # visits per report and utility from post on, for who is answered by messages


@pytest.fixture(scope="module")
def protocol():
    return load_protocol("guided-icbt")


@pytest.fixture(scope="module")
def cohort(protocol):
    """A simulated cohort whose utilities and visits are written over: nothing missing, differences known."""
    whole = simulate(protocol, n=320, seed=11)
    rng = np.random.default_rng(1)
    people = whole.table("allocation")
    messages = people["arm"].str.starts_with("async").to_numpy().astype(float)
    rows, used = [], []
    for at, day in (("baseline", 0), ("post", 91), ("month_6", 182), ("month_12", 365)):
        later = float(at != "baseline")
        value = np.clip(0.55 + rng.normal(0, 0.1, len(people)) + EXTRA_UTILITY * later * messages, -0.2, 1)
        common = {"participant": people["participant"], "time_point": at, "day": day}
        rows.append(pl.DataFrame({**common, "informant": "patient", "instrument": "eq_5d_5l", "scale": "index",
                                  "value": value, "valid": True}))  # fmt: skip
        visits = rng.poisson(2, len(people)) + EXTRA_COST * later * messages
        used.append(pl.DataFrame({**common, "category": "doctor_visits", "quantity": visits, "unit": "visits"}))
    scores = whole.table("scores").filter(~((pl.col("instrument") == "eq_5d_5l") & (pl.col("scale") == "index")))
    tables = {**whole.tables, "scores": pl.concat([scores, *rows], how="diagonal_relaxed"), "costs": pl.concat(used)}
    return replace(whole, tables=tables)


def section(protocol, cohort: Cohort, tmp_path, version: str = "five levels", **clause):
    folder = tmp_path / "value_sets"
    folder.mkdir()
    (folder / "invented.yaml").write_text(VALUE_SET.format(version=version), "utf-8")
    costs = protocol.endpoints.costs.model_copy(update={"value_set": "invented", **clause})
    own = protocol.model_copy(update={"endpoints": protocol.endpoints.model_copy(update={"costs": costs})})
    return costs_part(make_study(own, replace(cohort, site=tmp_path), seed=1))


def words(found) -> str:
    return " ".join(text for block in found.section.blocks for text in block.texts())


def test_the_difference_put_in_comes_out_with_plane_and_curve(protocol, cohort, tmp_path):
    found = section(protocol, cohort, tmp_path)
    by = {one.id: one for one in found.estimates}
    cost = by["cost.difference.asynchronous_synchronous"]
    effect = by["effect.difference.asynchronous_synchronous"]
    # 3 visits x 30 in each of 365/91 stretches, less the minutes of calls; utility rises in a line over 91 days.
    assert cost.ci_low < EXTRA_COST * 30 * 365 / 91 < cost.ci_high + 60
    put_in = EXTRA_UTILITY * (91 / 2 + (365 - 91)) / 365.25
    assert effect.ci_low < put_in < effect.ci_high
    icer = by["icer.asynchronous_synchronous"]
    assert icer.value == pytest.approx(cost.value / effect.value)
    pictures = {block.id for block in found.section.blocks if hasattr(block, "picture")}
    assert {"cost_plane_asynchronous_synchronous", "acceptability_asynchronous_synchronous"} <= pictures
    assert all(block.picture.invented for block in found.section.blocks if hasattr(block, "picture"))
    assert "Invented values (nowhere 2024, invented" in words(found)


def test_cost_per_completed_and_improved_say_that_they_are_descriptions(protocol, cohort, tmp_path):
    found = section(protocol, cohort, tmp_path)
    ratios = [one for one in found.estimates if one.id.startswith("cost_per.")]
    assert {one.id for one in ratios} == {"cost_per.completed", "cost_per.improved"}
    assert all("No cost per benefit" in one.note for one in ratios)
    assert "They do not say what paid off" in words(found)


def test_a_value_set_of_another_version_gives_no_qaly_and_says_why(protocol, cohort, tmp_path):
    found = section(protocol, cohort, tmp_path, version="three levels")
    assert not any(one.id.startswith(("icer", "effect.")) for one in found.estimates)
    assert any(one.id.startswith("cost.difference") for one in found.estimates)
    assert "values eq_5d_5l (three levels), not eq_5d_5l (five levels)" in words(found)


def test_no_ratio_without_a_comparison(protocol, cohort, tmp_path):
    analysis = protocol.analysis.model_copy(update={"words": "no-comparison"})
    found = section(protocol.model_copy(update={"analysis": analysis}), cohort, tmp_path)
    assert not any(one.id.startswith(("icer", "cost.difference", "effect.", "net_benefit")) for one in found.estimates)
    assert any(one.id.startswith("cost_per.") for one in found.estimates)


def test_an_unknown_tariff_a_missing_one_and_a_negative_quantity_leave_the_amounts(protocol, cohort, tmp_path):
    found = section(protocol, cohort, tmp_path, tariff="nowhere_at_all")
    assert "There is no tariff called 'nowhere_at_all'" in words(found)
    assert all(one.id.startswith("used.") for one in found.estimates)
    (tmp_path / "value_sets/invented.yaml").unlink()
    (tmp_path / "value_sets").rmdir()
    assert "No prices are named" in words(section(protocol, cohort, tmp_path, tariff=None))
    costs = cohort.table("costs").with_columns(quantity=-pl.col("quantity") - 1)
    (tmp_path / "value_sets/invented.yaml").unlink()
    (tmp_path / "value_sets").rmdir()
    wrong = replace(cohort, tables={**cohort.tables, "costs": costs})
    assert "negative" in words(section(protocol, wrong, tmp_path))


def test_the_health_service_does_not_pay_lost_work(protocol, tmp_path):
    whole = simulate(protocol, n=200, seed=2)
    both = section(protocol, whole, tmp_path)
    (tmp_path / "value_sets/invented.yaml").unlink()
    (tmp_path / "value_sets").rmdir()
    service = section(protocol, whole, tmp_path, perspective="health service")
    assert "Left out in this perspective: help hours, lost work days, reduced work days" in words(service)
    cost = [{one.id: one.value for one in found.estimates}["cost.services.waiting_list"] for found in (both, service)]
    assert cost[1] < cost[0]


def test_the_profile_of_an_invented_cohort_gets_better_where_its_arm_does(protocol):
    """And with the value set that the protocol names for demonstration, the report compares cost and QALYs."""
    values = load_value_set(protocol.endpoints.costs.value_set)
    assert values.invented
    cohort = simulate(protocol, n=2400, seed=5)
    rows = cohort.table("scores").filter((pl.col("instrument") == "eq_5d_5l") & (pl.col("scale") == "profile"))
    rows = rows.join(cohort.table("allocation").select("participant", "arm"), on="participant")
    profile = rows["value"].fill_null(float("nan")).to_numpy()
    rows = rows.with_columns(index=pl.Series(values.index(profile, instrument="eq_5d_5l", version="five levels")))
    means = {key: float(np.nanmean(group["index"])) for key, group in rows.group_by("arm", "time_point")}
    gain = {arm: means[arm, "post"] - means[arm, "baseline"] for arm in ("mixed_full_long", "waiting_list")}
    assert gain["mixed_full_long"] > gain["waiting_list"] + 0.03
    found = costs_part(make_study(protocol, cohort, allow_invented=True))
    assert any("QALY per person" in text for block in found.section.blocks for text in block.texts())


def test_an_invented_value_set_is_refused_for_real_answers(protocol, cohort):
    real = replace(cohort, manifest=cohort.manifest.model_copy(update={"origin": "real"}))
    found = costs_part(make_study(protocol, real))
    said = " ".join(text for block in found.section.blocks for text in block.texts())
    assert "The value set 'demonstration' is invented, and these answers are real." in said
