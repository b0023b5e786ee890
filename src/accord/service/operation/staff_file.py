"""Colleagues from a CSV file: every fault of it at once, by line and column, before anything is done."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.science.errors import BadContent, BadInput, Finding, Place
from accord.service.access.table import STAFF, Role
from accord.service.flows.import_staff import Colleague, Trained
from accord.service.people import queries
from accord.service.people.rules.fitness import can_be_certified

if TYPE_CHECKING:
    from accord.service.people.models import Clinic

NEEDED, MORE = ("name", "email", "roles"), ("clinic", "phone", "places", "certificates")
STDIN = "-"
MOST_LINES, MOST_BYTES, LONGEST = 2000, 1_000_000, 120
ADDRESS = re.compile(r"^[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}$")
TRAINED = re.compile(r"^(\S+?)@(\d{4}-\d{2}-\d{2})(?:/(\d{4}-\d{2}-\d{2}))?$")
ROLES = sorted(STAFF)


def read_staff(path: Path, *, today: date) -> list[Colleague]:
    """The colleagues of a file, `-` for standard input.

    Raises BadInput for what is no such table, BadContent with every finding.
    """
    name = "standard input" if str(path) == STDIN else path.name
    rows = _rows(path, name)
    clinics = {clinic.name.casefold(): clinic for clinic in queries.clinics()}
    if not clinics:
        raise BadInput("There is no clinic yet.", cure="Open one first: accord staff open-clinic.")
    found: list[Colleague] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        row = Row(name, line, cells, clinics, today)
        colleague = row.colleague()
        if first := seen.get(row.email):
            row.fault("email", f"{row.email} stands in line {first} already.", "One line for each colleague.")
        seen.setdefault(row.email, line)
        findings += row.findings
        if colleague is not None:
            found.append(colleague)
    if findings:
        raise BadContent(f"Nothing was imported: {len(findings)} faults in {name}.", findings)
    return found


def _rows(path: Path, name: str) -> list[tuple[int, dict[str, str]]]:
    text = _text(path, name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_names(name, names)
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        where = Place(name, line=reader.line_num)
        raise BadInput(f"The table cannot be read: {error}.", cure="Save it as CSV once more.", where=where) from None
    if not rows:
        raise BadInput(f"{name} names nobody.", cure="Write one line for each colleague below the first line.")
    if len(rows) > MOST_LINES:
        raise BadInput(f"{name} has {len(rows):,} lines.", cure=f"Split it: up to {MOST_LINES:,} at once.")
    wrong = [Finding(f"{len(cells)} cells, and {len(names)} columns.", "Quote a cell that holds a comma.",
                     Place(name, line=line)) for line, cells in rows if len(cells) != len(names)]  # fmt: skip
    if wrong:
        raise BadContent(f"Nothing was imported: {len(wrong)} faults in {name}.", wrong)
    return [(line, dict(zip(names, (cell.strip() for cell in cells), strict=True))) for line, cells in rows]


def _text(path: Path, name: str) -> str:
    if str(path) == STDIN:
        return _decoded(sys.stdin.buffer.read(MOST_BYTES + 1), name)
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", cure="Name a CSV file with the columns name, email, roles.")
    with path.open("rb") as file:
        return _decoded(file.read(MOST_BYTES + 1), name)


def _decoded(read: bytes, name: str) -> str:
    if len(read) > MOST_BYTES:
        raise BadInput(f"{name} is longer than a list of colleagues can be.", cure="Split it.")
    try:
        text = read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not in UTF-8, at byte {error.start}.", cure="Save it as CSV UTF-8.") from None
    if "\0" in text:
        raise BadInput(f"{name} holds a zero byte.", cure="Save it as CSV UTF-8.")
    return text


def _check_names(file: str, names: list[str]) -> None:
    columns = ", ".join((*NEEDED, *MORE))
    cure = f"The first line names the columns: {columns}; the first three are needed."
    if missing := [name for name in NEEDED if name not in names]:
        raise BadInput(f"The column {missing[0]} is missing.", cure=cure, where=Place(file, line=1))
    if unknown := [name for name in names if name not in (*NEEDED, *MORE)]:
        raise BadInput(f"There is no column {unknown[0]!r}.", cure=cure, where=Place(file, line=1))
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"The column {twice[0]} stands there twice.", cure=cure, where=Place(file, line=1))


@dataclass(slots=True)
class Row:
    """One line while it is read: what was found wrong is kept, so that everything is told at once."""

    file: str
    line: int
    cells: dict[str, str]
    clinics: dict[str, Clinic]
    today: date
    findings: list[Finding]

    def __init__(self, file: str, line: int, cells: dict[str, str], clinics: dict[str, Clinic], today: date) -> None:
        self.file, self.line, self.cells, self.clinics, self.today = file, line, cells, clinics, today
        self.findings = []

    @property
    def email(self) -> str:
        return self.cells["email"].lower()

    def fault(self, column: str, what: str, cure: str) -> None:
        self.findings.append(Finding(what, cure, Place(self.file, line=self.line, column=column)))

    def colleague(self) -> Colleague | None:
        clinic, roles, trained, places = self._clinic(), self._roles(), tuple(self._trained()), self._places()
        self._name()
        self._email()
        if self.findings or clinic is None:
            return None
        return Colleague(self.cells["name"], self.email, roles, clinic, self.cells.get("phone", ""), places, trained)

    def _name(self) -> None:
        if not 1 <= len(self.cells["name"]) <= LONGEST:
            self.fault("name", "The name is empty or too long.", f"Give 1 to {LONGEST} characters.")

    def _email(self) -> None:
        if not ADDRESS.match(self.email):
            self.fault("email", f"{self.email or 'nothing'} is no address of a mailbox.", "Write name@place.example.")
            return
        account = queries.account_with(self.email)
        if account is None or account.person is None:
            return
        if not account.is_active:
            self.fault("email", f"The account of {self.email} was closed.", "Use another address.")
        elif not STAFF & queries.roles_of(account.person.pk):
            self.fault("email", f"{self.email} belongs to somebody who is no member of staff.", "Use another address.")
        elif account.person.name != self.cells["name"]:
            self.fault("name", f"{self.email} belongs to a colleague of another name.", "Write the name as it stands.")

    def _clinic(self) -> Clinic | None:
        given = self.cells.get("clinic", "")
        if not given and len(self.clinics) == 1:
            return next(iter(self.clinics.values()))
        found = self.clinics.get(given.casefold())
        if found is None:
            known = ", ".join(clinic.name for clinic in self.clinics.values())
            self.fault("clinic", f"There is no clinic {given!r}.", f"There is {known}.")
        return found

    def _roles(self) -> tuple[Role, ...]:
        given = [one for one in re.split(r"[;|]\s*", self.cells["roles"].lower().replace(" ", "-").strip("-")) if one]
        if not given:
            self.fault("roles", "No role is given.", f"Name one or more of {', '.join(ROLES)}, with ; between.")
        names = [one.strip("-") for one in given]
        for one in names:
            if one not in ROLES:
                self.fault("roles", f"There is no role of staff {one!r}.", f"There are {', '.join(ROLES)}.")
        return tuple(Role(one) for one in dict.fromkeys(names) if one in ROLES)

    def _places(self) -> int | None:
        given = self.cells.get("places", "")
        return self._as("places", given, _places, "a whole number from 0 to 200") if given else None

    def _trained(self) -> Iterator[Trained]:
        for one in filter(None, re.split(r";\s*", self.cells.get("certificates", ""))):
            wanted = "risk-duty@2026-01-31/2027-01-31 or protocol:<slug>@…, with a day that has come"
            if (trained := self._as("certificates", one, self._one_trained, wanted)) is not None:
                yield trained

    def _one_trained(self, text: str) -> Trained:
        match = TRAINED.match(text)
        if match is None or not can_be_certified(match[1]):
            raise ValueError
        given, expires = date.fromisoformat(match[2]), date.fromisoformat(match[3]) if match[3] else None
        if given > self.today or (expires is not None and expires <= given):
            raise ValueError
        return Trained(match[1], given, expires)

    def _as(self, column: str, text: str, read: Callable[[str], Any], wanted: str) -> Any:
        try:
            return read(text)
        except ValueError:
            self.fault(column, f"{text!r} cannot be read.", f"Write {wanted}.")
            return None


def _places(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 200:
        raise ValueError
    return number
