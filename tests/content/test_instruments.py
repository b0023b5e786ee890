"""Every definition under content/instruments: it holds, its worked examples come out, and they would notice a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from accord.science.definitions import packaged_content
from accord.science.instruments import Instrument, Scale, find_scale, instrument_ids, load_instrument
from accord.science.instruments.change import reliable_change
from accord.science.instruments.check import BLAMING, check_instrument, wrong_examples

IDS = instrument_ids()

_NEEDED = """
phq_9 gad_7 k_10 pcs pseq pseq_2 bpi_severity bpi_interference peg nrs_pain tsk_17 tsk_11 rmdq pdi fiqr fiq acr_2016
hads eq_5d_5l cgi_s pgic ders erq cerq ffmq scs aaq_2 asq ecr_r tec cpaq_8 wai_sr wai_s wai_s_t wai_sr_t gcq_s gcs
csq_8 neq_20 promis_pain_interference_4a promis_fatigue_4a promis_cognitive_4a isi ceq sus
safety_check red_flags satisfaction resource_use medicines other_treatment arm_guess distress_after_assessment
fidelity diary
"""


def test_every_instrument_that_the_protocols_need_is_there() -> None:
    assert set(_NEEDED.split()) <= set(IDS)


@pytest.mark.parametrize("name", IDS)
def test_definition_holds(name: str) -> None:
    assert [str(finding) for finding in check_instrument(name) if not finding.warning] == []


@pytest.mark.parametrize("name", IDS)
def test_what_is_not_verified_says_so(name: str) -> None:
    instrument = load_instrument(name)
    notes = [finding for finding in check_instrument(name) if finding.warning]
    assert bool(notes) is not instrument.verified


def spoiled(instrument: Instrument, scale: Scale) -> Instrument:
    return replace(instrument, scales={**instrument.scales, scale.id: scale})


def dropped_reversals(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    for scale in instrument.scales.values():
        for item in scale.reversed_items:
            rest = tuple(other for other in scale.reversed_items if other != item)
            yield f"{scale.id} forgets to reverse {item}", spoiled(instrument, replace(scale, reversed_items=rest))
        for part in scale.turned:
            rest = tuple(other for other in scale.turned if other != part)
            yield f"{scale.id} forgets to turn {part}", spoiled(instrument, replace(scale, turned=rest))


def added_reversals(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    for scale in instrument.scales.values():
        if scale.method in ("sum", "mean", "single"):
            for item in set(scale.items) - set(scale.reversed_items):
                wrong = replace(scale, reversed_items=(*scale.reversed_items, item))
                yield f"{scale.id} reverses {item}", spoiled(instrument, wrong)


def step(scale: Scale) -> float:
    """How far an edge must move to misplace somebody: one answer step, half a point where parts are weighted."""
    size = {"mean": 1 / len(scale.items), "sum_of_scales": 0.5}.get(scale.method, 1.0)
    return 1.0001 * size * scale.multiply / scale.divide


def moved_edges(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    for scale in instrument.scales.values():
        for number, band in enumerate(scale.bands[1:], start=1):
            down, up = band.low - step(scale), band.low + step(scale)
            if scale.table is not None:
                down = max(value for value in scale.table.values.values() if value < band.low)
                up = min(value for value in scale.table.values.values() if value >= band.low) + 0.01
            for low in (down, up):
                bands = (*scale.bands[:number], replace(band, low=low), *scale.bands[number + 1 :])
                yield f"{scale.id}: {band.name} from {low:g}", spoiled(instrument, replace(scale, bands=bands))


def shifted_rules(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    for scale in instrument.scales.values():
        if scale.missing.number is None:
            if scale.method in ("sum", "mean", "profile", "groups") and len(scale.items) > 1:
                loose = replace(scale.missing, kind="at_most_missing", number=1)
                yield f"{scale.id} allows a missing item", spoiled(instrument, replace(scale, missing=loose))
            continue
        for number in (scale.missing.number - 1, scale.missing.number + 1):
            rule = replace(scale.missing, number=number)
            if rule.needed(len(scale.items)) > 0:
                yield f"{scale.id}: {rule}", spoiled(instrument, replace(scale, missing=rule))


def swapped_items(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    scales = [scale for scale in instrument.scales.values() if scale.method in ("sum", "mean", "single")]
    for first, second in pairwise(scales):
        theirs = next((item for item in second.items if item not in first.items), None)
        if theirs is None:
            continue
        for item in first.items:
            items = tuple(theirs if other == item else other for other in first.items)
            yield f"{first.id} takes {theirs} for {item}", spoiled(instrument, replace(first, items=items))


def moved_scaling(instrument: Instrument) -> Iterator[tuple[str, Instrument]]:
    for scale in instrument.scales.values():
        if (scale.multiply, scale.divide) != (1, 1):
            plain = replace(scale, multiply=1.0, divide=1.0)
            yield f"{scale.id} forgets its scaling", spoiled(instrument, plain)
        if scale.table is not None:
            for raw, value in scale.table.values.items():
                if raw in (min(scale.table.values), max(scale.table.values)):
                    table = replace(scale.table, values={**scale.table.values, raw: value + 0.1})
                    yield f"{scale.id}: {raw} becomes {value + 0.1:g}", spoiled(instrument, replace(scale, table=table))


SLIPS = [dropped_reversals, added_reversals, moved_edges, shifted_rules, swapped_items, moved_scaling]


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("name", IDS)
def test_the_examples_notice_a_slip(name: str, slip: object) -> None:
    unnoticed = [what for what, wrong in slip(load_instrument(name)) if not wrong_examples(wrong)]  # type: ignore[operator]
    assert unnoticed == []


def test_there_are_slips_to_notice() -> None:
    counts = {slip.__name__: sum(1 for name in IDS for _ in slip(load_instrument(name))) for slip in SLIPS}
    assert counts["dropped_reversals"] > 70
    assert counts["moved_edges"] > 70
    assert counts["shifted_rules"] > 60
    assert counts["swapped_items"] > 100


def test_no_blaming_word_reaches_a_patient() -> None:  # C37
    shown = [
        "catastrophising",
        "kinesiophobia",
        "non-compliant",
        "failed",
        "drop-out",
        "completer",
        "deteriorated",
        "maladaptive",
    ]
    assert all(any(word.startswith(stem) for stem in BLAMING) for word in shown)
    assert {"unexplained", "naive theory", "all in"} <= set(BLAMING)


def test_only_our_own_instruments_carry_wording() -> None:  # C6
    for name in IDS:
        instrument = load_instrument(name)
        assert instrument.own is instrument.licence.wording_ships
        assert all(bool(item.text) is instrument.own for item in instrument.items), name
        assert all(len(item.topic) <= 60 for item in instrument.items), name


@pytest.mark.parametrize(
    "name", ["bpi_severity", "bpi_interference", "csq_8", "hads", "wai_sr", "wai_s", "wai_s_t", "cerq", "eq_5d_5l"]
)
def test_restricted_instruments_are_marked(name: str) -> None:  # C6, correction 17
    assert load_instrument(name).licence.restricted


def test_every_band_and_cutoff_names_its_people() -> None:  # correction 12
    for name in IDS:
        for scale in load_instrument(name).scales.values():
            assert all(mark.population and mark.source for mark in (*scale.bands, *scale.cutoffs)), scale.ref


def test_every_missing_rule_has_a_source() -> None:  # correction 7
    ruled = [scale for name in IDS for scale in load_instrument(name).scales.values() if scale.missing.kind != "none"]
    assert {scale.instrument for scale in ruled} == {
        "phq_9", "bpi_interference", "fiqr", "fiq", "hads", "gcq_s", "fidelity"
    }  # fmt: skip
    assert all(scale.missing.source for scale in ruled)


def test_reliable_change_rests_on_r_and_sd_or_is_named_a_convention() -> None:  # C16
    assert reliable_change(find_scale("phq_9.total")).basis == "convention"
    assert reliable_change(find_scale("phq_9.total")).points == 6
    assert reliable_change(find_scale("gad_7.total")).points == 4
    for name in IDS:
        for scale in load_instrument(name).scales.values():
            retest = scale.change.retest
            if retest is not None and retest.sd is not None:
                assert retest.ci is not None, scale.ref
                assert retest.ci[0] < retest.r < retest.ci[1], scale.ref
            for convention in scale.change.conventions:
                assert "convention" in convention.source, scale.ref


def test_corrections_to_the_collected_facts() -> None:
    """Points of clinical-rules.md, section on instruments, by number."""
    regions = {item.group for item in load_instrument("acr_2016").items if item.group}
    assert regions == {"left_upper", "right_upper", "left_lower", "right_lower", "axial"}  # 1
    by_topic = {item.topic: item.group for item in load_instrument("acr_2016").items}
    assert [by_topic[topic] for topic in ("left jaw", "right jaw", "chest", "abdomen")] == [None] * 4  # 1
    assert find_scale("acr_2016.sss").maximum == 12  # 1
    assert find_scale("eq_5d_5l.index").zero is None  # 2
    assert find_scale("fiqr.total").change.mic[0].name.endswith("not validated for the FIQR")  # 3
    assert "total" not in load_instrument("scs").scales  # 4: the key's name stands in the id
    assert set(load_instrument("ceq").scales) == {"credibility", "expectancy", "expectancy_felt"}  # 5
    assert find_scale("bpi_severity.total").missing.kind == "none"  # 6
    assert "fibromyalgia" in find_scale("phq_9.total").bands[0].note  # 7
    assert load_instrument("wai_sr_t").not_scored  # 8
    assert not load_instrument("wai_sr_t").scales  # 8
    assert (find_scale("wai_sr.total").maximum, find_scale("wai_s.total").maximum) == (60, 84)  # 9
    assert load_instrument("pgic").codings == ("one_best", "seven_best")  # 10
    assert "not Nicholas" in find_scale("pseq.total").bands[0].source  # 11
    assert "COPD" in find_scale("hads.anxiety").change.mic[0].population  # 12
    assert "injured workers" in find_scale("pcs.total").cutoffs[0].population  # 12
    assert load_instrument("cgi_s").item("item_1").not_assessed == (0,)  # 13
    assert "Australia" in find_scale("k_10.total").bands[0].population  # 13
    directions = {scale.direction for scale in load_instrument("gcq_s").scales.values()}
    assert directions == {"higher_better", "higher_worse"}  # 16


def test_the_safety_check_is_the_settled_one() -> None:  # C1, E38
    check = load_instrument("safety_check")
    assert [item.id for item in check.items] == ["item_1", "item_2", "item_3", "item_4"]
    assert [(item.minimum, item.maximum) for item in check.items] == [(0, 3), (0, 1), (0, 1), (0, 2)]
    assert [item.asked_if for item in check.items] == [None, *["item_1 >= 1"] * 3]
    assert check.own
    assert check.recall == "since we last asked"


def test_red_flags_ask_the_doctor_and_eight_signs_and_effort() -> None:  # C9
    flags = load_instrument("red_flags")
    assert [item.id for item in flags.items] == [
        "doctor_seen", *(f"item_{number}" for number in range(1, 9)), "worse_after_effort"
    ]  # fmt: skip
    assert find_scale("red_flags.total").maximum == 8


def test_own_wording_is_plain() -> None:
    for name in IDS:
        instrument = load_instrument(name)
        for item in instrument.items:
            words = re.findall(r"[^\W\d_]+", item.text or "")
            assert len(words) <= 30, f"{name} {item.id}"
            assert "!" not in (item.text or "")


def test_nothing_else_lies_in_the_folder() -> None:
    names = {path.name for path in (packaged_content() / "instruments").iterdir()}
    assert names == {f"{name}.yaml" for name in IDS}
