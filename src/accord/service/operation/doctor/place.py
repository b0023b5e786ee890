"""The place it runs in: mode, names, keys, disk, the headers that Django asks for."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from accord.service.operation.doctor.finding import Severity, Unsafe

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
LITTLE, TOO_LITTLE = 0.15, 0.05  # of a disk that is free


def mode(now: datetime) -> Iterator[Unsafe]:
    if not settings.PRODUCTION:
        cure = "Set ACCORD_MODE=production and ACCORD_DATA to an empty folder."
        yield Unsafe("mode", "This is a demonstration.", cure)
    if not settings.PRODUCTION and any(host not in LOOPBACK for host in settings.ENVIRONMENT.hosts):
        cure = "Take the names out of ACCORD_HOSTS, and the proxy away: people type real distress into it."
        yield Unsafe("demo-public", "The demonstration has a public name.", cure)
    if settings.DEBUG:
        yield Unsafe("debug", "DEBUG is on: an error shows the inside of the service.", "Take it out of the settings.")


def names(now: datetime) -> Iterator[Unsafe]:
    hosts = settings.ENVIRONMENT.hosts
    if not hosts:
        cure = "Set ACCORD_HOSTS to the names that its TLS certificate holds."
        yield Unsafe("names", "The service has no name.", cure)
    for host in hosts:
        if "*" in host or host.startswith("."):
            yield Unsafe("names-any", f"ACCORD_HOSTS takes any name: {host}.", "List each name of the certificate.")
        elif _is_number(host):
            cure = "Use a name: a certificate and a passkey belong to names."
            yield Unsafe("names-number", f"ACCORD_HOSTS holds an address, {host}.", cure)
    address = urlsplit(settings.PUBLIC_ADDRESS)
    if settings.PRODUCTION and address.scheme != "https":
        cure = "Set ACCORD_ADDRESS to https:// and a name of ACCORD_HOSTS."
        yield Unsafe("tls", f"Links in mails begin with {address.scheme}://, which anybody can read.", cure)
    elif settings.PRODUCTION and hosts and address.hostname not in hosts:
        cure = "Set ACCORD_ADDRESS to https:// and a name of ACCORD_HOSTS."
        yield Unsafe("tls-name", f"Links in mails lead to {address.hostname}, which is no name of it.", cure)


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def keys(now: datetime) -> Iterator[Unsafe]:
    file: Path = settings.ENVIRONMENT.key_file
    if not file.exists():
        return
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Unsafe("keys-mode", f"Others can read the key file {file}.", f"chmod 600 {file}")
    if file.resolve().is_relative_to(settings.DATA_FOLDER):
        cure = "Set ACCORD_KEYS to a file elsewhere, and keep a copy apart: without it no name can be read again."
        yield Unsafe("keys-place", "The keys lie beside the data that they lock.", cure, Severity.NOTE)


def disk(now: datetime) -> Iterator[Unsafe]:
    usage = shutil.disk_usage(settings.DATA_FOLDER if settings.DATA_FOLDER.exists() else Path("/"))
    free = usage.free / usage.total
    if free < LITTLE:
        what = f"{free:.0%} of the disk of {settings.DATA_FOLDER} is free ({usage.free / 2**30:,.1f} GiB)."
        severity = Severity.MEND if free < TOO_LITTLE else Severity.NOTE
        yield Unsafe("disk", what, "Make room, or move it to a larger disk: a full one loses answers.", severity)


def checkpoints(now: datetime) -> Iterator[Unsafe]:
    folder: Path = settings.CHECKPOINT_FOLDER
    if folder.exists() and settings.DATA_FOLDER.exists() and _disk_of(folder) == _disk_of(settings.DATA_FOLDER):
        cure = "Set ACCORD_CHECKPOINTS to a folder of another machine, or a medium that only takes."
        what = "The audit's checkpoints lie on the disk of the data: who changes one can change the other."
        yield Unsafe("checkpoints-disk", what, cure, Severity.NOTE)


def _disk_of(folder: Path) -> int:
    return os.stat(folder).st_dev


def headers(now: datetime) -> Iterator[Unsafe]:
    from django.core.checks import WARNING, run_checks

    if not settings.PRODUCTION:
        return  # a demonstration answers on this machine, without TLS
    for problem in run_checks(include_deployment_checks=True):
        if problem.level >= WARNING:
            said = f"{problem.id}: {problem.msg}"
            yield Unsafe("headers", said, str(problem.hint or "See accord manage check --deploy."))
