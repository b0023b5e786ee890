"""`accord manage …`: Django's own commands (migrate, check, shell, …) with this installation's settings."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.cli.service import connect, refused, set_up_service
from accord.science.errors import BadInput

app = typer.Typer(add_completion=False)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
)
def manage(
    words: Annotated[
        list[str] | None, typer.Argument(help="A command of Django and its options.", metavar="COMMAND")
    ] = None,
) -> None:
    """Run one of Django's commands: `accord manage check --deploy`, `accord manage migrate`. Alone, it lists them."""
    set_up_service()
    from django.core.management import ManagementUtility
    from django.core.management.base import CommandError
    from django.db import DatabaseError

    try:
        ManagementUtility(["accord manage", *(words or ["help"])]).execute()
    except CommandError as error:
        raise BadInput(str(error), cure="accord manage help lists the commands.") from error
    except DatabaseError as error:
        raise refused(error, dict(connect().settings_dict)) from error
