"""`accord psychometrics`: figures of the answers at hand, each question turned as it counts, refusals in words."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from accord.cli.main import accord
from accord.science.errors import AccordError
from accord.science.estimates.psychometrics import agreement, consistency
from accord.science.instruments.load import load_instrument

REFERENCE = Path(__file__).parents[3] / "docs/reference/psychometrics.md"


def answers(instrument_id: str, n: int = 150, seed: int = 2, noise: float = 0.7) -> pl.DataFrame:
    """People with one trait; a reversed question gets the opposite of what the trait says."""
    instrument = load_instrument(instrument_id)
    backwards = {item for scale in instrument.scales.values() for item in scale.reversed_items}
    who, rng = np.random.default_rng(9).normal(0, 1, n), np.random.default_rng(seed)
    columns = {"id": [f"p{k}" for k in range(n)]}
    for item in instrument.items:
        low, high = item.minimum, item.maximum
        lean = (-who if item.id in backwards else who) + rng.normal(0, noise, n)
        columns[item.id] = np.clip(np.round((low + high) / 2 + lean * (high - low) / 5), low, high).astype(int)
    return pl.DataFrame(columns)


def run(*arguments):
    return CliRunner().invoke(accord, ["psychometrics", *map(str, arguments)], catch_exceptions=True)


def scale_of(found, ref):
    return next(one for one in json.loads(found.stdout)["scales"] if one["scale"] == ref)


def test_a_reversed_question_counts_the_way_the_scale_counts_it(tmp_path):
    frame = answers("sus")
    frame.write_csv(tmp_path / "a.csv")
    instrument = load_instrument("sus")
    scale = next(iter(instrument.scales.values()))
    assert scale.reversed_items
    given = frame.select(scale.items).to_numpy().astype(float)
    for place, item_id in enumerate(scale.items):
        if item_id in scale.reversed_items:
            item = instrument.item(item_id)
            given[:, place] = item.minimum + item.maximum - given[:, place]
    expected = consistency(given)
    found = scale_of(run("sus", tmp_path / "a.csv", "--json"), scale.ref)
    assert found["alpha"]["value"] == pytest.approx(expected.alpha.value, abs=1e-12)
    assert found["omega"]["ci_low"] == pytest.approx(expected.omega.ci_low, abs=1e-9)
    assert all(one["with_rest"] > 0.3 for one in found["questions"])


def test_the_same_people_again_are_matched_by_their_ids_whatever_their_order(tmp_path):
    first, second = answers("phq_9"), answers("phq_9", seed=5)
    first.write_csv(tmp_path / "a.csv")
    second.sample(fraction=0.8, seed=1, shuffle=True).write_csv(tmp_path / "b.csv")
    found = scale_of(run("phq_9", tmp_path / "a.csv", "--retest", tmp_path / "b.csv", "--json"), "phq_9.total")
    ids = set(second.sample(fraction=0.8, seed=1, shuffle=True)["id"])
    items = [f"item_{k}" for k in range(1, 10)]
    both = np.array([
        [frame.filter(pl.col("id") == who).select(pl.sum_horizontal(items)).item() for frame in (first, second)]
        for who in first["id"] if who in ids
    ])  # fmt: skip
    expected = agreement(both)
    assert found["retest"]["n"] == 120
    assert found["retest"]["icc_2_1"]["value"] == pytest.approx(expected.icc_2_1.value, abs=1e-12)
    assert found["retest"]["sdc"] == pytest.approx(expected.sdc, abs=1e-12)


def test_words_name_the_scale_its_ends_and_what_cannot_be_estimated(tmp_path):
    answers("phq_9", n=3).write_csv(tmp_path / "a.csv")
    found = run("phq_9", tmp_path / "a.csv")
    assert found.exit_code == 0
    assert "phq_9.total: Depression" in found.stdout
    assert "consistency not estimated: 3 people answered everything; 10 are needed." in found.stdout
    assert "at the lowest score" in found.stdout


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.rename({"id": "colour"}), "share no column"),
        (lambda frame: frame.with_columns(id=pl.col("id") + "x"), "Nobody stands in both files"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "stands in rows"),
        (lambda frame: frame.drop("item_3"), "item_3"),
        (lambda frame: frame.with_columns(item_2=pl.lit(9)), "9"),
    ],
)
def test_a_second_file_that_does_not_fit_is_refused(tmp_path, spoil, message):
    answers("phq_9", n=30).write_csv(tmp_path / "a.csv")
    spoil(answers("phq_9", n=30)).write_csv(tmp_path / "b.csv")
    found = run("phq_9", tmp_path / "a.csv", "--retest", tmp_path / "b.csv")
    assert isinstance(found.exception, AccordError)
    assert found.exception.exit_code == 2
    assert message in str(found.exception)
    assert not found.stdout


def test_every_key_of_the_json_stands_in_the_reference(tmp_path):
    answers("phq_9").write_csv(tmp_path / "a.csv")
    answers("phq_9", seed=5).write_csv(tmp_path / "b.csv")
    found = json.loads(run("phq_9", tmp_path / "a.csv", "--retest", tmp_path / "b.csv", "--json").stdout)
    said = REFERENCE.read_text()
    keys = {*found, *found["scales"][0], *found["scales"][0]["retest"], *found["scales"][0]["questions"][0]}
    assert {key for key in keys if f"`{key}`" not in said} == set()
