"""Scoring: columns, missing answers, bands, demonstration wording, and agreement with a row-by-row rule."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput
from accord.science.instruments import Instrument, instrument_ids, load_instrument, score_answers


def answers(instrument: Instrument, *rows: list[float | None]) -> pl.DataFrame:
    items = [item.id for item in instrument.items if not item.optional and item.kind != "text"]
    return pl.DataFrame([dict(zip(items, row, strict=True)) for row in rows], infer_schema_length=None)


def test_columns_of_one_scale() -> None:  # E2
    phq = load_instrument("phq_9")
    scored = score_answers(phq, answers(phq, [1] * 9))
    assert scored.columns == ["total", "answered", "valid", "band", "note"]
    assert scored.schema["total"] == pl.Float64
    assert scored.schema["valid"] == pl.Boolean


def test_columns_of_several_scales() -> None:  # E2
    hads = load_instrument("hads")
    assert score_answers(hads, answers(hads, [1] * 14)).columns == [
        "anxiety", "depression", "total", "answered", "valid", "band",
        "depression_answered", "depression_valid", "depression_band", "total_answered", "total_valid", "total_band",
    ]  # fmt: skip


def test_further_columns_are_ignored_and_rows_keep_their_order() -> None:
    peg = load_instrument("peg")
    frame = answers(peg, [1, 1, 1], [9, 9, 9], [5, 5, 5]).with_columns(who=pl.Series(["a", "b", "c"]))
    assert score_answers(peg, frame)["total"].to_list() == [1, 9, 5]


def test_no_rows_give_no_rows() -> None:
    phq = load_instrument("phq_9")
    empty = pl.DataFrame(schema={item.id: pl.Int64 for item in phq.items})
    assert score_answers(phq, empty).shape == (0, 5)


def test_not_scorable_is_empty_and_never_zero() -> None:
    for name in instrument_ids():
        instrument = load_instrument(name)
        if not instrument.scales:
            continue
        items = [item for item in instrument.items if item.kind != "text"]
        row = score_answers(instrument, pl.DataFrame({item.id: [None] for item in items})).row(0, named=True)
        assert [row[scale] for scale in instrument.scales] == [None] * len(instrument.scales), name
        assert not any(
            row[name] for name in row if name.endswith(("valid", "answered")) and name not in instrument.scales
        )
        assert all(row[name] is None for name in row if name.endswith("band"))


def test_valid_says_exactly_where_there_is_a_score() -> None:
    gcq = load_instrument("gcq_s")
    scored = score_answers(gcq, answers(gcq, [3] * 12, [3, 3, None, 3, None, 3, 3, 3, None, 3, 3, 3], [None] * 12))
    assert scored["valid"].to_list() == [True, True, False]
    assert scored["avoiding_valid"].to_list() == [True, False, False]


def test_item_9_left_out_is_said_beside_the_total() -> None:  # C2
    phq = load_instrument("phq_9")
    scored = score_answers(phq, answers(phq, [1] * 8 + [None], [1] * 8 + [0], [1] * 5 + [None] * 4))
    assert scored["total"].to_list() == [9, 8, None]
    assert scored["note"].to_list() == ["item 9: not answered", None, "item 9: not answered"]
    demo = score_answers(phq, answers(phq, [1] * 8 + [None]), wording="demo")
    assert demo["note"].to_list() == ["item 9: not answered"]


@pytest.mark.parametrize(
    ("total", "band"),
    [(4.3, "mild"), (4.999, "mild"), (5, "moderate"), (6.5, "moderate"), (6.999, "moderate"), (7, "severe")],
)
def test_bands_are_half_open(total: float, band: str) -> None:  # correction 6
    from accord.science.instruments.scoring import band_of

    scale = load_instrument("bpi_interference").scales["total"]
    found = pl.DataFrame({"value": [float(total)]}).select(band_of(scale, pl.col("value"))).item()
    assert found == band


def test_demonstration_wording_gives_no_band(  # C6
) -> None:
    hads = load_instrument("hads")
    scored = score_answers(hads, answers(hads, [3] * 14), wording="demo")
    assert scored.columns[:6] == ["demo_anxiety", "demo_depression", "demo_total", "answered", "valid", "band"]
    assert scored.columns[6:9] == ["demo_depression_answered", "demo_depression_valid", "demo_depression_band"]
    assert scored["demo_anxiety"].to_list() == [21]
    assert scored["band"].to_list() == [None]
    assert scored["demo_depression_band"].to_list() == [None]


def test_our_own_wording_is_always_official() -> None:
    satisfaction = load_instrument("satisfaction")
    scored = score_answers(satisfaction, answers(satisfaction, [4, 1, 1]), wording="demo")
    assert scored["overall"].to_list() == [4]
    assert scored["band"].to_list() == ["satisfied"]


def test_an_instrument_without_a_key_is_refused() -> None:
    form = load_instrument("wai_sr_t")
    with pytest.raises(BadInput, match="not scored: the key"):
        score_answers(form, pl.DataFrame({"item_1": [1]}))


def test_an_index_needs_a_value_set(tmp_path: Path) -> None:  # E2, C29
    (tmp_path / "tables").mkdir()
    table = "name: small set\nsource: nobody\nvalues: {11111: 1.0, 21111: 0.9, 55555: -0.3}\n"
    (tmp_path / "tables" / "eq_5d_5l.index.yaml").write_text(table, encoding="utf-8")
    eq = load_instrument("eq_5d_5l", site=tmp_path)
    frame = answers(eq, [2, 1, 1, 1, 1, 60], [1, 1, 1, 1, None, 60], [3, 1, 1, 1, 1, 60])
    scored = score_answers(eq, frame)
    assert scored["index"].to_list() == [0.9, None, None]
    assert "note" not in scored.columns
    without = score_answers(load_instrument("eq_5d_5l"), frame)
    assert without["index"].to_list() == [None, None, None]
    assert without["profile"].to_list() == [21111, None, 31111]
    assert without["note"].to_list() == [
        "index: no table (tables/eq_5d_5l.index.yaml of the site)", None,
        "index: no table (tables/eq_5d_5l.index.yaml of the site)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "frame", "message"),
    [
        ("phq_9", {f"item_{n}": [0, 1] for n in range(1, 9)}, "1 column is missing: item_9"),
        ("phq_9", {}, "9 columns are missing: item_1, item_2.*needs the columns item_1, item_2 … item_9"),
        ("peg", {"item_1": [1], "item_2": [2], "item_3": ["much"]}, "row 1, column item_3: found 'much'.*0 to 10"),
        ("peg", {"item_1": [1, 2], "item_2": [2, 11], "item_3": [3, 3]}, "row 2, column item_2: found 11"),
        ("peg", {"item_1": [1, 2], "item_2": [2, -1], "item_3": [3, 3]}, "row 2, column item_2: found -1"),
        ("peg", {"item_1": [1.5], "item_2": [2], "item_3": [3]}, "found 1.5.*a whole number from 0 to 10"),
        ("peg", {"item_1": [math.inf], "item_2": [2], "item_3": [3]}, "found inf"),
        ("peg", {"item_1": [[1]], "item_2": [2], "item_3": [3]}, "column item_1: the column holds List"),
        ("cgi_s", {"item_1": [9]}, "a whole number from 1 to 7, 0 for not assessed, or empty"),
    ],
)
def test_a_wrong_value_names_row_column_value_and_range(
    name: str, frame: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        score_answers(load_instrument(name), pl.DataFrame(frame, strict=False))


def test_nan_is_missing_and_booleans_are_numbers() -> None:
    rmdq = load_instrument("rmdq")
    frame = pl.DataFrame({item.id: [True, False] for item in rmdq.items})
    assert score_answers(rmdq, frame)["total"].to_list() == [24, 0]
    peg = load_instrument("peg")
    assert score_answers(peg, pl.DataFrame({f"item_{n}": [math.nan] for n in (1, 2, 3)}))["answered"].to_list() == [0]


def row_by_row(instrument: Instrument, scale_id: str, row: dict[str, float | None]) -> float | None:
    """The printed rule for one person, written without the engine: sum or mean, reversal, missing answers."""
    scale = instrument.scales[scale_id]
    values = []
    for item_id in scale.items:
        item, value = instrument.item(item_id), row[item_id]
        if value is None or value in item.not_assessed:
            continue
        values.append(item.minimum + item.maximum - value if item_id in scale.reversed_items else value)
    if len(values) < scale.missing.needed(len(scale.items)):
        return None
    mean = sum(values) / len(values)
    raw = mean * len(scale.items) if scale.method == "sum" else mean
    return (raw - scale.subtract) * scale.multiply / scale.divide


@pytest.mark.parametrize("name", ["phq_9", "bpi_interference", "ders", "sus", "fidelity", "ecr_r", "cpaq_8", "hads"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_many_rows_agree_with_the_rule_row_by_row(name: str, data: st.DataObject) -> None:
    instrument = load_instrument(name)
    cells = {
        item.id: st.one_of(st.none(), st.integers(int(item.minimum or 0), int(item.maximum or 0)))
        for item in instrument.items
    }
    rows = data.draw(st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=6))
    frame = pl.DataFrame(rows, schema={item.id: pl.Int64 for item in instrument.items})
    scored = score_answers(instrument, frame)
    for scale in instrument.scales.values():
        if scale.method in ("sum", "mean"):
            expected = [row_by_row(instrument, scale.id, row) for row in rows]
            for found, worked in zip(scored[scale.id].to_list(), expected, strict=True):
                assert found == (worked if worked is None else pytest.approx(worked, abs=1e-9))


@pytest.mark.parametrize("name", [name for name in instrument_ids() if name != "wai_sr_t"])
def test_scores_stay_inside_their_range(name: str) -> None:
    import numpy as np

    rng = np.random.default_rng(7)
    instrument = load_instrument(name)
    items = [item for item in instrument.items if item.kind != "text"]
    frame = pl.DataFrame(
        {
            item.id: pl.Series(rng.integers(int(item.minimum or 0), int(item.maximum or 0) + 1, 500).astype(float)).set(
                pl.Series(rng.random(500) < 0.05), None
            )
            for item in items
        }
    )
    scored = score_answers(instrument, frame)
    for scale in instrument.scales.values():
        low, high = scored[scale.id].min(), scored[scale.id].max()
        assert low is None or (scale.minimum - 1e-9 <= low and high <= scale.maximum + 1e-9), scale.ref
