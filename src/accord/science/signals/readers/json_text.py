"""JSON files: parsed within bounds, then handed to the reader of what they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from accord.science.errors import BadInput, Place
from accord.science.signals.readers.choice import Request
from accord.science.signals.readers.fhir import from_fhir
from accord.science.signals.readers.movesense import from_movesense
from accord.science.signals.recording import Recording


def read_json(path: Path, request: Request) -> Recording:
    """FHIR (Observation or Bundle with SampledData), else a Movesense export."""
    data = parsed(path)
    if isinstance(data, dict) and "resourceType" in data:
        return from_fhir(data, request, file=str(path))
    return from_movesense(data, request, file=str(path))


def parsed(path: Path) -> Any:
    """The JSON value, or a list of them when each line is one; BadInput when it is neither."""
    where = Place(file=str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("this is no UTF-8 text.", cure="Export the recording again.", where=where) from None
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as whole:
        try:
            return [json.loads(line, parse_constant=_no_number) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            line = getattr(whole, "lineno", None)
            what = f"this is no JSON: {whole}." if isinstance(whole, ValueError) else "the JSON is nested too deep."
            place = Place(file=str(path), line=line)
            raise BadInput(what, cure="It may be cut off: export it again.", where=place) from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
