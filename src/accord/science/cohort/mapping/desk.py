"""The files of a mapping laid out: matched by name, read, their columns checked, their people given pseudonyms."""

from __future__ import annotations

import difflib
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from accord.science.cohort.mapping.cells import raw_values, rows_where
from accord.science.cohort.mapping.model import Cell, Days, File, Mapping, Person, Scores, Time, When
from accord.science.cohort.mapping.sources import Source, read_source
from accord.science.definitions import Document
from accord.science.errors import BadContent, BadInput, Finding, NotFound

Path_ = tuple[str | int, ...]


@dataclass
class Desk:
    """A mapping at work: its files, who each row is about, and the notes that the user should read.

    `who` holds the pseudonym of every row of a file; `people` all pseudonyms in the order of appearance.
    """

    mapping: Mapping
    document: Document
    sources: dict[str, Source]
    site: Path | None = None
    salt: bytes | None = None
    who: dict[str, pl.Series] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    others: dict[str, dict[str, str]] = field(default_factory=dict)

    def file(self, name: str) -> File | None:
        return self.mapping.files.get(name)

    def missing(self, source: Source) -> list[str]:
        """The codes that mean missing anywhere in a file."""
        file = self.file(source.name)
        return [*self.mapping.missing, *(file.missing if file else [])]

    def time(self, source: Source) -> Time | None:
        file = self.file(source.name)
        return (file.time if file else None) or self.mapping.time

    def holding(self, *columns: str, file: str | None = None) -> Source:
        """The file that holds the columns: the one named, else the first that has them all."""
        if file is not None:
            return self.sources[file]
        return next(
            (source for source in self.sources.values() if set(columns) <= set(source.frame.columns)),
            next(iter(self.sources.values())),
        )

    def pseudonyms(self, kind: str, series: pl.Series) -> pl.Series:
        """Codes instead of therapists' and groups' names: the same name gives the same code in every table."""
        table = self.others.setdefault(kind, {})
        for text in series.drop_nulls().unique(maintain_order=True).to_list():
            table.setdefault(text, f"{kind}{len(table) + 1:03}")
        return series.replace_strict(table, default=None, return_dtype=pl.String) if table else series


def laid_out(
    mapping: Mapping, document: Document, paths: Sequence[Path], *, salt: bytes | None, site: Path | None
) -> Desk:
    """Read the files of a mapping. Raises BadContent with every column that the mapping names but no file has."""
    matched = _matched(mapping, document, paths)
    sources = {name: _read(name, path, mapping.files.get(name)) for name, path in matched.items()}
    desk = Desk(mapping, document, sources, site, salt)
    desk.notes += [f"{source.shown}: {source.format}." for source in sources.values() if source.format]
    if findings := _unknown_columns(desk):
        raise BadContent(f"{document.file} does not fit the files:", findings)
    for name, source in list(sources.items()):
        file = desk.file(name)
        if file and file.keep:
            sources[name] = source.kept(rows_where(source, file.keep, desk.missing(source)))
    _give_pseudonyms(desk)
    return desk


def _slug(stem: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:50]
    return slug if slug[:1].isalpha() else f"file_{slug}".rstrip("_")


def _matched(mapping: Mapping, document: Document, paths: Sequence[Path]) -> dict[str, Path]:
    """Which file is which: by name, or the only one for the only one."""
    if not paths:
        raise BadInput("no file to map.", cure="Give the files after the mapping.")
    names = [Path(path).name for path in paths]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadInput(f"two files are called {twice}.", cure="Rename one of them.")
    if not mapping.files:
        return {_slug(Path(path).stem): Path(path) for path in paths}
    if len(mapping.files) == 1 and len(paths) == 1:
        return {next(iter(mapping.files)): Path(paths[0])}
    by_name = {Path(path).name: Path(path) for path in paths}
    findings = [
        document.finding(f"the file {file.name} was not given.", "files", alias, cure=f"Given: {', '.join(names)}.")
        for alias, file in mapping.files.items()
        if file.name not in by_name
    ]
    wanted = {file.name for file in mapping.files.values()}
    findings += [
        Finding(f"the mapping does not know the file {name}.", "Add it under files.")
        for name in names
        if name not in wanted
    ]
    if findings:
        raise BadContent(f"{document.file} does not fit the files:", findings)
    return {alias: by_name[file.name] for alias, file in mapping.files.items()}


def _read(name: str, path: Path, file: File | None) -> Source:
    if file is None:
        return read_source(path, name=name)
    return read_source(path, name=name, encoding=file.encoding, delimiter=file.delimiter, decimal=file.decimal)


# --- do the columns exist? ----------------------------------------------------------------------------------------


def _unknown_columns(desk: Desk) -> list[Finding]:
    findings: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for file, column, path in _references(desk.mapping, (), None):
        if file is not None and file not in desk.sources:
            known = ", ".join(desk.sources)
            findings.append(desk.document.finding(f"there is no file '{file}'.", *path, cure=f"There are: {known}."))
            continue
        sources = [desk.sources[file]] if file else list(desk.sources.values())
        columns = [name for source in sources for name in source.frame.columns]
        if column not in columns and (column, str(path)) not in seen:
            seen.add((column, str(path)))
            near = difflib.get_close_matches(column, columns, n=3, cutoff=0.6)
            cure = f"Did you mean {', '.join(near)}?" if near else f"There are: {', '.join(columns[:30])}."
            shown = sources[0].shown if len(sources) == 1 else "the files"
            findings.append(desk.document.finding(f"{shown} has no column '{column}'.", *path, cure=cure))
    return findings


def _references(entry: Any, path: Path_, file: str | None) -> Iterator[tuple[str | None, str, Path_]]:
    """Every column that a mapping names: (file or None, column, where)."""
    if isinstance(entry, Mapping):
        for name, one in entry.files.items():
            yield from _references(one, ("files", name), name)
        for key in entry.model_fields_set - {"files"}:
            yield from _references(getattr(entry, key), (key,), None)
    elif isinstance(entry, list | tuple):
        for index, one in enumerate(entry):
            yield from _references(one, (*path, index), file)
    elif isinstance(entry, dict):
        for key, one in entry.items():
            yield from _references(one, (*path, key), file)
    elif isinstance(entry, BaseModel):
        file = getattr(entry, "file", None) or file
        for column in _own_columns(entry):
            yield file, column, path
        for key in type(entry).model_fields:
            yield from _references(getattr(entry, key), (*path, key), file)


def _own_columns(entry: BaseModel) -> list[str]:
    if isinstance(entry, Cell):
        return [name for name in (entry.column, entry.date) if name]
    if isinstance(entry, When):
        return [entry.column]
    if isinstance(entry, Person | Time):
        return [entry.column] if entry.column else []
    if isinstance(entry, Days):
        return [entry.from_column] if entry.from_column else []
    if isinstance(entry, Scores) and entry.scale:
        return [name for name in (entry.column, *entry.columns.values()) if isinstance(name, str)]
    return []


# --- who is who ---------------------------------------------------------------------------------------------------


def _give_pseudonyms(desk: Desk) -> None:
    """Random-looking names in the order of appearance, or by a secret; the names of the files are not kept."""
    real = {name: _persons(desk, source) for name, source in desk.sources.items()}
    order = list(dict.fromkeys(text for series in real.values() for text in series.to_list()))
    width = max(4, len(str(len(order))))
    salted = desk.mapping.person.pseudonyms == "salted"
    if salted and not desk.salt:
        cure = "Add --salt-file FILE (keep that file secret), or set pseudonyms: order."
        raise BadInput("the mapping asks for salted pseudonyms.", cure=cure)
    if salted:
        table = {
            text: f"p{hmac.new(desk.salt or b'', text.encode(), hashlib.sha256).hexdigest()[:16]}" for text in order
        }
    else:
        table = {text: f"p{number:0{width}}" for number, text in enumerate(order, start=1)}
    desk.people = sorted(table.values()) if salted else list(table.values())
    for name, series in real.items():
        desk.who[name] = series.replace_strict(table, return_dtype=pl.String).alias("participant")


def _persons(desk: Desk, source: Source) -> pl.Series:
    file = desk.file(source.name)
    person = (file.person if file else None) or desk.mapping.person
    if person.row or person.column is None:
        return pl.Series("person", [f"row {row}" for row in source.rows.to_list()], dtype=pl.String)
    if person.column not in source.frame.columns:
        cure = f"Set files: {source.name}: person. There are: {', '.join(source.frame.columns[:30])}."
        raise NotFound(f"{source.shown} has no column '{person.column}' for the person.", cure=cure)
    series = raw_values(source, person.column, desk.missing(source))
    if series.null_count():
        index = int(series.is_null().arg_max() or 0)
        cure = "Every row needs its person; leave rows out with keep."
        raise BadInput("the cell is empty.", cure=cure, where=source.place(index, person.column))
    return series
