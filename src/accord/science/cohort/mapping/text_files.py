"""What a text file nobody prepared for is made of: encoding, delimiter, decimal mark. Recognised, said, overridable."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accord.science.errors import BadInput, Place

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MAX_HEADER = 4_000_000
MAX_COLUMNS = 20_000
SAMPLE_LINES = 200
NUMBER_COMMA = re.compile(r"[-+]?\d+,\d+")
NUMBER_POINT = re.compile(r"[-+]?\d+\.\d+")
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is written. `decimal` is `.` or `,`."""

    encoding: str
    delimiter: str
    decimal: str

    def __str__(self) -> str:
        mark = "point" if self.decimal == "." else "comma"
        return f"{self.encoding}, columns by {DELIMITERS.get(self.delimiter, self.delimiter)}, decimal {mark}"


def decoded(path: Path, *, shown: str, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file and its encoding: as told, by its byte order mark, UTF-8, else Windows-1252.

    Raises BadInput for an empty file, for an encoding that does not fit and for a header beyond all measure, before
    anything is parsed.
    """
    where = Place(file=shown)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.") from None
    if not raw.strip():
        raise BadInput("the file is empty.", cure="It needs a header row and at least one row.", where=where)
    ends = [position for position in (raw.find(b"\n"), raw.find(b"\r")) if position >= 0]
    if min(ends, default=len(raw)) > MAX_HEADER:
        what = f"the first line has more than {MAX_HEADER:,} bytes."
        raise BadInput(what, cure="Is this a table with a header row?", where=where)
    marked = next((name for bom, name in BOMS.items() if raw.startswith(bom)), None)
    for name in [encoding] if encoding else [marked or _unmarked(raw)]:
        try:
            return raw.decode(name), name
        except LookupError:
            raise BadInput(f"there is no encoding '{encoding}'.", cure="Try utf-8 or cp1252.", where=where) from None
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            at = Place(file=shown, row=raw[:start].count(b"\n") + 1)
            raise BadInput(f"this is not {name} text.", cure="Set `encoding:` in the mapping.", where=at) from None
    raise AssertionError


def _unmarked(raw: bytes) -> str:
    if b"\x00" in raw[:4000]:
        return "utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if _fits(raw, "cp1252") else "latin-1"
    return "utf-8"


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def without_comments(text: str, mark: str) -> str:
    """The lines at the top that begin with `mark`, emptied, so that the rows below keep their numbers."""
    lines = text.splitlines(keepends=True)
    first = next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip("\ufeff").startswith(mark)), 0)
    return "\n" * first + "".join(lines[first:])


def recognised(text: str, encoding: str, *, delimiter: str | None = None, decimal: str | None = None) -> TextFormat:
    """The format of a text: what is told stays, the rest is read off its first lines."""
    start = io.StringIO(text[:2_000_000], newline="")
    lines = [line for line in itertools.islice(start, SAMPLE_LINES) if line.strip()]
    delimiter = delimiter or _delimiter(lines)
    return TextFormat(encoding, delimiter, decimal or _decimal(lines, delimiter))


def _delimiter(lines: list[str]) -> str:
    """The mark that cuts most lines into the same number (above one) of cells as the header."""

    def score(mark: str) -> tuple[float, int]:
        widths = [len(row) for row in _rows(lines, mark)]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    return max(DELIMITERS, key=score)


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _decimal(lines: list[str], delimiter: str) -> str:
    """A comma when cells read like 3,5 and hardly any like 3.5."""
    cells = Counter(
        "comma" if NUMBER_COMMA.fullmatch(cell.strip()) else "point" if NUMBER_POINT.fullmatch(cell.strip()) else ""
        for row in _rows(lines[1:], delimiter)
        for cell in row
    )
    return "," if cells["comma"] > cells["point"] else "."


def rows_of(text: str, delimiter: str, *, shown: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and their row numbers (the header is row 1; empty lines are skipped).

    Raises BadInput for a header without names, a name twice, too many columns, and for a row of another width.
    """
    where = Place(file=shown, row=1)
    header: list[str] = []
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, row in _numbered(text, delimiter, shown):
        if not header:
            _check_header(row, where)
            header = [name.strip().lstrip("\ufeff") or f"column_{place}" for place, name in enumerate(row, start=1)]
        elif len(row) != len(header):
            cure = "Quote cells that hold the delimiter, or set `delimiter:` in the mapping."
            at = Place(file=shown, row=number)
            raise BadInput(f"the row has {len(row)} cells, the header {len(header)}.", cure=cure, where=at)
        else:
            rows.append(row)
            numbers.append(number)
    return header, rows, numbers


def _numbered(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, start=1):
            if "".join(row).strip():
                yield number, row
    except csv.Error as error:
        at = Place(file=shown, row=reader.line_num)
        raise BadInput(f"the row cannot be read: {error}.", cure="Check its quotes.", where=at) from None


def _check_header(header: list[str], where: Place) -> None:
    names = [name.strip().lstrip("\ufeff") for name in header]
    if len(names) > MAX_COLUMNS:
        what = f"the header has {len(names):,} columns; at most {MAX_COLUMNS:,} are read."
        raise BadInput(what, cure="Keep the columns that matter.", where=where)
    if not any(names):
        raise BadInput("the header row is empty.", cure="The first row holds the names of columns.", where=where)
    counts = Counter(names)
    twice = next((name for name in names if name and counts[name] > 1), None)
    if twice is not None:
        at = Place(file=where.file, row=1, column=twice)
        raise BadInput("the column stands there twice.", cure="Rename one of the two.", where=at)
