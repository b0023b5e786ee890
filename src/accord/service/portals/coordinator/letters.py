"""Letters about one person, for the office: those that hold no clinical fact."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import frame
from accord.service.ui.letter_urls import letter_urls

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person


def _find(request: Asked, person_id: uuid.UUID) -> Person:
    return people.person(request.asker, person_id)


def _around(request: Asked, person: Person) -> dict[str, Any]:
    her_page = reverse("coordinator:person", args=[person.pk])
    name = person.name or _("No name given yet")
    return frame(request, "letters") | {"person": person, "name": name, "her_page": her_page}


URLS = letter_urls("coordinator", find=_find, around=_around)
