"""The files of a cohort folder: which belong to which table, their checksums, and nothing outside the folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from accord.science.cohort.tables import TABLES
from accord.science.errors import BadInput, Place

FIXED = ("cohort.json", "codebook.csv", "truth.json")


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of one table: one Parquet or CSV file, or the parts of a large one in order."""

    name: str
    kind: str  # parquet or csv
    paths: tuple[Path, ...]
    names: tuple[str, ...]  # as shown: relative to the folder


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _inside(folder: Path, path: Path) -> Path:
    """Refuses a link that leads out of the folder, and anything that is not a plain file."""
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        shown = path.relative_to(folder).as_posix()
        raise BadInput("this is not a plain file of the folder.", cure="Copy the file itself.", where=Place(file=shown))
    return path


def table_files(folder: Path) -> dict[str, TableFiles]:
    """The tables of a cohort folder by name. Raises BadInput when one table stands there in two forms."""
    found: dict[str, TableFiles] = {}
    for name in TABLES:
        forms = [folder / f"{name}.parquet", folder / f"{name}.csv", folder / name]
        there = [path for path in forms if path.is_symlink() or path.exists()]
        if len(there) > 1:
            both = " and ".join(path.name for path in there)
            raise BadInput(f"the table {name} stands there twice: {both}.", cure="Keep one of the two.")
        if there:
            found[name] = _one(folder, name, there[0])
    return found


def _one(folder: Path, name: str, path: Path) -> TableFiles:
    if not path.is_dir():
        return TableFiles(name, path.suffix[1:], (_inside(folder, path),), (path.name,))
    parts = sorted(path.glob("part-*.parquet"))
    if not parts:
        raise BadInput("the folder holds no part-00000.parquet.", cure="Make the cohort again.", where=Place(file=name))
    names = tuple(f"{name}/{part.name}" for part in parts)
    return TableFiles(name, "parquet", tuple(_inside(folder, part) for part in parts), names)


def all_files(folder: Path) -> dict[str, Path]:
    """Every file that belongs to the cohort except the manifest: path in the folder -> file."""
    files = {
        name: path
        for table in table_files(folder).values()
        for name, path in zip(table.names, table.paths, strict=True)
    }
    for name in FIXED[1:]:
        if (folder / name).exists():
            files[name] = _inside(folder, folder / name)
    return files
