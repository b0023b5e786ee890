"""A letter on paper: typeset by Typst in this process, with the fonts that it brings, without network or files.

The words go in as data (JSON), never as markup: nothing that somebody typed can be read as a command of Typst.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accord.service.errors import NotNow

PAPER = r"""
#let letter = json(bytes(sys.inputs.letter))
#set document(title: letter.title, author: letter.clinic, date: none)
#set text(font: "Libertinus Serif", size: 11pt, lang: letter.language, hyphenate: false)
#set par(leading: 0.68em, spacing: 1.1em)
#let mark(size) = if letter.mark != "" { text(size: size, weight: "bold", letter.mark) }
#set page(paper: "a4", margin: (x: 25mm, top: 24mm, bottom: 24mm),
  header: if letter.mark != "" { align(center, mark(9pt)) },
  footer: context [#set text(size: 9pt)
    #letter.clinic #h(1fr) #letter.page #counter(page).display("1 / 1", both: true)])
#align(end, block(width: 70mm, { set align(start); set text(size: 9.5pt)
  for line in letter.head [#line \ ] }))
#v(6mm)
#for line in letter.to [#line \ ]
#v(8mm)
#text(size: 13pt, weight: "bold", letter.subject)
#v(3mm)
#for part in letter.parts {
  if part.kind == "heading" { block(above: 1.5em, below: 0.8em, text(weight: "bold", part.lines.first())) }
  else if part.kind == "list" { list(..part.lines.map(line => [#line])) }
  else { par(part.lines.map(line => [#line]).join(linebreak())) }
}
"""
# The scripts of the fonts that Typst brings. A letter in another script is printed from its page instead.
SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "HEBREW")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a letter: a heading, a paragraph with its lines, or a list."""

    kind: str  # heading, paragraph, list
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that stands on a letter's pages. `mark` stands at the top of each page, in a demonstration."""

    head: tuple[str, ...]
    to: tuple[str, ...]
    subject: str
    parts: tuple[Part, ...]
    clinic: str
    language: str = "en"
    mark: str = ""


def parts_of(body: str) -> tuple[Part, ...]:
    """The pieces of a body: `## ` begins a heading, `- ` a point of a list, an empty line a new paragraph."""
    found: list[Part] = []
    for block in (one for one in body.replace("\r\n", "\n").split("\n\n") if one.strip()):
        lines: list[str] = []
        kind = "paragraph"
        for line in (one.strip() for one in block.splitlines() if one.strip()):
            now = "heading" if line.startswith("## ") else "list" if line.startswith("- ") else "paragraph"
            if lines and (now != kind or kind == "heading"):
                found.append(Part(kind, tuple(lines)))
                lines = []
            kind = now
            lines.append(line[3:] if now == "heading" else line[2:] if now == "list" else line)
        found.append(Part(kind, tuple(lines)))
    return tuple(found)


def letter_pdf(paper: Paper) -> bytes:
    """The letter as a PDF: the same words give the same bytes.

    Raises NotNow, each with the cure: the extra that typesets is not installed, or the letter holds a script for which
    no font is at hand (a page full of empty boxes would be worse than none).
    """
    try:
        import typst
    except ModuleNotFoundError:
        cure = _("Print the page itself, or ask whoever runs this service to install: pip install 'accord[pdf]'.")
        raise NotNow(_("Letters cannot be made into a PDF here."), cure=cure) from None
    if strange := foreign(paper):
        cure = _("Print the page itself: your browser has the letters.")
        told = {"letter": strange}
        raise NotNow(_("The PDF has no letters for a script that is used here (%(letter)s).") % told, cure=cure)
    letter: dict[str, Any] = {
        "title": _("Letter"), "clinic": paper.clinic, "head": paper.head, "to": paper.to, "subject": paper.subject,
        "parts": [{"kind": part.kind, "lines": part.lines} for part in paper.parts], "mark": paper.mark,
        "language": paper.language.split("-")[0] or "en", "page": _("Page"),
    }  # fmt: skip
    source, inputs = PAPER.encode(), {"letter": json.dumps(letter)}
    made = typst.compile(source, sys_inputs=inputs, ignore_system_fonts=True, timestamp=0)
    assert isinstance(made, bytes)
    return made


def foreign(paper: Paper) -> str:
    """The first letter for which no font is at hand; nothing when the fonts hold them all."""
    body = (line for part in paper.parts for line in part.lines)
    for sign in "".join((*paper.head, *paper.to, paper.subject, paper.clinic, *body)):
        if unicodedata.category(sign)[0] == "L" and not unicodedata.name(sign, "").startswith(SCRIPTS):
            return sign
    return ""
