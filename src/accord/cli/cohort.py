"""`accord cohort check|show|map`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.site import site_folder
from accord.science.errors import BadInput

if TYPE_CHECKING:
    from accord.science.cohort.describe import Description, ScaleAt

app = typer.Typer(
    help="Cohorts: check, show, map anybody's files into one.", no_args_is_help=True, add_completion=False
)

MARKS_WIDTH = 66  # of a terminal of 80
MOST_PATTERNS = 20

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Folder = Annotated[Path, typer.Argument(help="The folder of a cohort.", metavar="DIR")]


@app.command()
def check(folder: Folder, as_json: Json = False) -> None:
    """Find everything that is wrong with a cohort: files, columns, values, people, days."""
    from accord.science.cohort import check_cohort
    from accord.science.cohort.describe import STAMPS
    from accord.science.cohort.manifest import read_manifest

    findings = check_cohort(folder, site=site_folder())
    origin = read_manifest(folder).origin
    wrong = [finding for finding in findings if not finding.warning]
    if as_json:
        found = [finding.to_dict() for finding in findings]
        told = {"cohort": str(folder), "origin": origin, "ok": not wrong, "findings": found}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{'warning: ' if finding.warning else ''}{finding}")
        print(f"{folder}: {_count(len(wrong), 'error')}, {_count(len(findings) - len(wrong), 'warning')}.")
        print(STAMPS[origin])
    if wrong:
        raise typer.Exit(2)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


@app.command()
def show(
    folder: Folder,
    as_json: Json = False,
    out: Annotated[Path | None, typer.Option(help="Write the missing pattern as a picture (SVG).")] = None,
) -> None:
    """Say what is in a cohort: people, tables, scales by time-point, and who answered when."""
    from accord.science.cohort import read_cohort
    from accord.science.cohort.describe import describe_cohort

    description = describe_cohort(read_cohort(folder, site=site_folder()))
    if out is not None:
        _write_picture(description, out)
    if as_json:
        print(json.dumps(description.to_dict(), ensure_ascii=False, indent=2))
        return
    _print(description)


def _print(found: Description) -> None:
    from rich.console import Console

    console = Console()
    console.print(f"[bold]{found.title}[/bold]", highlight=False)
    if found.invented:
        console.print(f"[bold red]{found.stamp}[/bold red]", highlight=False)
    else:
        console.print(found.stamp, highlight=False)
    for line in _facts(found):
        console.print(line, highlight=False, markup=False)
    console.print(_scale_table(found))
    console.print(_pattern_table(found))
    if found.invented:
        console.print(f"[bold red]{found.stamp}[/bold red]", highlight=False)


def _facts(found: Description) -> list[str]:
    people = ", ".join(f"{count:,} {role}" for role, count in found.people.items())
    lines = [f"People: {people}" + (f"; {found.enrolled:,} enrolled" if found.enrolled is not None else "")]
    if found.protocol:
        lines.append(f"Protocol: {found.protocol}" + (f", seed {found.seed}" if found.seed is not None else ""))
    if found.arms:
        lines.append("Arms: " + ", ".join(f"{arm} {count:,}" for arm, count in found.arms.items()))
    lines.append("Tables: " + ", ".join(f"{name} {rows:,}" for name, rows in found.tables.items()))
    if found.events:
        lines.append("Events: " + ", ".join(f"{kind} {count:,}" for kind, count in found.events.items()))
    lines += [f"Made from: {source}" for source in found.made_from]
    return lines + ([f"Licence: {found.licence}"] if found.licence else [])


def _scale_table(found: Description) -> object:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(title=_stamped("Scales: mean and SD of those with a score", found), title_justify="left", box=SIMPLE)
    table.add_column("scale, who, when", no_wrap=True)
    for heading in ("n", "missing", "mean", "SD", "range"):
        table.add_column(heading, justify="right", no_wrap=True)
    before = ""
    for row in found.scales:
        if row.scale != before:
            table.add_row(row.scale)
        table.add_row(*_cells(row))
        before = row.scale
    return table


def _cells(row: ScaleAt) -> list[str]:
    who = row.informant if row.role == "patient" else f"{row.role} group"
    mean = "" if row.mean is None else f"{row.mean:.2f}"
    sd = "" if row.sd is None else f"{row.sd:.2f}"
    span = "" if row.lowest is None else f"{row.lowest:.4g} to {row.highest:.4g}"
    return [f"  {who}, {row.time_point}", f"{row.n:,}", f"{row.missing:,}", mean, sd, span]


def _pattern_table(found: Description) -> object:
    """Patterns by falling count; with many time-points one column of marks, explained in the caption."""
    from rich.box import SIMPLE
    from rich.table import Table

    wide = sum(len(point) + 3 for point in found.time_points) > MARKS_WIDTH
    title = _stamped("Who answered when (● answered, · did not)", found)
    table = Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE)
    for heading in ["pattern"] if wide else found.time_points:
        table.add_column(heading, justify="left" if wide else "center", no_wrap=True)
    table.add_column("people", justify="right", no_wrap=True)
    for pattern in found.patterns[:MOST_PATTERNS]:
        marks = ["●" if point in pattern.answered else "·" for point in found.time_points]
        table.add_row(*([" ".join(marks)] if wide else marks), f"{pattern.people:,}")
    captions = [f"In order: {', '.join(found.time_points)}."] if wide else []
    if len(found.patterns) > MOST_PATTERNS:
        rest = sum(pattern.people for pattern in found.patterns[MOST_PATTERNS:])
        captions.append(f"{len(found.patterns) - MOST_PATTERNS:,} more patterns of {rest:,} people.")
    table.caption = " ".join(captions) or None
    return table


def _stamped(title: str, found: Description) -> str:
    return f"{title} (invented data)" if found.invented else title


def _write_picture(found: Description, out: Path) -> None:
    from accord.science.cohort.describe import missing_picture
    from accord.science.figures.drawing import standalone

    if out.suffix.lower() != ".svg":
        raise BadInput(f"{out} is no name for a picture.", cure="Name a file that ends in .svg.")
    if found.invented and "invented" not in out.stem:
        out = out.with_name(f"{out.stem}.invented.svg")  # the name carries it wherever the picture goes
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        unfinished.write_text(standalone(missing_picture(found).svg()), encoding="utf-8")
        unfinished.replace(out)
    except OSError as error:
        raise BadInput(
            f"{out} cannot be written: {error.strerror}.", cure="Name a file in a folder that exists."
        ) from None
    print(f"The picture is in {out}.", file=sys.stderr)


@app.command(name="map")
def map_(
    files: Annotated[list[Path], typer.Argument(help="The mapping, then the files; with --draft only the files.")],
    out: Annotated[Path | None, typer.Option(help="A folder that is new or empty.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Write a first mapping and protocol for these files.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    salt_file: Annotated[Path | None, typer.Option(help="A secret for salted pseudonyms; keep it apart.")] = None,
    made_on: Annotated[str | None, typer.Option(help="The date to write down, as 2026-01-31; default: today.")] = None,
    as_json: Json = False,
) -> None:
    """Turn anybody's CSV, Parquet or SPSS files into a cohort, as a mapping says; or draft such a mapping."""
    if draft:
        _draft(files, out, force, as_json)
    else:
        _map(files, out, force, salt_file, _date(made_on), as_json)


def _date(text: str | None) -> str:
    try:
        return (date.fromisoformat(text) if text else date.today()).isoformat()  # noqa: DTZ011 (a person's day)
    except ValueError:
        raise BadInput(f"'{text}' is no date.", cure="Write it as 2026-01-31.") from None


def _map(files: list[Path], out: Path | None, force: bool, salt_file: Path | None, made_on: str, as_json: bool) -> None:
    from accord.science.cohort import write_cohort
    from accord.science.cohort.describe import describe_cohort
    from accord.science.cohort.mapping import map_files, read_salt

    if out is None:
        raise BadInput("no folder to write to.", cure="Add --out DIR.")
    salt = read_salt(salt_file) if salt_file else None
    mapped = map_files(files[0], files[1:], salt=salt, made_on=made_on, site=site_folder())
    write_cohort(mapped.cohort, out, force=force)
    found = describe_cohort(mapped.cohort)
    if as_json:
        told = {"out": str(out), "notes": mapped.notes, "cohort": found.to_dict()}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for note in mapped.notes:
        print(note)
    print("\n".join(_facts(found)))
    print(f"The cohort is in {out}. Look at it: accord cohort show {out}")


def _draft(files: list[Path], out: Path | None, force: bool, as_json: bool) -> None:
    from accord.science.cohort.draft import draft_mapping, write_draft

    drafted = draft_mapping(files, site=site_folder())
    if out is not None:
        write_draft(drafted, out, force=force)
    if as_json:
        told = {"out": str(out) if out else None, **drafted.to_dict()}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    elif out is None:
        print(drafted.mapping)
        print(drafted.protocol)
    else:
        shown = " ".join(str(file) for file in files)
        print(f"{len(drafted.guesses)} guesses, each with its reason in {out}/mapping.yaml and {out}/protocol.yaml.")
        print(f"Read them, then: accord cohort map {out}/mapping.yaml {shown} --out COHORT")
        print(f"and then: accord analyse {out}/protocol.yaml --cohort COHORT --out REPORT")
