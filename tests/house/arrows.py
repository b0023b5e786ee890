"""Runs the import contracts on a copy of the tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    # The planted tree goes first on the path, before the installed one.
    code = (
        "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
