"""`accord restore`: a backup into an empty place, all of it or nothing, compared with what it held."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from accord.cli.service import Cannot, check_folder, connect, key_file, set_up_service
from accord.science.errors import BadInput

app = typer.Typer(add_completion=False)
SHOWN = 5


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `accord backup` wrote.", metavar="FILE")],
    into: Annotated[
        str,
        typer.Option(
            help="Another place than the environment's: a folder (embedded database) or postgresql://…",
            metavar="ADDRESS",
        ),
    ] = "",
    files: Annotated[
        Path | None, typer.Option(help="With --into postgresql://…: the folder for the files of ACCORD_DATA.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Put a backup into an empty database and data folder. Nothing is ever written over; nothing is left half done.

    Every byte is authenticated first; afterwards the content is compared with what was backed up, and the audit is
    verified. Then `accord audit accept-restore --reason …` answers for what was written after the backup, and is lost.
    """
    _check_key()
    _turn(into, files)
    set_up_service()
    from django.conf import settings
    from django.db import DatabaseError, connection

    from accord.service.operation.restore import restore as put_back

    check_folder(settings.DATA_FOLDER)
    if connection.vendor != "sqlite":  # whose file would be made by looking whether it is there
        connect()
    try:
        done = put_back(path=file)
    except (OSError, DatabaseError) as error:
        first = (getattr(error, "strerror", None) or str(error)).splitlines()[0].lower()
        raise Cannot(
            f"The backup could not be restored: {first}.", cure="Mend it and repeat; nothing was kept."
        ) from error
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False, indent=2))
        return
    stood = f"{done.made_at[:16].replace('T', ', ')} UTC"
    print(f"Restored what stood on {stood}: {done.rows:,} rows of {done.tables} tables, {done.files} files.")
    print("It is equal to what was backed up, table by table. Everybody logs in anew.")
    if into:
        print(f"To open it: {_environment(into, files)}")
    for fault in done.faults[:SHOWN]:
        print(f"  {fault}")
    if done.faults:
        print("The audit says that this state is older than its checkpoints, or lacks them.")
        print("When that is what you meant: accord audit accept-restore --reason '…'")


def _environment(into: str, files: Path | None) -> str:
    """What to set so that the next command works on what was restored."""
    place = f"ACCORD_DATA={into}" if files is None else f"ACCORD_DATABASE={into} ACCORD_DATA={files}"
    return f"ACCORD_KEYS={key_file()} {place}"


def _check_key() -> None:
    """A key file that is missing would be made anew, and then say that the backup is somebody else's."""
    if not key_file().is_file():
        cure = "Bring the copy that was kept apart, and set ACCORD_KEYS to it (mode 600). Without it nobody can help."
        raise BadInput(f"There is no key file {key_file()}.", cure=cure)


def _turn(into: str, files: Path | None) -> None:
    if not into:
        if files is not None:
            raise BadInput("--files belongs to --into postgresql://….", cure="Set ACCORD_DATA instead.")
        return
    os.environ["ACCORD_KEYS"] = str(key_file())
    if into.startswith(("postgresql://", "postgres://")):
        if files is None:
            raise BadInput("--into a PostgreSQL database needs --files FOLDER.", cure="Name an empty folder.")
        os.environ |= {"ACCORD_DATABASE": into, "ACCORD_DATA": str(files)}
    else:
        os.environ |= {"ACCORD_DATABASE": "", "ACCORD_DATA": into}
