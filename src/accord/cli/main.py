"""The command `accord`: finds the file of the command asked for, and turns errors into one message and an exit code.

Exit codes (E7): 0 done, 2 bad input, 3 cannot (a missing extra, no database), 1 a bug.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click
import typer

from accord import __version__
from accord.science.errors import AccordError

# Command -> (module, one line of help). A command's module is imported only when it is called, so that
# `accord --help` answers at once.
COMMANDS = {
    "instruments": ("accord.cli.instruments", "Questionnaires: list, show, check, import wording."),
    "score": ("accord.cli.score", "Score a file of answers."),
    "psychometrics": ("accord.cli.psychometrics", "How a questionnaire worked in the people at hand."),
    "content": ("accord.cli.content", "Check the programmes, texts and questions."),
    "protocols": ("accord.cli.protocols", "Protocols: list, check, show, schedule."),
    "simulate": ("accord.cli.simulate", "Invent a cohort for a protocol, with known true effects."),
    "cohort": ("accord.cli.cohort", "Cohorts: check, show, map anybody's files into one."),
    "export": ("accord.cli.export", "Take the cohort of this service out, under pseudonyms."),
    "analyse": ("accord.cli.analyse", "Judge a cohort by its protocol: one report, and tables."),
    "power": ("accord.cli.power", "How many people it takes: simulate a protocol and judge it, many times."),
    "synchrony": ("accord.cli.synchrony", "Two recordings: did they move together more than chance?"),
    "attunement": ("accord.cli.attunement", "A study's recordings, from files to process and outcome."),
    "pool": ("accord.cli.pool", "Pool studies: one file to a tested synthesis."),
    "serve": ("accord.cli.serve", "Open the clinic: the server, and with --with-clock all in one process."),
    "clock": ("accord.cli.clock", "What happens by itself: sending, escalation, seals; --watch watches it."),
    "staff": ("accord.cli.staff", "Open a clinic, bring in its colleagues from a list."),
    "backup": ("accord.cli.backup", "Everything this installation holds, in one sealed file."),
    "restore": ("accord.cli.restore", "Put a backup into an empty place, all of it or nothing."),
    "audit": ("accord.cli.audit", "Verify that the audit is as it was written."),
    "manage": ("accord.cli.manage", "Django's own commands, with this installation's settings."),
    "doctor": ("accord.cli.doctor", "What is missing before this installation may treat people."),
}

# Newer versions of typer bring their own copy of click, whose errors are not click's.
USAGE_ERRORS: tuple[type[click.ClickException], ...] = (
    click.ClickException,
    *(error for error in typer.BadParameter.__mro__ if error.__name__ == "ClickException"),
)


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: Any = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name][0]).app)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="accord")
def accord() -> None:
    """Accord: a protocol promises, the service delivers, people answer, a cohort comes out, an analysis judges."""


def main() -> None:
    """Run `accord`; every error raised on purpose becomes its message and its exit code."""
    try:
        code = accord(standalone_mode=False)
    except AccordError as error:
        print(f"accord: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (click.exceptions.Exit, typer.Exit) as stopped:
        sys.exit(stopped.exit_code)
    except USAGE_ERRORS as error:
        error.show()
        sys.exit(2)
    except (click.Abort, typer.Abort, KeyboardInterrupt):
        print("accord: stopped; nothing half done is left behind.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
