"""`accord doctor`: what is missing before this installation may treat people, each thing with its cure.

What is marked as needed stops `accord serve` in production; the rest is said and left to the clinic.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.service import connect, set_up_service
from accord.science.errors import AccordError

if TYPE_CHECKING:
    from accord.service.people.models import Clinic

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not as a clinic needs it."""

    what: str
    cure: str
    needed: bool = True  # production does not start without it


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Say what is missing before production: keys, names, mail, database, signed ladder and crisis page, duty."""
    set_up_service()
    found = {name: list(check()) for name, check in CHECKS.items()}
    missing = [one for ones in found.values() for one in ones]
    if as_json:
        told = {"ready": not any(one.needed for one in missing), "missing": [asdict(one) for one in missing]}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _say(found)
    if any(one.needed for one in missing):
        raise typer.Exit(2)


def needed() -> list[Missing]:
    """What stops production, of the things that can be told before the server runs."""
    return [one for name in ("names", "keys", "ladder", "crisis page") for one in CHECKS[name]() if one.needed]


def _say(found: dict[str, list[Missing]]) -> None:
    for name, missing in found.items():
        if not missing:
            print(f"ok       {name}")
        for one in missing:
            print(f"{'missing' if one.needed else 'note   '}  {name}: {one.what} {one.cure}")


def _mode() -> Iterator[Missing]:
    from django.conf import settings

    if not settings.PRODUCTION:
        yield Missing("This is a demonstration.", "Set ACCORD_MODE=production and ACCORD_DATA to an empty folder.")


def _names() -> Iterator[Missing]:
    from django.conf import settings

    if not settings.ENVIRONMENT.hosts:
        yield Missing("The service has no name.", "Set ACCORD_HOSTS to the names that its TLS certificate holds.")


def _keys() -> Iterator[Missing]:
    from django.conf import settings

    file: Path = settings.ENVIRONMENT.key_file
    if not file.exists():
        return
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Missing(f"Others can read the key file {file}.", f"chmod 600 {file}")
    if file.is_relative_to(settings.DATA_FOLDER):
        cure = "Set ACCORD_KEYS to a file elsewhere, with a backup of its own: without it no name can be read again."
        yield Missing("The keys lie beside the data that they lock.", cure, needed=False)


def _database() -> Iterator[Missing]:
    try:
        connection = connect()
    except AccordError as error:
        yield Missing(error.finding.what, error.finding.cure)
        return
    if connection.vendor == "sqlite":
        cure = "Set ACCORD_DATABASE to a PostgreSQL database; the embedded one is for one process on one machine."
        yield Missing("The database is the embedded one.", cure, needed=False)
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Missing("The tables are not those of this version.", "accord manage migrate (accord serve does it).")


def _mail() -> Iterator[Missing]:
    from django.conf import settings

    if not settings.ACCORD_EMAIL.startswith(("smtp://", "smtps://")):
        cure = "Set ACCORD_EMAIL to smtp://user:password@host:port."
        yield Missing("No mail leaves this installation, so nobody is told of an alert by mail.", cure)


def _ladder() -> Iterator[Missing]:
    from django.conf import settings

    from accord.science.protocols.ladder import ladder_names, load_ladder

    for name in ladder_names(site=settings.SITE_FOLDER):
        ladder = load_ladder(name, site=settings.SITE_FOLDER)
        if ladder.signed is None:
            cure = f"A clinician of the site reads ladders/{name}.yaml, and signs it in the site's own content folder."
            yield Missing(f"The safety ladder {ladder.name} is a proposal that nobody has signed.", cure)


def _crisis() -> Iterator[Missing]:
    from django.conf import settings

    from accord.science.programmes.crisis import crisis_countries, load_crisis
    from accord.service.now import now

    today, site = now().date(), settings.SITE_FOLDER
    pages = [page for name in crisis_countries(site=site) if (page := load_crisis(name, site=site))]
    if not any(page.usable(today) for page in pages):
        cure = "A clinician checks crisis/<country>.yaml and signs it in the site's own content folder (C5)."
        yield Missing("No crisis page is signed and in date.", cure)
    for country in sorted(_countries() - {page.country for page in pages if page.usable(today)}):
        cure = f"Sign crisis/{country.lower()}.yaml in the site's own content folder."
        yield Missing(f"The clinic in {country} has no crisis page that is signed and in date.", cure)


def _countries() -> set[str]:
    return {clinic.country for clinic in _clinics()}


def _clinics() -> list[Clinic]:
    """The clinics of the database; none where there is no database yet."""
    from django.db import DatabaseError

    from accord.service.people.queries import clinics

    try:
        return clinics() if "people_clinic" in connect().introspection.table_names() else []
    except (AccordError, DatabaseError):
        return []  # the database's own check says what is wrong with it


def _duty() -> Iterator[Missing]:
    from accord.service.now import now
    from accord.service.people.queries import duty_of

    for clinic in _clinics():
        if duty_of(clinic.pk, now()) is None:
            yield Missing(f"{clinic.name} has no duty clinician.", "A coordinator sets one at /office/ (C4).")
        if clinic.service_lead_id is None:
            yield Missing(f"{clinic.name} has no service lead.", "Name one: the last to be told of an alert.")


def _headers() -> Iterator[Missing]:
    from django.core.checks import WARNING, run_checks

    for problem in run_checks(include_deployment_checks=True):
        if problem.level >= WARNING:
            yield Missing(f"{problem.id}: {problem.msg}", problem.hint or "See accord manage check --deploy.")


CHECKS: dict[str, Callable[[], Iterator[Missing]]] = {
    "mode": _mode,
    "names": _names,
    "keys": _keys,
    "database": _database,
    "mail": _mail,
    "ladder": _ladder,
    "crisis page": _crisis,
    "duty": _duty,
    "headers": _headers,
}
