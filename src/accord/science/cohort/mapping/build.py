"""A mapping and the files it is for -> a cohort, checked like any other before a byte is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from accord.science.cohort.checks import content_findings
from accord.science.cohort.cohort import Cohort
from accord.science.cohort.files import sha256
from accord.science.cohort.manifest import ExtraColumn, Manifest
from accord.science.cohort.mapping.desk import Desk, laid_out
from accord.science.cohort.mapping.model import Mapping, read_mapping
from accord.science.cohort.mapping.occasions import time_points
from accord.science.cohort.mapping.rows import allocation_table, other_table, participants_table
from accord.science.cohort.mapping.scores import score_table
from accord.science.definitions import Document
from accord.science.errors import BadContent, BadInput


@dataclass(frozen=True)
class Mapped:
    """The cohort, and what the user should know of how the files were read."""

    cohort: Cohort
    notes: list[str]


def map_files(
    mapping: Path,
    files: Sequence[Path],
    *,
    salt: bytes | None = None,
    made_on: str | None = None,
    site: Path | None = None,
) -> Mapped:
    """Turn anybody's files into a cohort of origin `mapped` (or `real`), as a mapping file says.

    Nothing that names a person is kept: people, therapists and groups get new codes, dates become days. The same
    mapping and files give the same cohort. Raises BadInput or BadContent with the place in the mapping (line) or in
    the file (row and column).
    """
    shape, document = read_mapping(mapping)
    return map_document(shape, document, files, salt=salt, made_on=made_on, site=site)


def map_document(
    shape: Mapping,
    document: Document,
    files: Sequence[Path],
    *,
    salt: bytes | None = None,
    made_on: str | None = None,
    site: Path | None = None,
) -> Mapped:
    """The same for a mapping that is already read."""
    desk = laid_out(shape, document, files, salt=salt, site=site)
    points = time_points(desk)
    tables = {"participants": participants_table(desk, points)}
    if (allocation := allocation_table(desk, points)) is not None:
        tables["allocation"] = allocation
    tables["scores"] = score_table(desk, points)
    for name, entries in {"events": shape.events, **shape.tables}.items():
        if entries:
            tables[name] = other_table(desk, name, entries, points)
    cohort = Cohort(_manifest(desk, files, points, tables, made_on), tables, site=site)
    findings = content_findings(cohort)
    if stopping := [finding for finding in findings if not finding.warning]:
        raise BadContent(f"what {document.file} makes of the files is no cohort:", stopping)
    return Mapped(cohort, desk.notes + [str(finding) for finding in findings])


def _manifest(
    desk: Desk, files: Sequence[Path], points: list[str], tables: dict[str, pl.DataFrame], made_on: str | None
) -> Manifest:
    mapping = desk.mapping
    made_from = [f"{Path(path).name} (sha256 {sha256(Path(path))})" for path in files]
    if mapping.source:
        made_from.append(mapping.source)
    background = mapping.participants.background
    columns = {
        f"participants.{name}": ExtraColumn(meaning=cell.meaning or f"column {cell.column or name}", unit=cell.unit)
        for name, cell in background.items()
    }
    return Manifest(
        origin=mapping.origin, title=mapping.title, protocol=mapping.protocol, made_on=made_on, made_from=made_from,
        n=_enrolled(tables), licence=mapping.licence, time_points=points, scales=dict(mapping.scales), columns=columns,
    )  # fmt: skip


def _enrolled(tables: dict[str, pl.DataFrame]) -> int | None:
    """People with an enrolment; None when the mapping says nothing of enrolment."""
    if "events" not in tables:
        return None
    enrolled = tables["events"].filter(pl.col("kind") == "enrolment")
    return enrolled["participant"].n_unique() or None


def read_salt(path: Path) -> bytes:
    """The secret for salted pseudonyms: at least 16 bytes."""
    try:
        salt = Path(path).read_bytes().strip()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.") from None
    if len(salt) < 16:
        raise BadInput(
            f"{path} holds {len(salt)} bytes; at least 16 are needed.", cure="Write a long random line in it."
        )
    return salt
