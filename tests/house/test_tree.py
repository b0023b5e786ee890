"""The tree is what the pages say, and holds nothing that belongs to a machine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".txt", ".json", ".r", ".R", ".csv", ".cfg", ""}
# Spelled in pieces, so that this file does not find itself.
FORBIDDEN = [re.escape(str(ROOT)) + r"\b", r"py" + r"pi\.org/", r"files\.python" + r"hosted", r"/root/" + r"\."]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_path_of_a_machine_and_no_registry(pattern: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in TEXT and re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_the_lock_file_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert re.search(r"://|https?:", lock) is None
    names = re.findall(r"^[a-z0-9.-]+==", lock, flags=re.MULTILINE)
    assert len(names) > 40
    for block in re.split(r"\n(?=[a-z0-9.-]+==)", lock.strip()):
        assert "--hash=sha256:" in block, block[:60]


def test_architecture_names_every_folder_of_the_science_and_no_other() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text().split("src/accord/science/")[1].split("src/accord/service/")[0]
    named = set(re.findall(r"^  ([a-z]+)/ ", page, flags=re.MULTILINE))
    folders = {p.name for p in (ROOT / "src/accord/science").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders == named


def test_architecture_names_every_room_of_the_service_and_no_other() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text().split("src/accord/service/  THE")[1].split("src/accord/cli/")[0]
    named = set(re.findall(r"^  ([a-z]+)/ ", page, flags=re.MULTILINE))
    folders = {p.name for p in (ROOT / "src/accord/service").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders == named


@pytest.mark.parametrize("page", sorted(p.name for p in (ROOT / "docs" / "adr").glob("[0-9]*.md")))
def test_a_decision_has_context_options_decision_consequences(page: str) -> None:
    text = (ROOT / "docs" / "adr" / page).read_text()
    for heading in ("## Context", "## Options", "## Decision", "## Consequences"):
        assert heading in text


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    block = text[text.index("dependencies = [") : text.index("[project.scripts]")]
    lines = [line for line in block.splitlines() if re.match(r'\s+"[a-z]', line) and "accord[" not in line]
    assert len(lines) > 15
    assert [line for line in lines if "#" not in line] == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [p for p in tracked() if p.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith(("http", "mailto:", "page:")) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_modules_have_one_table_of_contents() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "src") and (lines := path.read_text().count("\n")) > 500
    }
    assert long == {}


def test_generated_pages_are_what_the_code_says() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, page in generate.PAGES.items():
        assert (generate.HERE / name).read_text() == page(), f"docs/{name}: run make docs"
