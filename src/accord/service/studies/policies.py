"""Whether she may see, count or sign the numbers of a clinic."""

from __future__ import annotations

import uuid

from accord.service.access.table import Action, Asker, Resource, Scope
from accord.service.people.policies import hidden


def may_see_numbers(asker: Asker, clinic_id: uuid.UUID) -> bool:
    return _may(asker, Action.VIEW, clinic_id)


def may_count(asker: Asker, clinic_id: uuid.UUID) -> bool:
    """Count now, and sign the definitions."""
    return _may(asker, Action.ACT, clinic_id)


def check_can_count(asker: Asker, clinic_id: uuid.UUID) -> None:
    if not may_count(asker, clinic_id):
        raise hidden()


def _may(asker: Asker, action: Action, clinic_id: uuid.UUID) -> bool:
    if asker.service or asker.clinics(Resource.REVIEW, action, Scope.ALL):
        return True
    return clinic_id in asker.clinics(Resource.REVIEW, action, Scope.CLINIC)


def may_export(asker: Asker, clinic_id: uuid.UUID) -> bool:
    """Take the cohort of a clinic out of the service."""
    return asker.service or clinic_id in asker.clinics(Resource.EXPORT, Action.CREATE, Scope.CLINIC)


def check_can_export(asker: Asker, clinic_id: uuid.UUID) -> None:
    if not may_export(asker, clinic_id):
        raise hidden()
