"""Questions asked before and beside the questionnaires: eligibility and background, as data in our own wording.

`content/questions/<theme>.yaml` holds several; a site's file of the same name replaces ours, and a question of the
same id in any later file replaces the earlier one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Limited

from accord.science.conditions import Field, Kind
from accord.science.definitions import Document, content_files, read_document
from accord.science.errors import BadContent, Finding
from accord.science.programmes.blocks import Id, Sentence
from accord.science.programmes.words import unwanted


class Question(BaseModel):
    """One question: our wording, its type, what may be answered, and why it is asked.

    `sensitive` answers are shown to fewer people; `identifying` ones never leave in an export.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    ask: Sentence
    help: str = ""
    kind: Literal["number", "choice", "choices", "text", "contact"]
    options: dict[Id, Sentence] = {}
    low: float | None = None
    high: float | None = None
    whole: bool = True
    unit: str = ""
    why: Sentence
    sensitive: bool = False
    identifying: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Question:
        if (self.kind in ("choice", "choices")) != bool(self.options):
            raise ValueError("choice and choices, and only these, have options")
        if self.kind == "number" and (self.low is None or self.high is None):
            raise ValueError("a number has low and high")
        return self

    def field(self) -> Field:
        """How a condition sees the answer (`answer`, or the question's id)."""
        kinds: dict[str, Kind] = {"number": "number", "choices": "choices"}
        return Field(kinds.get(self.kind, "text"), self.low, self.high, tuple(self.options))


class QuestionFile(BaseModel):
    """A theme and its questions by id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: Sentence
    questions: dict[Id, Question] = Limited(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _ids(cls, data: object) -> object:
        """The id of a question is its key."""
        if not isinstance(data, dict) or not isinstance(data.get("questions"), dict):
            return data
        questions = {key: {"id": key} | value if isinstance(value, dict) else value
                     for key, value in data["questions"].items()}  # fmt: skip
        return data | {"questions": questions}


def load_questions(*, site: Path | None = None) -> dict[str, Question]:
    """Every question at hand by its id. Raises BadContent with file and line of each finding."""
    found: dict[str, Question] = {}
    findings: list[Finding] = []
    for path in content_files("questions", "*.yaml", site=site).values():
        document = read_document(path, shown_as=f"questions/{path.name}")
        try:
            file = document.validated(QuestionFile)
        except BadContent as error:
            findings += error.findings
            continue
        findings += _word_findings(file, document)
        found |= file.questions
    if findings:
        raise BadContent("The questions cannot be used:", findings)
    return dict(sorted(found.items()))


def _word_findings(file: QuestionFile, document: Document) -> list[Finding]:
    return [
        document.finding(f"'{word}' does not stand on a patient's page.", "questions", name, cure=instead, rule=rule)
        for name, question in file.questions.items()
        for text in (question.ask, question.help, question.why, *question.options.values())
        for word, instead, rule, _ in unwanted(text)
    ]
