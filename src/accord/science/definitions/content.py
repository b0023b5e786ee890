"""Where definitions live: the package's own `content/` folder, and before it a site's folder of the same shape."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Sequence
from pathlib import Path

from accord.science.errors import BadInput, NotFound


def packaged_content() -> Path:
    """The `content/` folder that ships with the package."""
    return Path(__file__).parents[2] / "content"


def _roots(site: Path | None) -> list[Path]:
    return [site, packaged_content()] if site else [packaged_content()]


def _spelling(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def content_files(kind: str, pattern: str, *, site: Path | None = None) -> dict[str, Path]:
    """All definitions of a kind, name -> file; the site's file wins over the packaged one of the same name.

    `pattern` is `*.yaml` (the name is the stem) or `*/programme.yaml` (the name is the folder).
    """
    found: dict[str, Path] = {}
    for root in reversed(_roots(site)):
        for path in sorted((root / kind).glob(pattern)):
            found[path.parent.name if "/" in pattern else path.stem] = path
    return dict(sorted(found.items()))


def find_content(kind: str, pattern: str, name: str, *, site: Path | None = None) -> Path:
    """The file of one definition. Case, hyphens and underscores of `name` do not matter (E1).

    Raises NotFound with the nearest names.
    """
    files = content_files(kind, pattern, site=site)
    by_spelling = {_spelling(known): known for known in files}
    if known := by_spelling.get(_spelling(name)):
        return files[known]
    near = [by_spelling[match] for match in difflib.get_close_matches(_spelling(name), by_spelling, n=3, cutoff=0.5)]
    cure = f"Did you mean {', '.join(near)}?" if near else f"There are: {', '.join(files)}."
    raise NotFound(f"There is no {kind.removesuffix('s')} called '{name}'.", cure=cure)


def copy_content(names: Sequence[str], *, site: Path) -> list[Path]:
    """Copy packaged files, or folders of them, to the same place of a site's folder, where they win from then on; the
    files that were made. A name is as it stands under content/: `ladders/service-default.yaml`.

    Raises NotFound with the nearest names; BadInput for what stands there already. Then nothing is copied.
    """
    pairs = [(one, site / one.relative_to(packaged_content())) for one in dict.fromkeys(map(_packaged, names))]
    for _, target in pairs:
        if target.exists():
            raise BadInput(f"{target} stands there already.", cure="Move it away first; it may be signed.")
    for source, target in pairs:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, target)
    return [file for _, made in pairs for file in sorted([made, *made.rglob("*")]) if file.is_file()]


def _packaged(name: str) -> Path:
    root = packaged_content()
    known = {entry.relative_to(root).as_posix(): entry for entry in root.glob("*/*") if not entry.name.startswith("_")}
    if source := known.get(name.rstrip("/")):
        return source
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    cure = f"Did you mean {', '.join(near)}?" if near else "Name it as accord doctor does: crisis/gb.yaml."
    raise NotFound(f"There is no content called '{name}'.", cure=cure)
