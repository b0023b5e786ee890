"""Find and read a protocol: a slug of `content/protocols` (or of a site's folder), or the path of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from accord.science.definitions import Document, content_files, find_content, read_document
from accord.science.errors import NotFound
from accord.science.protocols.model import Protocol

KIND, PATTERN = "protocols", "*.yaml"


def protocol_names(*, site: Path | None = None) -> list[str]:
    """The slugs of all protocols at hand, the site's own included."""
    return list(content_files(KIND, PATTERN, site=site))


def protocol_document(name_or_path: str | Path, *, site: Path | None = None) -> Document:
    """The file of a protocol with the line of every value; NotFound names the nearest slugs."""
    text = str(name_or_path)
    path = Path(text)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        if not path.is_file():
            cure = "Check the path, or give the slug of a protocol (accord protocols list)."
            raise NotFound(f"There is no protocol file {path}.", cure=cure)
        return read_document(path, shown_as=text)
    return read_document(find_content(KIND, PATTERN, text, site=site))


def load_protocol(name_or_path: str | Path, *, site: Path | None = None) -> Protocol:
    """The protocol as a typed object: its shape is checked here, what must hold between clauses by `check_protocol`.

    Raises NotFound for an unknown name, BadInput for a file that is no plain YAML, BadContent with file and line of
    every finding for a file of another shape.
    """
    return protocol_document(name_or_path, site=site).validated(Protocol)


def protocol_hash(text: str) -> str:
    """SHA-256 of the protocol's text, line ends as one newline: what a cohort carries to say which text it followed."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
