"""Every protocol, judged on a small cohort made up without the simulator: what a report always says and never says."""

import json
import math

import pytest
from made_up import SCALES, made_up

from accord.science.analyses import Picture, Table, analyse
from accord.science.analyses.wording import REFUSED
from accord.science.protocols import load_protocol
from accord.science.reports import render_report

FIVE = list(SCALES)
ALONE = ["routine-care", "integro", "therapist-factors"]


@pytest.fixture(scope="module")
def results():
    return {slug: analyse(load_protocol(slug), made_up(slug, n=96)) for slug in FIVE}


def sections(result):
    return [section.id for section in result.sections]


@pytest.mark.parametrize(("slug", "there", "not_there"), [
    ("routine-care", {"funnel", "change", "benchmark", "responders", "predictors", "minutes"}, {"contrasts", "flow"}),
    ("integro", {"flow", "change", "process", "mechanism", "variance"}, {"contrasts", "funnel", "benchmark"}),
    ("mair", {"flow", "contrasts", "change", "mechanism", "responders"}, {"funnel", "process", "predictors"}),
    ("guided-icbt", {"flow", "contrasts", "change", "responders", "variance"}, {"funnel", "process", "mechanism"}),
    ("therapist-factors", {"flow", "change", "process", "variance"}, {"contrasts", "funnel", "mechanism"}),
])  # fmt: skip
def test_the_protocol_decides_what_is_told(results, slug, there, not_there):
    found = set(sections(results[slug]))
    assert there | {"people", "missing", "harms", "sources"} <= found
    assert not not_there & found


@pytest.mark.parametrize("slug", FIVE)
def test_invented_is_said_first(results, slug):
    assert results[slug].invented
    assert results[slug].lead[0] == "Invented data: these figures return what was put in."
    assert "invented cohort" in results[slug].eyebrow
    assert all(block.picture.invented for block in results[slug].blocks() if isinstance(block, Picture))


@pytest.mark.parametrize("slug", ALONE)
def test_no_comparison_is_the_first_sentence_under_uncontrolled_change(results, slug):
    first = results[slug].section("change").blocks[0]
    assert first.text == "No comparison group: part of this would have happened anyway."
    assert first.text in results[slug].lead


@pytest.mark.parametrize("slug", ALONE)
def test_refused_words_stand_nowhere(results, slug):
    said = [text for section in results[slug].sections if section.id != "sources"
            for block in section.blocks for text in block.texts()]  # fmt: skip
    assert said
    assert not [text for text in said if REFUSED.search(text)]


@pytest.mark.parametrize("slug", FIVE)
def test_every_number_says_n_missing_scale_and_method(results, slug):
    for estimate in results[slug].estimates:
        assert estimate.id
        assert estimate.label
        if estimate.value is None:
            assert estimate.note, estimate.id
        else:
            assert math.isfinite(estimate.value), estimate.id
            assert estimate.n is not None, estimate.id
            assert estimate.method, estimate.id
            assert estimate.ci_low is None or estimate.ci_low <= estimate.value + 1e-9, estimate.id
            assert estimate.ci_high is None or estimate.value <= estimate.ci_high + 1e-9, estimate.id


@pytest.mark.parametrize("slug", FIVE)
def test_ids_are_once(results, slug):
    names = [estimate.id for estimate in results[slug].estimates]
    assert len(names) == len(set(names))
    tables = [block.id for block in results[slug].blocks() if isinstance(block, Table)]
    assert len(tables) == len(set(tables))


@pytest.mark.parametrize("slug", FIVE)
def test_tables_are_rectangular(results, slug):
    for table in results[slug].tables():
        assert {len(row) for row in table.rows} <= {len(table.columns)}, table.id


@pytest.mark.parametrize("slug", FIVE)
def test_pictures_have_notes_words_and_numbers(results, slug):
    for block in (b for b in results[slug].blocks() if isinstance(b, Picture)):
        assert block.note, block.id
        assert len(block.description) > 10, block.id
        columns, rows = block.picture.table()
        assert rows, block.id
        assert all(len(row) == len(columns) for row in rows), block.id


@pytest.mark.parametrize("slug", FIVE)
def test_plain_json_and_one_page(results, slug):
    text = json.dumps(results[slug].to_dict(), allow_nan=False)
    assert json.loads(text)["protocol"] == slug
    page = render_report(results[slug])
    assert page.count("<h1>") == 1
    assert "nan" not in {word.strip("<>/.,") for word in page.lower().split()}


def test_the_same_input_gives_the_same_result(results):
    again = analyse(load_protocol("mair"), made_up("mair", n=96))
    assert again.to_dict() == results["mair"].to_dict()


@pytest.mark.parametrize("slug", FIVE)
def test_only_the_asked_estimates_equal_those_of_the_whole(results, slug):
    few = analyse(load_protocol(slug), made_up(slug, n=96), only={"primary", "secondary", "key", "cluster"})
    assert few.sections == ()
    assert few.estimates
    for estimate in few.estimates:
        whole = results[slug].estimate(estimate.id)
        assert (
            (estimate.value, estimate.ci_low) == pytest.approx((whole.value, whole.ci_low))
            if (estimate.value is not None)
            else whole.value is None
        )


def test_therapists_have_no_names_in_a_report(results):
    """C13: a manager sees effects only as a spread."""
    page = render_report(results["therapist-factors"])
    cohort = made_up("therapist-factors", n=96)
    names = set(cohort.table("participants")["therapist"].to_list())
    assert names
    assert not [name for name in names if f">{name}<" in page or f'"{name}"' in page]
