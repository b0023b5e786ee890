"""Who worked at the clinic in those years: therapists, the duty clinician and the coordinator, who have gone since."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.access.table import Role
from accord.service.demo.past.keys import Keys, chance
from accord.service.demo.past.words import FAMILY, GIVEN
from accord.service.people.models import Capacity, Certificate, Person, RoleHeld

if TYPE_CHECKING:
    from accord.service.demo.past.store import Store
    from accord.service.people.models import Clinic

DUTY, OFFICE = "duty", "office"
PLACES = 40
ROLES = {DUTY: Role.DUTY_CLINICIAN, OFFICE: Role.COORDINATOR}


def write_colleagues(
    therapists: list[str], *, clinic: Clinic, protocol: str, store: Store, keys: Keys, seed: int, since: datetime,
    until: datetime, now: datetime,
) -> dict[str, uuid.UUID]:  # fmt: skip
    """A person for each pseudonym, and for the duty and the office; their roles ended when the record ends."""
    gone = until if until <= now else None
    found = {}
    for pseudonym in [DUTY, OFFICE, *therapists]:
        drawn = chance(seed, "colleague", pseudonym)
        name = f"{drawn.choice(GIVEN)} {drawn.choice(FAMILY)}"
        person = Person(id=keys.at(since), clinic=clinic, name=name, country=clinic.country, made_at=since)
        role = ROLES.get(pseudonym, Role.THERAPIST)
        rows = [
            person,
            RoleHeld(id=keys.at(since), person=person, role=str(role), clinic=clinic, since=since, until=gone),
        ]
        if role is Role.THERAPIST:
            rows += [
                Capacity(id=keys.at(since), person=person, clinic=clinic, places=PLACES, since=since, until=gone),
                Certificate(
                    id=keys.at(since), person=person, clinic=clinic, covers=f"protocol:{protocol}", made_at=since,
                    given_on=since.date(), expires_on=(until + timedelta(days=30)).date(), key=keys.free(),
                ),
            ]  # fmt: skip
        for row in rows:
            store.put(row, since)
        found[pseudonym] = person.pk
    return found
