"""What is in a backup: a stream of named parts (tar, gzip, sealed): `about.json` first, `manifest.json` last."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from accord.science.errors import BadInput
from accord.service.operation.cipher import AGAIN, Opening, Sealing

ABOUT, MANIFEST, DATABASE, TABLES, FILES = "about.json", "manifest.json", "database.sqlite3", "tables/", "files/"
LEVEL = 1  # most of it is ciphertext already; the rest is text, which this halves


class Writer:
    """Takes parts one after the other."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, data: bytes) -> None:
        self.copy(name, io.BytesIO(data), len(data))

    def add_json(self, name: str, value: dict[str, Any]) -> None:
        self.add(name, json.dumps(value, indent=1, sort_keys=True).encode())

    def copy(self, name: str, source: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, source)


@contextmanager
def written(out: IO[bytes], key: bytes) -> Iterator[Writer]:
    """A new archive at `out`; it is whole only once this is left without an error."""
    with (
        Sealing(out, key) as sealing,
        gzip.GzipFile(fileobj=sealing, mode="wb", compresslevel=LEVEL, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        yield Writer(tar)


Part = tuple[str, IO[bytes], int]


@contextmanager
def opened(path: Path, key: bytes) -> Iterator[Iterator[Part]]:
    """The parts of an archive in order: name, content, size. Raises BadInput for what was damaged."""
    with (
        path.open("rb") as source,
        io.BufferedReader(Opening(source, key, path.name), 1 << 20) as plain,
        gzip.GzipFile(fileobj=plain) as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        yield ((entry.name, _content(tar, entry), entry.size) for entry in tar)


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(entry)
    if content is None:
        raise BadInput(f"The backup holds something that is no file: {entry.name}.", cure=AGAIN)
    return content


def authenticate(path: Path, key: bytes) -> None:
    """Read the file to its end and keep nothing: afterwards no bit of it is other than it was written."""
    with path.open("rb") as source, Opening(source, key, path.name) as plain:
        while plain.read(1 << 20):
            pass


def told(path: Path, key: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the archive says of itself: `about` and `manifest`. Raises BadInput."""
    found: dict[str, dict[str, Any]] = {}
    with opened(path, key) as parts:
        for name, content, _ in parts:
            if name in (ABOUT, MANIFEST):
                found[name] = json.loads(content.read())
    if found.keys() != {ABOUT, MANIFEST}:
        raise BadInput(f"{path.name} does not say what is in it.", cure=AGAIN)
    return found[ABOUT], found[MANIFEST]
