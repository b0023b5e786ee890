"""`accord power PROTOCOL --n 20:200:20`: how often a study of that size finds what the protocol assumes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.executors import executor
from accord.cli.site import site_folder
from accord.science.errors import BadInput, fresh_folder

if TYPE_CHECKING:
    from accord.science.power import PowerCurve
    from accord.science.power.accrual import Accrual

app = typer.Typer(add_completion=False)
MOST_SIZES = 200


@app.command()
def power(
    protocol: Annotated[
        str, typer.Argument(help="A slug (accord protocols list) or the path of a file.", metavar="PROTOCOL")
    ],
    n: Annotated[
        str,
        typer.Option("--n", "-n", metavar="N or FROM:TO:STEP", help="People enrolled; without, as many as planned."),
    ] = "",
    replicates: Annotated[int, typer.Option(min=1, help="Simulated studies for each size.")] = 1000,
    target: Annotated[
        str, typer.Option(help="What is to be found: primary, process or mechanism.", metavar="WHAT")
    ] = "primary",
    effect: Annotated[
        float, typer.Option(help="Times the assumed effect; 0 gives how often nothing is called something.")
    ] = 1.0,
    referred_a_month: Annotated[
        float | None, typer.Option("--per-month", help="People referred a month: how long recruiting takes.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same power.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
    dask: Annotated[str, typer.Option(help="A Dask scheduler's address, or local.", metavar="ADDRESS")] = "",
    out: Annotated[
        Path | None, typer.Option(help="A new or empty folder for pictures and tables.", metavar="DIR")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what stands in DIR.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Simulate the protocol, judge it by its own analysis, count how often that finds what was put in."""
    from accord.science.power import protocol_power
    from accord.science.power.accrual import accrual
    from accord.science.protocols import load_protocol

    loaded = load_protocol(protocol, site=site_folder())
    sizes = sizes_of(n, loaded.sample_size.n)
    # What can be refused is refused before the work, and nothing is made for what is.
    arriving = [accrual(loaded, size, referred_a_month=referred_a_month) for size in sizes]
    if out and out.exists():
        fresh_folder(out, force=force)
    with _progress() as said, executor(workers, dask) as pool:
        curves = protocol_power(
            loaded, sizes, replicates=replicates, target=target, effect=effect, seed=seed, executor=pool,
            site=site_folder(), said=said,
        )  # fmt: skip
    planned = loaded.sample_size.n
    if out:
        _write(fresh_folder(out, force=force), curves, planned)
    if as_json:
        made = {"protocol": loaded.slug, "planned": planned, "replicates": replicates, "effect": effect, "seed": seed,
                "curves": [curve.to_dict() for curve in curves],
                "accrual": [{"n": one.n, "referred": one.referred, "months": one.months,
                             "until_last_answer": one.until_last_answer} for one in arriving]}  # fmt: skip
        print(json.dumps(made, ensure_ascii=False))
    else:
        print(_words(loaded.title, curves, arriving, planned))


def sizes_of(given: str, planned: int) -> list[int]:
    """`60`, `20:200:20` (the end included), or nothing for the planned size."""
    if not given:
        return [planned]
    parts = given.split(":")
    cure = "Write a number such as --n 60, or from:to:step such as --n 20:200:20."
    if len(parts) not in (1, 3) or not all(part.strip().isdecimal() for part in parts):
        raise BadInput(f"'{given}' is no size and no range of sizes.", cure=cure)
    numbers = [int(part) for part in parts]
    if len(numbers) == 1:
        return numbers
    first, last, step = numbers
    if step < 1 or last < first:
        raise BadInput(f"The range {given} holds no size.", cure=cure)
    found = list(range(first, last + 1, step))
    if len(found) > MOST_SIZES:
        raise BadInput(f"{len(found)} sizes are more than {MOST_SIZES}.", cure="Take a larger step.")
    return found


def _words(title: str, curves: list[PowerCurve], arriving: list[Accrual], planned: int) -> str:
    lines = [title, ""]
    for curve in curves:
        lines += [curve.what, f"{'people':>8} {'power':>7} {'error':>7} {'formula':>8} {'half width':>11}"]
        formula = list(curve.formula) or [None] * len(curve.points)
        for point, closed in zip(curve.points, formula, strict=True):
            beside = f"{closed:8.0%}" if closed is not None else f"{'':8}"
            wide = f"{point.half_width:11.3g}" if point.half_width is not None else f"{'':11}"
            mark = "  planned" if point.n == planned else ""
            lines.append(f"{point.n:8,} {point.power:7.1%} {point.error:7.1%} {beside} {wide}{mark}")
            if point.failed:
                lines.append(f"{'':9}{point.failed} of {point.done} could not be judged and count as not found")
        lines += [curve.summary(), f"{curve.method}.", ""]
    return "\n".join([*lines, *(one.summary() for one in arriving[-1:])])


def _write(folder: Path, curves: list[PowerCurve], planned: int) -> None:
    import csv

    from accord.science.figures.drawing import standalone

    rows = []
    for number, curve in enumerate(curves, start=1):
        name = "power" if len(curves) == 1 else f"power_{number}"
        (folder / f"{name}.svg").write_text(standalone(curve.plot(planned=planned).svg()), encoding="utf-8")
        rows += [{"id": curve.id, "what": curve.what, **point} for point in curve.to_dict()["points"]]
    with (folder / "power.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    made = json.dumps([curve.to_dict() for curve in curves], ensure_ascii=False, indent=1)
    (folder / "power.json").write_text(made, encoding="utf-8")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How many studies are done, on standard error, while somebody looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, of: None
        return
    with console.status("simulating") as status:
        yield lambda done, of: status.update(f"{done:,} of {of:,} studies simulated and judged")
