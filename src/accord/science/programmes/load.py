"""Find and read a programme: `programme.yaml`, and the Markdown of its written lessons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from accord.science.definitions import Document, content_files, find_content, read_document
from accord.science.definitions.document import parse_document
from accord.science.errors import AccordError, BadContent, BadInput, Finding
from accord.science.programmes.check import check_programme
from accord.science.programmes.lesson_text import parse_lesson
from accord.science.programmes.markdown import read_markdown
from accord.science.programmes.model import Programme

FILE = "programme.yaml"
KIND, PATTERN = "programmes", f"*/{FILE}"


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

    def read(name: str, shown: str) -> str:
        return read_markdown(folder / name, shown_as=shown)

    try:
        programme, findings = _built(document, folder.name, read)
    except BadContent as error:
        return None, error.findings
    return programme, [*findings, *check_programme(programme, document, folder)]


def build_programme(texts: Mapping[str, str], *, slug: str) -> Programme:
    """A programme from its texts by their path within its folder (`programme.yaml`, `en/01-….md`): a published one.

    It was checked when it was published, so only its shape is read here. Raises BadInput or BadContent.
    """

    def read(name: str, shown: str) -> str:
        if name not in texts:
            raise BadInput(f"{shown} is not among the texts.", cure="Publish the programme again.")
        return texts[name]

    document = parse_document(texts[FILE], file=f"{slug}/{FILE}")
    programme, findings = _built(document, slug, read)
    if findings:
        raise BadContent(f"The programme '{slug}' cannot be used:", findings)
    return programme


def programme_texts(path: Path) -> dict[str, str]:
    """All that a programme says, word for word: `programme.yaml` and the lessons it names, by path within its folder.

    A lesson that is named and not there is left out: the check finds it. Raises BadInput for what is no text.
    """
    folder = path.parent
    document = read_document(path, shown_as=f"{folder.name}/{path.name}")
    data = document.data if isinstance(document.data, dict) else {}
    lessons = data.get("lessons") if isinstance(data.get("lessons"), list) else []
    files = [lesson.get("file") for lesson in lessons or [] if isinstance(lesson, dict)]
    names = [f"{data.get('language', 'en')}/{file}" for file in files if isinstance(file, str) and "/" not in file]
    return {FILE: document.text} | {
        name: read_markdown(folder / name, shown_as=f"{folder.name}/{name}")
        for name in names
        if (folder / name).is_file()
    }


Read = Callable[[str, str], str]  # (path within the folder, how a finding calls it) -> text


def _built(document: Document, slug: str, read: Read) -> tuple[Programme, list[Finding]]:
    """The one way a programme is put together, from files or from published texts."""
    programme = document.validated(Programme)
    findings: list[Finding] = []
    for place, lesson in enumerate(programme.lessons):
        if lesson.file is None:
            continue
        name = f"{programme.language}/{lesson.file}"
        shown = f"{slug}/{name}"
        try:
            text = read(name, shown)
        except AccordError as error:
            where = error.finding.where if error.finding.where.file else document.place("lessons", place, "file")
            findings.append(Finding(error.finding.what, error.finding.cure, where))
            continue
        programme._texts[lesson.id], found = parse_lesson(text, file=shown)
        findings += found
    return programme, findings
