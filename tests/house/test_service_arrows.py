"""Wrong imports planted into the service, all at once: each must be named under the contract that forbids it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.arrows import lint_imports

ROOT = Path(__file__).parents[2]
SERVICE = "accord.service"
ARROWS = "Service: imports only go down"
SIX = "The six files of an app, in their order"
PLAIN = "Rules are plain Python: science only"
TWO_ROOMS = "Writing in two rooms is a flow: actions never call another room's actions (audit and outbox excepted)"
TABLES = "Tables are touched only by the rooms that own or sit above them, never by pages, flows, clock or gateways"
FOREIGN = "Another room's table only as a foreign key: queries, policies and actions import only their own models"
SOCKETS = "Only gateways open a socket"

# (importer, imported, contract), modules below accord.service unless they say otherwise; a module that imports nothing
# is one that no layer names
PLANTED = [
    ("accord.science.planted_s", "accord.service.planted_room", "Rooms: cli over service over science"),
    ("audit.actions", "outbox.actions", ARROWS),
    ("access.table", "people.rules", ARROWS),
    ("library.queries", "people.queries", ARROWS),
    ("outbox.actions", "people.queries", ARROWS),
    ("people.queries", "episodes.queries", ARROWS),
    ("episodes.queries", "assessments.queries", ARROWS),
    ("assessments.queries", "care.queries", ARROWS),
    ("messaging.queries", "care.queries", ARROWS),
    ("care.queries", "flows.enrol", ARROWS),
    ("flows.enrol", "ui.context", ARROWS),
    ("ui.context", "flows.enrol", ARROWS),
    ("flows.give_consent", "gateways.email.backend", ARROWS),
    ("gateways.email.backend", "portals.public.urls", ARROWS),
    ("portals.patient.urls", "demo.seed", ARROWS),
    ("portals.patient.urls", "clock.planted", ARROWS),
    ("clock.planted", "portals.patient.urls", ARROWS),
    ("demo.seed", "config.settings", ARROWS),
    ("planted_room", "", ARROWS),
    ("portals.patient.urls", "portals.therapist.urls", "Portals are strangers to one another"),
    ("gateways.email.backend", "gateways.login.adapter", "Gateways are strangers to one another"),
    ("flows.sign_up", "flows.enrol", "One flow is one story: flows never call flows"),
    ("people.rules", "people.models", SIX),
    ("people.models", "people.policies", SIX),
    ("people.policies", "people.queries", SIX),
    ("people.queries", "people.actions", SIX),
    ("care.planted", "", SIX),
    ("episodes.rules", "now", PLAIN),
    ("assessments.rules", "django", PLAIN),
    ("people.rules", "allauth", PLAIN),
    ("care.actions", "messaging.actions", TWO_ROOMS),
    ("assessments.actions", "episodes.actions", TWO_ROOMS),
    ("portals.patient.urls", "people.models", TABLES),
    ("flows.enrol", "episodes.models", TABLES),
    ("clock.planted", "outbox.models", TABLES),
    ("gateways.email.backend", "people.models", TABLES),
    ("demo.seed", "care.models", TABLES),
    ("care.queries", "people.models", FOREIGN),
    ("assessments.actions", "episodes.models", FOREIGN),
    ("flows.enrol", "socket", SOCKETS),
    ("portals.public.urls", "smtplib", SOCKETS),
    ("care.actions", "ssl", SOCKETS),
    ("people", "django", "A room's __init__ is a paragraph, not code"),
]


def full(name: str) -> str:
    outside = name.split(".")[0] in ("accord", "django", "allauth", "socket", "smtplib", "ssl")
    return name if outside else f"{SERVICE}.{name}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What the linter says of each contract when everything is planted."""
    tree = tmp_path_factory.mktemp("house")
    ignore = shutil.ignore_patterns("__pycache__", "content", "static", "templates")
    shutil.copytree(ROOT / "src" / "accord", tree / "src" / "accord", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tree)
    for importer, imported, _ in PLANTED:
        file = path_of(tree, full(importer))
        line = f"\nimport {full(imported)}\n" if imported else ""
        file.write_text((file.read_text() if file.exists() else '"""Planted."""\n') + line)
        if imported and full(imported).startswith("accord.") and not path_of(tree, full(imported)).exists():
            path_of(tree, full(imported)).write_text('"""Planted."""\n')
    result = lint_imports(tree)
    assert result.returncode == 1, result.stdout + result.stderr
    return sections(result.stdout)


def path_of(tree: Path, module: str) -> Path:
    path = tree / "src" / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def sections(text: str) -> dict[str, str]:
    """The details of each broken contract, by its name; line breaks in names are taken out."""
    details = text.split("Broken contracts", 1)[1]
    found = {}
    for block in re.split(r"\n(?=[A-Z][^\n]*(?:\n[a-z][^\n]*)?\n-{3,}\n)", details):
        name, _, body = block.strip().partition("\n---")
        found[" ".join(name.split())] = body
    return found


@pytest.mark.parametrize(("importer", "imported", "contract"), PLANTED)
def test_it_is_named_under_its_contract(report: dict[str, str], importer: str, imported: str, contract: str) -> None:
    assert contract in report, sorted(report)
    body = " ".join(report[contract].split())
    target = full(imported) if full(imported).startswith("accord.") else full(imported).split(".")[0]
    assert (f"{full(importer)} -> {target}" if imported else f"- {full(importer)}") in body, report[contract]
