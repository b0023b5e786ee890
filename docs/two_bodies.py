"""Run the commands of docs/tutorials/two-bodies.md, and write the pictures that stand on it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent
PAGE, IMAGES = DOCS / "tutorials/two-bodies.md", DOCS / "images/two-bodies"

# The picture's name on the page -> where the commands write it.
PICTURES = {
    "courses": "session-2/figures/courses-invented.svg", "map": "session-2/figures/map-invented.svg",
    "lead": "session-2/figures/lead-invented.svg", "surrogates": "session-2/figures/surrogates-invented.svg",
    "map-none": "session-12/figures/map-invented.svg", "overview": "attunement/figures/overview-invented.svg",
    "associations": "attunement/figures/associations-invented.svg",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A command of the page, and what it printed."""

    command: str
    out: str


def commands() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("accord ")]


def quoted() -> list[str]:
    """What the page says that a command prints."""
    return [line[2:] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("> ")]


def run(folder: Path) -> Iterator[Said]:
    """Every command in its order, in `folder`."""
    for command in commands():
        words = [sys.executable, "-m", "accord", *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"{command}\n{done.stderr}")
        yield Said(command, done.stdout)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for said in run(Path(folder)):
            sys.stdout.write(f"{said.command[:60]}\n{said.out}\n")
        for name, path in PICTURES.items():
            shutil.copy(Path(folder) / path, IMAGES / f"{name}.svg")
    sys.stdout.write(f"docs/images/two-bodies with {len(PICTURES)} pictures\n")


if __name__ == "__main__":
    main()
