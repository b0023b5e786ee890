"""What a cohort calls the others: clinics and groups by number, staff by pseudonym; and what its protocol asks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from accord.science.protocols import Protocol
from accord.science.protocols.occasions import Occasion, occasions
from accord.service.assessments.rules.occasions import number_of
from accord.service.care.queries import bulk as care
from accord.service.library.queries import protocol as protocol_of
from accord.service.library.queries import questions, versions_of
from accord.service.people.queries import clinics
from accord.service.studies.queries.frames import Background

EVALUATION, QUESTIONNAIRES = "service-evaluation", "questionnaires"


@dataclass(frozen=True)
class Cast:
    """Names of everybody and everything that is no patient."""

    protocol: Protocol
    sites: Mapping[uuid.UUID, str]
    staff: Mapping[uuid.UUID, str]
    groups: Mapping[uuid.UUID, str]
    group_rows: tuple[care.GroupRow, ...]
    background: tuple[Background, ...]
    hashes: Mapping[uuid.UUID, str]  # snapshot of a version of the protocol -> the beginning of its hash
    now: datetime

    def therapist(self, who: uuid.UUID | None) -> str | None:
        """A member of staff as the cohort names her; None for the service itself, and for who has no pseudonym."""
        return self.staff.get(who) if who is not None else None


def cast(*, protocol: Protocol, clinic_ids: Sequence[uuid.UUID], staff: Mapping[uuid.UUID, str], now: datetime) -> Cast:
    """Clinics are numbered in the order they opened, groups in the order they were made."""
    order = [clinic.pk for clinic in clinics()]
    groups = tuple(care.groups(protocol.slug, clinic_ids, now))
    return Cast(
        protocol, {pk: f"s{place + 1}" for place, pk in enumerate(order)}, staff,
        {row.group: f"g{place + 1}" for place, row in enumerate(groups)}, groups, background(protocol),
        {row.pk: row.sha256[:12] for row in versions_of(protocol.slug)}, now,
    )  # fmt: skip


def scope_for_answers(protocol: Protocol) -> str:
    """The consent without which nothing that somebody told leaves: to evaluation, where the protocol asks for that."""
    return EVALUATION if EVALUATION in protocol.consent.patient.scopes else QUESTIONNAIRES


def background(protocol: Protocol) -> tuple[Background, ...]:
    """The protocol's background questions that are a number or a choice. What is sensitive or identifying stays."""
    known = questions()
    wanted = [known[name] for name in protocol.population.background if name in known]
    return tuple(
        Background(
            one.id, one.kind == "number", tuple(one.options), one.ask, one.unit or "|".join(one.options),
        )
        for one in wanted
        if one.kind in ("number", "choice") and not one.sensitive and not one.identifying
    )  # fmt: skip


def occasion_names(snapshot: uuid.UUID) -> dict[tuple[str, int], Occasion]:
    """(time-point, repeat) -> the occasion, in the version of the protocol that somebody follows."""
    return {(one.time_point, number_of(one)): one for one in occasions(protocol_of(snapshot))}


def invented() -> bool:
    """Whether this database is a demonstration: then nothing in it was ever measured, and every file says so (C12)."""
    if not apps.is_installed("accord.service.demo"):
        return False
    return bool(apps.get_model("demo", "Demonstration").objects.exists())
