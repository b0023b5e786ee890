"""What the environment says about this installation, read once, with a cure for what is wrong.

ACCORD_MODE      demo (default), production, or test
ACCORD_DATA      folder of the embedded database, keys, mails to files; default var/site
ACCORD_DATABASE  postgresql://user:password@host:port/name, or empty for the embedded SQLite in ACCORD_DATA
ACCORD_KEYS      file of keys; default ACCORD_DATA/keys.json, made at the first start with mode 0600
ACCORD_HOSTS     names under which the service is reached, separated by commas
ACCORD_EMAIL     smtp://user:password@host:port, smtps://…, file:FOLDER, or outbox (default: keep them on a page)
ACCORD_SITE      the site's own content folder
ACCORD_ADDRESS   what links in mails begin with; default https:// and the first of ACCORD_HOSTS, else this machine
ACCORD_WATCHERS  addresses that `accord clock --watch` writes to, besides the service leads, separated by commas
ACCORD_DEMO_PAST    in a demonstration: how many people its invented past enrolled; default 1367, 0 for none
ACCORD_CHECKPOINTS  folder of the audit's checkpoints, best on another machine; default ACCORD_DATA/checkpoints
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from accord.science.errors import BadInput

MODES = ("demo", "production", "test")
PLANNER = "-c random_page_cost=1.1 -c jit=off"  # many short queries on a disk that does not turn
USUAL_PAST = 1367  # people, as many as the published service enrolled in five years


@dataclass(frozen=True, slots=True)
class Environment:
    mode: str
    data: Path
    database: dict[str, object]
    hosts: list[str]
    email: str
    site: Path | None
    address: str
    watchers: list[str]
    checkpoints: Path
    past: int
    key_file: Path
    keys: dict[str, object]


def read_environment() -> Environment:
    """The environment as settings need it. Raises BadInput with the variable's name and what it may hold."""
    given = os.environ
    mode = given.get("ACCORD_MODE", "demo")
    if mode not in MODES:
        raise BadInput(f"ACCORD_MODE is {mode!r}.", cure=f"Set it to one of {', '.join(MODES)}.")
    data = Path(given.get("ACCORD_DATA", "var/site")).expanduser().resolve()
    hosts = _listed(given.get("ACCORD_HOSTS", ""))
    site = given.get("ACCORD_SITE", "").strip()
    keys, database = key_file(), _database(given.get("ACCORD_DATABASE", ""), data)
    if mode != "test" and not keys.exists() and _filled(str(database["NAME"])):
        cure = "Set ACCORD_KEYS to it, or bring back the copy that was kept apart: new keys would open nothing here."
        raise BadInput(f"There is a database in {data}, and no key file {keys}.", cure=cure)
    return Environment(
        mode=mode,
        data=data,
        database=database,
        hosts=hosts,
        email=given.get("ACCORD_EMAIL", "outbox"),
        site=Path(site).expanduser() if site else None,
        address=_address(given.get("ACCORD_ADDRESS", ""), hosts),
        watchers=_listed(given.get("ACCORD_WATCHERS", "")),
        checkpoints=Path(given.get("ACCORD_CHECKPOINTS", "").strip() or data / "checkpoints").expanduser(),
        past=_past(given.get("ACCORD_DEMO_PAST", ""), mode),
        key_file=keys,
        keys=_keys(mode, keys),
    )


def key_file() -> Path:
    """Where the keys of this installation are, or would be made."""
    given = os.environ
    data = Path(given.get("ACCORD_DATA", "var/site")).expanduser().resolve()
    return Path(given.get("ACCORD_KEYS", "").strip() or data / "keys.json").expanduser()


def _past(given: str, mode: str) -> int:
    if not given:
        return USUAL_PAST if mode == "demo" else 0
    if not given.isdecimal():
        raise BadInput(f"ACCORD_DEMO_PAST is {given!r}.", cure="Set it to a whole number of people, or 0 for none.")
    return int(given)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _address(given: str, hosts: list[str]) -> str:
    address = given.strip().rstrip("/") or (f"https://{hosts[0]}" if hosts else "http://localhost:8000")
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise BadInput("ACCORD_ADDRESS is no address of a site.", cure="Use https:// and the name of the service.")
    return address


def _database(address: str, data: Path) -> dict[str, object]:
    if not address:
        return _embedded(data)
    parts = urlsplit(address)
    if parts.scheme not in ("postgres", "postgresql"):
        cure = "Use postgresql://user:password@host:port/name, or leave it empty for the embedded database."
        raise BadInput(f"ACCORD_DATABASE names an unknown kind of database: {parts.scheme or 'none'!r}.", cure=cure)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, "options": PLANNER},
    }


def _embedded(data: Path) -> dict[str, object]:
    """SQLite for one machine: TRUNCATE, FULL, IMMEDIATE (never WAL below 3.51.3, which can corrupt or lose commits)."""
    pragmas = "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data / "accord.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": pragmas},
    }


def _filled(name: str) -> bool:
    """The embedded database holds something; of another one the name is no file."""
    path = Path(name)
    return path.is_absolute() and path.is_file() and path.stat().st_size > 0


def _keys(mode: str, file: Path) -> dict[str, object]:
    """The keys of this installation, made once. Losing the file loses every encrypted field: back it up apart."""
    if mode == "test":
        return _new_keys(lambda size: b"test key ".ljust(size, b".").hex())
    if not file.exists():
        _make_keys(file)
    try:
        return dict(json.loads(file.read_text()))
    except ValueError as error:
        raise BadInput(f"The key file {file} cannot be read.", cure="Restore it from its own backup.") from error


def _make_keys(file: Path) -> None:
    """Once, and whole: web, clock and watchdog start together; none may read half a file, or have keys of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=file.parent, prefix=".keys-")  # of mode 600
    try:
        with os.fdopen(handle, "w") as out:
            json.dump(_new_keys(secrets.token_hex), out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):  # somebody was first: hers are the keys
            os.link(written, file)
    finally:
        os.unlink(written)


def _new_keys(make: object) -> dict[str, object]:
    token = make if callable(make) else secrets.token_hex
    return {"secret": token(48), "audit": token(32), "commitment": token(32), "fields": {"k1": token(32)}}
