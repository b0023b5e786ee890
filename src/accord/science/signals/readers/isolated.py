"""A reader of a binary format in a process of its own, with limits on time and memory.

The libraries that read these formats trust what a file says about its sizes; one of them is written in C. A hostile
file can therefore at worst end a child that has no time, no memory and no result.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from accord.science.errors import AccordError, BadInput, MissingExtra, NotEstimable, NotFound, Place
from accord.science.signals.limits import Limits
from accord.science.signals.readers.biopac import read_acq
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.edf import read_edf
from accord.science.signals.readers.xdf import read_xdf
from accord.science.signals.recording import Annotation, Gap, Phase, Recording

FORMATS: dict[str, Callable[[Path, Request], Recording]] = {"edf": read_edf, "acq": read_acq, "xdf": read_xdf}
ERRORS: dict[str, type[AccordError]] = {error.__name__: error for error in (BadInput, NotFound, NotEstimable)}


def read_isolated(form: str, path: Path, request: Request) -> Recording:
    """What `FORMATS[form]` returns or raises, from a child process; BadInput when the child dies or takes too long."""
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        order = json.dumps({"form": form, "path": str(path), "request": asdict(request), "out": folder})
        command = [sys.executable, "-m", "accord.science.signals.readers.isolated"]
        where = Place(file=str(path))
        try:
            done = subprocess.run(  # noqa: S603 - our own module, the file's name travels as data
                command, input=order.encode(), timeout=request.limits.seconds, capture_output=True, check=False
            )
        except subprocess.TimeoutExpired:
            what = f"reading took more than {request.limits.seconds:g} s."
            raise BadInput(what, cure="The file is damaged or too large: export a part of it.", where=where) from None
        answer = Path(folder) / "answer.json"
        if done.returncode != 0 or not answer.is_file():
            what = f"the file made its reader fail (code {done.returncode})."
            raise BadInput(what, cure="The file is damaged or needs too much memory: export it again.", where=where)
        return _received(json.loads(answer.read_text()), Path(folder))


def _received(answer: dict[str, Any], folder: Path) -> Recording:
    if "extra" in answer:
        raise MissingExtra(answer["extra"], needed_for="reading this format")
    if "error" in answer:
        place = Place(**answer["where"])
        raise ERRORS.get(answer["error"], BadInput)(answer["what"], cure=answer["cure"], where=place)
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        values, stamps = arrays["values"], arrays.get("stamps")
    parts = {"gaps": Gap, "annotations": Annotation, "phases": Phase}
    listed: dict[str, Any] = {key: tuple(kind(**fields) for fields in answer.pop(key)) for key, kind in parts.items()}
    return Recording(values=values, stamps=stamps, notes=tuple(answer.pop("notes")), **listed, **answer)


def _sent(recording: Recording, folder: Path) -> dict[str, Any]:
    arrays = {"values": recording.values} | ({} if recording.stamps is None else {"stamps": recording.stamps})
    np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]
    empty = recording.values[:0]
    plain = asdict(replace(recording, values=empty, stamps=None, rate_hz=recording.rate_hz or 1.0))
    plain = plain | {"rate_hz": recording.rate_hz}
    return {key: value for key, value in plain.items() if key not in ("values", "stamps")}


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    fields = dict(order["request"])
    request = Request(**fields | {"limits": Limits(**fields["limits"])})
    try:
        return _sent(FORMATS[order["form"]](Path(order["path"]), request), Path(order["out"]))
    except MissingExtra:
        return {"extra": "physio"}
    except AccordError as error:
        found = error.finding
        return {"error": type(error).__name__, "what": found.what, "cure": found.cure, "where": asdict(found.where)}


def _loaded(form: str) -> None:
    """Load the format's library before memory is limited, so that a lack of memory does not look like a lack of it."""
    with suppress(ImportError):
        import_module({"edf": "pyedflib", "acq": "bioread.reader", "xdf": "pyxdf"}[form])


def _limit(limits: dict[str, Any]) -> None:
    """Processor time and memory of this process, where the system can limit them."""
    try:
        import resource
    except ImportError:  # not on Windows; the time limit of the parent holds there too
        return
    memory, seconds = int(limits["memory_megabytes"] * 1e6), int(limits["seconds"]) + 1
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    ORDER = json.loads(sys.stdin.buffer.read())
    _loaded(ORDER["form"])
    _limit(ORDER["request"]["limits"])
    ANSWER = json.dumps(_answer(ORDER))
    (Path(ORDER["out"]) / "answer.json").write_text(ANSWER)
