"""Every error that is raised on purpose, with its cure.

An error says where (file, line or row, column), what was found, what is allowed and how to mend it. The command
line prints it as it stands and leaves with the code of its kind; nothing else catches it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found: a file, and a line or row and column in it as far as they are known."""

    file: str | None = None
    line: int | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file or ""]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: `what` is wrong, `where`, and the `cure`. A warning does not stop anything."""

    what: str
    cure: str = ""
    where: Place = Place()
    warning: bool = False
    rule: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if str(self.where) else ""
        rule = f" [{self.rule}]" if self.rule else ""
        cure = f" {self.cure}" if self.cure else ""
        return f"{place}{self.what}{cure}{rule}"

    def to_dict(self) -> dict[str, object]:
        return {
            "what": self.what, "cure": self.cure, "file": self.where.file, "line": self.where.line,
            "row": self.where.row, "column": self.where.column, "warning": self.warning, "rule": self.rule,
        }  # fmt: skip


class AccordError(Exception):
    """The base of all errors raised on purpose. `exit_code` is what the command line leaves with."""

    exit_code = 2

    def __init__(self, what: str, *, cure: str = "", where: Place | None = None) -> None:
        self.finding = Finding(what=what, cure=cure, where=where or Place())
        super().__init__(str(self.finding))

    @property
    def findings(self) -> list[Finding]:
        return [self.finding]


class BadInput(AccordError):
    """A file, a value or an option that cannot be used as it is."""


class NotFound(BadInput):
    """A name (instrument, protocol, scale, file) that does not exist; the cure lists what does."""


class BadContent(BadInput):
    """A definition with one or more findings, all reported at once."""

    def __init__(self, title: str, findings: Iterable[Finding]) -> None:
        self._findings = list(findings)
        super().__init__(title)
        self.args = ("\n".join([title, *(f"  {finding}" for finding in self._findings)]),)

    @property
    def findings(self) -> list[Finding]:
        return self._findings


class NotEstimable(AccordError):
    """The data do not carry the estimate asked for; says why and what can be had instead."""


class MissingExtra(AccordError):
    """An optional part is not installed; the cure is the pip line."""

    exit_code = 3

    def __init__(self, extra: str, *, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs the extra '{extra}'.", cure=f"Install it: pip install 'accord[{extra}]'")


def fresh_folder(path: Path, *, force: bool) -> Path:
    """`--out DIR` must be new or empty unless `--force` (E7). Nothing is deleted; files of one name are replaced."""
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file.", cure="Name a folder that is new or empty.")
    if path.is_dir() and any(path.iterdir()) and not force:
        raise BadInput(f"The folder {path} is not empty.", cure="Name a new folder, or add --force.")
    path.mkdir(parents=True, exist_ok=True)
    return path
