"""A YAML file read safely, with the line of every value, and checked against a pydantic model.

Content is untrusted input (E18): no tags, no aliases, bounded size and depth, no key twice. Every finding of the
model is turned into one with file, line, what was found and what is allowed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken, TagToken

from accord.science.errors import BadContent, BadInput, Finding, Place

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

Key = str | int
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A definition file: `data` as plain dicts and lists, `text` as read, and where each value stands."""

    file: str
    text: str
    data: Any
    lines: dict[tuple[Key, ...], int] = field(repr=False)

    def line(self, path: Sequence[Key]) -> int | None:
        """The line of the value at `path`, or of its nearest parent that is in the file."""
        path = tuple(path)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, *path: Key) -> Place:
        return Place(file=self.file, line=self.line(path))

    def finding(self, what: str, *path: Key, cure: str = "", rule: str = "", warning: bool = False) -> Finding:
        """A finding at `path` of this file."""
        return Finding(what=what, cure=cure, where=self.place(*path), rule=rule, warning=warning)

    def validated(self, model: type[M]) -> M:
        """The file as `model`; raises BadContent with every finding at its line."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            findings = [self._explain(dict(item)) for item in error.errors(include_url=False)]
            raise BadContent(f"{self.file} cannot be used:", findings) from None

    def _explain(self, item: dict[str, Any]) -> Finding:
        # pydantic puts names of union members and validators into `loc`; only what is in the file helps the reader.
        path: list[Key] = []
        for key in item["loc"]:
            if (*path, key) in self.lines:
                path.append(key)
        name = ".".join(str(key) for key in item["loc"]) or "the file"
        found = item.get("input")
        shown = f", found {found!r:.60}" if not isinstance(found, dict | list) else ""
        cure = "Remove it, or check its spelling." if item["type"] == "extra_forbidden" else ""
        cure = "Add it." if item["type"] == "missing" else cure
        return self.finding(f"{name}: {item['msg']}{'' if item['type'] == 'missing' else shown}.", *path, cure=cure)


def read_document(path: Path, *, shown_as: str | None = None) -> Document:
    """Read a YAML definition. Raises BadInput with file and line for anything that is not plain, small YAML."""
    file = shown_as or path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.") from None
    if len(raw) > MAX_BYTES:
        raise BadInput(f"{file} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", cure="Split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        where = Place(file=file, line=line)
        raise BadInput("this is not UTF-8 text.", cure="Save the file as UTF-8.", where=where) from None
    return parse_document(text, file=file)


def parse_document(text: str, *, file: str) -> Document:
    """The same for text that is already at hand (a stored snapshot)."""
    try:
        _refuse_tricks(text, file)
        data = YAML(typ="rt", pure=True).load(io.StringIO(text))
    except DuplicateKeyError as error:
        where = Place(file=file, line=error.problem_mark.line + 1 if error.problem_mark else None)
        raise BadInput("a key stands twice in one block.", cure="Keep one of the two.", where=where) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Place(file=file, line=mark.line + 1 if mark else None)
        cure = "Check indentation, colons and quotes there."
        raise BadInput(f"this is not valid YAML: {error.problem}.", cure=cure, where=where) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise BadInput(f"this is not valid YAML: {error!s:.200}.", where=Place(file=file)) from None
    lines: dict[tuple[Key, ...], int] = {}
    return Document(file=file, text=text, data=_plain(data, (), lines, file), lines=lines)


def _refuse_tricks(text: str, file: str) -> None:
    for token in YAML(typ="rt", pure=True).scan(io.StringIO(text)):
        if isinstance(token, AliasToken | AnchorToken | TagToken):
            where = Place(file=file, line=token.start_mark.line + 1)
            raise BadInput("anchors, aliases and tags are not read.", cure="Write the value out.", where=where)


def _plain(node: Any, path: tuple[Key, ...], lines: dict[tuple[Key, ...], int], file: str) -> Any:
    if len(path) > MAX_DEPTH:
        raise BadInput(f"blocks are nested deeper than {MAX_DEPTH}.", where=Place(file=file))
    if isinstance(node, CommentedMap):
        for key in node:
            lines[(*path, key)] = node.lc.key(key)[0] + 1
        return {key: _plain(value, (*path, key), lines, file) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            lines[(*path, index)] = node.lc.item(index)[0] + 1
        return [_plain(value, (*path, index), lines, file) for index, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return str(node)  # a date or time: definitions hold text, the model says what it means
