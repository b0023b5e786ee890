"""`accord attunement --cohort DIR`: every recorded session of a study, from files to process and outcome."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.executors import executor
from accord.cli.site import site_folder
from accord.science.errors import BadInput, NotFound, fresh_folder

if TYPE_CHECKING:
    from accord.science.analyses.attunement import Measured
    from accord.science.analyses.attunement_report import StudyFound
    from accord.science.cohort import Cohort
    from accord.science.protocols import Protocol
    from accord.science.reports import WrittenReport

app = typer.Typer(add_completion=False)

WORK = "attunement"
MOST_SAID = 10
_QUIET = 0.05  # a terminal hears of at most twenty steps


@app.command()
def attunement(
    cohort: Annotated[Path, typer.Option(help="The folder of the cohort.", metavar="DIR")],
    signals: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of the recordings; without, `signals` in the cohort.")
    ] = None,
    protocol: Annotated[
        str, typer.Option(metavar="PROTOCOL", help="A slug or the path of a file; without, the cohort's own.")
    ] = "",
    signal: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this signal; may be repeated. Without, all listed.")
    ] = None,
    method: Annotated[str, typer.Option(help="wlcc, susy, suco, marci, coherence, amico or peaks.")] = "wlcc",
    absolute: Annotated[bool, typer.Option("--absolute", help="|Z|: moving against each other counts too.")] = False,
    window: Annotated[float | None, typer.Option(metavar="S", help="Seconds; the method has its own.")] = None,
    step: Annotated[float | None, typer.Option(metavar="S", help="Seconds from one window to the next.")] = None,
    max_lag: Annotated[float | None, typer.Option("--max-lag", metavar="S", help="The largest lag.")] = None,
    rate: Annotated[float, typer.Option(metavar="HZ", help="The grid on which both are compared.")] = 4.0,
    surrogate: Annotated[
        str, typer.Option(help="How chance is made; without, other sessions where there are enough of them.")
    ] = "",
    surrogates: Annotated[int, typer.Option(min=2, help="How many for each session.")] = 199,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="How many processes share the work.")] = 1,
    dask: Annotated[
        str, typer.Option(metavar="ADDRESS", help="A Dask scheduler shares the work; `local` starts one here.")
    ] = "",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="A new or empty folder for a report.")] = None,
    publication: Annotated[bool, typer.Option("--publication", help="Each picture as PDF and PNG too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Measure a study's recordings against chance, write the cohort's synchrony, and lay it beside process and outcome.

    A run that was stopped goes on where it was: what is done is kept in `attunement` in the cohort's folder.
    """
    from accord.science.analyses.attunement import AttunementPlan, measure_study
    from accord.science.analyses.attunement_index import FILE, read_index, read_put_in
    from accord.science.analyses.attunement_report import StudyFound
    from accord.science.analyses.attunement_table import method_name, refuse_strangers, table, write_table
    from accord.science.cohort import Cohort, read_cohort

    plan = AttunementPlan(
        method, window, step, max_lag, rate, absolute, surrogate or None, surrogates, seed, tuple(signal or [])
    ).checked()
    if out is not None and out.exists():
        fresh_folder(out, force=force)
    people = read_cohort(cohort, site=site_folder())
    promised, promised_hash = _protocol(protocol, people)
    folder = signals or cohort / "signals"
    meetings = read_index(folder)
    refuse_strangers(people, [m.participant for m in meetings], FILE)
    with executor(workers, dask) as pool, _progress() as said:
        measured = measure_study(meetings, plan, cohort / WORK, executor=pool, progress=said)
    _refuse_nothing(measured)
    name = method_name(promised.recordings.primary_index if promised and promised.recordings else "", plan)
    frame = table(people, measured, name)
    write_table(cohort, people, frame, plan)
    with_table = Cohort(people.manifest, {**people.tables, "synchrony": frame}, people.truth, people.site)
    put_in = read_put_in(folder) if people.manifest.invented else {}
    found = StudyFound(with_table, tuple(measured), plan, name, put_in)
    written = None
    if out is not None:
        written = _report(found, promised, promised_hash, out, publication=publication, force=force)
    _say_left_out(found)
    print(
        json.dumps(_object(found, cohort, written), ensure_ascii=False) if as_json else _words(found, cohort, written)
    )
    if any(one.bug for one in measured):
        raise typer.Exit(1)


def _protocol(named: str, cohort: Cohort) -> tuple[Protocol | None, str]:
    """The one asked for, else the cohort's own where it is to be had."""
    from accord.science.protocols import load_protocol, protocol_document, protocol_hash

    slug = named or cohort.manifest.protocol or ""
    if not slug:
        return None, ""
    try:
        text = protocol_document(slug, site=site_folder()).text
        return load_protocol(slug, site=site_folder()), protocol_hash(text)
    except NotFound:
        if named:
            raise
        return None, ""


def _refuse_nothing(measured: list[Measured]) -> None:
    """Nothing measured is no result: the first reasons, and the cohort stays as it was."""
    if any(one.row is not None for one in measured):
        return
    reasons = list(dict.fromkeys(one.problem for one in measured))
    what = f"No session of {len(measured)} could be measured: {'; '.join(reasons[:3])}"
    raise BadInput(what, cure=measured[0].cure if measured else "List recordings in the index.")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar while somebody looks, else a line now and then; both on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    with Progress(console=console) as bar:
        tasks: dict[str, Any] = {}

        def said(words: str, done: int, of: int) -> None:
            if words not in tasks:
                tasks[words] = bar.add_task(f"{words} {of:,} sessions", total=of)
            bar.update(tasks[words], completed=done)

        yield said


class _Lines:
    """One line for every twentieth of the way."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}

    def __call__(self, words: str, done: int, of: int) -> None:
        share = done / of if of else 1.0
        if share - self.last.get(words, -1.0) >= _QUIET or done == of:
            self.last[words] = share
            print(f"accord: {words} {done:,} of {of:,}", file=sys.stderr)


def _say_left_out(found: StudyFound) -> None:
    for one in found.left_out[:MOST_SAID]:
        m = one.meeting
        print(f"left out: {m.participant}, {m.session}, {m.signal}: {one.problem} {one.cure}", file=sys.stderr)
    if len(found.left_out) > MOST_SAID:
        print(f"left out: and {len(found.left_out) - MOST_SAID} more; see --json or the report.", file=sys.stderr)


def _report(
    found: StudyFound, protocol: Protocol | None, protocol_hash: str, out: Path, *, publication: bool, force: bool
) -> WrittenReport:
    from accord.science.analyses.attunement_report import attunement_report
    from accord.science.reports import write_report

    result = attunement_report(found, protocol, protocol_hash=protocol_hash)
    return write_report(result, fresh_folder(out, force=force), publication=publication)


def _object(found: StudyFound, cohort: Path, written: WrittenReport | None) -> dict[str, Any]:
    from dataclasses import asdict

    def named(one: Measured) -> dict[str, Any]:
        m = one.meeting
        return {"participant": m.participant, "session": m.session, "time_point": m.time_point, "signal": m.signal}

    return {
        "cohort": str(cohort), "origin": found.cohort.origin, "method": found.method, "settings": asdict(found.plan),
        "measured": [{**named(one), **one.row} for one in found.used if one.row],
        "left_out": [{**named(one), "problem": one.problem, "cure": one.cure} for one in found.left_out],
        "report": str(written.page) if written else None,
        "files": [str(file) for file in written.files] if written else [],
    }  # fmt: skip


def _words(found: StudyFound, cohort: Path, written: WrittenReport | None) -> str:
    from accord.science.analyses.attunement_report import lead

    lines = [*lead(found), f"{len(found.used)} sessions are in the table synchrony of {cohort}."]
    if found.left_out:
        lost = len(found.left_out)
        lines.append(f"{lost} session{'s' if lost > 1 else ''} left out; the rest was measured.")
    return "\n".join([*lines, f"Report: {written.page}"] if written else lines)
