"""Write a cohort folder: first into a sibling, then renamed, so that nothing half written is ever left behind."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import polars as pl

from accord.science.cohort.cohort import Cohort
from accord.science.cohort.conform import conformed
from accord.science.cohort.files import FIXED, all_files, sha256
from accord.science.cohort.manifest import FILE, ExtraColumn, Manifest, read_manifest
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadInput, NotFound

KINDS = ("parquet", "csv")
FORMULA = r"^\s*[=+\-@]|^[\t\r]"  # what a spreadsheet would take for a formula


def write_cohort(cohort: Cohort, path: Path, *, force: bool = False) -> Path:
    """Write a cohort as one Parquet file per table, with manifest, codebook and (when known) truth.

    The same cohort gives the same bytes. `path` must be new or empty unless `force`, which replaces the cohort that
    stands there and leaves other files alone. Returns `path`.
    """
    with CohortWriter(path, cohort.manifest, force=force) as writer:
        for name in cohort.names:
            _write_table(cohort.table(name), writer.folder / f"{name}.parquet")
        writer.close(cohort.truth)
    return path


class CohortWriter:
    """Writes a large cohort in chunks: each `append` becomes one `<table>/part-00000.parquet` per table given.

    A context manager. `close` finishes the cohort; leaving the block without it finishes without a truth; an error
    inside the block removes all that was written. `kind` "csv" turns each table into one `<table>.csv` at the end.
    """

    def __init__(self, path: Path, manifest: Manifest, *, force: bool = False, kind: str = "parquet") -> None:
        if kind not in KINDS:
            raise BadInput(f"There is no format called '{kind}'.", cure=f"There are: {', '.join(KINDS)}.")
        self.path = Path(path).resolve()
        self.manifest = manifest
        self.force = force
        self.kind = kind
        self.folder = _sibling(self.path)
        self._parts: dict[str, int] = {}
        self._open = False

    def __enter__(self) -> CohortWriter:
        _check_target(self.path, force=self.force)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir()
        except OSError as error:
            raise BadInput(f"{self.path} cannot be written: {error.strerror}.", cure="Name another folder.") from None
        self._open = True
        return self

    def append(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Add rows to tables. Raises BadInput for a column that is not of the format's type."""
        for name, frame in tables.items():
            if name not in TABLES:
                raise NotFound(f"There is no table called '{name}'.", cure=f"There are: {', '.join(TABLES)}.")
            number = self._parts.get(name, 0)
            (self.folder / name).mkdir(exist_ok=True)
            _write_table(
                conformed(frame.lazy(), TABLES[name]).collect(), self.folder / name / f"part-{number:05}.parquet"
            )
            self._parts[name] = number + 1

    def close(self, truth: Mapping[str, float] | None = None, *, n: int | None = None) -> None:
        """Finish: truth, codebook, checksums, manifest, and only then the name that was asked for."""
        if n is not None:
            self.manifest = self.manifest.model_copy(update={"n": n})
        if truth:
            text = json.dumps(dict(sorted(truth.items())), indent=2, allow_nan=False) + "\n"
            (self.folder / "truth.json").write_bytes(text.encode())
        for name, parts in self._parts.items():
            if self.kind == "csv":
                _as_csv(self.folder, name)
            elif parts == 1:
                (self.folder / name / "part-00000.parquet").rename(self.folder / f"{name}.parquet")
                (self.folder / name).rmdir()
        (self.folder / "codebook.csv").write_bytes(codebook(self.folder, self.manifest))
        checksums = {name: sha256(file) for name, file in sorted(all_files(self.folder).items())}
        self.manifest = self.manifest.model_copy(update={"checksums": checksums})
        (self.folder / FILE).write_bytes(self.manifest.dumped())
        _put_in_place(self.folder, self.path)
        self._open = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._open and kind is None:
                self.close()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def replace_table(
    path: Path, name: str, frame: pl.DataFrame, *, columns: Mapping[str, ExtraColumn] | None = None, made_by: str = ""
) -> None:
    """Put a table into the cohort folder at `path`, in the place of the one that may stand there; the rest stays.

    `columns` declares extra columns (`table.column`), `made_by` is added to what the cohort was made from. The new
    table is written beside its place first; codebook and manifest follow, so that a stop on the way shows as a
    checksum that differs and never as a wrong table.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    if name not in TABLES:
        raise NotFound(f"There is no table called '{name}'.", cure=f"There are: {', '.join(TABLES)}.")
    part = folder / f".{name}.parquet.unfinished-{os.getpid()}"
    try:
        _write_table(conformed(frame.lazy(), TABLES[name]).collect(), part)
        (folder / f"{name}.csv").unlink(missing_ok=True)
        shutil.rmtree(folder / name, ignore_errors=True)
        part.replace(folder / f"{name}.parquet")
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror}.", cure="Is it read-only, or full?") from None
    finally:
        part.unlink(missing_ok=True)
    made_from = list(dict.fromkeys([*manifest.made_from, *([made_by] if made_by else [])]))
    manifest = manifest.model_copy(update={"columns": {**manifest.columns, **(columns or {})}, "made_from": made_from})
    _in_place(folder / "codebook.csv", codebook(folder, manifest))
    checksums = {name: sha256(file) for name, file in sorted(all_files(folder).items())}
    _in_place(folder / FILE, manifest.model_copy(update={"checksums": checksums}).dumped())


def _in_place(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.unfinished-{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def _sibling(path: Path) -> Path:
    return path.parent / f".{path.name}.unfinished-{os.getpid()}"


def _check_target(path: Path, *, force: bool) -> None:
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file.", cure="Name a folder that is new or empty.")
    if path.is_dir() and any(path.iterdir()) and not force:
        raise BadInput(f"The folder {path} is not empty.", cure="Name a new folder, or add --force.")


def _put_in_place(folder: Path, path: Path) -> None:
    """Rename; over an older cohort (force) its files go first, and files that are not a cohort's stay."""
    if not path.exists():
        folder.rename(path)
        return
    for name in (*FIXED, *(f"{table}.{kind}" for table in TABLES for kind in ("parquet", "csv"))):
        (path / name).unlink(missing_ok=True)
    for name in TABLES:
        shutil.rmtree(path / name, ignore_errors=True)
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name == FILE):  # the manifest last
        entry.rename(path / entry.name)


def _as_csv(folder: Path, name: str) -> None:
    """The parts of a table as one CSV file, in their order, part by part; texts are safe in a spreadsheet (E23)."""
    with (folder / f"{name}.csv").open("wb") as file:
        for place, part in enumerate(sorted((folder / name).glob("part-*.parquet"))):
            frame = pl.read_parquet(part)
            texts = [column for column, dtype in frame.schema.items() if dtype == pl.String]
            safe = [
                pl.when(pl.col(column).str.contains(FORMULA)).then("'" + pl.col(column)).otherwise(pl.col(column))
                .alias(column)
                for column in texts
            ]  # fmt: skip
            frame.with_columns(safe).write_csv(file, include_header=place == 0)
    shutil.rmtree(folder / name)


def _write_table(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", statistics=True, row_group_size=1_000_000)


def codebook(folder: Path, manifest: Manifest) -> bytes:
    """Every column of every table there is: type, meaning, allowed values, as CSV that is safe in a spreadsheet."""
    from accord.science.cohort.files import table_files

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", "column", "type", "required", "meaning", "allowed"])
    for name, files in table_files(folder).items():
        table = TABLES[name]
        csv_table = files.kind == "csv"
        found = pl.read_csv(files.paths[0], n_rows=100).schema if csv_table else pl.read_parquet_schema(files.paths[0])
        for column in table.columns:
            allowed = "|".join(column.allowed) or _range(column.minimum, column.maximum)
            required = "yes" if column.required else "no"
            writer.writerow([name, column.name, str(column.dtype), required, column.meaning, allowed])
        for extra in [name for name in found if table.column(name) is None]:
            declared = manifest.columns.get(f"{name}.{extra}")
            meaning = declared.meaning if declared else "background variable"
            unit = declared.unit if declared else ""
            writer.writerow([name, extra, str(found[extra]), "no", _safe(meaning), _safe(unit)])
    for ref, scale in sorted(manifest.scales.items()):
        limits = f"{scale.minimum:g} to {scale.maximum:g}, {scale.direction}"
        writer.writerow(["scores", ref, "scale", "no", _safe(f"{scale.name} ({scale.source})"), limits])
    return out.getvalue().encode()


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is None and maximum is None:
        return ""
    return f"{'' if minimum is None else f'{minimum:g}'}..{'' if maximum is None else f'{maximum:g}'}"


def _safe(text: str) -> str:
    """A cell that begins like a formula gets a quote before it (E23)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
