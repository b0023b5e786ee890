"""`accord synchrony A B --signal heart-rate`: two recordings of one session, against chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.executors import executor
from accord.science.errors import BadInput, fresh_folder

if TYPE_CHECKING:
    from accord.science.analyses.attunement_bodies import Together
    from accord.science.synchrony import Synchrony

app = typer.Typer(add_completion=False)

INVENTED = "invented"  # what the simulator puts into the name of every file (C12)


@app.command()
def synchrony(
    first: Annotated[Path, typer.Argument(metavar="A", help="The recording of one person: table, EDF, .acq, .xdf …")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The other's; the same file when it holds both.")],
    signal: Annotated[str, typer.Option(help="heart-rate, ecg, rr, skin-conductance …, or the name of a column.")],
    column: Annotated[str, typer.Option(metavar="COLUMN", help="A's column, where --signal says what it is.")] = "",
    column_b: Annotated[
        str, typer.Option("--column-b", metavar="COLUMN", help="B's column, where it is called otherwise.")
    ] = "",
    time: Annotated[str, typer.Option(metavar="COLUMN", help="The column of times; found by its usual names.")] = "",
    time_unit: Annotated[str, typer.Option("--time-unit", help="s, ms, us, ns, min or h, where no name says it.")] = "",
    max_hours: Annotated[float, typer.Option("--max-hours", min=0, help="Longer recordings are refused.")] = 12.0,
    file_rate: Annotated[
        float | None, typer.Option("--file-rate", metavar="HZ", help="Samples a second, for files without times.")
    ] = None,
    who: Annotated[str, typer.Option(help="What the two are called.")] = "patient,therapist",
    method: Annotated[str, typer.Option(help="wlcc, susy, suco, marci, coherence, amico or peaks.")] = "wlcc",
    absolute: Annotated[bool, typer.Option("--absolute", help="|Z|: moving against each other counts too.")] = False,
    window: Annotated[float | None, typer.Option(metavar="S", help="Seconds; the method has its own.")] = None,
    step: Annotated[float | None, typer.Option(metavar="S", help="Seconds from one window to the next.")] = None,
    max_lag: Annotated[float | None, typer.Option("--max-lag", metavar="S", help="The largest lag.")] = None,
    rate: Annotated[float, typer.Option(metavar="HZ", help="The grid on which both are compared.")] = 4.0,
    surrogate: Annotated[str, typer.Option(help="How chance is made: circular-shift, segment-shuffle …")] = "",
    surrogates: Annotated[int, typer.Option(min=0, help="How many; 0: none, and no p.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 1,
    detrend: Annotated[
        bool, typer.Option("--detrend/--no-detrend", help="Take out what is slower than four windows.")
    ] = True,
    align: Annotated[str, typer.Option(help="How two clocks become one: auto, stamp, start or marker.")] = "auto",
    clock_error: Annotated[
        float | None,
        typer.Option("--clock-error", min=0, metavar="S", help="How far the clocks may be apart; 0: one device."),
    ] = None,
    phases: Annotated[Path | None, typer.Option(metavar="FILE", help="A table of phase, start, end.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes for the surrogates.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="A new or empty folder for a report.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Did two people's bodies move together more than chance, and who came first?"""
    from accord.science.analyses.attunement_bodies import brought_together
    from accord.science.signals import Limits, read_recording
    from accord.science.signals.phases import read_phases
    from accord.science.synchrony import synchrony as measured
    from accord.science.synchrony.measure import DEFAULT_SURROGATE

    names = _who(who)
    if out is not None and out.exists():
        fresh_folder(out, force=force)
    said: dict[str, Any] = {
        "time": time or None, "time_unit": time_unit or None, "rate_hz": file_rate, "limits": Limits(hours=max_hours),
    }  # fmt: skip
    one = read_recording(first, signal=signal, column=column or None, who=names[0], **said)
    other = read_recording(second, signal=signal, column=column_b or column or None, who=names[1], **said)
    _refuse_one_body(one, other)
    parts = read_phases(phases) if phases else ()
    both = brought_together(one, other, rate_hz=rate, phases=parts, align=align, clock_error_s=clock_error)
    with executor(workers, "") as pool:
        found = measured(
            both.first, both.second, rate_hz=rate, method=method, window=window, step=step, max_lag=max_lag,
            absolute=absolute, surrogate=surrogate or DEFAULT_SURROGATE, surrogates=surrogates, seed=seed,
            detrend=detrend, phases=[(p.name, p.start, p.end) for p in both.phases], executor=pool, who=names,
            clock_s=both.clock_s,
        )  # fmt: skip
    invented = any(INVENTED in path.stem for path in (first, second))
    written = _report(found, both, out, invented=invented, force=force) if out else []
    if as_json:
        print(json.dumps({**_object(found, both, written), "invented": invented}, ensure_ascii=False))
    else:
        print("\n".join([*(["Invented data: nobody was recorded."] if invented else []), _words(found, both, written)]))


def _who(names: str) -> tuple[str, str]:
    listed = [name.strip() for name in names.split(",")]
    if len(listed) != 2 or not all(listed) or listed[0] == listed[1]:
        raise BadInput(f"--who is {names!r}.", cure="Write two names with a comma: patient,therapist.")
    return listed[0], listed[1]


def _refuse_one_body(one: Any, other: Any) -> None:
    """The same column of the same file twice is one person, whose synchrony with herself says nothing."""
    if one.source == other.source and len(one) == len(other) and (one.values == other.values).all():
        cure = "Name the other's column with --column-b, or the other's file."
        raise BadInput(f"Both recordings are the column '{one.signal}' of {one.source}.", cure=cure)


def _object(found: Synchrony, both: Together, written: list[Path]) -> dict[str, Any]:
    from accord.science.analyses.attunement_pictures import reading

    clock = both.clock.to_dict() if both.clock else None
    return {
        **found.to_dict(), "signal": both.signal, "usable": both.usable, "clock": clock, "assumed": list(both.notes),
        "quality_windows": dict(zip(found.who, both.windows, strict=False)),
        "reading": reading(found, both.signal), "files": [str(path) for path in written],
    }  # fmt: skip


def _words(found: Synchrony, both: Together, written: list[Path]) -> str:
    from accord.science.analyses.attunement_pictures import lead_words, reading, values_words

    lines = [reading(found, both.signal), values_words(found), lead_words(found), *found.notes, *both.notes]
    lines += [f"Report: {path}" for path in written[:1]]
    return "\n".join(dict.fromkeys(lines))


def _report(found: Synchrony, both: Together, out: Path, *, invented: bool, force: bool) -> list[Path]:
    from accord.science.analyses.attunement_pair import pair_report
    from accord.science.reports import write_report

    written = write_report(pair_report(found, both, invented=invented), fresh_folder(out, force=force))
    return [written.page, *(file for file in written.files if file != written.page)]
