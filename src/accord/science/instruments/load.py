"""Find, read and keep instruments: the package's own and a site's (which win), value tables of the site included."""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path

from accord.science.definitions import content_files, find_content, read_document
from accord.science.errors import BadContent, NotFound
from accord.science.instruments.build import build_instrument
from accord.science.instruments.definition import TableEntry
from accord.science.instruments.model import Instrument, Scale

DEMO = ("demo:", "demo_")


def instrument_ids(*, site: Path | None = None) -> list[str]:
    """The ids of all instruments, in order of the alphabet."""
    return list(content_files("instruments", "*.yaml", site=site))


def load_instrument(name: str, *, site: Path | None = None) -> Instrument:
    """One instrument by id; case and hyphens do not matter (E1). Read once, then kept until the file changes.

    Raises NotFound with the nearest ids, BadContent or BadInput with file and line for a broken definition.
    """
    path = find_content("instruments", "*.yaml", name, site=site)
    tables = _table_files(path.stem, site)
    return _load(path, _stamp(path), tuple((scale, file, _stamp(file)) for scale, file in tables.items()))


def find_scale(ref: str, *, site: Path | None = None) -> Scale:
    """A scale by reference, `phq_9.total`; `demo:phq_9.total` gives its demonstration form (C6).

    Raises NotFound naming the scales there are.
    """
    demo = next((mark for mark in DEMO if ref.startswith(mark)), "")
    name, dot, scale_id = ref.removeprefix(demo).partition(".")
    if not dot:
        raise NotFound(f"'{ref}' is no scale reference.", cure="Write <instrument>.<scale>, for example phq_9.total.")
    instrument = load_instrument(name, site=site)
    spelling = scale_id.lower().replace("-", "_")
    if spelling not in instrument.scales:
        raise NotFound(f"{instrument.id} has no scale '{scale_id}'.", cure=_nearest(instrument, spelling))
    scale = instrument.scales[spelling]
    return scale.as_demonstration() if demo else scale


def _nearest(instrument: Instrument, scale_id: str) -> str:
    if not instrument.scales:
        return f"It is not scored: {instrument.not_scored}"
    near = difflib.get_close_matches(scale_id, instrument.scales, n=1)
    there = f"It has: {', '.join(scale.ref for scale in instrument.scales.values())}."
    return f"Did you mean {instrument.id}.{near[0]}? {there}" if near else there


def _table_files(instrument_id: str, site: Path | None) -> dict[str, Path]:
    """Value tables, `tables/<instrument>.<scale>.yaml` of the site (E2): scale id -> file."""
    files = content_files("tables", f"{instrument_id}.*.yaml", site=site)
    return {name.partition(".")[2]: path for name, path in files.items()}


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=512)
def _load(
    path: Path, _stamp_of_file: tuple[int, int], tables: tuple[tuple[str, Path, tuple[int, int]], ...]
) -> Instrument:
    document = read_document(path, shown_as=f"instruments/{path.name}")
    entries = {
        scale: read_document(file, shown_as=f"tables/{file.name}").validated(TableEntry) for scale, file, _ in tables
    }
    instrument = build_instrument(document, tables=entries)
    if instrument.id != path.stem:
        finding = document.finding(
            f"the file is called {path.stem}, the instrument {instrument.id}.", "instrument", cure="Use one name.",
            rule="E1",
        )  # fmt: skip
        raise BadContent(f"{document.file} cannot be used:", [finding])
    unknown = [scale for scale in entries if scale not in instrument.scales]
    if unknown:
        raise NotFound(f"There is a table for {instrument.id}.{unknown[0]}.", cure=_nearest(instrument, unknown[0]))
    return instrument
