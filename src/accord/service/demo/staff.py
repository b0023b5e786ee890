"""Who works at the invented clinic. Every name is made up; the addresses lie in a domain that cannot exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.access.table import CLINICIANS, SERVICE, Asker, Role
from accord.service.fields.keys import new_id
from accord.service.people import actions as people
from accord.service.people.queries import account_with, asker_for
from accord.service.people.rules.fitness import RISK_DUTY

if TYPE_CHECKING:
    from accord.service.people.models import Clinic, Person

DOMAIN = "demo.invalid"
OFFICE_HOURS = {str(day): [["09:00", "17:00"]] for day in range(5)}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff: the part of the address before the @, the name, the roles."""

    key: str
    name: str
    roles: tuple[Role, ...]

    @property
    def address(self) -> str:
        return f"{self.key}@{DOMAIN}"


BEA = Member("bea", "Bea Lindqvist", (Role.THERAPIST,))
CARL = Member("carl", "Carl Osei", (Role.THERAPIST,))
HAL = Member("hal", "Hal Nordgren", (Role.THERAPIST,))  # his certificate has run out
NIA = Member("nia", "Nia Castell", (Role.THERAPIST,))  # is away
DORA = Member("dora", "Dora Nakamura", (Role.COORDINATOR,))
ELI = Member("eli", "Eli Marsh", (Role.DUTY_CLINICIAN,))
FAY = Member("fay", "Fay Okafor", (Role.SUPERVISOR,))
GUS = Member("gus", "Gus Moreau", (Role.MANAGER,))
ILA = Member("ila", "Ila Sandoval", (Role.RESEARCHER,))
JON = Member("jon", "Jon Aubert", (Role.OPERATOR,))
MIRA = Member("mira", "Mira Quint", (Role.FACILITATOR,))
STAFF = (BEA, CARL, HAL, NIA, DORA, ELI, FAY, GUS, ILA, JON, MIRA)
PLACES = {BEA: 40, CARL: 25, HAL: 12, NIA: 20}
RUNS_OUT = {CARL: 25, HAL: -12}  # days from now until what they hold runs out; the others have more than a year


def person_of(member: Member) -> Person:
    """The person whom an address of the staff belongs to."""
    account = account_with(member.address)
    assert account is not None
    assert account.person is not None
    return account.person


def staff(member: Member, now: datetime) -> Asker:
    """A member of staff as who asks."""
    return asker_for(person_of(member).pk, now)


def open_demo_clinic(*, now: datetime) -> tuple[Clinic, dict[str, Person]]:
    """The clinic with its staff, its duty clinician and its service lead."""
    clinic = people.open_clinic(
        name="Harbour Pain Service (invented)", country="GB", region="ENG", time_zone="Europe/London",
        hours=OFFICE_HOURS, on_call=False, by=SERVICE, now=now,
    )  # fmt: skip
    team = {member.key: _join(member, clinic, now) for member in STAFF}
    people.set_service_lead(clinic=clinic, person=team[FAY.key], by=SERVICE, now=now)
    people.set_duty(clinic=clinic, person=team[ELI.key], by=SERVICE, now=now)
    return clinic, team


def _join(member: Member, clinic: Clinic, now: datetime) -> Person:
    person = people.add_person(
        clinic=clinic, name=member.name, email=member.address, country=clinic.country, by=SERVICE, now=now
    )
    for role in member.roles:
        people.give_role(person=person, role=role, clinic=clinic, by=SERVICE, now=now)
    if CLINICIANS & set(member.roles):
        _certify(member, person, clinic, now)
    if member in PLACES:
        people.set_places(person=person, clinic=clinic, places=PLACES[member], by=SERVICE, now=now)
    people.open_account(person=person, email=member.address, by=SERVICE, now=now)
    return person


def _certify(member: Member, person: Person, clinic: Clinic, now: datetime) -> None:
    """What whoever treats people or is on duty must hold (C40)."""
    ends = now.date() + timedelta(days=RUNS_OUT.get(member, 480))
    for covers in ("protocol:routine-care", RISK_DUTY):
        people.enter_certificate(
            person=person, clinic=clinic, covers=covers, given_on=ends - timedelta(days=730), expires_on=ends,
            note="Invented: examined by the service.", key=new_id(), by=SERVICE, now=now,
        )  # fmt: skip
