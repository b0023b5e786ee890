"""`accord simulate PROTOCOL -n N --seed S --out DIR`: invent a cohort whose true values are known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.site import site_folder
from accord.science.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

    from accord.science.cohort import Cohort, Manifest
    from accord.science.simulation.design import Design

app = typer.Typer(add_completion=False)


@app.command()
def simulate(
    protocol: Annotated[
        str, typer.Argument(help="A slug (accord protocols list) or the path of a file.", metavar="PROTOCOL")
    ],
    out: Annotated[Path, typer.Option(help="A new or empty folder for the cohort.", metavar="DIR")],
    n: Annotated[
        int | None, typer.Option("-n", help="People to be enrolled; without, as many as the protocol plans.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    signals: Annotated[
        float | None,
        typer.Option(metavar="MINUTES", help="Write the recordings too, sessions of so many minutes, to be measured."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the cohort that stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Invent a cohort for a protocol, with known true effects. Nothing in it was ever measured."""
    from accord.science.protocols import load_protocol, protocol_document, protocol_hash
    from accord.science.simulation import design_of, manifest_of
    from accord.science.simulation.simulate import check_size

    text = protocol_document(protocol, site=site_folder()).text
    loaded = load_protocol(protocol, site=site_folder())
    people = loaded.sample_size.n if n is None else n
    check_size(people, seed)
    _refuse_full(out, force=force)
    design = design_of(loaded, site=site_folder())
    manifest = manifest_of(design, n=people, seed=seed, protocol_hash=protocol_hash(text))
    if signals is not None:
        _refuse_no_signals(design, people, signals)
    rows, truths = _written(design, manifest, out, force=force, signals=signals)
    made = {
        "protocol": loaded.slug, "out": str(out), "origin": manifest.origin, "title": manifest.title, "n": people,
        "seed": seed, "referred": rows.pop("referred"), "tables": dict(rows), "truth": truths,
    }  # fmt: skip
    if as_json:
        print(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        _say(made, rows)


def _refuse_full(out: Path, *, force: bool) -> None:
    """Before the work, so that a million people are not invented for nothing."""
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file.", cure="Name a folder that is new or empty.")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise BadInput(f"The folder {out} is not empty.", cure="Name a new folder, or add --force.")


def _refuse_no_signals(design: Design, people: int, minutes: float) -> None:
    from accord.science.simulation.signals import MOST_PEOPLE

    if design.protocol.recordings is None:
        raise BadInput("This protocol records nothing.", cure="Simulate one with `recordings:`, such as integro.")
    if people > MOST_PEOPLE:
        raise BadInput(f"Signals for {people:,} people are too many.", cure=f"Simulate at most {MOST_PEOPLE:,}.")
    if not 1 <= minutes <= 120:
        raise BadInput(f"A session of {minutes:g} minutes.", cure="Give 1 to 120 minutes.")


def _written(
    design: Design, manifest: Manifest, out: Path, *, force: bool, signals: float | None
) -> tuple[Counter[str], int]:
    """Write chunk by chunk, with a bar when there are several; rows by table, and how many true values there are."""
    from rich.console import Console
    from rich.progress import Progress

    from accord.science.cohort import Cohort, CohortWriter, write_cohort
    from accord.science.simulation import chunk_count, simulate_chunks, true_values

    n, seed = manifest.n or 0, manifest.seed or 0
    chunks = simulate_chunks(design.protocol, n=n, seed=seed, site=design.site)
    if chunk_count(n) == 1:
        tables = next(chunks)
        truth = true_values(design)
        cohort = Cohort(manifest, tables, truth, design.site)
        if signals is not None:
            return _with_signals(cohort, out, force=force, minutes=signals), len(truth)
        write_cohort(cohort, out, force=force)
        return _rows(tables), len(truth)
    rows: Counter[str] = Counter()
    with CohortWriter(out, manifest, force=force) as writer, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"inventing {n:,} people", total=chunk_count(n))
        for tables in chunks:
            writer.append(tables)
            rows.update(_rows(tables))
            bar.advance(task)
        truth = true_values(design)
        writer.close(truth)
    return rows, len(truth)


def _with_signals(cohort: Cohort, out: Path, *, force: bool, minutes: float) -> Counter[str]:
    """The recordings in `signals`; the table of synchrony is left to whoever measures them."""
    from dataclasses import replace

    from accord.science.cohort import write_cohort
    from accord.science.simulation.signals import FOLDER, write_signals

    tables = {name: cohort.table(name) for name in cohort.names if name != "synchrony"}
    made_from = [f"{cohort.manifest.made_from[0]} --signals {minutes:g}"]
    manifest = cohort.manifest.model_copy(update={"made_from": made_from})
    write_cohort(replace(cohort, manifest=manifest, tables=tables), out, force=force)
    sessions = write_signals(cohort, out / FOLDER, seed=manifest.seed or 0, minutes=minutes)
    return _rows(tables) + Counter({"recorded sessions": sessions})


def _rows(tables: dict[str, pl.DataFrame]) -> Counter[str]:
    """Rows by table; and `referred`, which leaves out people who are only measured."""
    referred = int((tables["participants"]["role"] == "patient").sum())
    return Counter({name: frame.height for name, frame in tables.items()} | {"referred": referred})


def _say(made: dict[str, object], rows: Counter[str]) -> None:
    print(f"{made['title']}")
    print(f"  Invented people: nothing here was measured. Seed {made['seed']}.")
    print(f"  {made['n']:,} enrolled of {made['referred']:,} referred, in {made['out']}")
    print("  " + ", ".join(f"{name} {count:,}" for name, count in rows.items()))
    print(f"  truth.json: {made['truth']} true values, by the ids that an analysis reports")
