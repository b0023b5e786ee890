"""Short texts of the service (`content/texts/<language>/<name>.md`): crisis page, safety texts, letters, messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from accord.science.definitions import content_files
from accord.science.errors import AccordError, Finding, Place
from accord.science.programmes.markdown import prose_findings, read_markdown
from accord.science.programmes.words import unwanted

LANGUAGE = "en"


def text_names(*, site: Path | None = None) -> list[str]:
    """The short texts at hand, the site's own included."""
    return list(content_files(f"texts/{LANGUAGE}", "*.md", site=site))


def text_findings(*, site: Path | None = None) -> list[Finding]:
    """What is wrong with the short texts: encoding, HTML, links to outside, words that patients should not read."""
    findings: list[Finding] = []
    for name, path in content_files(f"texts/{LANGUAGE}", "*.md", site=site).items():
        shown = f"texts/{LANGUAGE}/{name}.md"
        try:
            text = read_markdown(path, shown_as=shown)
        except AccordError as error:
            findings += error.findings
            continue
        findings += _findings(text, shown)
    return findings


def _findings(text: str, file: str) -> Iterator[Finding]:
    if not text.lstrip().startswith("# "):
        yield Finding("The text has no title.", "Begin with: # Title", Place(file, line=1))
    yield from prose_findings(tuple(text.splitlines()), 1, file, None)
    for word, instead, rule, at in unwanted(text):
        where = Place(file, line=1 + text.count("\n", 0, at))
        yield Finding(f"'{word}' does not stand on a patient's page.", instead, where, rule=rule)
