"""What every command of the service does first: load Django with our settings, or say in words why it cannot."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from accord.science.errors import AccordError, BadInput, MissingExtra

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class Cannot(AccordError):
    """Nothing is wrong with what was asked; this machine cannot do it now."""

    exit_code = 3


def key_file() -> Path:
    """Where the keys of this installation are, or would be; looked up without making any."""
    from accord.service.config.environment import key_file

    return key_file()


def check_kept() -> None:
    """Refuse a place that holds nothing yet, before keys and an empty database are made there: a wrong ACCORD_DATA."""
    if os.environ.get("ACCORD_MODE") != "test" and not key_file().is_file():  # a test's keys lie in no file
        cure = "Set ACCORD_KEYS, ACCORD_DATA and ACCORD_DATABASE as for accord serve."
        raise BadInput(f"There is no key file {key_file()}, so nothing was ever stored under it.", cure=cure)


def set_up_service() -> None:
    """Load Django. Raises MissingExtra without the extra 'service', BadInput for the environment, Cannot for files."""
    try:
        import django
    except ImportError as missing:
        raise MissingExtra("service", needed_for="The clinic (serve, clock, audit, manage, doctor)") from missing
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.service.config.settings")
    try:
        django.setup()
    except ModuleNotFoundError as missing:
        raise MissingExtra("service", needed_for=f"The clinic ({missing.name} is not installed)") from missing
    except OSError as error:
        raise Cannot(
            f"The data folder cannot be used: {_reason(error)}.",
            cure="Set ACCORD_DATA to a folder that this account may write to.",
        ) from error


def check_folder(folder: Path) -> None:
    """Refuse a data folder that cannot be written to, before anything is begun."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"accord")
            probe.flush()
    except OSError as error:
        cure = "Give this account the right to write there, or set ACCORD_DATA to another folder."
        raise Cannot(f"The folder {folder} cannot be written to: {_reason(error)}.", cure=cure) from error


def connect() -> BaseDatabaseWrapper:
    """The open database. Raises Cannot when it does not answer, BadInput when there is none of that name."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError, connection

    try:
        if connection.vendor == "postgresql":
            _knock(connection)
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except (ImportError, ImproperlyConfigured) as missing:
        raise MissingExtra("postgres", needed_for="A PostgreSQL database") from missing
    except DatabaseError as error:
        raise refused(error, dict(connection.settings_dict)) from error
    return connection


def connect_to_kept() -> BaseDatabaseWrapper:
    """The open database, which has the tables of this version. Raises as `connect`, and BadInput where it has not."""
    connection = connect()
    from accord.service.operation.ready import check_our_tables

    check_our_tables()
    return connection


def _knock(connection: BaseDatabaseWrapper) -> None:
    """Open one connection past the pool, which would try for ten seconds and not say why it could not."""
    from django.db import DatabaseError

    driver = connection.Database  # type: ignore[attr-defined]
    given = {name: value for name, value in connection.get_connection_params().items() if name in WANTED}
    try:
        driver.connect(**given, connect_timeout=5).close()
    except driver.Error as error:
        raise DatabaseError(str(error)) from error


WANTED = ("dbname", "user", "password", "host", "port")


def refused(error: Exception, settings: dict[str, object]) -> AccordError:
    """What the database said, in words: Cannot when it does not answer, BadInput when there is none of that name."""
    message = str(error)
    name, host = settings["NAME"], settings.get("HOST") or "this machine"
    first = next((line for line in message.splitlines() if line.strip()), "no reason given").strip()
    if "locked" in message:
        cure = "Try again in a minute. If it stays so, end what holds it: an import or another command of accord."
        return Cannot(f"The database {name} is held by somebody who writes, and did not become free.", cure=cure)
    if "sqlite" in str(settings["ENGINE"]):
        cure = "Set ACCORD_DATA to a folder that this account may write to."
        return Cannot(f"The database {name} cannot be opened: {first}.", cure=cure)
    if "does not exist" in message:
        cure = f"Make it (createdb {name}), or mend ACCORD_DATABASE."
        return BadInput(f"There is no database or role of the name in ACCORD_DATABASE on {host}: {first}.", cure=cure)
    cure = "Start the database, or mend ACCORD_DATABASE; nothing was begun."
    return Cannot(f"The database {name} on {host} does not answer: {first}.", cure=cure)


def _reason(error: OSError) -> str:
    return f"{(error.strerror or str(error)).lower()} ({error.filename})" if error.filename else str(error)
