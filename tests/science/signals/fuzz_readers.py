"""Run as a process of its own: mutated files through every reader; prints one JSON line with what got out.

Only errors raised on purpose may get out of a reader. A crash of this process, or a reader that takes longer than its
alarm allows, fails the test that started it.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import traceback
from pathlib import Path

import numpy as np

from accord.science.errors import AccordError
from accord.science.signals import Limits, Recording
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.isolated import FORMATS
from accord.science.signals.readers.read import READERS, refuse_lifeless

LIMITS = Limits(megabytes=50, samples=3_000_000, hours=48)
SECONDS = 5
NUMBERS = [
    b"-1",
    b"0",
    b"99999999",
    b"1e308",
    b"-1e308",
    b"nan",
    b"inf",
    b"",
    b"4294967296",
    b"\x00",
    b"\xff\xff\xff\xff",
]


def mutated(raw: bytes, rng: np.random.Generator) -> bytes:
    """One to four damages: flipped bytes, a cut, a stretch doubled, dropped or overwritten, a number replaced."""
    data = bytearray(raw)
    for _ in range(int(rng.integers(1, 5))):
        if not data:
            break
        head = int(rng.integers(0, 2)) == 0  # half of the damage falls on the first part, where headers are
        at = int(rng.integers(0, min(len(data), 1_500) if head else len(data)))
        size = int(rng.integers(1, 60))
        kind = int(rng.integers(0, 7))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = data[at : at + size]
        elif kind == 3:
            del data[at : at + size]
        elif kind == 4:
            data[at : at + size] = rng.bytes(size)
        elif kind == 5:
            data[at : at + 4] = bytes(NUMBERS[int(rng.integers(0, len(NUMBERS)))])
        else:
            found = re.compile(rb"[0-9.]+").search(bytes(data), at)
            if found:
                data[found.start() : found.end()] = NUMBERS[int(rng.integers(0, len(NUMBERS)))]
    return bytes(data)


class TooLong(BaseException):
    """Raised by the alarm; no reader catches it."""


def _ring(*_: object) -> None:
    raise TooLong


def outcome(path: Path, wanted: str) -> str:
    """`read`, `refused`, `stopped` by the alarm, or the traceback of an error that nobody meant."""
    suffix = path.suffix.lower()
    reader = FORMATS[suffix[1:]] if suffix[1:] in FORMATS else READERS[suffix]
    signal.alarm(SECONDS)
    try:
        LIMITS.check_file(path)
        recording = reader(path, Request(wanted, limits=LIMITS))
        refuse_lifeless(recording)
        return "read" if isinstance(recording, Recording) and np.isfinite(recording.times).all() else "no times"
    except AccordError as error:
        return "refused" if error.finding.cure else f"without a cure: {error}"
    except TooLong:
        return "stopped"
    except Exception:
        return traceback.format_exc()
    finally:
        signal.alarm(0)


def main(seeds: Path, count: int, seed: int) -> None:
    signal.signal(signal.SIGALRM, _ring)
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, int]] = {}
    for original in sorted(seeds.iterdir()):
        wanted, raw = original.stem.split("__")[0], original.read_bytes()
        tally = found.setdefault(original.name, {})
        for _ in range(count // 4 if original.suffix == ".acq" else count):  # bioread searches long in damaged headers
            path = seeds.parent / f"{original.stem.split('__')[-1]}{original.suffix}"
            path.write_bytes(mutated(raw, rng))
            what = outcome(path, wanted)
            if what not in ("read", "refused"):
                (seeds.parent / f"culprit-{original.name}").write_bytes(path.read_bytes())
            tally[what] = tally.get(what, 0) + 1
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
