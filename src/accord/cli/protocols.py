"""`accord protocols list|check|show|schedule`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.science.errors import AccordError, BadInput

if TYPE_CHECKING:
    from accord.science.protocols import CheckReport, Protocol, ScheduleRow, Statement

app = typer.Typer(help="Protocols: list, check, show, schedule.", no_args_is_help=True, add_completion=False)

Name = Annotated[str, typer.Argument(help="A slug (accord protocols list) or the path of a file.", metavar="PROTOCOL")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _site() -> Path | None:
    folder = os.environ.get("ACCORD_SITE")
    return Path(folder) if folder else None


def _print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2))


@app.command("list")
def list_protocols(as_json: Json = False) -> None:
    """All protocols at hand: slug, kind, people to be enrolled, title."""
    from accord.science.protocols import load_protocol, protocol_names

    found: list[dict[str, object]] = []
    for name in protocol_names(site=_site()):
        try:
            protocol = load_protocol(name, site=_site())
        except AccordError as error:
            found.append({"protocol": name, "error": str(error.findings[0])})
            continue
        found.append({
            "protocol": name, "version": protocol.version, "kind": protocol.kind, "status": protocol.status,
            "target": protocol.population.target, "title": protocol.title,
        })  # fmt: skip
    if as_json:
        _print_json({"protocols": found})
        return
    rows = [(p["protocol"], p.get("kind", ""), p.get("target", ""), p.get("title") or p["error"]) for p in found]
    _print_table(("Protocol", "Kind", "People", "Title"), rows)


@app.command()
def check(
    protocol: Annotated[str | None, typer.Argument(help="A slug or a path; all protocols without.")] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with a protocol, or with all: names, anchors, safety, marks, burden, false alarms."""
    from accord.science.protocols import inspect_protocol, protocol_document, protocol_names

    names = [protocol] if protocol is not None else protocol_names(site=_site())
    reports: dict[str, CheckReport] = {}
    for name in names:
        reports[name] = inspect_protocol(protocol_document(name, site=_site()), site=_site())
    if as_json:
        _print_json({"ok": not _wrong(reports), "protocols": [_report(n, r) for n, r in reports.items()]})
    else:
        for name, report in reports.items():
            if protocol is not None and report.burden:
                _print_burden(report)
            _print_report(name, report)
    if _wrong(reports):
        raise typer.Exit(2)


def _wrong(reports: dict[str, CheckReport]) -> bool:
    return any(report.errors for report in reports.values())


def _report(name: str, report: CheckReport) -> dict[str, object]:
    return {
        "protocol": name, "ok": not report.errors, "findings": [finding.to_dict() for finding in report.findings],
        "burden": [
            {"time_point": at, "person": s.person, "sitting": s.number, "of": s.of, "instruments": list(s.instruments),
             "items": s.items, "minutes": round(s.minutes, 1), "bad_day_minutes": round(s.bad_day_minutes, 1)}
            for at, s in report.burden
        ],
        "false_alarms": report.alarms.to_dict() if report.alarms else None,
    }  # fmt: skip


def _print_burden(report: CheckReport) -> None:
    rows = [
        (at, f"{s.person}{f', sitting {s.number} of {s.of}' if s.of > 1 else ''}", s.items, f"{s.minutes:.1f}",
         f"{s.bad_day_minutes:.1f}")
        for at, s in report.burden
    ]  # fmt: skip
    _print_table(("Time-point", "Who", "Items", "Minutes", "On a bad day"), rows)


def _print_report(name: str, report: CheckReport) -> None:
    for finding in report.findings:
        print(f"{'warning: ' if finding.warning else ''}{finding}")
    if report.burden:
        longest = max(report.burden, key=lambda entry: entry[1].minutes)
        at, sitting = longest
        print(
            f"{name}: longest sitting is {at}, {sitting.person}: {sitting.items} items, {sitting.minutes:.0f} minutes "
            f"({sitting.bad_day_minutes:.0f} on a bad day)."
        )
    if report.alarms:
        scales = "; ".join(f"{s.ref} {s.threshold:.2g} points ({s.origin})" for s in report.alarms.scales)
        print(f"{name}: {report.alarms.rate:.1%} of stable patients would be called worse at least once: {scales}.")
    warnings = len(report.findings) - len(report.errors)
    print(f"{name}: {_count(len(report.errors), 'error')}, {_count(warnings, 'warning')}.")


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


@app.command()
def show(protocol: Name, as_json: Json = False) -> None:
    """Say what a protocol promises, and list which statements have a source and which are assumed, with counts."""
    from accord.science.protocols import load_protocol, protocol_document, protocol_hash, statements

    document = protocol_document(protocol, site=_site())
    found = load_protocol(protocol, site=_site())
    marks = statements(found)
    if as_json:
        _print_json({
            "protocol": found.slug, "version": found.version, "kind": found.kind, "status": found.status,
            "title": found.title, "summary": found.summary, "hash": protocol_hash(document.text),
            "target": found.population.target, "arms": {name: arm.label for name, arm in found.arms.items()},
            "primary": {"scale": found.endpoints.primary.scale, "at": found.endpoints.primary.at},
            "sources": {key: source.model_dump() for key, source in found.sources.items()},
            "sourced": [_mark(mark) for mark in marks if mark.source],
            "assumed": [_mark(mark) for mark in marks if mark.assumed],
            "unmarked": [_mark(mark) for mark in marks if not mark.marked],
        })  # fmt: skip
        return
    _print_protocol(found, marks)


def _mark(mark: Statement) -> dict[str, object]:
    path = ".".join(str(key) for key in mark.path)
    found: dict[str, object] = {"path": path}
    if mark.members:
        found["members"] = list(mark.members)
    if mark.source:
        found |= {"source": mark.source, "where": mark.where}
    return found


def _print_protocol(protocol: Protocol, marks: list[Statement]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{protocol.title}[/bold]")
    console.print(f"{protocol.slug}, version {protocol.version}, {protocol.kind}, {protocol.status}", markup=False)
    console.print(protocol.summary, markup=False)
    for line in _facts(protocol):
        console.print(line, markup=False)
    for heading, found in (
        ("Read in a source", [mark for mark in marks if mark.source]),
        ("Assumed", [mark for mark in marks if mark.assumed]),
        ("Neither", [mark for mark in marks if not mark.marked]),
    ):
        if found or heading != "Neither":
            console.print(f"\n[bold]{heading}: {_count(len(found), 'statement')}[/bold]")
            for line in _by_clause(protocol, found):
                console.print(line, markup=False)


def _facts(protocol: Protocol) -> list[str]:
    primary = protocol.endpoints.primary
    lines = [f"People: {protocol.population.target}. Primary: {primary.scale} at {primary.at}."]
    lines += [f"Arm {name}: {arm.label}." for name, arm in protocol.arms.items()]
    lines += [f"Source {key} ({source.read}): {source.citation}" for key, source in protocol.sources.items()]
    return lines


def _by_clause(protocol: Protocol, marks: list[Statement]) -> list[str]:
    """One line a clause: its fields, the source with the place in it."""
    from accord.science.protocols.marks import spoken_path

    clauses: dict[tuple[str, str], list[str]] = {}
    for mark in marks:
        clause = spoken_path(protocol, mark.path[:-1]) or "the protocol"
        origin = f"{mark.source}{f', {mark.where}' if mark.where else ''}" if mark.source else ""
        field = str(mark.path[-1]) + (f" ({', '.join(mark.members)})" if mark.members else "")
        clauses.setdefault((clause, origin), []).append(field)
    return [
        f"  {clause}: {', '.join(fields)}{f'  [{origin}]' if origin else ''}"
        for (clause, origin), fields in clauses.items()
    ]


@app.command()
def schedule(
    protocol: Name,
    as_json: Json = False,
    out: Annotated[Path | None, typer.Option(help="Write the schedule as a picture (SVG).")] = None,
) -> None:
    """Lay out who answers what when, with items and minutes; `--out FILE.svg` draws it as a time line."""
    from accord.science.protocols import load_protocol, schedule_picture
    from accord.science.protocols import schedule as rows_of

    found = load_protocol(protocol, site=_site())
    rows = rows_of(found, site=_site())
    if out is not None:
        from accord.science.figures.drawing import standalone

        _write(out, standalone(schedule_picture(found, site=_site()).svg()))
    if as_json:
        _print_json(
            {"protocol": found.slug, "rows": [row.to_dict() for row in rows], "picture": str(out or "") or None}
        )
        return
    _print_schedule(rows)
    if out is not None:
        print(f"Picture: {out}")


def _print_schedule(rows: list[ScheduleRow]) -> None:
    from accord.science.protocols.schedule import when

    cells = [
        (
            row.label, when(row.anchor, row.window, row.every, row.times), row.informant, ", ".join(row.instruments),
            row.items or "", f"{row.minutes:.0f}" if row.minutes >= 1 else "",
        )
        for row in rows
    ]  # fmt: skip
    _print_table(("Time-point", "When", "Who", "Instruments", "Items", "Minutes"), cells)


def _print_table(columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False, markup=False).print(table)


def _write(path: Path, text: str) -> None:
    """Write beside the target first, then move: nothing half written."""
    if path.suffix != ".svg":
        raise BadInput(f"{path} does not end in .svg.", cure="The picture is SVG; name the file so.")
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.", cure="Check the folder.") from None
