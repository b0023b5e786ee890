"""The truth of a simulated cohort: what the protocol states, on the scale that people see, under full follow-up."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from accord.science.estimates import ids
from accord.science.protocols import Protocol, load_protocol
from accord.science.protocols.model import Contrast
from accord.science.simulation import design_of, simulate, true_values
from accord.science.simulation.cast import make_cast
from accord.science.simulation.chunk import make_chunk

FIVE = ("routine-care", "integro", "guided-icbt", "mair", "therapist-factors")


@cache
def truth(name: str) -> dict[str, float]:
    return true_values(design_of(load_protocol(name)))


@pytest.mark.parametrize("name", FIVE)
def test_changes_are_those_that_the_protocol_states(name: str) -> None:
    """In baseline SDs of what is seen, after rounding, floors and skew.

    Where predictors decide who starts, those who do differ a little from all: .02 there, .005 elsewhere.
    """
    near = 0.02 if load_protocol(name).kind == "routine-care" else 0.005
    protocol = load_protocol(name)
    assert protocol.simulate is not None
    checked = 0
    for endpoint in [protocol.endpoints.primary, *protocol.endpoints.key, *protocol.endpoints.secondary]:
        stated = protocol.simulate.scales[endpoint.scale].change[endpoint.at]
        each = stated if isinstance(stated, dict) else dict.fromkeys(protocol.arms, stated)
        for arm, change in each.items():
            key = ids.change_g(endpoint.scale, endpoint.at, arm if len(protocol.arms) > 1 else None)
            assert truth(name)[key] == pytest.approx(change, abs=near), key
            checked += 1
        for contrast in endpoint.contrasts:
            clause = protocol.endpoints.contrasts[contrast]
            first, second = (np.mean([each[arm] for arm in side]) for side in _sides(protocol, clause))
            key = ids.contrast_g(endpoint.scale, endpoint.at, contrast)
            assert truth(name)[key] == pytest.approx(first - second, abs=near), key
    assert checked >= 4


def _sides(protocol: Protocol, clause: Contrast) -> list[list[str]]:
    if clause.arms:
        return [[arm] for arm in clause.arms]
    return [
        [name for name, arm in protocol.arms.items() if arm.levels.get(clause.factor or "") == level]
        for level in clause.levels or ()
    ]


def test_the_funnel_and_the_minutes_are_those_that_the_protocol_states() -> None:
    protocol, found = load_protocol("routine-care"), truth("routine-care")
    assert protocol.simulate is not None
    funnel, attrition = protocol.simulate.funnel, protocol.simulate.attrition
    stated = {
        "eligible": 1 - funnel["ineligible"], "enrolled": 1 - funnel["declines"], "started": 1 - funnel["never_start"],
        "most": funnel["most"], "all": funnel["all"], "answered_post": 1 - attrition["post"],
        "answered_follow_up": 1 - attrition["follow_up"],
    }  # fmt: skip
    for stage, share in stated.items():
        assert found[ids.funnel(stage)] == pytest.approx(share, abs=0.015), stage
    assert ids.funnel("referred") not in found
    for mode, minutes in protocol.simulate.minutes.items():
        assert found[ids.minutes(mode)] == pytest.approx(minutes.mean, rel=0.02)
    assert found[ids.minutes("all")] == pytest.approx(sum(m.mean for m in protocol.simulate.minutes.values()), rel=0.02)


@pytest.mark.parametrize("name", ["integro", "mair", "therapist-factors"])
def test_minutes_in_sessions_reach_the_stated_mean(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.simulate is not None
    assert truth(name)[ids.minutes("synchronous")] == pytest.approx(
        protocol.simulate.minutes["synchronous"].mean, rel=0.03
    )


def test_shares_of_variance_lie_near_the_stated_ones() -> None:
    """Rounding and floors take a little away, ratings that differ between therapists bring a little in."""
    for name, key, share in (
        ("mair", ids.share("group", "fiq.total", "post"), 0.04),
        ("integro", ids.share("therapist", "fiqr.total", "post"), 0.05),
        ("guided-icbt", ids.share("therapist", "bpi_interference.total", "post"), 0.03),
        ("therapist-factors", ids.share("therapist", "phq_9.total", "post"), 0.07),
        ("therapist-factors", ids.share("therapist", "bpi_interference.total", "post", "group"), 0.07),
        ("therapist-factors", ids.share("group", "bpi_interference.total", "post", "group"), 0.05),
    ):
        assert truth(name)[key] == pytest.approx(share, abs=0.02), key


def test_markers_are_exact() -> None:
    protocol = load_protocol("mair")
    assert protocol.simulate is not None
    for name, said in protocol.simulate.biomarkers.items():
        change = said.change["post"]
        assert isinstance(change, dict)
        stated = said.log_sd * (change["mair"] - change["relaxation"])
        assert truth("mair")[ids.marker(name, "post", "mair_relaxation")] == pytest.approx(stated, abs=1e-12)


def test_associations_have_the_direction_and_about_the_size_that_was_put_in() -> None:
    protocol = load_protocol("integro")
    assert protocol.simulate is not None
    found = truth("integro")
    for name, said in protocol.simulate.associations.items():
        for part, put_in in (("within", said.within), ("between", said.between)):
            key = ids.association(name, part)
            if key in found:
                assert 0.3 * put_in < found[key] < 2.5 * put_in + 0.05, key
    assert abs(found[ids.association("alliance_patient", "reverse_within")]) < 0.02  # nothing was put in there


def test_without_a_link_there_is_no_association() -> None:
    protocol = load_protocol("integro")
    assert protocol.simulate is not None
    block = protocol.simulate.model_copy(update={"associations": {}})
    found = true_values(design_of(protocol.model_copy(update={"simulate": block})))
    for key, value in found.items():
        if key.startswith("association.") and "reverse" not in key:
            assert abs(value) < 0.02, key


def _complete(name: str) -> Protocol:
    """The protocol when nobody leaves and nothing is skipped."""
    protocol = load_protocol(name)
    assert protocol.simulate is not None
    stays = dict.fromkeys(protocol.simulate.attrition, 0.0)
    return protocol.model_copy(
        update={"simulate": protocol.simulate.model_copy(update={"attrition": stays, "skipped_items": 0.0})}
    )


@pytest.mark.parametrize("name", ["routine-care", "therapist-factors"])
def test_a_large_complete_cohort_agrees_with_the_truth(name: str) -> None:
    """Another way to the same number: 20,000 people as they are simulated, nobody lost."""
    protocol = _complete(name)
    design = design_of(protocol)
    chunk = make_chunk(design, make_cast(design, 20_000, 9), 20_000, 9, 0)
    therapists = max(chunk.people.therapist) + 1
    for endpoint in [protocol.endpoints.primary, protocol.endpoints.secondary[0]]:
        place = design.construct(endpoint.scale, "patient")
        o = design.occasion(endpoint.at)
        assert place is not None
        assert o is not None
        cell, first = design.cell(place, o), design.cells_of(place)[0]
        due = chunk.course.due[:, o]
        sign = design.constructs[place].shape.sign
        change = sign * (chunk.scores[due, cell] - chunk.scores[due, first])
        # Therapists are few, so their differences carry most of the error.
        means = np.bincount(chunk.people.therapist[due], change) / np.bincount(chunk.people.therapist[due])
        error = means.std(ddof=1) / math.sqrt(therapists)
        assert abs(change.mean() - truth(name)[ids.change(endpoint.scale, endpoint.at)]) < 3.5 * error


def test_the_truth_comes_with_the_cohort_and_is_the_same_for_every_seed() -> None:
    protocol = load_protocol("mair")
    first, second = (simulate(protocol, n=20, seed=seed) for seed in (1, 2))
    assert first.truth == second.truth == truth("mair")
    assert all(math.isfinite(value) for value in first.truth.values())


def test_responders_follow_from_scores_not_from_a_formula() -> None:
    """A larger change makes more responders, and the waiting list has the fewest."""
    found = truth("guided-icbt")
    by_arm = {
        arm: found[ids.responders("bpi_interference.total", "post", arm)] for arm in load_protocol("guided-icbt").arms
    }
    assert min(by_arm, key=by_arm.__getitem__) == "waiting_list"
    assert by_arm["mixed_full"] > by_arm["async_core"] > by_arm["waiting_list"]
    assert 0.1 < by_arm["waiting_list"] < by_arm["mixed_full"] < 0.6
