"""`accord audit verify`: is the audit as it was written? `accept-restore`: a person answers for a restored backup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.service import check_kept, connect_to_kept, refused, set_up_service
from accord.science.errors import BadInput

if TYPE_CHECKING:
    from accord.service.audit.rules import Fault

app = typer.Typer(
    help="The audit: verify it, and answer for a restored backup.", no_args_is_help=True, add_completion=False
)
SHOWN = 20


@app.callback()
def audit() -> None:
    """The audit: verify it, and answer for a restored backup."""


@app.command()
def verify(
    checkpoints: Annotated[
        Path | None, typer.Option(help="Folder of the checkpoints; default as in the settings.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Recompute every chain, and compare it with its seal and with the checkpoints outside the database.

    Found: changed, deleted, inserted or swapped entries, a cut tail, a chain written anew, a database restored from an
    older backup, a read log that was thinned. Not found: what was cut within the last minute, before its checkpoint,
    by somebody who also holds the key or the checkpoint folder.
    """
    check_kept()
    set_up_service()
    connection = connect_to_kept()
    from django.conf import settings
    from django.db import DatabaseError

    from accord.service.access.read_log import read_faults
    from accord.service.audit import queries

    folder = checkpoints or settings.CHECKPOINT_FOLDER
    if checkpoints is not None and not checkpoints.is_dir():
        raise BadInput(f"There is no folder {checkpoints}.", cure="Name the folder that the clock writes to.")
    try:
        verdict, reads = queries.verify(folder), read_faults()
    except DatabaseError as error:
        raise refused(error, dict(connection.settings_dict)) from error
    faults = [*verdict.faults, *reads]
    if as_json:
        told = {"ok": not faults, "streams": verdict.streams, "entries": verdict.entries,
                "checkpoints": verdict.checkpoints, "last_checkpoint": verdict.last_checkpoint or None,
                "restores_accepted": list(verdict.restored),
                "faults": [fault.to_dict() for fault in faults]}  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _say(verdict.streams, verdict.entries, verdict.checkpoints, verdict.last_checkpoint, [str(f) for f in faults])
        print(_judged(faults))
    for at in verdict.restored if not as_json else ():
        print(f"A restored backup was accepted on {at[:16]}; what it lacked stands in the stream system.")
    if faults:
        raise typer.Exit(2)


@app.command("accept-restore")
def accept_restore(
    reason: Annotated[str, typer.Option(help="Why a backup was restored, and who decided it; kept for good.")],
) -> None:
    """Answer for a restored backup: until then `accord audit verify` says that the database is older than it was.

    What was written after the backup is lost; how far each stream had come is recorded with the reason. Refused when
    something is wrong that no restore leaves behind.
    """
    if not 10 <= len(reason.strip()) <= 500:
        cure = "Say in a sentence what happened."
        raise BadInput("The reason has fewer than 10 or more than 500 characters.", cure=cure)
    check_kept()
    set_up_service()
    connect_to_kept()
    from django.conf import settings

    from accord.service.audit import actions
    from accord.service.now import without_database

    accepted = actions.accept_restore(folder=settings.CHECKPOINT_FOLDER, reason=reason.strip(), now=without_database())
    print(f"Accepted: {len({fault.stream for fault in accepted})} streams had come further than this database knows.")


def _say(streams: int, entries: int, checkpoints: int, last: str, faults: list[str]) -> None:
    until = last[:16] or "no day"
    print(f"{entries:,} entries in {streams:,} streams, {checkpoints:,} checkpoints, the last of {until}.")
    for fault in faults[:SHOWN]:
        print(f"  {fault}")
    if len(faults) > SHOWN:
        print(f"  and {len(faults) - SHOWN:,} more (--json lists all).")
    if not checkpoints:
        print("No checkpoint was found: that nothing was cut or restored cannot be shown. Run accord clock.")


def _judged(faults: Sequence[Fault]) -> str:
    """The last line: what a restored backup leaves is told apart from what no restore leaves."""
    if not faults:
        return "The audit is as it was written."
    if all(one.older for one in faults):
        return ("An older database was put in place, or its end was cut away. "
                "Where you restored a backup: accord audit accept-restore --reason '…'")  # fmt: skip
    return "Tampering was found."
