"""Find and read a programme: `programme.yaml`, and the Markdown of its written lessons."""

from __future__ import annotations

from pathlib import Path

from accord.science.definitions import Document, content_files, find_content, read_document
from accord.science.errors import AccordError, BadContent, Finding
from accord.science.programmes.check import check_programme
from accord.science.programmes.lesson_text import parse_lesson
from accord.science.programmes.markdown import read_markdown
from accord.science.programmes.model import Programme

KIND, PATTERN = "programmes", "*/programme.yaml"


def programme_ids(*, site: Path | None = None) -> list[str]:
    """The slugs of all programmes at hand, the site's own included."""
    return list(content_files(KIND, PATTERN, site=site))


def load_programme(name: str, *, site: Path | None = None) -> Programme:
    """The programme with its lessons, checked: `living-with-pain`, `living_with_pain` and any case are the same.

    Raises NotFound for an unknown name, BadInput for a file that cannot be read, BadContent with file and line of
    every finding. Warnings stop nothing; `programme_findings` lists them.
    """
    programme, findings = read_programme(find_content(KIND, PATTERN, name, site=site))
    if programme is None or any(not finding.warning for finding in findings):
        raise BadContent(f"The programme '{name}' cannot be used:", findings)
    return programme


def programme_findings(name: str, *, site: Path | None = None) -> list[Finding]:
    """Everything that the check finds in a programme, warnings included."""
    try:
        return read_programme(find_content(KIND, PATTERN, name, site=site))[1]
    except AccordError as error:
        return error.findings


def read_programme(path: Path) -> tuple[Programme | None, list[Finding]]:
    """The programme of a file and all findings; None when its shape is wrong."""
    folder = path.parent
    document = read_document(path, shown_as=f"{folder.name}/{path.name}")
    try:
        programme = document.validated(Programme)
    except BadContent as error:
        return None, error.findings
    findings = _read_lessons(programme, folder, document)
    return programme, [*findings, *check_programme(programme, document, folder)]


def _read_lessons(programme: Programme, folder: Path, document: Document) -> list[Finding]:
    findings: list[Finding] = []
    for place, lesson in enumerate(programme.lessons):
        if lesson.file is None:
            continue
        shown = f"{folder.name}/{programme.language}/{lesson.file}"
        try:
            text = read_markdown(folder / programme.language / lesson.file, shown_as=shown)
        except AccordError as error:
            where = error.finding.where if error.finding.where.file else document.place("lessons", place, "file")
            findings.append(Finding(error.finding.what, error.finding.cure, where))
            continue
        programme._texts[lesson.id], found = parse_lesson(text, file=shown)
        findings += found
    return findings
