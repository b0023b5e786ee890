"""What was measured already: one line a result, written as soon as it is there, so that a study can be taken up again.

A line is kept under the fingerprint of all that it came from (the bytes of the files, the options, the program's
version); when any of these changes it is measured again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from accord import __version__
from accord.science.errors import BadInput

FILE = "journal.jsonl"
MAX_BYTES = 1_000_000_000


class Journal:
    """A context manager; `get` what stands there, `add` what is new. A line cut off by a crash is left out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, dict[str, Any]] = {}
        self._out: TextIO | None = None

    def __enter__(self) -> Journal:
        path = self.folder / FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                self._read(path)
            self._out = path.open("a", encoding="utf-8")
            if path.stat().st_size and not _ends_a_line(path):
                self._out.write("\n")
        except OSError as error:
            what = f"{path} cannot be written: {error.strerror}."
            raise BadInput(what, cure="Is the folder read-only, or full?") from None
        return self

    def __exit__(self, *error: object) -> None:
        if self._out is not None:
            self._out.close()

    def _read(self, path: Path) -> None:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} is larger than {MAX_BYTES:,} bytes.", cure="Remove it; the study starts anew.")
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    found = json.loads(line)
                    self._known[str(found["fingerprint"])] = dict(found["found"])
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue

    def get(self, fingerprint: str) -> dict[str, Any] | None:
        return self._known.get(fingerprint)

    def add(self, fingerprint: str, found: dict[str, Any]) -> None:
        assert self._out is not None
        self._known[fingerprint] = found
        self._out.write(json.dumps({"fingerprint": fingerprint, "found": found}, allow_nan=False) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def fingerprint(*parts: object) -> str:
    """The same for the same parts, in any process."""
    text = json.dumps([__version__, *parts], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def of_files(files: Iterable[Path]) -> list[str]:
    """What is in the files; one that cannot be read counts as its name."""
    found = []
    for file in files:
        try:
            with file.open("rb") as stream:
                found.append(hashlib.file_digest(stream, "blake2b").hexdigest())
        except OSError:
            found.append(f"unreadable {file.name}")
    return found
