"""Markdown as a lesson may use it: no HTML, links and pictures from inside only, blocks as `:::` containers.

Content is untrusted input (E18): bounded size, UTF-8, nothing that a browser would run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from accord.science.errors import BadInput, Finding, Place

MAX_BYTES = 300_000
# What a link may point to: a heading, or something of ours by its kind and name.
_LINK = re.compile(r"#[a-z0-9-]+|(lesson|practice|guide|page):[a-z][a-z0-9_-]*")
_CLOSING = re.compile(r"\s{0,3}:{3,}\s*")
_PICTURE = re.compile(r"media/[a-z0-9][a-z0-9_-]*\.(svg|png|jpg|webp)")


@dataclass(frozen=True, slots=True)
class Container:
    """A `::: kind id` container: its words, its lines, and the line it begins at (from 1)."""

    info: str
    lines: tuple[str, ...]
    line: int
    closed: bool
    nested: bool


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines between containers, or a heading (`level` above 0)."""

    lines: tuple[str, ...]
    line: int
    level: int = 0


def read_markdown(path: Path, *, shown_as: str) -> str:
    """The text of a Markdown file; BadInput with the line for anything that is not small UTF-8 text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        cure = "Write the file, or take it out of programme.yaml."
        raise BadInput(f"{shown_as} cannot be read: {error.strerror}.", cure=cure) from None
    if len(raw) > MAX_BYTES:
        raise BadInput(f"{shown_as} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", cure="Split the lesson.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = Place(file=shown_as, line=raw[: error.start].count(b"\n") + 1)
        raise BadInput("this is not UTF-8 text.", cure="Save the file as UTF-8.", where=where) from None
    if "\0" in text:
        where = Place(file=shown_as, line=text[: text.index("\0")].count("\n") + 1)
        raise BadInput("this holds a zero byte; it is no text.", cure="Save the file as plain text.", where=where)
    return text


def _parser() -> MarkdownIt:
    # HTML is parsed so that it can be found and refused; nothing here renders.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # every link is seen, and refused by us
    return parser.use(container_plugin, name="block", validate=lambda *_: True)


def pieces(text: str) -> Iterator[Container | Prose]:
    """The top level of a lesson: headings, containers and the prose between them, in order."""
    lines = text.splitlines()
    begin = 0
    for token in _parser().parse(text):
        heading = token.type == "heading_open" and token.tag in ("h1", "h2")
        if token.level or not token.map or not (heading or token.type == "container_block_open"):
            continue
        start, end = token.map
        if lines[begin:start]:
            yield Prose(tuple(lines[begin:start]), begin + 1)
        if heading:
            yield Prose(tuple(lines[start:end]), start + 1, level=int(token.tag[1]))
        else:
            closed = end < len(lines) and _CLOSING.fullmatch(lines[end]) is not None
            yield _container(token.info.strip(), lines[start + 1 : end], start + 1, closed)
            end += closed
        begin = end
    if lines[begin:]:
        yield Prose(tuple(lines[begin:]), begin + 1)


def _container(info: str, inner: list[str], line: int, closed: bool) -> Container:
    nested = any(text.lstrip().startswith(":::") for text in inner)
    return Container(info, tuple(inner), line, closed, nested)


def prose_findings(lines: tuple[str, ...], line: int, file: str, media: Path | None) -> Iterator[Finding]:
    """What may not stand in the Markdown of a block: HTML, links to outside, pictures without words."""
    for token in _flat(_parser().parse("\n".join(lines))):
        at = Place(file=file, line=line + (token.map[0] if token.map else 0))
        if token.type in ("html_block", "html_inline"):
            yield Finding(f"HTML is not read: {token.content.strip():.40}", "Write Markdown.", at, rule="E18")
        if token.type == "link_open" and not _LINK.fullmatch(href := str(token.attrGet("href"))):
            cure = "Link inside only: #heading, lesson:…, practice:…, guide:… or page:…."
            yield Finding(f"This link leads outside: {href:.60}", cure, at, rule="E18")
        if token.type == "image":
            yield from _picture_findings(token, at, media)


def _picture_findings(token: Token, at: Place, media: Path | None) -> Iterator[Finding]:
    source = str(token.attrGet("src"))
    if not _PICTURE.fullmatch(source):
        yield Finding(f"This picture is not from inside: {source:.60}", "Put it into media/.", at, rule="E18")
    elif media is None or not (media / source.removeprefix("media/")).is_file():
        yield Finding(f"There is no picture {source}.", "Put it into media/.", at)
    if not token.content.strip():
        yield Finding(f"The picture {source:.60} has no words.", "Say in [ ] what it shows.", at, rule="P27")


def _flat(tokens: list[Token]) -> Iterator[Token]:
    """Tokens and their children; a child stands at the line of its parent plus the line breaks before it."""
    for token in tokens:
        yield token
        breaks = 0
        for child in token.children or []:
            breaks += child.type in ("softbreak", "hardbreak")
            child.map = [token.map[0] + breaks, token.map[1]] if token.map else None
            yield child


def plain_paragraphs(lines: tuple[str, ...] | list[str]) -> list[str]:
    """The words alone, one text for each paragraph, heading, list item and table cell: what is read and measured."""
    return [
        "".join(child.content if child.type != "softbreak" else " " for child in token.children or [])
        for token in _parser().parse("\n".join(lines))
        if token.type == "inline"
    ]
