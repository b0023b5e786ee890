"""The invented clinic that service tests share: fixture `world`.

Every name, phone and address is a canary: an invented string that stands nowhere else, so that a test can say where
it must not turn up. `world.canaries(person)` lists those of one person.

    def test_x(world):
        page = world.client_of(world.bea).get("/clinic/")      # logged in, second factor given in this session
        alert = care.raise_alert(person=world.ana, ..., by=world.asker(world.bea), now=world.now)
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accord.service.access.table import ANYBODY, CLINICIANS, SERVICE, Asker, Role
from accord.service.now import now as clock
from accord.service.people import actions, queries
from accord.service.people.models import Account, Clinic, Person

PASSWORD = "marmot-lantern-42-quiet"
ENROLLED = ("referred", "screening", "eligible", "consented", "enrolled")
WEEK = {str(day): [["09:00", "17:00"]] for day in range(5)}
CERTIFIED = ("protocol:routine-care", "risk-duty")
STAFF_OF_NORTH = {
    "bea": Role.THERAPIST,  # treats Ana
    "carl": Role.THERAPIST,  # a colleague: the same clinic, not her patient
    "dora": Role.COORDINATOR,
    "eli": Role.DUTY_CLINICIAN,  # on duty: answers for Ivo
    "fay": Role.SUPERVISOR,  # the service lead
    "gus": Role.MANAGER,
}


@dataclass
class World:
    """Two clinics. North has everybody; South has a therapist (Hal) and a patient (Joy) of its own."""

    now: datetime
    clinic: Clinic
    elsewhere: Clinic
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    # ------------------------------------------------------------------------------------------ who asks

    def asker(self, person: Person | None) -> Asker:
        """The person as one who asks, with a second factor; None is nobody."""
        return queries.asker_for(person.pk, self.now, strong=True) if person else ANYBODY

    def client_of(self, person: Person | None, *, strong: bool = True, **more: Any) -> Client:
        """A browser in which she is logged in; with `strong`, her second factor was given in this session."""
        client = Client(**more)
        if person is None:
            return client
        account = queries.account_of(person.pk)
        assert account is not None
        client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
        if strong:
            second_factor(client, account)
        return client

    def five(self) -> dict[str, Person | None]:
        """Whom every page test asks, for a page about Ana."""
        return {"owner": self.ana, "therapist": self.bea, "colleague": self.carl, "stranger": self.joy, "nobody": None}

    def canaries(self, person: Person) -> list[str]:
        """What may be seen of a person only by those who may see her."""
        row = Person.objects.get(pk=person.pk)
        said = (row.name, row.phone, row.email, row.where, row.emergency_contact)
        return [one for one in said if one]

    # ------------------------------------------------------------------------------------------ more of everything

    def add(self, name: str, role: Role | None = None, *, clinic: Clinic | None = None, account: bool = True) -> Person:
        """One more person of this name (in `world.people` from now on), all of it canaries."""
        clinic = clinic or self.clinic
        person = actions.add_person(
            clinic=clinic, name=f"{name.title()} Zq{name}name", phone=f"+4400{abs(hash_of(name)) % 10**7:07}",
            email=f"zq{name}mail@example.org", country=clinic.country, by=SERVICE, now=self.now,
        )  # fmt: skip
        where, contact = f"Zq{name}where", f"Zq{name}contact"
        actions.change_contact(person=person, where=where, emergency_contact=contact, by=SERVICE, now=self.now)
        if role is not None:
            actions.give_role(person=person, role=role, clinic=clinic, by=SERVICE, now=self.now)
        if role in CLINICIANS:
            self.certify(person, clinic)
        if account:
            email = f"zq{name}mail@example.org"
            actions.open_account(person=person, email=email, password=PASSWORD, by=SERVICE, now=self.now)
        self.people[name] = Person.objects.select_related("clinic").get(pk=person.pk)
        return self.people[name]

    def certify(self, person: Person, clinic: Clinic | None = None, *, covers: tuple[str, ...] = CERTIFIED) -> None:
        """What whoever treats people or is on duty must hold (C40); each person of `STAFF_OF_NORTH` who may has it."""
        for one in covers:
            actions.enter_certificate(
                person=person, clinic=clinic or self.clinic, covers=one, given_on=self.now.date() - timedelta(days=30),
                expires_on=None, key=uuid.uuid4(), by=SERVICE, now=self.now,
            )  # fmt: skip

    def add_patient(self, name: str, clinician: Person, *, account: bool = True) -> Person:
        """One more patient, for whom `clinician` answers."""
        person = self.add(name, Role.PATIENT, clinic=clinician.clinic, account=account)
        actions.make_accountable(person=person, clinician=clinician, reason="therapist", by=SERVICE, now=self.now)
        return person

    @cached_property
    def episode(self) -> Any:
        """Ana's episode in routine care, enrolled; made when it is first asked for."""
        return enrolled(self.ana, self.now)


def hash_of(name: str) -> int:
    """The same in every run."""
    return int.from_bytes(name.encode().ljust(8, b"~")[:8], "big")


def second_factor(client: Client, account: Account) -> None:
    from allauth.account.internal.flows import login
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    if not Authenticator.objects.filter(user=account).exists():
        TOTP.activate(account, generate_totp_secret())
    session = client.session
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(account.pk)
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "email": account.email, "reauthenticated": True},
        {"method": "mfa", "at": time.time(), "type": "totp", "reauthenticated": True},
    ]
    session.save()


def enrolled(person: Person, now: datetime, steps: tuple[str, ...] = ENROLLED) -> Any:
    """An episode of this person in routine care with these steps, as rows."""
    from accord.service.episodes.models import Anchor, Episode, Step

    episode = Episode.objects.create(
        person=person, clinic=person.clinic, protocol="routine-care", opened_at=now,
        snapshot=snapshot("protocol", "routine-care", now), ladder=snapshot("ladder", "service-default", now),
    )  # fmt: skip
    for number, kind in enumerate(steps):
        Step.objects.create(episode=episode, kind=kind, at=now + timedelta(seconds=number))
    if "enrolled" in steps:
        Anchor.objects.create(episode=episode, name="enrolment", at=now, set_at=now)
    return episode


def snapshot(kind: str, slug: str, now: datetime) -> Any:
    """The content file of this kind and slug, published."""
    import hashlib
    from importlib.resources import files

    from accord.service.library.models import Snapshot

    folder = {"protocol": "protocols", "ladder": "ladders"}[kind]
    source = (files("accord") / "content" / folder / f"{slug}.yaml").read_text(encoding="utf-8")
    found, _made = Snapshot.objects.get_or_create(
        kind=kind, slug=slug, language="", sha256=hashlib.sha256(source.encode()).hexdigest(),
        defaults={"version": "1", "source": source, "published_at": now},
    )  # fmt: skip
    return found


def build_world(now: datetime | None = None) -> World:
    """The rows of the invented clinic, made by the rooms' own actions."""
    moment = now or clock() - timedelta(days=30)
    clinic = actions.open_clinic(
        name="Zqnorth clinic", country="GB", region="ENG", time_zone="Europe/London", hours=WEEK, by=SERVICE, now=moment
    )
    elsewhere = actions.open_clinic(
        name="Zqsouth clinic", country="AU", region="NSW", time_zone="Australia/Sydney", hours=WEEK, by=SERVICE,
        now=moment,
    )  # fmt: skip
    world = World(now=moment, clinic=clinic, elsewhere=elsewhere)
    for name, role in STAFF_OF_NORTH.items():
        world.add(name, role)
    world.add("hal", Role.THERAPIST, clinic=elsewhere)
    actions.set_service_lead(clinic=clinic, person=world.fay, by=SERVICE, now=moment)
    actions.set_duty(clinic=clinic, person=world.eli, by=SERVICE, now=moment)
    world.add_patient("ana", world.bea)
    world.add_patient("joy", world.hal)
    world.add("ivo", Role.APPLICANT)
    actions.make_accountable(person=world.ivo, clinician=world.eli, reason="duty", by=SERVICE, now=moment)
    world.now = now or datetime.now(UTC)
    return world


@pytest.fixture
def world(db: None) -> World:
    return build_world()
