"""What was measured in every row of a file: a column of scores as it is, or item columns scored by their definition.

Every function gives one row per row of the file with instrument, scale, value, valid, answered, of.
"""

from __future__ import annotations

import polars as pl

from accord.science.cohort.mapping.cells import number_code, numbers_of, raw_values, recoded, rows_where
from accord.science.cohort.mapping.desk import Desk, Path_
from accord.science.cohort.mapping.model import Scores
from accord.science.cohort.mapping.sources import Source
from accord.science.cohort.scales import inline_facts, instrument_facts
from accord.science.errors import BadContent, BadInput, NotFound
from accord.science.instruments import Instrument, Item, load_instrument, score_answers

SENTINELS = ("8", "9", "77", "88", "98", "99", "777", "888", "998", "999", "9999")


def scale_column(desk: Desk, source: Source, entry: Scores, column: str, path: Path_) -> pl.DataFrame:
    """A column of scores as numbers within the scale's range; the first one outside is named with its row."""
    low, high = _range(desk, entry.scale or "", path)
    text, values = _numbers(desk, source, entry, column)
    _refuse_outside(desk, source, entry, text, (values < low) | (values > high), f"{low:g} to {high:g}")
    instrument, _, scale = (entry.scale or "").partition(".")
    if entry.scale not in desk.mapping.scales and _turned(
        desk, entry, load_instrument(instrument, site=desk.site), path
    ):
        values = low + high - values
    return pl.DataFrame([values.alias("value"), values.is_not_null().alias("valid")]).with_columns(
        pl.lit(instrument).alias("instrument"), pl.lit(scale).alias("scale")
    )


def _numbers(desk: Desk, source: Source, entry: Scores, column: str) -> tuple[pl.Series, pl.Series]:
    text = raw_values(source, column, [*desk.missing(source), *entry.missing])
    return text, numbers_of(source, recoded(source, text, entry.recode), multiply=entry.multiply, add=entry.add)


def _refuse_outside(
    desk: Desk, source: Source, entry: Scores, text: pl.Series, outside: pl.Series, allowed: str
) -> None:
    wrong = outside.fill_null(False) & rows_where(source, entry.when, desk.missing(source))
    if wrong.any():
        index = int(wrong.arg_max() or 0)
        code = number_code(str(text[index]), source.decimal) or ""
        cure = "Correct it, or list it under missing."
        if code.lstrip("-") in SENTINELS:
            cure = f"If {code} means missing, list it under missing."
        what = f"found {text[index]!s:.40} for {entry.scale or entry.instrument}; {allowed} is allowed."
        raise BadInput(what, cure=cure, where=source.place(index, text.name))


def _range(desk: Desk, ref: str, path: Path_) -> tuple[float, float]:
    if inline := desk.mapping.scales.get(ref):
        facts = inline_facts(ref, inline, invented=False)
        return facts.minimum, facts.maximum
    try:
        facts = instrument_facts(ref, invented=False, site=desk.site)
    except NotFound as error:
        cure = f"Declare it under scales (name, minimum, maximum, direction, source). {error.finding.cure}"
        raise _content(desk, f"nobody knows the scale {ref}.", (*path, "scale"), cure) from None
    return facts.minimum, facts.maximum


def _turned(desk: Desk, entry: Scores, instrument: Instrument, path: Path_) -> bool:
    """Whether the file's codes run the other way round; where two codings are in use the mapping must say which."""
    codings = instrument.codings
    if codings is None:
        return False
    if entry.coding not in codings:
        said = f"'{entry.coding}' is none of them" if entry.coding else "the mapping does not say which the file has"
        cure = f"Add coding: {codings[0]} (that of the definition) or coding: {codings[1]}."
        raise _content(desk, f"{instrument.name} is in use in two directions, and {said}.", path, cure)
    return entry.coding == codings[1]


def _content(desk: Desk, what: str, path: Path_, cure: str) -> BadContent:
    return BadContent(f"{desk.document.file} cannot be used:", [desk.document.finding(what, *path, cure=cure)])


# --- items --------------------------------------------------------------------------------------------------------


def scored_items(desk: Desk, entry: Scores, spot: object, path: Path_) -> tuple[Source, list[pl.DataFrame]]:
    """The file that holds the items of a questionnaire, and each of its scales scored row by row."""
    try:
        instrument = load_instrument(entry.instrument or "", site=desk.site)
    except NotFound as error:
        raise _content(desk, error.finding.what, (*path, "instrument"), error.finding.cure) from None
    if not instrument.scales:
        raise _content(desk, f"{instrument.id} is not scored.", (*path, "instrument"), instrument.not_scored)
    columns = _item_columns(desk, instrument, spot, path)
    source = desk.holding(*columns.values(), file=entry.file)
    turned = _turned(desk, entry, instrument, path)
    if absent := [column for column in columns.values() if column not in source.frame.columns]:
        cure = f"There are: {', '.join(source.frame.columns[:30])}."
        raise _content(desk, f"{source.shown} has no column '{absent[0]}'.", path, cure)
    answers = pl.DataFrame(
        [
            _answers(desk, source, entry, instrument.item(item), column, turned=turned)
            if item in columns
            else pl.Series(item, [None] * source.frame.height, dtype=pl.Float64)
            for item, column in _all_items(instrument, columns)
        ]
    )
    scores = score_answers(instrument, answers)
    return source, [_scale_frame(instrument, name, scores) for name in instrument.scales]


def _all_items(instrument: Instrument, columns: dict[str, str]) -> list[tuple[str, str]]:
    return [(item.id, columns.get(item.id, "")) for item in instrument.items if item.kind != "text"]


def _item_columns(desk: Desk, instrument: Instrument, spot: object, path: Path_) -> dict[str, str]:
    """Item id -> column: from a pattern with {}, a list in the order of the items, or as written."""
    items = [item.id for item in instrument.items if item.kind != "text"]
    if isinstance(spot, dict):
        if unknown := [item for item in spot if item not in items]:
            cure = f"There are: {', '.join(items)}."
            raise _content(desk, f"{instrument.id} has no item {unknown[0]}.", path, cure)
        return {str(item): str(column) for item, column in spot.items()}
    if isinstance(spot, str) and "{}" in spot:
        return {item: spot.replace("{}", str(number)) for number, item in enumerate(items, start=1)}
    columns = [str(column) for column in spot] if isinstance(spot, list) else [str(spot)]
    if len(columns) != len(items):
        cure = "Write a pattern such as phq_{}, one column per item, or item: column."
        raise _content(desk, f"{instrument.id} has {len(items)} items, {len(columns)} columns are named.", path, cure)
    return dict(zip(items, columns, strict=True))


def _answers(desk: Desk, source: Source, entry: Scores, item: Item, column: str, *, turned: bool) -> pl.Series:
    text, values = _numbers(desk, source, entry, column)
    if item.minimum is not None and item.maximum is not None:
        known = values.is_in(list(item.not_assessed)) if item.not_assessed else pl.Series([False] * len(values))
        outside = ((values < item.minimum) | (values > item.maximum)) & ~known.fill_null(False)
        if item.whole:
            outside = outside | ((values != values.round()) & ~known.fill_null(False))
        whole = "a whole number " if item.whole else ""
        allowed = f"{whole}{item.minimum:g} to {item.maximum:g} ({item.id})"
        _refuse_outside(desk, source, entry, text, outside, allowed)
        values = item.minimum + item.maximum - values if turned else values
    return values.alias(item.id)


def _scale_frame(instrument: Instrument, name: str, scores: pl.DataFrame) -> pl.DataFrame:
    scale = instrument.scales[name]
    before = "" if scale is instrument.main else f"{name}_"
    return scores.select(
        pl.lit(instrument.id).alias("instrument"),
        pl.lit(name).alias("scale"),
        pl.col(name).alias("value"),
        pl.col(f"{before}valid").alias("valid"),
        pl.col(f"{before}answered").alias("answered"),
        pl.lit(len(scale.items), dtype=pl.Int32).alias("of"),
    )
