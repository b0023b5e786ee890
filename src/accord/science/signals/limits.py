"""How large a recording may be: a file that a stranger made must not fill the memory or run for ever."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from accord.science.errors import BadInput, NotFound, Place

CUT = "Cut the recording to the session, or pass larger `limits` when you trust the file."


@dataclass(frozen=True, slots=True)
class Limits:
    """Size and time limits of a reader; the defaults hold a session of an hour at 2,000 Hz many times over.

    megabytes: size of the file (and of what is unpacked from it). samples: values of one signal. hours: length of the
    recording. seconds: how long a reader of a binary format may compute; memory_megabytes: what it may allocate.
    """

    megabytes: float = 512.0
    samples: int = 50_000_000
    hours: float = 12.0
    seconds: float = 120.0
    memory_megabytes: float = 4096.0

    def check_file(self, path: Path) -> None:
        """BadInput when the path is no plain file, is empty or is too large; NotFound when it does not exist."""
        if not path.exists():
            raise NotFound("there is no such file.", cure="Check the path.", where=Place(file=str(path)))
        if not path.is_file():
            raise BadInput("this is not a file.", cure="Name one recording.", where=Place(file=str(path)))
        self.check_bytes(os.stat(path).st_size, str(path))

    def check_bytes(self, size: int, file: str) -> None:
        if size == 0:
            raise BadInput("the file is empty.", cure="Export the recording again.", where=Place(file=file))
        if size > self.megabytes * 1e6:
            what = f"the file has {size / 1e6:,.0f} MB; {self.megabytes:,.0f} MB are allowed."
            raise BadInput(what, cure=CUT, where=Place(file=file))

    def check_samples(self, count: float, file: str) -> None:
        if count > self.samples:
            what = f"the signal has {count:,.0f} samples; {self.samples:,} are allowed."
            raise BadInput(what, cure=CUT, where=Place(file=file))

    def check_length(self, seconds: float, file: str, *, steps: str = "") -> None:
        """BadInput when the recording is longer than allowed; `steps` adds what else could be wrong with its time."""
        if seconds > self.hours * 3600:
            what = f"the recording lasts {seconds / 3600:,.1f} hours; {self.hours:g} are allowed."
            raise BadInput(what, cure=f"{steps}{CUT}", where=Place(file=file))
