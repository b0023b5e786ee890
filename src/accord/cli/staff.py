"""`accord staff`: open a clinic, and bring in its colleagues from a list."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from accord.cli.service import check_kept, connect_to_kept, set_up_service
from accord.science.errors import BadInput

HELP = "Staff: open a clinic, bring in its colleagues from a list."
app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False)


@app.callback()
def staff() -> None:
    """Staff: open a clinic, bring in its colleagues from a list."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with name, email, roles, …; - is standard input.", metavar="FILE")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and do nothing.")] = False,
) -> None:
    """Bring in colleagues: name, email, roles (; between), clinic, phone, places, certificates (covers@day/day; …).

    Every fault is told at once, by line and column, and then nothing is done. The same list twice changes nothing;
    what is not on the list stays as it is. Each new colleague gets a mail with the way to a password.
    """
    check_kept()
    set_up_service()
    connect_to_kept()
    from accord.service.access.table import SERVICE
    from accord.service.flows.import_staff import import_staff
    from accord.service.now import now
    from accord.service.operation.staff_file import read_staff

    moment = now()
    colleagues = read_staff(file, today=moment.date())
    done = import_staff(colleagues=colleagues, by=SERVICE, now=moment, dry_run=dry_run)
    told = ", ".join(f"{count} {name}" for name, count in asdict(done).items() if name != "roles")
    print(f"{'Would be: ' if dry_run else ''}{told}; {done.roles} roles given.")
    if done.added and not dry_run:
        print("A mail with the way to a password goes to each who is new, once the clock runs.")


@app.command("open-clinic")
def open_clinic(
    name: Annotated[str, typer.Option(help="As people know it.")],
    country: Annotated[str, typer.Option(help="ISO 3166, two letters: holidays and crisis numbers.")],
    zone: Annotated[str, typer.Option(help="Time zone, as Europe/Berlin.")],
    hours: Annotated[str, typer.Option(help="When somebody reads: 'Mon-Fri 09:00-17:00; Sat 10:00-12:00'.")],
    region: Annotated[str, typer.Option(help="ISO 3166-2, for regional holidays.")] = "",
    phone: Annotated[str, typer.Option(help="The clinic's own telephone.")] = "",
    on_call: Annotated[bool, typer.Option("--on-call", help="Somebody answers alerts out of hours.")] = False,
) -> None:
    """Open a clinic. Afterwards bring in its colleagues, and let a coordinator set the duty."""
    check_kept()
    set_up_service()
    connect_to_kept()
    from accord.service.access.table import SERVICE
    from accord.service.now import now
    from accord.service.people import actions, queries
    from accord.service.people.policies import check_clinic
    from accord.service.people.rules.hours import read_hours

    if any(one.name.casefold() == name.strip().casefold() for one in queries.clinics()):
        raise BadInput(f"There is a clinic {name.strip()} already.", cure="Its facts are changed at /operate/.")
    country = country.strip().upper()
    check_clinic(name=name, country=country, time_zone=zone, hours=hours, region=region, phone=phone)
    clinic = actions.open_clinic(
        name=name.strip(), country=country, time_zone=zone, hours=read_hours(hours), region=region.strip(),
        phone=phone.strip(), on_call=on_call, by=SERVICE, now=now(),
    )  # fmt: skip
    print(f"{clinic.name} is open in the service. Next: accord staff import FILE.")
