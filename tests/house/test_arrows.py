"""The import contracts hold, and each refuses an import planted against it (a mistyped one passes in silence)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from house.arrows import lint_imports

ROOT = Path(__file__).parents[2]

# (file below src/accord, line planted, the contract that must refuse it)
PLANTED = [
    ("science/errors.py", "from accord.cli import main", "Rooms: cli over service over science"),
    ("science/instruments/planted.py", "from accord.science.protocols import model", "Science: imports only go down"),
    ("science/programmes/planted.py", "from accord.science.instruments import model", "Science: imports only go down"),
    ("science/protocols/planted.py", "from accord.science.estimates import ids", "Science: imports only go down"),
    ("science/estimates/planted.py", "from accord.science.cohort import tables", "Science: imports only go down"),
    ("science/cohort/planted.py", "from accord.science.simulation import planted", "Science: imports only go down"),
    ("science/simulation/planted.py", "from accord.science.analyses import result", "Science: imports only go down"),
    ("science/analyses/planted.py", "from accord.science.reports import planted", "Science: imports only go down"),
    ("science/figures/planted.py", "from accord.science import conditions", "Science: imports only go down"),
    ("science/unheard_of.py", "import math", "Science: imports only go down"),
    ("elsewhere.py", "import math", "Rooms: cli over service over science"),
    ("science/cohort/planted.py", "import sqlite3", "The science knows no Django, no network, no database"),
    ("science/estimates/planted.py", "import urllib.request", "The science knows no Django, no network, no database"),
    ("science/protocols/planted.py", "import django", "The science knows no Django, no network, no database"),
    ("__init__.py", "import numpy", "A room's __init__ is a paragraph, not code"),
    ("science/__init__.py", "from accord.science import errors", "A room's __init__ is a paragraph, not code"),
    ("science/errors.py", "from accord.science import conditions", "Science: imports only go down"),
]


@pytest.fixture(scope="module")
def clean_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("house")
    ignore = shutil.ignore_patterns("__pycache__", "content")
    shutil.copytree(ROOT / "src" / "accord", tree / "src" / "accord", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def test_contracts_hold(clean_tree: Path) -> None:
    result = lint_imports(clean_tree)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("file", "line", "contract"), PLANTED)
def test_planted_import_is_refused(clean_tree: Path, file: str, line: str, contract: str) -> None:
    planted = clean_tree / "src" / "accord" / file
    before = planted.read_text() if planted.exists() else None
    planted.write_text((before or "") + f"\n{line}\n")
    partner = _partner(clean_tree, line)
    try:
        result = lint_imports(clean_tree)
    finally:
        if partner:
            partner.unlink()
        planted.unlink() if before is None else planted.write_text(before)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in " ".join(result.stdout.split()), result.stdout


def _partner(tree: Path, line: str) -> Path | None:
    """The module that a planted line names must exist for the linter to see the arrow."""
    if not line.endswith("import planted"):
        return None
    folder = line.split()[1].removeprefix("accord.").replace(".", "/")
    partner = tree / "src" / "accord" / folder / "planted.py"
    partner.write_text('"""Planted."""\n')
    return partner
