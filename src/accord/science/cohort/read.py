"""Read a cohort folder: manifest, checksums, columns and types first; the rows stay on disk until asked for."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl

from accord.science.cohort.checks import content_findings
from accord.science.cohort.cohort import Cohort
from accord.science.cohort.conform import column_findings
from accord.science.cohort.csv_tables import MAX_COLUMNS, read_csv_table
from accord.science.cohort.files import TableFiles, all_files, sha256, table_files
from accord.science.cohort.manifest import Manifest, read_json, read_manifest
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadContent, BadInput, Finding, Place

MAX_FOOTER = 32_000_000


def read_cohort(path: Path, *, checksums: bool = True, content: bool = True, site: Path | None = None) -> Cohort:
    """A cohort folder as a Cohort with lazy tables.

    Checks the manifest and its format version, the checksum of every file (`checksums=False` leaves that out), the
    columns and types of every table and, unless `content=False`, what the rows say (`checks`: people twice, values
    out of range, days before the baseline …). Raises BadInput for the first thing that makes the folder unreadable,
    BadContent with all findings otherwise; warnings do not stop anything.
    """
    folder = Path(path)
    cohort, findings = _opened(folder, checksums=checksums, site=site)
    if not findings and content:
        findings = [finding for finding in content_findings(cohort, folder) if not finding.warning]
    _raise(findings, f"The cohort {folder} cannot be used:")
    return cohort


def _raise(findings: list[Finding], title: str) -> None:
    """One finding is one error; several are listed together."""
    if len(findings) == 1:
        raise BadInput(findings[0].what, cure=findings[0].cure, where=findings[0].where)
    if findings:
        raise BadContent(title, findings)


def check_cohort(path: Path, *, site: Path | None = None) -> list[Finding]:
    """Everything that is wrong with a cohort folder, files first, then rows; warnings included.

    Raises BadInput only when there is no manifest to go by (no folder, no cohort.json, another format version).
    """
    cohort, findings = _opened(Path(path), checksums=True, site=site)
    return findings or content_findings(cohort, Path(path))


def _opened(folder: Path, *, checksums: bool, site: Path | None) -> tuple[Cohort, list[Finding]]:
    """The cohort and the findings about its files (checksums, columns, types). Raises for the manifest."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", cure="Check the path.")
    manifest = read_manifest(folder)
    findings = _checksum_findings(folder, manifest) if checksums else []
    tables: dict[str, pl.LazyFrame] = {}
    for name, files in table_files(folder).items():
        extra = {ref.split(".")[1] for ref in manifest.columns if ref.startswith(f"{name}.")}
        try:
            tables[name] = _scan(files, extra, findings)
        except BadInput as error:
            findings.append(error.finding)
    if "participants" not in tables and not findings:
        cure = "Add participants.parquet or participants.csv: one row per person."
        findings.append(Finding("the table is missing.", cure, Place(file="participants")))
    return Cohort(manifest, tables, _truth(folder), site), findings


def _checksum_findings(folder: Path, manifest: Manifest) -> list[Finding]:
    there = all_files(folder)
    findings = []
    for name, wanted in manifest.checksums.items():
        if name not in there:
            what = "the file is listed in cohort.json but is not there."
            findings.append(Finding(what, "Copy the whole folder again.", Place(file=name)))
        elif sha256(there[name]) != wanted:
            what = "the file is not the one that was written: its checksum differs."
            cure = "Copy it again; after a change by hand remove its line under checksums in cohort.json."
            findings.append(Finding(what, cure, Place(file=name)))
    return findings


def _scan(files: TableFiles, extra: set[str], findings: list[Finding]) -> pl.LazyFrame:
    table = TABLES[files.name]
    if files.kind == "csv":
        frame, wrong = read_csv_table(files.paths[0], table, file=files.names[0])
        wrong += column_findings(frame.schema, table, file=files.names[0], extra=extra)
        _raise(wrong, f"{files.names[0]} cannot be used:")
        return frame.lazy()
    for path, shown in zip(files.paths, files.names, strict=True):
        findings += column_findings(parquet_schema(path, shown), table, file=shown, extra=extra)
    return pl.scan_parquet(list(files.paths), extra_columns="raise", missing_columns="raise")


def parquet_schema(path: Path, shown: str) -> dict[str, pl.DataType]:
    """Columns and types of a Parquet file; BadInput when it is none, is cut off, or has absurdly many columns."""
    where = Place(file=shown)
    try:
        if _footer_bytes(path) > MAX_FOOTER:
            what = f"the file describes its columns in more than {MAX_FOOTER:,} bytes."
            raise BadInput(what, cure="Keep the columns that matter, in fewer row groups.", where=where)
        schema = dict(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        what = f"this is no readable Parquet file: {(str(error).splitlines() or [''])[0]:.120}"
        raise BadInput(what, cure="Copy or make the file again.", where=where) from None
    if len(schema) > MAX_COLUMNS:
        what = f"the file has {len(schema):,} columns; at most {MAX_COLUMNS:,} are read."
        raise BadInput(what, cure="A cohort table is long: one row per fact, few columns.", where=where)
    return schema


def _footer_bytes(path: Path) -> int:
    """How long the description of the columns is, as the last eight bytes say: refused before it is parsed."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell() < 12:
            return 0
        stream.seek(-8, 2)
        length, mark = stream.read(4), stream.read(4)
    return int.from_bytes(length, "little") if mark == b"PAR1" else 0


def _truth(folder: Path) -> dict[str, float]:
    path = folder / "truth.json"
    if not path.exists():
        return {}
    _, data = read_json(path, shown_as="truth.json")
    if not isinstance(data, dict) or not all(_is_number(value) for value in data.values()):
        cure = "It holds ids of estimates and their true values; make the cohort again."
        raise BadInput("the file does not hold numbers by name.", cure=cure, where=Place(file="truth.json"))
    return {str(name): float(value) for name, value in data.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
