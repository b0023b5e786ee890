"""`accord psychometrics ID FILE`: how a questionnaire worked in the people at hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from accord.cli.site import site_folder
from accord.science.analyses.measure import Answers, ScaleMeasure, measure
from accord.science.instruments.answers_file import open_answers, read_answers, refuse_duplicates
from accord.science.instruments.load import load_instrument
from accord.science.instruments.model import Instrument
from accord.science.instruments.scoring import refuse_unscored

app = typer.Typer(add_completion=False)


@app.command()
def psychometrics(
    instrument_id: Annotated[str, typer.Argument(metavar="ID", help="An instrument, for example phq_9.")],
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, one row per answer sheet, one column per item.")],
    retest: Annotated[
        Path | None, typer.Option(help="The same people's answers again, with nothing in between: ICC, SEM, SDC.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Alpha and omega with limits, each question with the rest, floor and ceiling; with --retest ICC, SEM and SDC."""
    instrument = load_instrument(instrument_id, site=site_folder())
    refuse_unscored(instrument)
    found = measure(instrument, _read(file, instrument), _read(retest, instrument) if retest else None)
    if as_json:
        scales = [one.to_dict() for one in found]
        print(json.dumps({"instrument": instrument.id, "version": instrument.version, "scales": scales}))
        return
    for one in found:
        _say(one)
    print("Figures of these people, not of the questionnaire.", file=sys.stderr)


def _read(file: Path, instrument: Instrument) -> Answers:
    opened = open_answers(file, instrument)
    pieces = list(read_answers(opened, instrument))
    keys = pl.concat([one for one, _, _ in pieces])
    refuse_duplicates(keys, file=opened.name)
    return Answers(keys, pl.concat([one for _, one, _ in pieces]))


def _say(one: ScaleMeasure) -> None:
    print(f"{one.ref}: {one.name}")
    for part in (one.consistency, one.ends, one.retest):
        if part is not None:
            print(f"  {part.summary()}")
    for what, why in one.why_not.items():
        print(f"  {what} not estimated: {why}")
    if one.consistency is not None:
        table = Table("question", "with the rest", "alpha without it", box=None, pad_edge=False, header_style="bold")
        for question in one.consistency.questions:
            without = "" if question.alpha_without is None else f"{question.alpha_without:.3f}"
            table.add_row(question.name, f"{question.with_rest:.3f}", without)
        Console(width=max(60, Console().width)).print(table)
    print()
