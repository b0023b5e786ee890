"""Guards taken out one by one: the source with one check, one filter or one page guard less, in a copy of its own.

python tests/plugins/mutants.py            lists them
python tests/plugins/mutants.py people     tries those whose path holds the word, and says which survive
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "src" / "accord" / "service"
MATRIX = "tests/promises/test_p4_access_matrix.py"
TESTS = {  # which tests hold a room's guards, beside the matrix
    "people": ["tests/service/people"], "care": ["tests/service/care"], "messaging": ["tests/service/messaging"],
    "assessments": ["tests/service/assessments", "tests/service/flows"],
    "episodes": ["tests/service/episodes", "tests/service/flows"], "studies": ["tests/service/studies"],
    "portals": ["tests/service/access/test_guard.py", "tests/pages"], "ui": ["tests/pages"],
}  # fmt: skip
WITHOUT = {"access", "demo", "migrations"}  # the guard itself has its own tests; the invented clinic is not installed


@dataclass(frozen=True)
class Mutant:
    """One guard that is missing: where it stood, what kind it was, the changed source."""

    path: Path
    line: int
    kind: str
    source: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(SERVICE)}:{self.line} {self.kind}"

    def tests(self) -> list[str]:
        room = self.path.relative_to(SERVICE).parts[0]
        return [*TESTS.get(room, []), MATRIX]


class Without(ast.NodeTransformer):
    """Takes out the guard with this number; counts them on the way."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.found = wanted, -1, None

    def _mine(self, node: ast.AST, kind: str) -> bool:
        self.seen += 1
        if self.seen == self.wanted:
            self.found = (getattr(node, "lineno", 0), kind)
        return self.seen == self.wanted

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        checks = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.startswith("check_")
        if checks and self._mine(node, f"without {call.func.id}"):
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "for_" and self._mine(node, "unfiltered"):
            return ast.copy_location(ast.Call(ast.Attribute(node.func.value, "all", ast.Load()), [], []), node)
        filters = isinstance(node.func, ast.Name) and node.func.id in ("reach", "at_clinics")
        if filters and self._mine(node, "reaches everybody"):
            return ast.copy_location(ast.parse("__import__('django.db.models').db.models.Q()", mode="eval").body, node)
        if isinstance(node.func, ast.Name) and node.func.id == "page" and self._mine(node, "page for everybody"):
            opened = ast.parse("page(Resource.OPEN_PAGE, Action.VIEW)", mode="eval").body
            return ast.copy_location(opened, node)
        return node


def mutants() -> Iterator[Mutant]:
    """Every guard of the service, each taken out once: wherever a room or a page keeps it."""
    files = [path for path in SERVICE.rglob("*.py") if not WITHOUT & set(path.relative_to(SERVICE).parts)]
    for path in sorted(files):
        for number in range(500):
            change = Without(number)
            tree = change.visit(ast.parse(path.read_text(encoding="utf-8")))
            if change.found is None:
                break
            yield Mutant(path, *change.found, ast.unparse(ast.fix_missing_locations(tree)))


def survives(mutant: Mutant) -> bool:
    """Whether all tests of its room and the matrix pass without the guard."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "accord"
        shutil.copytree(ROOT / "src" / "accord", copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / mutant.path.relative_to(ROOT / "src" / "accord")).write_text(mutant.source, encoding="utf-8")
        given = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "ACCORD_PROMISES": ""}
        run = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not browser", *mutant.tests()]
        return not subprocess.run(run, cwd=ROOT, env=given, capture_output=True, check=False).returncode


if __name__ == "__main__":
    word = sys.argv[1] if len(sys.argv) > 1 else None
    for one in mutants():
        if word is None:
            print(one)
        elif word in str(one):
            print("SURVIVES" if survives(one) else "found   ", one, flush=True)
