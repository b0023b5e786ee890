"""Finding, reading and refusing definitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.science.errors import AccordError, BadContent, NotFound
from accord.science.instruments import find_scale, instrument_ids, load_instrument
from accord.science.instruments.check import check_instrument


@pytest.mark.parametrize("name", ["phq_9", "PHQ-9", "Phq_9", "phq9", "PHQ 9"])
def test_case_and_hyphens_do_not_matter(name: str) -> None:  # E1
    assert load_instrument(name).id == "phq_9"


def test_a_definition_is_read_once() -> None:
    assert load_instrument("phq_9") is load_instrument("PHQ-9")


def test_an_unknown_instrument_names_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"no instrument called 'phq_8'.*Did you mean phq_9"):
        load_instrument("phq_8")


def test_a_scale_is_found_by_reference() -> None:
    scale = find_scale("hads.depression")
    assert (scale.ref, scale.minimum, scale.maximum, scale.span, scale.sign) == ("hads.depression", 0, 21, 21, -1)
    assert find_scale("pseq.total").sign == 1
    assert find_scale("acr_2016.criteria").sign == 0


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("hads.total_score", r"Did you mean hads.total\? It has: hads.anxiety, hads.depression, hads.total"),
        ("phq_9.item_9", "It has: phq_9.total"),
        ("phq_9", "Write <instrument>.<scale>"),
        ("wai_sr_t.total", "It is not scored"),
    ],
)
def test_an_unknown_scale_names_those_there_are(ref: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        find_scale(ref)


def test_the_demonstration_form_has_no_band_cutoff_or_change() -> None:  # C6
    for ref in ("demo:phq_9.total", "demo_phq_9.total"):
        scale = find_scale(ref)
        assert scale.ref == "demo:phq_9.total"
        assert (scale.bands, scale.cutoffs, scale.change.conventions, scale.change.mic) == ((), (), (), ())
    assert find_scale("phq_9.total").bands


def test_a_site_is_looked_in_first(site: Path, write: Callable[..., str]) -> None:
    write(("mood_2", "phq_9"), name="phq_9")
    assert load_instrument("phq_9", site=site).name == "Two questions"
    assert load_instrument("phq_9").name == "Patient Health Questionnaire-9"
    assert "phq_9" in instrument_ids(site=site)


def test_a_changed_file_is_read_again(site: Path, write: Callable[..., str]) -> None:
    write()
    assert load_instrument("mood_2", site=site).version == "1"
    write(('version: "1"', 'version: "1.1"'))
    assert load_instrument("mood_2", site=site).version == "1.1"


def test_the_small_definition_holds(site: Path, write: Callable[..., str]) -> None:
    assert check_instrument(write(), site=site) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("reversed: [2]", "reversed: [3]", 12, "the item 'item_3' is not declared"),
        ("range: [0, 6]", "range: [0, 7]", 15, "its items give 0 to 6, the file says 0 to 7"),
        ("direction: higher_worse", "direction: worse", 15, "higher_worse"),
        ("zero: 0}", "zero: -1}", 15, "zero lies outside the range"),
        ("score: sum", "score: total", 15, "total"),
        ("items: all, range", "items: [1, 1], range", 15, "an item stands twice"),
        ("items: all, range", "items: [1, 9], range", 15, "'item_9' is not declared"),
        ("items: all, range", "range", 15, "says its `items`"),
        ("name: Two questions", "name: Two questions\nname: again", 4, "a key stands twice"),
        ("construct: mood", "construct: mood\nconstruction: mood", 6, "construction"),
        ("score: sum, items: all", "score: sum_of_scales, scales: [total]", 15, "made of itself: total → total"),
        ("zero: 0}", "zero: 0, missing: {at_least: 1}}", 15, "source"),
        ("zero: 0}", "zero: 0, missing: {at_least: 1, at_most_missing: 1, source: x}}", 15, "either at_least"),
        ("instrument: mood_2", "instrument: mood_3", 2, r"called mood_2, the instrument mood_3.*E1"),
        ("licence: {text: free, ", "licence: {wording_ships: true, text: free, ", 1, "the wording ships exactly"),
        ("zero: 0}", "zero: 0, bands: {population: p, source: s, edges: [[1, a], [2, b]]}}", 15, "starts at 1"),
        ("zero: 0}", "zero: 0, bands: {population: p, source: s, edges: [[0, a], [9, b]]}}", 15, "above the scale"),
        ("zero: 0}", "zero: 0, bands: {population: p, source: s, edges: [[2, a], [0, b]]}}", 15, "must rise"),
    ],
)
def test_a_broken_definition_names_line_and_cure(
    site: Path, write: Callable[..., str], old: str, new: str, line: int, message: str
) -> None:
    name = write((old, new))
    with pytest.raises(AccordError, match=message) as caught:
        load_instrument(name, site=site)
    assert caught.value.exit_code == 2
    assert caught.value.findings[0].where.line == line
    assert caught.value.findings[0].where.file == "instruments/mood_2.yaml"


def test_all_findings_come_at_once(site: Path, write: Callable[..., str]) -> None:
    name = write(("reversed: [2]", "reversed: [3]"), ("items: all, range", "items: [1, 9], range"))
    with pytest.raises(BadContent) as caught:
        load_instrument(name, site=site)
    assert len(caught.value.findings) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expect: {total: null}", "expect: {total: 0}", r"total is None, worked out 0 \(both are needed\)"),
        ("answers: [3, 3], expect: {total: 3}", "answers: [3, 3], expect: {total: 6}", "worked out 6"),
        ("expect: {total: null}", "expect: {totl: null}", "'totl' is no column"),
        ("answers: [3, 3], expect: {total: 3}", "answers: [3, 2], expect: {total: 4}", "with all highest answers"),
        ("  - {name: one missing, answers: [0, null], expect: {total: null}, arithmetic: both are needed}\n", "",
         "with 1 of 2 answered"),
        ("answers: [3, 3]", "answers: [4, 3]", "impossible answer.*found 4.*from 0 to 3"),
        ("patient_name: mood\nconstruct", "patient_name: catastrophic mood\nconstruct", r"'catastroph' may stand.*C37"),
        ("item_2: bright}", "item_2: {topic: bright, text: How bright were you}}", r"carries wording.*C6"),
    ],
)  # fmt: skip
def test_the_check_finds(site: Path, write: Callable[..., str], old: str, new: str, message: str) -> None:
    findings = check_instrument(write((old, new)), site=site)
    assert any(re.search(message, str(finding)) for finding in findings), [str(finding) for finding in findings]
    assert all(finding.where.line for finding in findings)


def test_an_own_instrument_needs_its_words(site: Path, write: Callable[..., str]) -> None:
    name = write(
        ("verified: true", "verified: true\nown: true"), ("restricted: false", "restricted: false, wording_ships: true")
    )
    assert [finding.what for finding in check_instrument(name, site=site)] == [
        "item_1 has no text.", "item_2 has no text."
    ]  # fmt: skip


def test_a_value_table_of_the_site(site: Path) -> None:  # E2
    (site / "tables").mkdir()
    table = (
        "name: small set\nsource: nobody\ncountry: Nowhere\nyear: 2026\nvalues: {11111: 1.0, 21111: 0.9, 55555: -0.3}\n"
    )
    (site / "tables" / "eq_5d_5l.index.yaml").write_text(table, encoding="utf-8")
    scale = load_instrument("eq_5d_5l", site=site).scales["index"]
    assert scale.table is not None
    assert (scale.table.country, scale.table.year, scale.minimum, scale.maximum) == ("Nowhere", 2026, -0.3, 1.0)
    assert load_instrument("eq_5d_5l").scales["index"].table is None


def test_a_table_for_an_unknown_scale_is_refused(site: Path) -> None:
    (site / "tables").mkdir()
    (site / "tables" / "phq_9.index.yaml").write_text("name: x\nsource: x\nvalues: {1: 1.0}\n", encoding="utf-8")
    with pytest.raises(NotFound, match=r"a table for phq_9.index"):
        load_instrument("phq_9", site=site)
