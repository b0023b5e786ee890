"""`accord content`: check what people read; copy what a site signs or words anew into its own folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.service import Cannot
from accord.cli.site import site_folder
from accord.science.errors import AccordError, BadInput, Finding

if TYPE_CHECKING:
    from accord.science.programmes import Programme

app = typer.Typer(
    help="Check the programmes, ladders, texts and questions; copy them for a site.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def content() -> None:
    """Check the programmes, ladders, texts and questions; copy them for a site."""


@app.command()
def check(
    programmes: Annotated[list[str] | None, typer.Argument(help="Programmes; none means everything.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find what is wrong with what people read: file, line, what, and how to mend it."""
    site = site_folder()
    told, findings = _programmes(programmes or [], site)
    checked: dict[str, Any] = {"programmes": told}
    if not programmes:
        others, more = _everything_else(site)
        checked, findings = checked | others, findings + more
    wrong = [finding for finding in findings if not finding.warning]
    if as_json:
        found = [finding.to_dict() for finding in findings]
        print(json.dumps({"ok": not wrong, "checked": checked, "findings": found}, ensure_ascii=False, indent=2))
    else:
        _print(checked, findings)
    if wrong:
        raise typer.Exit(2)


@app.command()
def copy(
    names: Annotated[list[str], typer.Argument(help="ladders/service-default.yaml, crisis/gb.yaml, …", metavar="NAME")],
    to: Annotated[Path | None, typer.Option(help="The site's own folder; default ACCORD_SITE.")] = None,
) -> None:
    """Copy packaged content into the site's own folder, to be read, mended and signed there.

    What lies there is used instead of the packaged file of the same name, and no upgrade changes it.
    """
    from accord.science.definitions import copy_content

    site = to or site_folder()
    if site is None:
        raise BadInput("No site folder is known.", cure="Name it with --to, or set ACCORD_SITE.")
    try:
        made = copy_content(names, site=site)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Cannot(f"{site} cannot be written to: {why}.", cure="Name a folder of this account.") from error
    print("\n".join(str(path) for path in made))


def _programmes(names: list[str], site: Path | None) -> tuple[list[dict[str, Any]], list[Finding]]:
    from accord.science.definitions import find_content
    from accord.science.programmes import programme_ids
    from accord.science.programmes.load import KIND, PATTERN, read_programme

    told: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for name in names or programme_ids(site=site):
        path = find_content(KIND, PATTERN, name, site=site)
        try:
            programme, found = read_programme(path)
        except AccordError as error:
            programme, found = None, error.findings
        findings += found
        told.append({"programme": path.parent.name} | (_described(programme) if programme else {"status": None}))
    return told, findings


def _described(programme: Programme) -> dict[str, Any]:
    from accord.science.programmes import dose, publishable
    from accord.science.programmes.reading_age import readability

    written = [(lesson.id, text) for lesson in programme.lessons if (text := programme.text(lesson.id))]
    return {
        "version": programme.version, "status": programme.status, "review": programme.review_line,
        "claim": programme.claim, "lessons": len(programme.lessons), "dose": dose(programme).to_dict(),
        "written": [
            {"lesson": lesson_id, "words": text.words(), "parts": len(text.parts), "minutes": text.minutes,
             "reading_age": readability(text.paragraphs()).age}
            for lesson_id, text in written
        ],
        "not_publishable": publishable(programme),
    }  # fmt: skip


def _everything_else(site: Path | None) -> tuple[dict[str, Any], list[Finding]]:
    from accord.science.programmes.crisis import crisis_countries, crisis_findings
    from accord.science.programmes.questions import load_questions
    from accord.science.programmes.texts import text_findings, text_names
    from accord.science.protocols.ladder import ladder_names, load_ladder

    findings = [*text_findings(site=site), *crisis_findings(site=site)]
    checked: dict[str, Any] = {"texts": len(text_names(site=site)), "questions": 0, "ladders": []}
    checked["crisis"] = crisis_countries(site=site)
    try:
        checked["questions"] = len(load_questions(site=site))
    except AccordError as error:
        findings += error.findings
    for name in ladder_names(site=site):
        try:
            ladder = load_ladder(name, site=site)
            checked["ladders"].append({"ladder": ladder.name, "status": ladder.status})
        except AccordError as error:
            findings += error.findings
    return checked, findings


def _print(checked: dict[str, Any], findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{'warning: ' if finding.warning else ''}{finding}")
    for programme in checked["programmes"]:
        if programme["status"] is None:
            continue
        print(f"{programme['programme']}: {programme['review']}, {_count(programme['lessons'], 'lesson or session')}")
        for lesson in programme["written"]:
            age = f", reading age {lesson['reading_age']:.1f}" if lesson["reading_age"] is not None else ""
            print(f"  {lesson['lesson']}: {lesson['words']:,} words, {lesson['minutes']} minutes{age}")
    for ladder in checked.get("ladders", []):
        signed = "signed" if ladder["status"] == "signed" else "a proposal until a clinician of the site signs it"
        print(f"ladder {ladder['ladder']}: {signed}")
    if "texts" in checked:
        print(f"{_count(checked['texts'], 'text')}, {_count(checked['questions'], 'question')}")
    print(f"{_count(len(findings), 'finding')}.")


def _count(number: int, noun: str) -> str:
    words = noun if number == 1 else noun.replace(" or session", "s or session") + "s"
    return f"{number or 'no'} {words}"
