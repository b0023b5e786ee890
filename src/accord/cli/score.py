"""`accord score ID FILE`: score a file of answers, of one page or of a million rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import Progress

from accord.cli.site import site_folder
from accord.science.errors import BadInput
from accord.science.instruments.answers_file import AnswerFile, open_answers, read_answers, refuse_duplicates
from accord.science.instruments.load import load_instrument
from accord.science.instruments.model import Instrument
from accord.science.instruments.scoring import refuse_unscored, score_checked, turned

app = typer.Typer(add_completion=False)

LONG = 20_000_000  # bytes: from here on a bar shows how far it is
_FORMULA = r"^[=+\-@\t\r]"


@app.command()
def score(
    instrument_id: Annotated[str, typer.Argument(metavar="ID", help="An instrument, for example phq_9.")],
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, one row per answer sheet, one column per item.")],
    out: Annotated[Path | None, typer.Option(help="Where to write: .csv or .parquet. Otherwise to the screen.")] = None,
    wording: Annotated[str, typer.Option(help="official, or demo for answers to anything else.")] = "official",
    coding: Annotated[str, typer.Option(help="The direction of the answers, where two are in use.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Score a file of answers. A wrong value is named with row, column and what is allowed, and nothing is written."""
    if wording not in ("official", "demo"):
        raise BadInput(f"--wording is '{wording}'.", cure="Write official or demo.")
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise BadInput(f"--out is {out.name}.", cure="Name a file that ends in .csv or .parquet.")
    instrument = load_instrument(instrument_id, site=site_folder())
    refuse_unscored(instrument)
    turn = _turn(instrument, coding)
    answers = open_answers(file, instrument)
    scores = _scored(answers, instrument, wording, turn)
    if out is not None:
        _write(scores, out)
    if as_json:
        print(json.dumps(_report(instrument, answers, scores, wording, out), ensure_ascii=False))
    elif out is None:
        print(_safe(scores).write_csv(), end="")
    else:
        _say(instrument, scores, out)
    if not instrument.verified:
        print(f"note: {instrument.id} is not verified: {' '.join(instrument.notes)}", file=sys.stderr)


def _turn(instrument: Instrument, coding: str) -> bool:
    """Whether the file's answers run the other way round; a file of an instrument with two codings must say (PGIC)."""
    if instrument.codings is None:
        if coding:
            raise BadInput(f"{instrument.id} has one direction only.", cure="Leave --coding out.")
        return False
    if coding not in instrument.codings:
        ours, other = instrument.codings
        what = f"{instrument.id} is in use in two directions, and the file does not say which."
        raise BadInput(what, cure=f"Add --coding {ours} (as in the definition) or --coding {other}.")
    return coding == instrument.codings[1]


def _scored(file: AnswerFile, instrument: Instrument, wording: str, turn: bool) -> pl.DataFrame:
    scores, keys = [], []
    for key, answers, _ in _with_progress(file, read_answers(file, instrument)):
        scores.append(score_checked(instrument, turned(instrument, answers) if turn else answers, wording=wording))
        keys.append(key)
    all_keys = pl.concat(keys)
    refuse_duplicates(all_keys, file=file.name)
    result = pl.concat(scores)
    if all_keys.width:
        return pl.concat([all_keys, result], how="horizontal")
    return result.with_row_index("row", offset=1)


def _with_progress(
    file: AnswerFile, pieces: Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]:
    if file.size < LONG:
        yield from pieces
        return
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"scoring {file.name}", total=1.0)
        for piece in pieces:
            progress.update(task, completed=piece[2])
            yield piece


def _write(scores: pl.DataFrame, out: Path) -> None:
    """Whole or not at all: into a sibling first, then renamed."""
    part = out.with_name(out.name + ".part")
    try:
        if out.suffix == ".csv":
            _safe(scores).write_csv(part)
        else:
            scores.write_parquet(part)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{out} cannot be written: {error.strerror}.", cure="Choose another place.") from None


def _safe(scores: pl.DataFrame) -> pl.DataFrame:
    """No cell that a spreadsheet would run as a formula (E23); negative numbers stay what they are."""
    text = [name for name, dtype in scores.schema.items() if dtype == pl.String]
    cells = [pl.col(name) for name in text]
    return scores.with_columns(
        pl.when(cell.str.contains(_FORMULA) & cell.cast(pl.Float64, strict=False).is_null())
        .then(pl.lit("'") + cell)
        .otherwise(cell)
        .alias(name)
        for name, cell in zip(text, cells, strict=True)
    )


def _report(
    instrument: Instrument, file: AnswerFile, scores: pl.DataFrame, wording: str, out: Path | None
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "instrument": instrument.id, "version": instrument.version,
        "wording": "official" if instrument.own else wording, "verified": instrument.verified,
        "file": str(file.path), "rows": scores.height,
        "scales": _summaries(instrument, scores), "out": str(out) if out else None,
    }  # fmt: skip
    return report if out else {**report, "scores": scores.to_dicts()}


def _summaries(instrument: Instrument, scores: pl.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for scale in instrument.scales.values():
        column = scale.id if scale.id in scores.columns else f"demo_{scale.id}"
        values = scores.get_column(column)
        rows.append({
            "ref": scale.ref if column == scale.id else f"demo:{scale.ref}", "column": column,
            "scored": values.len() - values.null_count(), "not_scorable": values.null_count(),
            "mean": values.mean(), "minimum": values.min(), "maximum": values.max(),
        })  # fmt: skip
    return rows


def _say(instrument: Instrument, scores: pl.DataFrame, out: Path) -> None:
    print(f"{instrument.id}: {scores.height:,} rows scored into {out}")
    for row in _summaries(instrument, scores):
        mean = "" if row["mean"] is None else f", mean {row['mean']:.2f}"
        print(f"  {row['column']}: {row['scored']:,} scored, {row['not_scorable']:,} not scorable{mean}")
