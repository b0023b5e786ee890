"""A YAML file read safely, with the line of every value, and checked against a pydantic model.

Content is untrusted input (E18): no tags, no aliases, bounded size and depth, no key twice. Every finding of the
model is turned into one with file, line, what was found and what is allowed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

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
    lines: dict[tuple[Key, ...], int] = {}
    try:
        events = YAML(typ="safe", pure=True).parse(io.StringIO(text))
        data = _Builder(events, lines, file).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Place(file=file, line=mark.line + 1 if mark else None)
        cure = "Check indentation, colons and quotes there."
        raise BadInput(f"this is not valid YAML: {error.problem}.", cure=cure, where=where) from None
    except (YAMLError, ValueError) as error:
        raise BadInput(f"this is not valid YAML: {error!s:.200}.", where=Place(file=file)) from None
    return Document(file=file, text=text, data=data, lines=lines)


class _Builder:
    """Plain values from YAML events, in one pass: what is not plain is refused where it stands."""

    def __init__(self, events: Iterator[Event], lines: dict[tuple[Key, ...], int], file: str) -> None:
        self.events, self.lines, self.file = events, lines, file

    def document(self) -> Any:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                break
        else:
            return None
        data = self._value(next(self.events), ())
        rest = [event for event in self.events if isinstance(event, DocumentStartEvent)]
        if rest:
            raise BadInput("a second document begins.", cure="Keep one in a file.", where=self._at(rest[0]))
        return data

    def _at(self, event: Event) -> Place:
        return Place(file=self.file, line=event.start_mark.line + 1)

    def _value(self, event: Event, path: tuple[Key, ...]) -> Any:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise BadInput(
                "anchors, aliases and tags are not read.", cure="Write the value out.", where=self._at(event)
            )
        if len(path) > MAX_DEPTH:
            raise BadInput(f"blocks are nested deeper than {MAX_DEPTH}.", where=self._at(event))
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, ScalarEvent)
        # A quoted scalar is text; a plain one is what it looks like.
        return _plain(event.value) if event.implicit[0] else event.value

    def _mapping(self, path: tuple[Key, ...]) -> dict[Key, Any]:
        found: dict[Key, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise BadInput("a key must be a word or a number.", where=self._at(event))
            key = self._value(event, path)
            key = "" if key is None else key
            if key in found:
                raise BadInput(f"a key stands twice in one block: '{key}'.", cure="Keep one.", where=self._at(event))
            self.lines[(*path, key)] = event.start_mark.line + 1
            found[key] = self._value(next(self.events), (*path, key))
        return found

    def _sequence(self, path: tuple[Key, ...]) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            here = (*path, len(found))
            self.lines[here] = event.start_mark.line + 1
            found.append(self._value(event, here))
        return found


def _plain(word: str) -> Any:
    """YAML 1.2 core: null, true, false, whole and decimal numbers; everything else (also yes, no, dates) is text."""
    if word in _WORDS:
        return _WORDS[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word


_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())}
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
