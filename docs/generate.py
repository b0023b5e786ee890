"""Write the generated pages of docs again: what can be read off the code is not written by hand.

The pages of docs/reference are made here, the evidence page with its figures in evidence.py, the gallery in
gallery.py.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click

from accord.cli.main import COMMANDS, Commands

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import lists  # noqa: E402 - beside this file


def commands_page() -> str:
    """Every command with its options, from the command line's own help."""
    lines = ["# Commands", "", "Written by `make docs` from the code.", ""]
    lines += ["Exit codes: 0 done, 2 bad input, 3 cannot (a missing extra), 1 a bug.", ""]
    group = Commands()
    context = click.Context(click.Group("accord"), info_name="accord")
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        lines += _describe(command, f"accord {name}")
    return "\n".join(lines).rstrip() + "\n"


def _describe(command: click.Command, path: str) -> list[str]:
    # Typer's command classes are not click.Group everywhere; what has sub-commands is one.
    commands = getattr(command, "commands", None)
    if commands:
        return [line for name, sub in commands.items() for line in _describe(sub, f"{path} {name}")]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
    usage = " ".join([path, *(_metavar(argument) for argument in arguments)])
    lines = [f"## {path}", "", (command.help or "").strip(), "", f"`{usage}`", ""]
    if options:
        lines += ["| option | meaning |", "|---|---|"]
        lines += [f"| `{', '.join(p.opts)}` | {' '.join((getattr(p, 'help', '') or '').split())} |" for p in options]
        lines += [""]
    return lines


def _metavar(argument: click.Parameter) -> str:
    word = getattr(argument, "metavar", None) or (argument.name or "").upper()
    several = "…" if argument.nargs == -1 else ""
    return f"{word}{several}" if argument.required else f"[{word}{several}]"


def decisions_page() -> str:
    """Every decision by its own heading."""
    lines = [
        "# Decisions",
        "",
        "One page each: what we had to choose between, what each choice costs, what we chose.",
        "",
    ]
    for path in sorted(HERE.glob("adr/0*.md")):
        heading = path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"* [{heading}]({path.name})")
    return "\n".join(lines) + "\n"


PAGES = {
    "reference/commands.md": commands_page, "reference/settings.md": lists.settings_page,
    "reference/all-instruments.md": lists.instruments_page, "reference/all-protocols.md": lists.protocols_page,
    "reference/access.md": lists.access_page, "adr/README.md": decisions_page,
}  # fmt: skip


def main() -> None:
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
    for name in ("evidence.py", "gallery.py"):
        runpy.run_path(str(Path(__file__).with_name(name)), run_name="__main__")


if __name__ == "__main__":
    main()
