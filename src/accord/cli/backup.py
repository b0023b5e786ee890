"""`accord backup`: everything this installation holds, in one sealed file, while people go on writing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from accord.cli.service import Cannot, check_kept, connect, refused, set_up_service
from accord.science.errors import BadInput

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    out: Annotated[Path, typer.Option(help="The new file; or a folder, in which it is named after the moment.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Write the database and the files of ACCORD_DATA to one encrypted file, and read it back.

    The keys are not in it, nor are the checkpoints of the audit, exports and sessions. Without the key file
    (ACCORD_KEYS) nobody can open it, you included: keep a copy of that file apart from the backups.
    """
    check_kept()
    if not out.suffix and not out.exists():  # a folder that is not mounted would become a file, and stop tomorrow's
        cure = "Make the folder (mkdir), or name a file that ends in .backup."
        raise BadInput(f"There is no folder {out}.", cure=cure)
    set_up_service()
    from django.db import DatabaseError

    from accord.service.now import without_database
    from accord.service.operation.backup import back_up, be_patient

    be_patient()
    connection = connect()
    now = without_database()
    path = out / f"accord-{now:%Y-%m-%dT%H%M%SZ}.backup" if out.is_dir() else out
    try:
        made = back_up(out=path, now=now)
    except DatabaseError as error:
        raise refused(error, dict(connection.settings_dict)) from error
    except OSError as error:
        cure = "Make room, or give this account the right to write there; what was begun was taken away."
        raise Cannot(
            f"The backup could not be written to {path.parent}: {(error.strerror or str(error)).lower()}.", cure=cure
        ) from error
    if as_json:
        print(json.dumps(asdict(made) | {"path": str(made.path)}, indent=2))
        return
    print(f"{made.path}: {made.rows:,} rows of {made.tables} tables, {made.files} files, {made.size:,} bytes.")
    print(f"It was read back whole. SHA-256 {made.sha256}")
