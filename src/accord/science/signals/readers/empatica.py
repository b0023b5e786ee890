"""Empatica E4 exports: one CSV per sensor (start, rate, values), the whole session in one zip."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np

from accord.science.errors import BadInput, NotFound, Place
from accord.science.signals.kinds import kind_of
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.table import finite
from accord.science.signals.readers.text import TextTable, numbers, table_of
from accord.science.signals.recording import Annotation, Floats, Gap, Recording

FILES = {
    "EDA": ("skin-conductance", "uS"),
    "BVP": ("pulse", ""),
    "HR": ("heart-rate", "1/min"),
    "TEMP": ("temperature", "Cel"),
    "ACC": ("movement", "g"),
    "IBI": ("rr", "ms"),
}
PER_G = 64.0  # the accelerometer counts 64 for 1 g
MAX_RATIO = 200
MAX_MEMBERS = 1_000


def is_empatica(table: TextTable, path: str) -> bool:
    """True for a file called EDA, BVP, HR, TEMP, ACC or IBI whose first number is a time since 1970."""
    if PurePosixPath(path).stem.upper() not in FILES:
        return False
    first = table.frame.columns[0] if table.has_header else str(table.frame[0, 0])
    try:
        return 1e9 <= float(first.strip()) <= 4e9
    except (ValueError, AttributeError):
        return False


def from_empatica(table: TextTable, request: Request, *, file: str, marks: tuple[Annotation, ...] = ()) -> Recording:
    """One sensor's file on the clock `utc`; button presses of tags.csv become annotations."""
    stem = PurePosixPath(file.replace("\\", "/").split("!")[-1]).stem.upper()
    kind, unit = FILES[stem]
    wanted = kind_of(request.wanted)
    if wanted.name not in (kind, "other"):
        what = f"this file holds {kind}, not {request.wanted}."
        raise NotFound(what, cure="Name the file of that sensor.", where=Place(file=file))
    if stem == "IBI":
        return _intervals(table, request, file=file, marks=marks)
    columns = [finite(numbers(table, name, file=file).to_numpy()) for name in table.frame.columns]
    if columns[0].size < 4 or not columns[0][1] > 0:
        raise BadInput("the file holds no sample.", cure="Export the session again.", where=Place(file=file))
    start, rate = float(columns[0][0]), float(columns[0][1])
    values = columns[0][2:] if stem != "ACC" else np.sqrt(sum(c[2:] ** 2 for c in columns)) / PER_G
    request.limits.check_samples(values.size, file)
    request.limits.check_length(values.size / rate, file)
    return Recording(
        who=request.who, signal=request.signal, values=values, unit=unit, rate_hz=rate, start=start, clock="utc",
        annotations=marks, source=file,
    )  # fmt: skip


def _intervals(table: TextTable, request: Request, *, file: str, marks: tuple[Annotation, ...]) -> Recording:
    """IBI.csv: seconds since the start at which a beat came, and its interval in s; lost beats are gaps."""
    names = table.frame.columns
    if len(names) != 2:
        raise BadInput(f"the file has {len(names)} columns, not 2.", cure="Export it again.", where=Place(file=file))
    start = float(names[0]) if table.has_header else float(table.frame[0, 0])
    since, gone = (finite(numbers(table, name, file=file).to_numpy()) for name in names)
    if since.size < 2 or not np.all(np.diff(since) > 0) or not np.all((gone > 0) & (gone < 3600)):
        what = "the beats are fewer than two, not in order, or without length."
        raise BadInput(what, cure="Export the session again.", where=Place(file=file))
    request.limits.check_length(float(since[-1]), file)
    stamps = start + since
    return Recording(
        who=request.who, signal="rr", values=gone * 1000.0, unit="ms", stamps=stamps, clock="utc",
        gaps=_lost(stamps, gone), annotations=marks, source=file,
    )  # fmt: skip


def _lost(stamps: Floats, gone: Floats) -> tuple[Gap, ...]:
    begins = stamps - gone
    holes = np.flatnonzero(begins[1:] - stamps[:-1] > 0.25)
    return tuple(Gap(float(stamps[i]), float(begins[i + 1]), "beats lost") for i in holes)


def marks_of(raw: bytes, file: str) -> tuple[Annotation, ...]:
    """The button presses of tags.csv (seconds since 1970, one a line)."""
    found = []
    for row, line in enumerate(raw.decode("utf-8", "replace").split()[:10_000], start=1):
        try:
            found.append(Annotation(float(line.strip(",")), "tag"))
        except ValueError:
            where = Place(file=file, row=row)
            raise BadInput(f"found '{line:.40}'; a time is allowed.", cure="Export it again.", where=where) from None
    return tuple(found)


def marks_beside(path: Path) -> tuple[Annotation, ...]:
    beside = path.with_name("tags.csv")
    if not beside.is_file() or beside.stat().st_size > 1_000_000:
        return ()
    return marks_of(beside.read_bytes(), str(beside))


def read_empatica_zip(path: Path, request: Request) -> Recording:
    """The sensor asked for, from the zip of a session; refused when it unpacks to more than the limits allow."""
    kind = kind_of(request.wanted).name
    stem = next((stem for stem, (name, _) in FILES.items() if name == kind), None)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {PurePosixPath(info.filename).name.upper(): info for info in archive.infolist()[:MAX_MEMBERS]}
            member = members.get(f"{stem}.CSV")
            if member is None:
                cure = f"There are: {', '.join(sorted(members)[:20])}."
                raise NotFound(f"the session holds no {request.wanted}.", cure=cure, where=Place(file=str(path)))
            text = _unpacked(archive, member, request, path)
            tags = members.get("TAGS.CSV")
            marks = marks_of(_unpacked(archive, tags, request, path) if tags and tags.file_size else b"", str(path))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        if isinstance(error, BadInput):
            raise
        cure = "Download the session again."
        raise BadInput("this is no readable zip.", cure=cure, where=Place(file=str(path))) from None
    file = f"{path}!{member.filename}"
    table = table_of(text, file)
    if not is_empatica(table, member.filename):
        cure = "Only sessions of the E4 are read from a zip; unpack others and name the file."
        raise BadInput("this is no file of an Empatica E4.", cure=cure, where=Place(file=file))
    return from_empatica(table, request, file=file, marks=marks)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, request: Request, path: Path) -> bytes:
    """The member's bytes, read no further than the limit, whatever the zip says about its size."""
    most = int(request.limits.megabytes * 1e6)
    request.limits.check_bytes(member.file_size, f"{path}!{member.filename}")
    if member.file_size > MAX_RATIO * max(member.compress_size, 1_000):
        what = "the zip unpacks to hundreds of times its size."
        raise BadInput(what, cure="Download the session again.", where=Place(file=str(path)))
    with archive.open(member) as stream:
        raw = stream.read(most + 1)
    request.limits.check_bytes(len(raw), f"{path}!{member.filename}")
    return raw
