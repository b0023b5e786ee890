"""What import-linter cannot see is banned by ruff; each ban is shown to bite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BANNED = [
    "from django.db.models import signals\n\nprint(signals)",
    "import datetime\n\nWHEN = datetime.datetime.now(tz=datetime.UTC)",
    "import datetime\n\nWHEN = datetime.date.today()",
    "import time\n\nWHEN = time.time()",
    "import os\n\nHOME = os.environ",
    "import os\n\nHOME = os.getenv('HOME')",
    "import numpy\n\nnumpy.random.seed(1)",
    "import urllib.request\n\nGET = urllib.request.urlopen",
]


@pytest.mark.parametrize("code", BANNED)
def test_ban_bites(code: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--no-cache", "-"]
    command += ["--stdin-filename", "src/accord/science/planted.py"]
    result = subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "TID251" in result.stdout, result.stdout + result.stderr


def test_import_accord_brings_nothing_heavy() -> None:
    code = (
        "import sys, accord, accord.cli.main; "
        "print([m for m in ('numpy', 'polars', 'pandas', 'scipy', 'altair', 'statsmodels') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
