"""`accord pool FILE`: one file of studies to a tested synthesis, on the screen, as JSON, or as a report."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.science.errors import BadInput, fresh_folder

if TYPE_CHECKING:
    from accord.science.analyses.pooling import PooledStudies
    from accord.science.reports import WrittenReport
    from accord.science.synthesis.fitting import Test

app = typer.Typer(add_completion=False)

MOST_SAID = 20  # warnings on the screen


@app.command()
def pool(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV and its kin, Parquet or SPSS; a row each effect.")],
    effect: Annotated[str, typer.Option(metavar="COL", help="The column of effects.")] = "",
    variance: Annotated[str, typer.Option(metavar="COL", help="The column of their variances.")] = "",
    se: Annotated[str, typer.Option(metavar="COL", help="The column of their standard errors, instead.")] = "",
    measure: Annotated[
        str,
        typer.Option("--from", metavar="KIND", help="Compute effects from: means, change, 2x2, t, r …, or a measure."),
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option(metavar="ROLE=COL", help="A column by its role, such as m1i=mean_cbt.")
    ] = None,
    label: Annotated[str, typer.Option(metavar="COL", help="The column that names the studies.")] = "",
    direction: Annotated[
        str, typer.Option(help="higher_worse or higher_better: turns effects so that positive is a benefit.")
    ] = "",
    correlation: Annotated[
        float | None, typer.Option(min=-1, max=1, help="The pre-post correlation to assume where no column gives it.")
    ] = None,
    method: Annotated[str, typer.Option(help="REML, ML, DL, PM, EB, SJ, HS, HE, or FE for fixed effects.")] = "REML",
    knha: Annotated[bool, typer.Option("--knha", help="Hartung and Knapp's interval and test.")] = False,
    truncated: Annotated[
        bool, typer.Option("--truncated", help="With --knha: never narrower than its t alone.")
    ] = False,
    by: Annotated[str, typer.Option(metavar="COL", help="Pool each group of this column, and test between.")] = "",
    mod: Annotated[
        list[str] | None, typer.Option(metavar="COL", help="A moderator (meta-regression); may be repeated.")
    ] = None,
    cluster: Annotated[
        str, typer.Option(metavar="COL", help="The study of each effect: a three-level model with CR2 errors.")
    ] = "",
    rob: Annotated[str, typer.Option(metavar="COL", help="Risk of bias, shown in the forest of the report.")] = "",
    allow_invented: Annotated[
        bool, typer.Option("--allow-invented", help="Pool simulated studies, and say so in the title.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="A new or empty folder for a report.")] = None,
    flow: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How the studies were found (step, label, n).")
    ] = None,
    title: Annotated[str, typer.Option(help="Of the report.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Replace the review that stands in DIR, and say what changed since.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Pool studies: what they find together, how much they differ, and what would change it."""
    from accord.science.analyses.pooling import PoolPlan, pool_studies
    from accord.science.analyses.studies import read_studies

    if out is not None and out.exists():
        fresh_folder(out, force=force)
    if flow is not None and out is None:
        raise BadInput("--flow is drawn in a report.", cure="Add --out DIR.")
    columns = _columns(effect, variance, se, label, column or [])
    studies = read_studies(
        file, measure=_measure(measure, effect, se), columns=columns, direction=direction or None,
        correlation=correlation, allow_invented=allow_invented,
    )  # fmt: skip
    plan = PoolPlan(method.upper(), _test(knha, truncated), by or None, tuple(mod or []), cluster or None, rob or None)
    found = pool_studies(studies, plan)
    written = _report(found, out, flow, title=title, force=force) if out is not None else None
    _say(found)
    print(json.dumps(_object(found, written), ensure_ascii=False) if as_json else _words(found, written))


def _report(found: PooledStudies, out: Path, flow: Path | None, *, title: str, force: bool) -> WrittenReport:
    from accord.science.analyses.review import review
    from accord.science.analyses.review_changes import read_earlier
    from accord.science.figures import read_prisma
    from accord.science.reports import write_report

    drawn = read_prisma(flow, title="How the studies were found") if flow else None
    result = review(found, title=title, earlier=read_earlier(out), flow=drawn)
    return write_report(result, fresh_folder(out, force=force))


def _columns(effect: str, variance: str, se: str, label: str, pairs: Sequence[str]) -> dict[str, str]:
    """Columns by role, from the options that name them."""
    if variance and se:
        raise BadInput("--variance and --se are both given.", cure="Give one of them.")
    columns = {"yi": effect, "vi": variance, "sei": se, "label": label}
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not (role and equals and name):
            raise BadInput(f"--column is {pair!r}.", cure="Write ROLE=COL, such as m1i=mean_cbt.")
        columns[role.strip()] = name.strip()
    return {role: name for role, name in columns.items() if name}


def _measure(named: str, effect: str, se: str) -> str | None:
    """Effects that are named are taken as given."""
    if named and effect:
        raise BadInput("--from computes effects, and --effect names them.", cure="Give one of them.")
    if effect or se:
        return "GEN_SE" if se else "GEN"
    return named or None


def _test(knha: bool, truncated: bool) -> Test:
    if truncated and not knha:
        raise BadInput("--truncated goes with --knha.", cure="Add --knha.")
    return "knha-truncated" if truncated else "knha" if knha else "z"


def _say(found: PooledStudies) -> None:
    """What was guessed and what looks wrong, on standard error."""
    effects = found.studies.effects
    for guess in effects.guessed:
        print(f"accord: {guess}", file=sys.stderr)
    notes = " ".join(effects.notes)
    print(f"accord: {effects.measure.label} ({effects.measure.name}). {notes}".rstrip(), file=sys.stderr)
    for finding in found.warnings[:MOST_SAID]:
        print(f"warning: {finding}", file=sys.stderr)
    if len(found.warnings) > MOST_SAID:
        print(f"warning: and {len(found.warnings) - MOST_SAID} more: see --json or the report.", file=sys.stderr)


def _object(found: PooledStudies, written: WrittenReport | None) -> dict[str, Any]:
    report = str(written.page) if written else None
    return {**found.to_dict(), "report": report, "files": [str(file) for file in written.files] if written else []}


def _words(found: PooledStudies, written: WrittenReport | None) -> str:
    from dataclasses import replace

    said: list[Any] = [replace(found.pooled, warnings=()).summary()]  # the warnings were said already
    if found.studies.invented:
        said.insert(0, "Invented data: these figures return what was put in.")
    if found.groups is not None:
        said.append(found.groups.summary())
    if written is not None:
        said.append(f"Report: {written.page}")
    return "\n".join(said)
