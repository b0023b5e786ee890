"""Scoring: one path for one page and for a file of a million rows.

Every scale becomes column expressions over the item columns, so nothing runs row by row. The rules:
* reversed item: minimum + maximum - answer;
* sum: (sum of the answered items) x (number of items) / (number answered), when enough are answered;
* mean: mean of the answered items, when enough are answered;
* not enough answered, or no table for a lookup: empty, never 0.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce

import polars as pl

from accord.science.errors import BadInput
from accord.science.instruments.answers import check_answers, item_dtype
from accord.science.instruments.model import Instrument, Scale


def score_answers(instrument: Instrument, frame: pl.DataFrame, *, wording: str = "official") -> pl.DataFrame:
    """Score many respondents at once (E2).

    `frame` has one row per respondent and one column per item id; further columns are ignored. Returns one row per
    respondent: a column per scale (Float64, empty where not scorable), then `answered` (Int32), `valid` (Boolean)
    and `band` (String) of the main scale, then `<scale>_answered`, `<scale>_valid`, `<scale>_band` for each
    further one, and `note` (String) for instruments that have something to say beside a score (C2: item 9 of the
    PHQ-9; a missing value set). With any other `wording` than "official" the scales are called `demo_<scale>` and
    carry no band (C6); the wording of our own instruments is always the official one.

    Raises BadInput naming row, column, value and allowed range. Checked against the worked examples of every
    definition (tests/content/test_instruments.py).
    """
    refuse_unscored(instrument)
    return score_checked(instrument, check_answers(instrument, frame), wording=wording)


def score_checked(instrument: Instrument, answers: pl.DataFrame, *, wording: str = "official") -> pl.DataFrame:
    """The same for answers that `check_answers` has passed."""
    refuse_unscored(instrument)
    demo = wording != "official" and not instrument.own
    work = answers.lazy().select(pl.all().name.prefix("item:"))
    for scale in in_order(instrument):
        work = work.with_columns(_answered(scale).alias(f"{scale.id}:answered"))
        work = work.with_columns(_value(instrument, scale).alias(f"{scale.id}:value"))
    columns = [pl.col(f"{scale.id}:value").alias(_name(scale, demo)) for scale in instrument.scales.values()]
    for scale in instrument.scales.values():
        before = "" if scale is instrument.main else f"{_name(scale, demo)}_"
        columns += _beside(scale, before, demo)
    notes = _notes(instrument)
    return work.select([*columns, notes.alias("note")] if notes is not None else columns).collect()


def refuse_unscored(instrument: Instrument) -> None:
    """Raises BadInput for an instrument that is listed and not scored, with its reason."""
    if not instrument.scales:
        raise BadInput(f"{instrument.id} is not scored: {instrument.not_scored}", cure="Keep the answers as they are.")


def turned(instrument: Instrument, answers: pl.DataFrame) -> pl.DataFrame:
    """Answers of a file that runs the other way round (`codings`), in our direction: minimum + maximum - answer."""
    return answers.with_columns(
        (item.minimum + item.maximum - pl.col(item.id)).alias(item.id)
        for item in instrument.items
        if item.id in answers.columns and item.minimum is not None and item.maximum is not None
    )


def _name(scale: Scale, demo: bool) -> str:
    return f"demo_{scale.id}" if demo else scale.id


def in_order(instrument: Instrument) -> list[Scale]:
    """The scales such that each comes after those it is made of."""
    done: dict[str, Scale] = {}

    def visit(scale: Scale) -> None:
        for name in parts_of(scale):
            visit(instrument.scales[name])
        done.setdefault(scale.id, scale)

    for scale in instrument.scales.values():
        visit(scale)
    return list(done.values())


def parts_of(scale: Scale) -> list[str]:
    """The scales that a scale is made of."""
    criteria = [name for alternative in scale.met_when for name in alternative]
    return list(dict.fromkeys([*scale.scales, *([scale.of] if scale.of else []), *criteria]))


def _added(columns: Iterable[pl.Expr]) -> pl.Expr:
    """Their sum, term by term: several times faster than a horizontal sum of a million rows."""
    return reduce(operator.add, columns)


def _flag(condition: pl.Expr) -> pl.Expr:
    """1 where the condition holds, else 0 (where it is not known too); ten times faster than casting a Boolean."""
    return pl.when(condition).then(pl.lit(1, dtype=pl.UInt8)).otherwise(pl.lit(0, dtype=pl.UInt8))


def _answered(scale: Scale) -> pl.Expr:
    return _count_answered(scale.items)


def _count_answered(items: Iterable[str]) -> pl.Expr:
    """How many of the items are answered; in bytes where up to 255 items fit."""
    names = list(items)
    flags = [_flag(pl.col(f"item:{name}").is_not_null()) for name in names]
    return _added(flags if len(names) < 256 else [flag.cast(pl.Int32) for flag in flags])


def _beside(scale: Scale, before: str, demo: bool) -> list[pl.Expr]:
    value = pl.col(f"{scale.id}:value")
    return [
        pl.col(f"{scale.id}:answered").cast(pl.Int32).alias(f"{before}answered"),
        value.is_not_null().alias(f"{before}valid"),
        (pl.lit(None, dtype=pl.String) if demo else band_of(scale, value)).alias(f"{before}band"),
    ]


def band_of(scale: Scale, value: pl.Expr) -> pl.Expr:
    """The name of the half-open band that holds the value; empty where the scale has no bands or no value."""
    if not scale.bands:
        return pl.lit(None, dtype=pl.String)
    edges = _added(_flag(value >= band.low) for band in scale.bands[1:])
    names = pl.lit(pl.Series([band.name for band in scale.bands]))
    return pl.when(value.is_not_null()).then(names.gather(edges))


def _value(instrument: Instrument, scale: Scale) -> pl.Expr:
    raw = METHODS[scale.method](instrument, scale).cast(pl.Float64)
    if (scale.subtract, scale.multiply, scale.divide) != (0, 1, 1):
        raw = (raw - scale.subtract) * scale.multiply / scale.divide
    return raw


def items_turned(instrument: Instrument, scale: Scale, answers: pl.DataFrame) -> pl.DataFrame:
    """The answers (checked, as `read_answers` gives them) that go into a scale, each as it counts there."""
    renamed = answers.select(pl.col(item).alias(f"item:{item}") for item in scale.items)
    return renamed.select(_item(instrument, scale, item).alias(item) for item in scale.items)


def _item(instrument: Instrument, scale: Scale, item_id: str) -> pl.Expr:
    column = pl.col(f"item:{item_id}")
    if item_id not in scale.reversed_items:
        return column
    item = instrument.item(item_id)
    ends = (item.minimum or 0.0) + (item.maximum or 0.0)
    return (int(ends) if item.whole else ends) - column


def _enough(instrument: Instrument, scale: Scale) -> pl.Expr:
    """Whether the missing rule lets the scale be scored."""
    here = pl.col(f"{scale.id}:answered")
    if scale.missing.over == "scale":
        return here >= scale.missing.needed(len(scale.items))
    every = [item.id for item in instrument.items if item.kind != "text" and not item.optional]
    return (here >= 1) & (_count_answered(every) >= scale.missing.needed(len(every)))


def _items_added(instrument: Instrument, scale: Scale) -> pl.Expr:
    """The sum of the answered items, in the smallest type that holds it, then as Float64."""
    items = [instrument.item(item_id) for item_id in scale.items]
    largest = sum(max(abs(item.minimum or 0), abs(item.maximum or 0)) for item in items)
    dtype: type[pl.DataType] = pl.Int8 if largest <= 127 else pl.Int32
    if any(item_dtype(item) == pl.Float64 for item in items):
        dtype = pl.Float64
    columns = [_item(instrument, scale, item.id).fill_null(0).cast(dtype) for item in items]
    return _added(columns).cast(pl.Float64)


def _sum(instrument: Instrument, scale: Scale) -> pl.Expr:
    total = _items_added(instrument, scale)
    if scale.missing.kind != "none":
        total = total * len(scale.items) / pl.col(f"{scale.id}:answered")
    return pl.when(_enough(instrument, scale)).then(total)


def _mean(instrument: Instrument, scale: Scale) -> pl.Expr:
    total = _items_added(instrument, scale)
    return pl.when(_enough(instrument, scale)).then(total / pl.col(f"{scale.id}:answered"))


def _single(instrument: Instrument, scale: Scale) -> pl.Expr:
    return _item(instrument, scale, scale.items[0])


def _groups(instrument: Instrument, scale: Scale) -> pl.Expr:
    """How many groups (body regions) hold at least one positive item; items without a group do not count."""
    groups: dict[str, list[str]] = {}
    for item_id in scale.items:
        if group := instrument.item(item_id).group:
            groups.setdefault(group, []).append(item_id)
    hits = [pl.any_horizontal(pl.col(f"item:{item}") > 0 for item in members) for members in groups.values()]
    return pl.when(_enough(instrument, scale)).then(pl.sum_horizontal(hit.cast(pl.Int32) for hit in hits))


def _profile(instrument: Instrument, scale: Scale) -> pl.Expr:
    """The levels written one after the other as one number: 2, 1, 3, 1, 1 is 21311."""
    digits = [
        pl.col(f"item:{item}").cast(pl.Int64) * 10**place
        for place, item in zip(range(len(scale.items) - 1, -1, -1), scale.items, strict=True)
    ]
    return pl.when(_enough(instrument, scale)).then(pl.sum_horizontal(digits))


def _parts(instrument: Instrument, scale: Scale) -> list[pl.Expr]:
    def turned(name: str) -> pl.Expr:
        part, value = instrument.scales[name], pl.col(f"{name}:value")
        return part.minimum + part.maximum - value if name in scale.turned else value

    return [turned(name) for name in scale.scales]


def _scored_parts(scale: Scale) -> pl.Expr:
    return pl.sum_horizontal(pl.col(f"{name}:value").is_not_null().cast(pl.Int32) for name in scale.scales)


def _sum_of_scales(instrument: Instrument, scale: Scale) -> pl.Expr:
    scored, of = _scored_parts(scale), len(scale.scales)
    total = pl.sum_horizontal(_parts(instrument, scale)) * of / scored
    return pl.when(scored >= scale.missing.needed(of)).then(total)


def _mean_of_scales(instrument: Instrument, scale: Scale) -> pl.Expr:
    scored = _scored_parts(scale)
    total = pl.sum_horizontal(_parts(instrument, scale)) / scored
    return pl.when(scored >= scale.missing.needed(len(scale.scales))).then(total)


def _lookup(instrument: Instrument, scale: Scale) -> pl.Expr:
    if scale.table is None:
        return pl.lit(None, dtype=pl.Float64)
    keys, values = list(scale.table.values), list(scale.table.values.values())
    raw = pl.col(f"{scale.of}:value")
    whole = pl.when(raw == raw.round()).then(raw).cast(pl.Int64)
    return whole.replace_strict(keys, values, default=None, return_dtype=pl.Float64)


def _criteria(instrument: Instrument, scale: Scale) -> pl.Expr:
    """1 when one of the alternatives holds in all its parts, 0 when none can, empty when that is not known."""
    alternatives = [
        pl.all_horizontal(pl.col(f"{name}:value").is_between(low, high) for name, (low, high) in alternative.items())
        for alternative in scale.met_when
    ]
    return pl.any_horizontal(alternatives).cast(pl.Int32)


def _blamed(scale: Scale) -> list[pl.Expr]:
    """Per item: did it occur and was it put down to `cause`? Unknown where the cause was left out."""
    return [
        (pl.col(f"item:{item}") > 0) & (pl.col(f"item:{item}_cause") == scale.cause)
        if scale.cause is not None
        else pl.col(f"item:{item}") > 0
        for item in scale.items
    ]


def _count_by_cause(instrument: Instrument, scale: Scale) -> pl.Expr:
    blamed = _blamed(scale)
    known = pl.all_horizontal(hit.is_not_null() for hit in blamed)
    return pl.when(known).then(pl.sum_horizontal(hit.cast(pl.Int32) for hit in blamed))


def _impact_by_cause(instrument: Instrument, scale: Scale) -> pl.Expr:
    """Mean impact of the effects that occurred (and were put down to `cause`); empty when there were none."""
    blamed = _blamed(scale)
    impacts = [pl.when(hit).then(pl.col(f"item:{item}_impact")) for hit, item in zip(blamed, scale.items, strict=True)]
    known = pl.all_horizontal(
        hit.is_not_null() & (~hit | impact.is_not_null()) for hit, impact in zip(blamed, impacts, strict=True)
    )
    return pl.when(known).then(pl.mean_horizontal(impacts))


METHODS: dict[str, Callable[[Instrument, Scale], pl.Expr]] = {
    "sum": _sum, "mean": _mean, "single": _single, "groups": _groups, "profile": _profile,
    "sum_of_scales": _sum_of_scales, "mean_of_scales": _mean_of_scales, "lookup": _lookup, "criteria": _criteria,
    "count_by_cause": _count_by_cause, "impact_by_cause": _impact_by_cause,
}  # fmt: skip


def _notes(instrument: Instrument) -> pl.Expr | None:
    """What must stand beside a score: items whose absence matters, and tables that are not there."""
    notes = [
        pl.when(pl.col(f"item:{item}").is_null()).then(pl.lit(text))
        for item, text in instrument.note_when_missing.items()
    ]
    for scale in instrument.scales.values():
        if scale.method == "lookup" and scale.table is None:
            text = f"{scale.id}: no table (tables/{scale.ref}.yaml of the site)"
            notes.append(pl.when(pl.col(f"{scale.of}:value").is_not_null()).then(pl.lit(text)))
    if not notes:
        return None
    if len(notes) == 1:
        return notes[0]
    joined = pl.concat_str(notes, separator="; ", ignore_nulls=True)
    return pl.when(joined != "").then(joined)
