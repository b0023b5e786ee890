"""`accord doctor`: what is unsafe in this deployment, each thing with its cure. Some of it stops `accord serve`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.service import connect, set_up_service
from accord.science.errors import AccordError

if TYPE_CHECKING:
    from accord.service.operation.doctor.finding import Unsafe

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Say what is unsafe here and how to mend it: names, keys, database, clock, backups, signatures, wording, duty.

    Leaves with 2 when something must be mended, with 0 when nothing must be; notes are said and left to the clinic.
    """
    set_up_service()
    found = _examined()
    unsafe = [one for ones in found.values() for one in ones]
    if as_json:
        told = {"ready": not any(one.must for one in unsafe), "findings": [one.to_dict() for one in unsafe]}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for name, ones in found.items():
            print("\n".join(f"{one.severity:5}  {one.id}: {one.what} {one.cure}" for one in ones) or f"ok     {name}")
        must = sum(one.must for one in unsafe)
        print(f"{must} to mend, {len(unsafe) - must} to know." if unsafe else "Nothing to mend.")
    if any(one.must for one in unsafe):
        raise typer.Exit(2)


def _examined() -> dict[str, list[Unsafe]]:
    from accord.service.now import without_database
    from accord.service.operation.doctor.examine import examine
    from accord.service.operation.doctor.finding import Unsafe
    from accord.service.operation.doctor.running import tables

    now = without_database()
    try:
        connect()
    except AccordError as error:
        silent = Unsafe("database", error.finding.what, error.finding.cure)
        return examine(now, tables=False) | {"database": [silent]}
    if missing := list(tables(now)):
        return examine(now, tables=False) | {"database": missing}
    return examine(now)
