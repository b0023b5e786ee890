"""Bring in a list of colleagues: the person, her log-in, roles, certificates and places; each new one is invited.

The same list twice changes nothing. Nothing is taken away from anybody: a role that is not on the list stays.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import Asker, Role
from accord.service.outbox.actions import enqueue
from accord.service.people import actions, queries
from accord.service.people.queries.fitness import fitness_of

if TYPE_CHECKING:
    from accord.service.people.models import Clinic, Person

NAMESPACE = uuid.UUID("6f0a3c52-7d0b-5c7e-9a53-2f1f6a1f7c11")  # of the keys of certificates that came by a list


@dataclass(frozen=True, slots=True)
class Trained:
    """What a colleague is certified for, since when and until when."""

    covers: str
    given_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One line of the list, checked."""

    name: str
    email: str
    roles: tuple[Role, ...]
    clinic: Clinic
    phone: str = ""
    places: int | None = None
    trained: tuple[Trained, ...] = ()


@dataclass(slots=True)
class Imported:
    """What was done; with `dry_run` what would be."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    roles: int = 0


def import_staff(*, colleagues: list[Colleague], by: Asker, now: datetime, dry_run: bool = False) -> Imported:
    """All of them or, when one is refused, none. Raises the refusal."""
    done = Imported()
    with transaction.atomic(durable=True):
        for one in colleagues:
            _bring_in(one, by, now, done)
        transaction.set_rollback(dry_run)
    return done


def _bring_in(one: Colleague, by: Asker, now: datetime, done: Imported) -> None:
    account = queries.account_with(one.email)
    person = account.person if account is not None else None
    new = person is None
    if person is None:
        person = actions.add_person(
            clinic=one.clinic, name=one.name, phone=one.phone, email=one.email, country=one.clinic.country, by=by,
            now=now,
        )  # fmt: skip
    before = queries.roles_of(person.pk)
    for role in one.roles:
        actions.give_role(person=person, role=role, clinic=one.clinic, by=by, now=now)
    done.roles += len(set(one.roles) - before)
    if account is None:
        opened = actions.open_account(person=person, email=one.email, by=by, now=now)
        enqueue(kind="staff-invited", to=person.pk, occasion="account", channel="email", subject_id=opened.pk, now=now)
    fit = _fitness(one, person, by, now)
    done.added += new
    done.changed += not new and bool(fit or set(one.roles) - before)
    done.unchanged += not new and not fit and not set(one.roles) - before


def _fitness(one: Colleague, person: Person, by: Asker, now: datetime) -> bool:
    """Her certificates and places; True when something was new."""
    known = fitness_of(person.pk, one.clinic.pk)
    for trained in one.trained:
        key = uuid.uuid5(NAMESPACE, f"{person.pk} {one.clinic.pk} {trained.covers} {trained.given_on}")
        actions.enter_certificate(
            person=person, clinic=one.clinic, covers=trained.covers, given_on=trained.given_on,
            expires_on=trained.expires_on, key=key, by=by, now=now,
        )  # fmt: skip
    if one.places is not None:
        actions.set_places(person=person, clinic=one.clinic, places=one.places, by=by, now=now)
    return fitness_of(person.pk, one.clinic.pk) != known
