"""`accord analyse PROTOCOL --cohort DIR --out DIR`: judge a cohort by its protocol, as a page and as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.site import site_folder
from accord.science.errors import fresh_folder

if TYPE_CHECKING:
    from accord.science.analyses import AnalysisResult
    from accord.science.reports import WrittenReport

app = typer.Typer(add_completion=False)


@app.command()
def analyse(
    protocol: Annotated[
        str, typer.Argument(help="A slug (accord protocols list) or the path of a file.", metavar="PROTOCOL")
    ],
    cohort: Annotated[Path, typer.Option(help="The folder of the cohort.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="A new or empty folder for the report.", metavar="DIR")],
    seed: Annotated[int, typer.Option(min=0, help="For what is drawn: imputations, folds, Monte Carlo limits.")] = 1,
    allow_invented: Annotated[
        bool, typer.Option("--allow-invented", help="Lay an invented cohort beside published figures, and say so.")
    ] = False,
    publication: Annotated[
        bool, typer.Option("--publication", help="Each picture as PDF and PNG too.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Judge a cohort by its protocol: one self-contained page, and every number and table for machines."""
    from accord.science.analyses import analyse as judged
    from accord.science.cohort import read_cohort
    from accord.science.protocols import load_protocol, protocol_document, protocol_hash
    from accord.science.reports import write_report

    site = site_folder()
    text = protocol_document(protocol, site=site).text
    loaded = load_protocol(protocol, site=site)
    _refuse_full(out, force=force)
    with _progress() as said:
        said("reading the cohort")
        people = read_cohort(cohort, site=site)
        result = judged(
            loaded, people, seed=seed, protocol_hash=protocol_hash(text), allow_invented=allow_invented, said=said
        )
        said("writing the report")
        written = write_report(result, fresh_folder(out, force=force), publication=publication)
    print(json.dumps(_object(result, out, written), ensure_ascii=False) if as_json else _words(result, written))


def _refuse_full(out: Path, *, force: bool) -> None:
    """Before the work, without making the folder."""
    if out.exists():
        fresh_folder(out, force=force)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What is being done, on standard error, while somebody looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("starting") as status:
        yield status.update


def _object(result: AnalysisResult, out: Path, written: WrittenReport) -> dict[str, Any]:
    files = [str(file) for file in written.files]
    return {"out": str(out), "report": str(written.page), "files": files, **result.to_dict()}


def _words(result: AnalysisResult, written: WrittenReport) -> str:
    return "\n".join([result.eyebrow, result.title, *result.lead, f"Report: {written.page}"])
