"""Questions and ladders, read once and kept until a file of theirs changes: every check of every protocol asks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from accord.science.definitions import content_files
from accord.science.programmes import Question, load_questions
from accord.science.protocols.ladder import Ladder, load_ladder

Stamp = tuple[tuple[str, int, int], ...]


def questions(site: Path | None) -> dict[str, Question]:
    """`load_questions`, kept."""
    return _questions(site, _stamp("questions", "*.yaml", site))


def ladder(reference: str, site: Path | None) -> Ladder:
    """`load_ladder`, kept; its texts count, since it is checked for them."""
    return _ladder(reference, site, _stamp("ladders", "*.yaml", site) + _stamp("texts/en", "*.md", site))


def _stamp(kind: str, pattern: str, site: Path | None) -> Stamp:
    files = content_files(kind, pattern, site=site).values()
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@lru_cache(maxsize=16)
def _questions(site: Path | None, _stamp_of_files: Stamp) -> dict[str, Question]:
    return load_questions(site=site)


@lru_cache(maxsize=16)
def _ladder(reference: str, site: Path | None, _stamp_of_files: Stamp) -> Ladder:
    return load_ladder(reference, site=site)
