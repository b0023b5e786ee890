"""Files that nobody prepared for -> a commented first mapping and a minimal protocol, tried before handed out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.science.cohort.draft.guess import FileGuess, guess_file
from accord.science.cohort.draft.known import Known
from accord.science.cohort.draft.mapping_text import mapping_text
from accord.science.cohort.draft.protocol_text import protocol_text
from accord.science.cohort.draft.times import slug
from accord.science.cohort.draft.yaml_text import comment
from accord.science.cohort.mapping.build import map_document
from accord.science.cohort.mapping.model import Mapping
from accord.science.definitions.document import parse_document
from accord.science.errors import AccordError, BadInput, fresh_folder
from accord.science.protocols import Protocol


@dataclass(frozen=True)
class Draft:
    """The two texts, the lines that are guesses, and what does not work yet."""

    mapping: str
    protocol: str
    guesses: list[str]
    problems: list[str]

    def to_dict(self) -> dict[str, Any]:
        return {"mapping": self.mapping, "protocol": self.protocol, "guesses": self.guesses, "problems": self.problems}


def draft_mapping(paths: Sequence[Path], *, site: Path | None = None) -> Draft:
    """Read files nobody prepared for and write a first mapping and a protocol, every guess with its reason.

    The drafted mapping is run once: when it does not give a cohort, the reason stands at its top and in `problems`.
    Raises BadInput for a file that cannot be read.
    """
    if not paths:
        raise BadInput("no file to draft from.", cure="Give one or more files after --draft.")
    known, taken = Known(site), set[str]()
    files: list[FileGuess] = []
    for path in paths:
        alias = _free(slug(Path(path).stem, fallback="file")[:40], [file.source.name for file in files])
        files.append(guess_file(Path(path), alias, known, taken))
    points = _points(files)
    mapping = mapping_text(files, list(points))
    protocol = protocol_text(files, points, _people(files))
    problems = _tried(mapping, protocol, paths, site)
    if problems:
        mapping = "\n".join([comment(f"This does not work yet: {problem}") for problem in problems]) + "\n" + mapping
    return Draft(mapping, protocol, _guesses(mapping) + _guesses(protocol), problems)


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_x"
    return name


def _points(files: list[FileGuess]) -> dict[str, int | None]:
    """The time-points of all files, those of the first file first; without any, only a baseline."""
    points: dict[str, int | None] = {}
    for file in files:
        for name, day in file.points.items():
            if points.get(name) is None:
                points[name] = day
    return points or {"baseline": 0}


def _people(files: list[FileGuess]) -> int:
    for file in files:
        if file.facts.arm:
            filled = file.source.frame.filter(file.facts.arm.values.is_not_null())
            return filled[file.layout.person].n_unique() if file.layout.person else filled.height
    first = files[0]
    return first.source.frame[first.layout.person].n_unique() if first.layout.person else first.source.frame.height


def _tried(mapping: str, protocol: str, paths: Sequence[Path], site: Path | None) -> list[str]:
    """Whether the drafts work: the reason for each that does not."""
    problems: list[str] = []
    try:
        document = parse_document(mapping, file="mapping.yaml")
        map_document(document.validated(Mapping), document, paths, site=site)
    except AccordError as error:
        problems += [str(finding) for finding in error.findings[:5]]
    try:
        parse_document(protocol, file="protocol.yaml").validated(Protocol)
    except AccordError as error:
        problems += [str(finding) for finding in error.findings[:5]]
    return problems


def _guesses(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        if match := re.search(r"# guess: (.*)$", line):
            found.append(f"{line[: match.start()].strip() or 'missing codes'}: {match[1]}")
    return found


def write_draft(draft: Draft, folder: Path, *, force: bool = False) -> None:
    """Write mapping.yaml and protocol.yaml into a folder that is new or empty (unless `force`)."""
    fresh_folder(folder, force=force)
    for name, text in (("mapping.yaml", draft.mapping), ("protocol.yaml", draft.protocol)):
        unfinished = folder / f".{name}.unfinished"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(folder / name)
