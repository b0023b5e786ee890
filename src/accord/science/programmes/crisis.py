"""Whom to call in a crisis, by country (C5): numbers as data, each with its source, the day it was checked, an expiry.

No number is ever invented: a country without a file gets the emergency numbers of the world and the sentence that
says so. A clinic's own numbers (its file under `crisis/` of the site's content) win over the packaged ones.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic import Field as Limited

from accord.science.definitions import Document, content_files, read_document
from accord.science.errors import BadContent, Finding

Number = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 ]{1,18}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Emergency(_Part):
    number: Number
    also: Number | None = None
    says: str


class Line(_Part):
    """One service that answers: by telephone, by text, or both."""

    name: str
    number: Number | None = None
    text: Number | None = None
    how: str
    hours: str
    source: str

    @model_validator(mode="after")
    def _reachable(self) -> Line:
        if self.number is None and self.text is None:
            raise ValueError("a line has a number or a text number")
        return self


class CrisisSignature(_Part):
    by: str
    role: str
    on: date


class Crisis(_Part):
    """Whom to call in one country."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    name: str
    version: int = Limited(ge=1)
    status: Literal["proposal", "signed"]
    signed: CrisisSignature | None
    checked: date
    expires: date
    emergency: Emergency
    lines: list[Line]

    def usable(self, today: date) -> bool:
        """Signed and not expired: what production asks for."""
        return self.signed is not None and today < self.expires


def crisis_countries(*, site: Path | None = None) -> list[str]:
    """The countries with numbers of their own."""
    return [name.upper() for name in content_files("crisis", "*.yaml", site=site)]


def load_crisis(country: str, *, site: Path | None = None) -> Crisis | None:
    """The numbers of a country (ISO 3166, any case), or None when nobody has checked them.

    Raises BadContent with file and line when the file is wrong.
    """
    path = content_files("crisis", "*.yaml", site=site).get(country.lower())
    if path is None:
        return None
    document = read_document(path, shown_as=f"crisis/{path.name}")
    crisis = document.validated(Crisis)
    if findings := _findings(crisis, document, path.stem):
        raise BadContent(f"crisis/{path.name} cannot be used:", findings)
    return crisis


def crisis_findings(*, site: Path | None = None) -> list[Finding]:
    """What is wrong with the crisis files, all at once."""
    findings: list[Finding] = []
    for country in crisis_countries(site=site):
        try:
            load_crisis(country, site=site)
        except BadContent as error:
            findings += error.findings
    return findings


def _findings(crisis: Crisis, document: Document, stem: str) -> list[Finding]:
    found = []
    if crisis.country.lower() != stem:
        cure = f"Name the file {crisis.country.lower()}.yaml."
        found.append(document.finding(f"{crisis.country} stands in {stem}.yaml.", "country", cure=cure))
    if (crisis.status == "signed") != (crisis.signed is not None):
        cure = "A signed file has status: signed and signed: {by, role, on}."
        found.append(document.finding("Status and signature do not agree.", "status", cure=cure))
    if crisis.expires <= crisis.checked:
        cure = "Give a day after the one on which the numbers were checked."
        found.append(document.finding("The numbers expire before they were checked.", "expires", cure=cure))
    return found
